"""A scale bar whose length is a round number of µm."""

from __future__ import annotations

import math
from dataclasses import dataclass

LONGEST = 0.22
"""Of the width of the view."""


@dataclass(frozen=True, slots=True)
class ScaleBar:
    """How long the bar is."""

    length_um: float
    length_px: float

    @property
    def text(self) -> str:
        """The length in words."""
        if self.length_um >= 1000:
            return f"{self.length_um / 1000:g} mm"
        return f"{self.length_um:g} µm"


def scale_bar(um_per_px: float, view_px: float) -> ScaleBar:
    """Choose the longest of 1, 2, 5, 10 ... µm that takes at most `LONGEST` of the view."""
    most_um = um_per_px * view_px * LONGEST
    decade = 10.0 ** math.floor(math.log10(most_um))
    length_um = next(digit * decade for digit in (5, 2, 1) if digit * decade <= most_um * 1.0001)
    return ScaleBar(length_um, length_um / um_per_px)
