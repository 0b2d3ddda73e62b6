"""Folders that are either there and whole, or not there."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.captures.durable import sync_file, sync_folder
from app.captures.whole_file import PART_SUFFIX


@contextmanager
def whole_folder(path: Path) -> Iterator[Path]:
    """Fill a folder under a temporary name beside it and rename it once it is complete.

    Yields
    ------
    Path
        What to make and fill. When the block raises, what it wrote is removed and a folder that
        had the final name before stays as it was.

    Raises
    ------
    OSError
        The disk could not keep a file, or a rename failed.
    """
    part, old = (path.with_name(f"{path.name}{end}") for end in (PART_SUFFIX, f"{PART_SUFFIX}.old"))
    try:
        shutil.rmtree(part, ignore_errors=True)
        yield part
        for each in part.rglob("*"):
            if each.is_file():
                sync_file(each)
        if path.exists():
            # A folder cannot take another one's place in one step.
            path.replace(old)
        part.replace(path)
        sync_folder(path.parent)
    except BaseException:
        if old.exists() and not path.exists():
            old.replace(path)
        raise
    finally:
        shutil.rmtree(part, ignore_errors=True)
        shutil.rmtree(old, ignore_errors=True)
