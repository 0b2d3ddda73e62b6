"""What the operator can do with a stack; knows no Qt and never makes the window wait."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from app.window.subject import OpeningEnded, Subject, open_and_fuse, open_capture
from app.window.task_thread import TaskThread
from app.window.trouble import Trouble, describe
from app.window.weight_maps import MapsKnown, WeighedFrame, WeightMaps

if TYPE_CHECKING:
    from models.wearif.fusion import Fusion


@dataclass(frozen=True, slots=True)
class Progress:
    """Something takes its time."""

    what: str
    """``opening``, ``fusing`` or ``writing``."""
    name: str
    """Of the stack or the folder."""
    done: int
    total: int


@dataclass(frozen=True, slots=True, eq=False)
class Opened:
    """A stack is ready for review."""

    subject: Subject


@dataclass(frozen=True, slots=True)
class Exported:
    """The results have been written."""

    folder: Path
    files: int


@dataclass(frozen=True, slots=True)
class Idle:
    """Nothing takes its time any more."""


ReviewEvent = Progress | Opened | Exported | Idle | WeighedFrame | MapsKnown | Trouble


class ReviewControl:
    """Opens stacks, computes their weight maps, exports their results.

    Parameters
    ----------
    tell : callable
        Gets every `ReviewEvent`, from whatever thread it happens on; must return at once.
    """

    def __init__(self, tell: Callable[[ReviewEvent], None]) -> None:
        self._tell = tell
        self._maps: WeightMaps | None = None
        self._ended = threading.Event()
        self._tasks = TaskThread("review", lambda error: self._report(error, "Review"))

    @property
    def maps(self) -> WeightMaps | None:
        """The weight maps of the stack under review."""
        return self._maps

    def open_capture(self, folder: Path, fusion: Fusion) -> None:
        """Review a capture that has just been made."""
        self._tell(Progress("opening", folder.name, 0, 0))
        self._tasks.submit(lambda: self._open(folder, lambda: open_capture(folder, fusion)))

    def open_path(self, path: Path) -> None:
        """Open a capture, a folder or a file, and fuse it."""

        def on_progress(what: str, done: int, total: int) -> None:
            if self._ended.is_set():
                raise OpeningEnded
            self._tell(Progress(what, path.name, done, total))

        self._tell(Progress("opening", path.name, 0, 0))
        self._tasks.submit(lambda: self._open(path, lambda: open_and_fuse(path, on_progress)))

    def ask(self, index: int) -> None:
        """Ask for a frame and its weights."""
        if self._maps is not None:
            self._maps.ask(index)

    def export(self, folder: Path) -> None:
        """Write the results of the stack under review to a folder."""
        maps = self._maps
        if maps is not None:
            self._tell(Progress("writing", folder.name, 0, len(maps.subject.stack)))
            self._tasks.submit(lambda: self._export(maps.subject, folder))

    def close(self, timeout_s: float) -> bool:
        """Give up what is under way; False if that took longer than allowed."""
        self._ended.set()
        ended = self._tasks.close(timeout_s)
        maps = self._maps
        return (maps is None or maps.close(timeout_s)) and ended

    def _open(self, path: Path, make: Callable[[], Subject]) -> None:
        try:
            subject = make()
        except OpeningEnded:
            return
        except Exception as error:  # noqa: BLE001 - shown in the error bar
            self._report(error, f"Opening {path.name}")
            return
        finally:
            self._tell(Idle())
        if self._maps is not None:
            self._maps.close(5.0)
        maps = self._maps = WeightMaps(subject, self._weighed)
        # What is told of the first frame belongs to a stack that is known by then.
        self._tell(Opened(subject))
        maps.start()

    def _weighed(self, event: WeighedFrame | MapsKnown | Exception) -> None:
        if isinstance(event, Exception):
            self._report(event, "Computing a weight map")
        else:
            self._tell(event)

    def _export(self, subject: Subject, folder: Path) -> None:
        from app.captures.layout import RESULT_NAMES
        from app.captures.results import write_results

        def on_progress(done: int, total: int) -> None:
            if self._ended.is_set():
                raise OpeningEnded
            self._tell(Progress("writing", folder.name, done, total))

        try:
            write_results(folder, subject.fusion, subject.stack, on_progress=on_progress)
        except OpeningEnded:
            return
        except Exception as error:  # noqa: BLE001 - shown in the error bar
            self._report(error, f"Export to {folder}")
            return
        finally:
            self._tell(Idle())
        self._tell(Exported(folder, len(RESULT_NAMES)))

    def _report(self, error: Exception, attempted: str) -> None:
        trouble = describe(error, attempted, None)
        # The stage has nothing to do with what lies on disk.
        self._tell(Trouble(trouble.title, "", trouble.remedy, trouble.details))
