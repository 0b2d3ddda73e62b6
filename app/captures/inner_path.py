"""Paths that records and indexes tell: of files in their own folder, and of no others."""

from __future__ import annotations

from pathlib import PurePosixPath, PureWindowsPath
from typing import Annotated

from pydantic import AfterValidator


def inner_path(name: str) -> str:
    """Return a path as it is, if it leads to a place inside the folder that it is relative to.

    Raises
    ------
    ValueError
        It is empty or absolute, goes up, or does so on Windows, where captures are copied to.
    """
    posix, windows = PurePosixPath(name), PureWindowsPath(name)
    if not posix.parts or windows.anchor or posix.is_absolute() or ".." in windows.parts:
        raise ValueError(f"{name!r} is no path inside the folder")
    return name


InnerPath = Annotated[str, AfterValidator(inner_path)]
"""Relative to the folder of the record, with forward slashes."""
