"""Why frames cannot be recorded."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.captures.reason import reason


class RecorderError(Exception):
    """Frames cannot be recorded; the message is one line: the file, the reason, what to do."""


@contextmanager
def naming(path: Path) -> Iterator[None]:
    """Say which file it was that the operating system refused."""
    try:
        yield
    except OSError as error:
        raise RecorderError(
            f"{path}: cannot be written: {reason(error)}. The frames recorded before are safe. "
            "Check the disk and its free space, or choose another folder."
        ) from error
