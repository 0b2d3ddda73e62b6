"""Remembers the sharpest picture so far, for focusing by hand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

SMOOTHING: Final = 0.5
"""Share of the newest value: noise shall not set the peak."""


@dataclass(frozen=True, slots=True)
class FocusHold:
    """The present focus value and the largest one since the last reset."""

    value: float | None = None
    peak: float | None = None
    peak_z_um: float | None = None
    """Where the stage was then."""

    def after(self, focus: float, z_um: float | None) -> FocusHold:
        """Return the state once another value was measured at a z."""
        value = focus if self.value is None else SMOOTHING * focus + (1 - SMOOTHING) * self.value
        if self.peak is None or value > self.peak:
            return FocusHold(value, value, z_um)
        return FocusHold(value, self.peak, self.peak_z_um)

    @property
    def share(self) -> float | None:
        """The present value as a share of the peak, 0..1."""
        if self.value is None or not self.peak:
            return None
        return min(self.value / self.peak, 1.0)
