"""What OME-XML and ImageJ's metadata say about the z and the size of a stack's pixels."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

from app.captures.stack import StackError

_UNIT_UM = {
    "nm": 1e-3,
    "µm": 1.0,  # micro sign
    "μm": 1.0,  # Greek mu
    "um": 1.0,
    "micron": 1.0,
    "microns": 1.0,
    "micrometer": 1.0,
    "mm": 1e3,
    "cm": 1e4,
    "m": 1e6,
}


@dataclass(frozen=True, slots=True)
class Scale:
    """Where the frames lie and how large a pixel is; None where nobody says."""

    z_um: tuple[float, ...] | None
    pixel_um: float | None


def ome_scale(xml: str, count: int, path: Path) -> Scale:
    """Read PositionZ of the planes, or else PhysicalSizeZ, and PhysicalSizeX (OME schema 2016-06).

    Parameters
    ----------
    xml : str
        The OME-XML of the file.
    count : int
        How many frames the file holds.

    Raises
    ------
    StackError
        The XML announces another number of frames, several channels, or several stacks.
    """
    try:
        root = ET.fromstring(xml)
    except ET.ParseError:
        return Scale(None, None)
    pixels = root.find(".//{*}Pixels")
    if pixels is None:
        return Scale(None, None)
    channels = pixels.findall("{*}Channel")
    samples = int(channels[0].get("SamplesPerPixel", "1")) if channels else 1
    size = {axis: int(pixels.get(f"Size{axis}", "1")) for axis in "ZTC"}
    _check_axes(size["C"] // max(samples, 1), size["Z"], size["T"], count, path)
    positions = [
        _length_um(plane.get("PositionZ"), plane.get("PositionZUnit"))
        for plane in pixels.findall("{*}Plane")
    ]
    known = tuple(z for z in positions if z is not None)
    step_um = _length_um(pixels.get("PhysicalSizeZ"), pixels.get("PhysicalSizeZUnit", "µm"))
    pixel_um = _length_um(pixels.get("PhysicalSizeX"), pixels.get("PhysicalSizeXUnit", "µm"))
    z_um = known if len(known) == len(positions) == count else _even_z(step_um, count)
    return Scale(z_um, _positive(pixel_um))


def imagej_scale(
    metadata: Mapping[str, Any], resolution: tuple[int, int] | None, count: int, path: Path
) -> Scale:
    """Read ImageJ's ``spacing`` and its resolution, both in its ``unit``.

    Parameters
    ----------
    metadata : mapping
        ImageJ's image description.
    resolution : tuple of int, optional
        XResolution as a fraction: pixels per unit.
    count : int
        How many frames the file holds.

    Raises
    ------
    StackError
        The metadata announce several channels or several stacks.
    """
    channels, slices, times = (
        int(metadata.get(key, 1)) for key in ("channels", "slices", "frames")
    )
    _check_axes(channels, slices, times, count, path)
    unit = str(metadata.get("unit", "")).replace("\\u00B5", "µ")
    spacing = metadata.get("spacing")
    step_um = _length_um(str(spacing), unit) if spacing is not None else None
    pixel_um = None
    if resolution and resolution[0]:
        pixel_um = _length_um(str(resolution[1] / resolution[0]), unit)
    return Scale(_even_z(step_um, count), _positive(pixel_um))


def _check_axes(channels: int, slices: int, times: int, count: int, path: Path) -> None:
    if channels > 1:
        raise StackError(f"{path}: holds {channels} channels per frame; save it as RGB or grey")
    if slices > 1 and times > 1:
        raise StackError(f"{path}: holds {times} stacks; save each in a file of its own")
    if slices * times not in (1, count):
        raise StackError(f"{path}: announces {slices * times} frames but holds {count}")


def _length_um(value: str | None, unit: str | None) -> float | None:
    factor = _UNIT_UM.get(unit or "")
    if value is None or factor is None:
        return None
    try:
        length = float(value) * factor
    except ValueError:
        return None
    return length if math.isfinite(length) else None


def _positive(length_um: float | None) -> float | None:
    return length_um if length_um is not None and length_um > 0 else None


def _even_z(step_um: float | None, count: int) -> tuple[float, ...] | None:
    if not step_um:
        return None
    return tuple(index * step_um for index in range(count))
