"""How a camera's picture lies on the stage's axes."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

QuarterTurn = Literal[0, 90, 180, 270]
MOST_ASKEW_DEG: Final = 20.0
"""A camera mounted further from a quarter turn than this is mounted wrongly."""
_QUARTERS: Final[tuple[QuarterTurn, ...]] = (0, 90, 180, 270)


class OrientationError(ValueError):
    """The camera is turned by no multiple of a right angle; the message says by how much."""


@dataclass(frozen=True, slots=True)
class Orientation:
    """How to lay a picture so that x of the stage grows to the right and y downwards.

    Parameters
    ----------
    rotation_deg : {0, 90, 180, 270}
        By so much the picture has to be turned clockwise, after the mirroring.
    mirrored : bool
        Whether left and right of the picture have to be exchanged first.
    """

    rotation_deg: QuarterTurn = 0
    mirrored: bool = False

    @property
    def turned(self) -> bool:
        """Whether the picture's rows lie along y of the stage."""
        return self.rotation_deg in (90, 270)

    def to_stage(self, columns: float, rows: float) -> tuple[float, float]:
        """Return how far along x and y a way in the picture leads, in the same unit."""
        across = -columns if self.mirrored else columns
        match self.rotation_deg:
            case 0:
                return across, rows
            case 90:
                return -rows, across
            case 180:
                return -across, -rows
            case 270:
                return rows, -across

    def size_on_stage(self, width: float, height: float) -> tuple[float, float]:
        """Return how far a picture of this width and height reaches along x and y."""
        return (height, width) if self.turned else (width, height)

    def upright(self, picture: NDArray[Any]) -> NDArray[Any]:
        """Return a view of an (H, W, ...) picture with x to the right and y downwards."""
        straight = picture[:, ::-1] if self.mirrored else picture
        return np.rot90(straight, -(self.rotation_deg // 90))

    def __str__(self) -> str:
        turn = f"turned by {self.rotation_deg}°" if self.rotation_deg else "not turned"
        return f"{turn}, mirrored" if self.mirrored else turn


ORIENTATIONS: Final = tuple(
    Orientation(turn, mirrored) for mirrored in (False, True) for turn in _QUARTERS
)
"""All there are."""


def orientation_of(to_stage: NDArray[np.float64]) -> tuple[Orientation, float]:
    """Return the orientation nearest to a measured one, and the angle left over.

    Parameters
    ----------
    to_stage : ndarray of shape (2, 2)
        Takes ways in the picture (columns, rows) to ways on the stage (x, y), as column vectors.

    Returns
    -------
    orientation : Orientation
    askew_deg : float
        By how much more the picture would have to be turned clockwise, within ±45°.

    Raises
    ------
    OrientationError
        More than `MOST_ASKEW_DEG` are left over.
    """
    mirrored = bool(np.linalg.det(to_stage) < 0)
    straight = to_stage @ np.diag([-1.0, 1.0]) if mirrored else to_stage
    # The rotation nearest to a matrix: x to the right and y down make clockwise turns positive.
    angle_deg = math.degrees(
        math.atan2(straight[1, 0] - straight[0, 1], straight[0, 0] + straight[1, 1])
    )
    quarters = round(angle_deg / 90)
    askew_deg = angle_deg - 90 * quarters
    if abs(askew_deg) > MOST_ASKEW_DEG:
        raise OrientationError(
            f"the camera is turned by {angle_deg:.0f}° against the stage's axes: turn it until its "
            "rows lie along x or y"
        )
    return Orientation(_QUARTERS[quarters % 4], mirrored), askew_deg
