"""Where the program writes down what it does."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Final

from platformdirs import user_log_path

FORMAT: Final = "%(asctime)s  %(levelname)-8s %(threadName)s  %(name)s: %(message)s"
FILE_BYTES: Final = 2_000_000
FILES_KEPT: Final = 5
LINES_KEPT: Final = 2000
"""In memory, for a window and for crash reports."""
ROOMS: Final = ("app", "drivers", "models")
"""Libraries are asked for warnings only; what these do is written down from INFO on."""


def log_folder() -> Path:
    """Return where log files and crash reports lie; it need not exist."""
    return user_log_path("wearif", appauthor=False)


class LogLines(logging.Handler):
    """Keeps the last lines in memory and tells who listens.

    `listener` is called from whatever thread logs, and must return at once.
    """

    def __init__(self, most: int = LINES_KEPT) -> None:
        super().__init__(logging.INFO)
        self.listener: Callable[[str], None] | None = None
        self._lines: deque[str] = deque(maxlen=most)
        self.setFormatter(logging.Formatter(FORMAT, "%H:%M:%S"))

    def lines(self) -> tuple[str, ...]:
        """Return what is kept, oldest first."""
        self.acquire()
        try:
            return tuple(self._lines)
        finally:
            self.release()

    def emit(self, record: logging.LogRecord) -> None:
        """See `logging.Handler`."""
        line = self.format(record)
        self._lines.append(line)
        listener = self.listener
        if listener is not None:
            listener(line)


class ProgramLog:
    """The log of one run: a file that does not grow for ever, and its last lines in memory.

    Parameters
    ----------
    folder : Path, optional
        Of the file; by default `log_folder`.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or log_folder()
        self.path = self.folder / "wearif.log"
        self.memory = LogLines()
        self.trouble = ""
        """Why there is no file; empty where there is one."""
        self._handlers: list[logging.Handler] = [self.memory]
        self._levels: dict[str, int] = {}

    def open(self) -> None:
        """Begin to write; where no file can be written, lines are kept in memory alone."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            file = RotatingFileHandler(
                self.path, maxBytes=FILE_BYTES, backupCount=FILES_KEPT, encoding="utf-8"
            )
        except OSError as error:
            self.trouble = f"{self.path}: cannot be written: {error.strerror}"
        else:
            file.setFormatter(logging.Formatter(FORMAT))
            self._handlers.append(file)
        for handler in self._handlers:
            logging.getLogger().addHandler(handler)
        for room in ROOMS:
            logger = logging.getLogger(room)
            self._levels[room] = logger.level
            logger.setLevel(logging.INFO)

    def close(self) -> None:
        """Write nothing more; harmless when not open."""
        for handler in self._handlers:
            logging.getLogger().removeHandler(handler)
            handler.close()
        for room, level in self._levels.items():
            logging.getLogger(room).setLevel(level)
        self._handlers = [self.memory]
        self._levels.clear()
