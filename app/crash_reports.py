"""What is left of a run that ended badly: a file that says where, offered at the next start."""

from __future__ import annotations

import faulthandler
import logging
import os
import sys
import threading
import traceback
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final, TextIO

import psutil

from app.versions import versions

LAST_LINES: Final = 200
KEPT: Final = 20
_PREFIX: Final = "crash-"
_SEEN: Final = ".seen.txt"
_FATAL: Final = "fatal-"
log = logging.getLogger(__name__)

OnCrash = Callable[[BaseException, Path | None], None]
"""Gets the error and the report, on the thread that failed; must return at once."""


class CrashReports:
    """Writes a report of each error that nobody has caught, and finds those not seen yet.

    Parameters
    ----------
    folder : Path
        Of the reports.
    last_lines : callable
        Returns the end of the log.
    """

    def __init__(self, folder: Path, last_lines: Callable[[], Sequence[str]] = tuple) -> None:
        self._folder = folder
        self._last_lines = last_lines
        self._fatal: TextIO | None = None
        self._hooks = (sys.excepthook, threading.excepthook)

    def watch(self, on_crash: OnCrash) -> None:
        """Catch what nobody catches, on every thread, and what kills the interpreter itself."""
        self._open_fatal()

        def on_main(kind: type[BaseException], error: BaseException, _trace: object = None) -> None:
            if issubclass(kind, KeyboardInterrupt):
                sys.__excepthook__(kind, error, error.__traceback__)
                return
            log.critical("not caught", exc_info=error)
            on_crash(error, self.write(error, threading.current_thread().name))

        def on_thread(args: threading.ExceptHookArgs) -> None:
            error = args.exc_value
            if error is None or args.exc_type is SystemExit:
                return
            name = args.thread.name if args.thread is not None else "a thread that is gone"
            log.critical("not caught on %s", name, exc_info=error)
            on_crash(error, self.write(error, name))

        self._hooks = (sys.excepthook, threading.excepthook)
        sys.excepthook = on_main
        threading.excepthook = on_thread

    def close(self) -> None:
        """End the watch; a run that ended well leaves nothing behind."""
        sys.excepthook, threading.excepthook = self._hooks
        if self._fatal is None:
            return
        faulthandler.disable()
        path = Path(self._fatal.name)
        self._fatal.close()
        self._fatal = None
        path.unlink(missing_ok=True)

    def write(self, error: BaseException, thread: str) -> Path | None:
        """Write a report; None where the disk does not take it, which the log then tells."""
        now = datetime.now().astimezone()
        parts = [
            f"WearIF ended an action badly on {now.isoformat(timespec='seconds')}",
            f"thread: {thread}",
            "".join(traceback.format_exception(error)),
            "versions",
            *(f"  {name}: {text}" for name, text in versions().items()),
            "the end of the log",
            *(f"  {line}" for line in tuple(self._last_lines())[-LAST_LINES:]),
        ]
        path = self._folder / f"{_PREFIX}{now:%Y%m%d-%H%M%S-%f}.txt"
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            path.write_text("\n".join(parts) + "\n", encoding="utf-8")
            self._forget_old()
        except OSError:
            log.exception("%s: the report of a crash cannot be written", path)
            return None
        return path

    def unseen(self) -> list[Path]:
        """Return the reports that nobody has looked at, oldest first."""
        self._adopt_fatal()
        found = sorted(self._folder.glob(f"{_PREFIX}*.txt"))
        return [path for path in found if not path.name.endswith(_SEEN)]

    def mark_seen(self) -> None:
        """Offer the present reports no more; they stay on the disk."""
        for path in self.unseen():
            path.rename(path.with_name(path.stem + _SEEN))

    def _open_fatal(self) -> None:
        path = self._folder / f"{_FATAL}{os.getpid()}.txt"
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._fatal = path.open("w", encoding="utf-8")
        except OSError:
            log.exception("%s: cannot be written; a crash of the interpreter leaves no trace", path)
            return
        faulthandler.enable(self._fatal)

    def _adopt_fatal(self) -> None:
        """Make reports of what the interpreter wrote as it died."""
        own = Path(self._fatal.name) if self._fatal is not None else None
        for path in self._folder.glob(f"{_FATAL}*.txt"):
            if path == own:
                continue
            try:
                text = path.read_text(encoding="utf-8", errors="replace")
                if text:
                    when = datetime.fromtimestamp(path.stat().st_mtime).astimezone()
                    report = self._folder / f"{_PREFIX}{when:%Y%m%d-%H%M%S-%f}.txt"
                    report.write_text(f"The interpreter died.\n\n{text}", encoding="utf-8")
                    path.unlink()
                elif not _runs(path):
                    path.unlink()
            except OSError:
                log.exception("%s: cannot be read", path)

    def _forget_old(self) -> None:
        for path in sorted(self._folder.glob(f"{_PREFIX}*.txt"))[:-KEPT]:
            path.unlink()


def _runs(fatal: Path) -> bool:
    """Whether the run that keeps a file for its last words still goes on."""
    number = fatal.stem.removeprefix(_FATAL)
    return number.isdigit() and psutil.pid_exists(int(number))
