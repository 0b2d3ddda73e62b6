"""Tells a capture that is being recorded from one whose program died."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from filelock import FileLock, Timeout

from app.captures.layout import LOCK


class CaptureLock:
    """The hold of one program on one capture.

    The operating system lets go of it when the program dies, however it dies.

    Parameters
    ----------
    folder : Path
        The capture's.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        # Whoever records and whoever closes are different threads.
        self._lock = FileLock(folder / LOCK, thread_local=False)

    def acquire(self) -> None:
        """Take hold.

        Raises
        ------
        OSError
            Another program, or another recorder of this one, holds the capture; or the folder
            cannot be written to.
        """
        try:
            self._lock.acquire(timeout=0)
        except Timeout as error:
            raise OSError("it is being recorded right now") from error
        except NotImplementedError:
            # Some network drives know no locks; recording there is better than not recording.
            return

    def release(self) -> None:
        """Let go, and remove the file of the lock."""
        self._lock.release()
        with suppress(OSError):
            (self._folder / LOCK).unlink(missing_ok=True)
