"""Where frames lie along z, how large a pixel is, how long was exposed: as metadata tell it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

_UNIT_UM = {
    "nm": 1e-3,
    "nanometer": 1e-3,
    "µm": 1.0,  # micro sign
    "μm": 1.0,  # Greek mu
    "um": 1.0,
    "micron": 1.0,
    "microns": 1.0,
    "micrometer": 1.0,
    "mm": 1e3,
    "millimeter": 1e3,
    "cm": 1e4,
    "m": 1e6,
    "meter": 1e6,
}
_UNIT_MS = {
    "s": 1e3,
    "second": 1e3,
    "ms": 1.0,
    "millisecond": 1.0,
    "µs": 1e-3,
    "μs": 1e-3,
    "us": 1e-3,
    "ns": 1e-6,
}


@dataclass(frozen=True, slots=True)
class Scale:
    """What metadata tell of a stack; None where nobody says."""

    z_um: tuple[float, ...] | None = None
    """Of every frame."""
    pixel_um: float | None = None
    """The side of a pixel at the object."""
    exposure_ms: tuple[float, ...] | None = None
    """Of every frame."""


def length_um(value: object, unit: str | None) -> float | None:
    """Return a length in µm; None where the value is no finite number or the unit no length's."""
    return _in_unit(value, _UNIT_UM.get(unit or ""))


def time_ms(value: object, unit: str | None) -> float | None:
    """Return a duration in ms; None where the value is not above 0 or the unit no time's."""
    return positive(_in_unit(value, _UNIT_MS.get(unit or "")))


def positive(value: float | None) -> float | None:
    """Return a finite value above 0, else None."""
    return value if value is not None and math.isfinite(value) and value > 0 else None


def even_z(step_um: float | None, count: int) -> tuple[float, ...] | None:
    """Return the z of frames that lie evenly, from 0; None where they do not lie apart."""
    if not step_um or not math.isfinite(step_um):
        return None
    return tuple(index * step_um for index in range(count))


def mean_step_um(z_um: Sequence[float | None]) -> float | None:
    """Return how far frames lie apart on the mean, for formats that know even steps only.

    None where the z of a frame is not known, or they do not lie apart.
    """
    known = complete(z_um)
    if known is None or len(known) < 2:
        return None
    return positive(abs(known[-1] - known[0]) / (len(known) - 1))


def complete(values: Sequence[float | None]) -> tuple[float, ...] | None:
    """Return the values if there is one for every frame, else None."""
    known = tuple(value for value in values if value is not None and math.isfinite(value))
    return known if known and len(known) == len(values) else None


def _in_unit(value: object, factor: float | None) -> float | None:
    if factor is None or not isinstance(value, str | int | float):
        return None
    try:
        number = float(value) * factor
    except ValueError:
        return None
    return number if math.isfinite(number) else None
