"""Files that are either there and whole, or not there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from app.captures.durable import sync_file, sync_folder

PART_SUFFIX = ".part"
"""Ends the names of files that are not complete yet."""


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Write a file under a temporary name beside it and rename it once it is complete.

    After a power cut there is the old file or the new one, never half of one.

    Yields
    ------
    Path
        Where to write. When the block raises, what it wrote is removed and a file that had the
        final name before stays as it was.

    Raises
    ------
    OSError
        The disk could not keep the file, or the rename failed.
    """
    part = path.with_name(f"{path.name}{PART_SUFFIX}")
    try:
        yield part
        sync_file(part)
        part.replace(path)
        sync_folder(path.parent)
    except BaseException:
        # What went wrong first is what the operator has to know.
        with suppress(OSError):
            part.unlink(missing_ok=True)
        raise
