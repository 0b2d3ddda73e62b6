"""Files that are either there and whole, or not there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Write a file under a temporary name beside it and rename it once it is complete.

    Yields
    ------
    Path
        Where to write. When the block raises, what it wrote is removed and a file that had the
        final name before stays as it was.

    Raises
    ------
    OSError
        The rename failed.
    """
    part = path.with_name(f"{path.name}.part")
    try:
        yield part
        part.replace(path)
    except BaseException:
        # What went wrong first is what the operator has to know.
        with suppress(OSError):
            part.unlink(missing_ok=True)
        raise
