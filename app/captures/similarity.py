"""A shift, a change of size and a turn in one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Similarity:
    """Where a point p = x + iy, counted from the centre of the frame, lies: factor p + shift."""

    factor: complex = 1.0
    """Its modulus is the change of size, its argument the turn."""
    shift: complex = 0.0
    """In pixels."""

    def after(self, first: Similarity) -> Similarity:
        """Apply ``first``, then this one."""
        return Similarity(self.factor * first.factor, self.factor * first.shift + self.shift)

    def inverse(self) -> Similarity:
        """Go back."""
        return Similarity(1 / self.factor, -self.shift / self.factor)

    def enlarged(self, times: float) -> Similarity:
        """Return the same in a picture with that many times the pixels on a side."""
        return Similarity(self.factor, self.shift * times)

    def matrix(self, height: int, width: int) -> NDArray[np.float64]:
        """Return the (2, 3) matrix on (x, y, 1), the origin in the centre of the first pixel."""
        centre = complex(width - 1, height - 1) / 2
        a, b = self.factor, self.shift + centre - self.factor * centre
        return np.array([[a.real, -a.imag, b.real], [a.imag, a.real, b.imag]])

    def reach(self, height: int, width: int) -> float:
        """How far the corner moves that moves farthest, in pixels."""
        corner = complex(width - 1, height - 1) / 2
        corners = np.array([corner, -corner, corner.conjugate(), -corner.conjugate()])
        return float(np.abs((self.factor - 1) * corners + self.shift).max())
