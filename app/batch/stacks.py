"""Which stacks there are in what the operator names, and what their results are called."""

from __future__ import annotations

import hashlib
import posixpath
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from app.batch.location import Item, Location, LocationError, is_hidden
from app.batch.receipt import RECEIPT
from app.captures.image_file import IMAGE_SUFFIXES
from app.captures.layout import (
    FUSIONS,
    LOCK,
    MEASUREMENTS,
    OVERVIEW,
    RECORD,
    RESULT_NAMES,
    SCAN,
    THUMBNAIL,
)
from app.captures.ndtiff_stack import INDEX
from app.captures.open_stack import TIFF_SUFFIXES
from app.captures.video_file import VIDEO_SUFFIXES

DEEPEST: Final = 8
"""How many folders below one that was named; links that lead in circles end there."""
_FILES: Final = VIDEO_SUFFIXES | {".czi", ".nd2", ".lif"}
"""Each of these is a stack, wherever it lies. A TIFF may be a frame."""
_NOT_INPUT: Final = {*RESULT_NAMES, LOCK, MEASUREMENTS, OVERVIEW, THUMBNAIL, RECEIPT}


@dataclass(frozen=True, slots=True)
class FoundStack:
    """A stack, or what was named without being one."""

    source: str
    """Its path or URL."""
    result: str
    """The folder of its results, relative to that of all results."""
    fault: str = ""
    """Why there is nothing to fuse."""


def find_stacks(named: Sequence[str]) -> tuple[FoundStack, ...]:
    """Find all stacks in what was named, each once, in its order.

    Parameters
    ----------
    named : sequence of str
        Paths, URLs, or patterns of them: captures, folders of images, files, or folders that hold
        any of these, at any depth.

    Returns
    -------
    tuple of FoundStack
        Stacks that would be called the same get a part of their path's hash into their names.
    """
    found: dict[str, FoundStack] = {}
    for name in named:
        for stack in _find(name):
            found.setdefault(stack.source, stack)
    times = Counter(stack.result for stack in found.values())
    return tuple(s if times[s.result] == 1 else _told_apart(s) for s in found.values())


def input_files(source: Location) -> tuple[Item, ...]:
    """Return the files of a stack that its fusion may depend on: not its results, not its notes."""
    if not source.is_folder():
        return source.files()
    return tuple(
        item
        for item in source.files()
        if not is_hidden(item.name)
        and item.name not in _NOT_INPUT
        and not item.name.startswith(f"{FUSIONS}/")
    )


def _find(name: str) -> Iterator[FoundStack]:
    try:
        location = Location(name)
        is_pattern = any(mark in name for mark in "*?[") and not location.exists()
        locations = location.matches() if is_pattern else (location,)
        if not locations:
            yield FoundStack(name, "", f"{name}: there is nothing of that name")
        for each in locations:
            if not each.is_folder():
                yield FoundStack(each.url, each.name)
                continue
            stacks = tuple(_in_folder(each, "", 0))
            yield from stacks
            if not stacks:
                yield FoundStack(each.url, "", f"{each}: there is no stack in it")
    except LocationError as error:
        yield FoundStack(name, "", str(error))


def _in_folder(folder: Location, below: str, depth: int) -> Iterator[FoundStack]:
    """Find the stacks in a folder; ``below`` is its name relative to the one that was named."""
    items = [item for item in folder.items() if not is_hidden(item.name)]
    names = {item.name for item in items}
    files = [item.name for item in items if not item.folder]
    if RECEIPT in names and RECORD not in names:
        return
    images = [name for name in files if _is(name, IMAGE_SUFFIXES) and name not in _NOT_INPUT]
    is_stack = (
        RECORD in names
        or INDEX in names
        or folder.name.endswith(".zarr")
        or (len(images) > 1 and SCAN not in names)
    )
    if is_stack:
        yield FoundStack(folder.url, below or folder.name)
        return
    for name in files:
        if _is(name, _FILES) or (name in images and _is(name, TIFF_SUFFIXES)):
            yield FoundStack((folder / name).url, posixpath.join(below, name))
    for item in items:
        if item.folder and depth < DEEPEST:
            deeper = posixpath.join(below, item.name)
            yield from _in_folder(folder / item.name, deeper, depth + 1)


def _is(name: str, suffixes: frozenset[str] | set[str]) -> bool:
    return posixpath.splitext(name)[1].lower() in suffixes


def _told_apart(stack: FoundStack) -> FoundStack:
    if not stack.result:
        return stack
    mark = hashlib.sha256(stack.source.encode("utf-8", "surrogateescape")).hexdigest()[:8]
    return FoundStack(stack.source, f"{stack.result}-{mark}")
