"""Files that are still there after a power cut."""

from __future__ import annotations

import os
from pathlib import Path


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
