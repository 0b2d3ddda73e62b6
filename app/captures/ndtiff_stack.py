"""Micro-Manager's newer stacks: a folder of NDTiff files and the index of their frames."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tifffile import read_ndtiff_index

from app.captures.part import WHOLE, Names, Part, PlaneIndex, check_count, select
from app.captures.reason import reason
from app.captures.scaled_stack import ScaledStack
from app.captures.stack import FrameFormat, StackError, check_same, check_size
from app.captures.tiff_scale import micromanager_scale

INDEX = "NDTiff.index"
_AXES = {"position": "scene", "time": "time", "channel": "channel", "z": "slice"}
_COLOUR = 2
_EIGHT_BIT = (0, _COLOUR)
_PIXEL_TYPES = range(7)
"""8-bit grey, 16-bit grey, 8-bit RGB, then 10, 12, 14 and 11 bits in 16 (NDTiff 3.2)."""


@dataclass(frozen=True, slots=True)
class _Entry:
    file: str
    offset: int
    format: FrameFormat
    metadata: tuple[int, int]
    """Where the frame's JSON starts, and how many bytes it takes."""


class NdTiffStack(ScaledStack):
    """The frames of one stack in an NDTiff folder; each access reads bare pixels.

    Parameters
    ----------
    folder : Path
        Holds ``NDTiff.index`` and the files it names.
    part : Part, optional
        Which stack, where several positions, channels or times were taken.

    Raises
    ------
    StackError
        The index cannot be read, or there is no such stack.
    """

    def __init__(self, folder: Path, part: Part = WHOLE) -> None:
        entries, names = _index(folder)
        planes = select(entries, part, folder, names)
        self._entries = tuple(entries[plane] for plane in planes)
        frame_format = self._entries[0].format
        for index, entry in enumerate(self._entries):
            check_same(entry.format, f"{folder}: frame {index}", frame_format)
        scale = micromanager_scale([_metadata(folder, each) for each in self._entries], {})
        super().__init__(folder, len(self._entries), frame_format, scale)

    def _read(self, index: int) -> NDArray[Any]:
        entry, dtype = self._entries[index], self._format.dtype.newbyteorder("<")
        count = int(np.prod(self._format.shape))
        data = _bytes(self._path / entry.file, entry.offset, count * dtype.itemsize)
        if len(data) < count * dtype.itemsize:
            raise StackError(f"{self._path / entry.file}: the file is truncated (frame {index})")
        return np.frombuffer(data, dtype).reshape(self._format.shape).astype(self._format.dtype)


def _metadata(folder: Path, entry: _Entry) -> Mapping[str, Any]:
    try:
        known = json.loads(_bytes(folder / entry.file, *entry.metadata))
    except ValueError:
        return {}
    return known if isinstance(known, dict) else {}


def _bytes(path: Path, offset: int, count: int) -> bytes:
    try:
        with path.open("rb") as file:
            file.seek(offset)
            return file.read(count)
    except (OSError, ValueError) as error:
        raise StackError(f"{path}: cannot be read: {reason(error)}") from error


def _index(folder: Path) -> tuple[dict[PlaneIndex, _Entry], Names]:
    path = folder / INDEX
    entries: dict[PlaneIndex, _Entry] = {}
    numbers: dict[str, dict[object, int]] = {"scene": {}, "channel": {}}
    try:
        for axes, *fields in read_ndtiff_index(path):
            plane = _plane(axes, numbers, path)
            entries[plane] = _entry(fields, path)
            check_count(len(entries), path)
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise StackError(f"{path}: cannot be read: {reason(error)}") from error
    named = {
        axis: {number: str(name) for name, number in found.items() if isinstance(name, str)}
        for axis, found in numbers.items()
    }
    return entries, Names(named["scene"], named["channel"])


def _plane(
    axes: Mapping[str, Any], numbers: dict[str, dict[object, int]], path: Path
) -> PlaneIndex:
    """Turn axes into a plane; channels and positions may have names instead of numbers."""
    at: dict[str, int] = {}
    for axis, value in axes.items():
        if axis not in _AXES:
            raise StackError(f"{path}: has an axis {axis[:40]!r}; save a single z stack")
        name = _AXES[axis]
        if name in numbers and isinstance(value, str):
            at[name] = numbers[name].setdefault(value, len(numbers[name]))
        elif isinstance(value, int):
            at[name] = value
        else:
            raise StackError(f"{path}: has the {axis} {str(value)[:40]!r}, which is no number")
    return PlaneIndex(**at)


def _entry(fields: list[Any], path: Path) -> _Entry:
    file, offset, width, height, kind, compression, *metadata = fields
    if Path(file).name != file or kind not in _PIXEL_TYPES or compression:
        raise StackError(f"{path}: names a frame that cannot be read; the index is damaged")
    colour, itemsize = kind == _COLOUR, 1 if kind in _EIGHT_BIT else 2
    check_size(path, height, width, 3 if colour else 1, itemsize)
    dtype = np.dtype(np.uint8 if itemsize == 1 else np.uint16)
    return _Entry(file, offset, FrameFormat(height, width, colour, dtype), tuple(metadata[:2]))
