"""Files that are still there after a power cut."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import BinaryIO


def start_writing(file: BinaryIO) -> None:
    """Let the disk begin with what was written so far, without waiting for it.

    Linux begins to write the pages of a file whose cache it is told to drop (``fadvise64`` in
    ``mm/fadvise.c``); elsewhere the disk begins when the file is synced.

    Raises
    ------
    OSError
        The disk could not keep what was written.
    """
    file.flush()
    if sys.platform == "linux":
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def sync_file(path: Path) -> None:
    """Wait until a file's content lies on the disk itself.

    Raises
    ------
    OSError
        The disk could not keep it.
    """
    with path.open("r+b") as file:
        os.fsync(file.fileno())


def sync_folder(path: Path) -> None:
    """Wait until the names in a folder lie on the disk itself.

    A file that was synced, but whose name was not, is gone after a power cut (POSIX ``fsync``).
    Windows keeps names with the files and has no such call.

    Raises
    ------
    OSError
        The disk could not keep them.
    """
    if os.name == "nt":
        return
    folder = os.open(path, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
