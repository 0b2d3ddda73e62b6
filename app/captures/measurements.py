"""What was measured in a picture, and the values that come of it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import combinations
from typing import Final, Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, FiniteFloat, model_validator
from scipy.ndimage import map_coordinates

Kind = Literal["ruler", "circle", "polygon", "profile", "text", "arrow"]
KINDS: Final[tuple[Kind, ...]] = ("ruler", "circle", "polygon", "profile", "text", "arrow")
POINTS: Final[dict[Kind, int]] = {
    "ruler": 2,
    "circle": 2,
    "polygon": 3,
    "profile": 2,
    "text": 1,
    "arrow": 2,
}
"""How many points a shape has; a polygon at least."""
FEWEST_SAMPLES: Final = 2
Point = tuple[FiniteFloat, FiniteFloat]
"""x to the right and y downwards in pixels, from the upper left corner of the picture: the middle
of the first pixel is (0.5, 0.5)."""
ReadingName = Literal[
    "length",
    "angle",
    "diameter",
    "area",
    "perimeter",
    "equivalent_diameter",
    "longest",
    "lowest",
    "highest",
    "rise",
]


class Shape(BaseModel):
    """Something drawn on a picture.

    The points of a circle are its centre and one on its edge, those of an arrow its tail and its
    tip.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Kind
    points: tuple[Point, ...]
    label: str = ""

    @model_validator(mode="after")
    def _has_its_points(self) -> Self:
        count, needed = len(self.points), POINTS[self.kind]
        if count < needed or (count > needed and self.kind != "polygon"):
            raise ValueError(f"a {self.kind} does not have {count} points")
        return self

    def moved(self, index: int, to: Point) -> Shape:
        """Return it with one point elsewhere; a circle goes along with its centre."""
        if self.kind == "circle" and index == 0:
            (x, y), _edge = self.points
            return self.shifted(to[0] - x, to[1] - y)
        points = (*self.points[:index], to, *self.points[index + 1 :])
        return self.model_copy(update={"points": points})

    def shifted(self, dx: float, dy: float) -> Shape:
        """Return all of it elsewhere."""
        return self.model_copy(update={"points": tuple((x + dx, y + dy) for x, y in self.points)})


class Measurements(BaseModel):
    """All that is drawn on one stack; what ``measurements.json`` holds."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    schema_version: Literal[1] = 1
    pixel_um: float | None = Field(default=None, gt=0, allow_inf_nan=False)
    """The side of a pixel at the object, as it was when the file was written."""
    shapes: tuple[Shape, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Heights:
    """A height map to take profiles from."""

    values: NDArray[np.float32]
    """(H, W)."""
    unit: str
    """``µm`` or ``frame``."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One value of a shape."""

    name: ReadingName
    value: float
    unit: str


@dataclass(frozen=True, slots=True, eq=False)
class HeightProfile:
    """Heights along a line, from its first point to its second."""

    along: NDArray[np.float64]
    """(N,) the way from the first point, in `along_unit`."""
    along_unit: str
    heights: NDArray[np.float64]
    """(N,) in `height_unit`."""
    height_unit: str


def readings(
    shape: Shape, pixel_um: float | None, heights: Heights | None = None
) -> tuple[Reading, ...]:
    """Return a shape's values, the one that says most first.

    Parameters
    ----------
    shape : Shape
    pixel_um : float, optional
        The side of a pixel at the object; without it lengths are in pixels.
    heights : Heights, optional
        What a profile is read from.

    Returns
    -------
    tuple of Reading
        Lengths in µm, areas in µm², angles in degrees, counter-clockwise from the x axis, -90 to
        90. A polygon whose edges cross encloses no area that could be told: it has none. None for
        texts and arrows.
    """
    scale, unit = (pixel_um, "µm") if pixel_um is not None else (1.0, "px")
    points = np.asarray(shape.points) * scale
    match shape.kind:
        case "ruler":
            return _ruler(points, unit)
        case "circle":
            return _circle(points, unit)
        case "polygon":
            return _polygon(points, unit, crossed=edges_cross(shape.points))
        case "profile":
            return _profile(shape, points, unit, pixel_um, heights)
        case _:
            return ()


def height_profile(shape: Shape, pixel_um: float | None, heights: Heights) -> HeightProfile:
    """Read the heights along the line of a profile, about one sample per pixel, bilinear."""
    (x0, y0), (x1, y1) = shape.points
    length_px = math.hypot(x1 - x0, y1 - y0)
    count = max(FEWEST_SAMPLES, math.ceil(length_px) + 1)
    share = np.linspace(0, 1, count)
    # Samples lie in the middle of their pixels.
    rows, columns = y0 + share * (y1 - y0) - 0.5, x0 + share * (x1 - x0) - 0.5
    sampled = map_coordinates(
        np.asarray(heights.values, np.float64), (rows, columns), order=1, mode="nearest"
    )
    scale, unit = (pixel_um, "µm") if pixel_um is not None else (1.0, "px")
    return HeightProfile(share * length_px * scale, unit, sampled, heights.unit)


def edges_cross(points: tuple[Point, ...]) -> bool:
    """Say whether two edges of a polygon, other than neighbours, have a point in common."""
    count = len(points)
    edges = [(points[n], points[(n + 1) % count]) for n in range(count)]
    return any(
        _meet(*edges[one], *edges[other])
        for one, other in combinations(range(count), 2)
        if other - one not in (1, count - 1)
    )


def _ruler(points: NDArray[np.float64], unit: str) -> tuple[Reading, ...]:
    (dx, dy) = points[1] - points[0]
    # A line has no direction, and y goes down the picture.
    angle = math.degrees(math.atan2(-dy, dx))
    angle = angle - 180 if angle > 90 else angle + 180 if angle <= -90 else angle
    return Reading("length", math.hypot(dx, dy), unit), Reading("angle", angle, "°")


def _circle(points: NDArray[np.float64], unit: str) -> tuple[Reading, ...]:
    diameter = 2 * float(np.hypot(*(points[1] - points[0])))
    return (
        Reading("diameter", diameter, unit),
        Reading("area", math.pi * diameter**2 / 4, f"{unit}²"),
        Reading("perimeter", math.pi * diameter, unit),
    )


def _polygon(points: NDArray[np.float64], unit: str, *, crossed: bool) -> tuple[Reading, ...]:
    """Area by the shoelace formula; diameters after ISO 9276-6: of the equal circle, and Feret's.

    The largest Feret diameter is the largest distance of two corners.
    """
    following = np.roll(points, -1, axis=0)
    perimeter = float(np.hypot(*(following - points).T).sum())
    longest = max(float(np.hypot(*(a - b))) for a, b in combinations(points, 2))
    rest = (Reading("longest", longest, unit), Reading("perimeter", perimeter, unit))
    if crossed:
        return rest
    area = abs(float(np.sum(points[:, 0] * following[:, 1] - following[:, 0] * points[:, 1]))) / 2
    equivalent = math.sqrt(4 * area / math.pi)
    return (
        Reading("equivalent_diameter", equivalent, unit),
        Reading("area", area, f"{unit}²"),
        *rest,
    )


def _profile(
    shape: Shape,
    points: NDArray[np.float64],
    unit: str,
    pixel_um: float | None,
    heights: Heights | None,
) -> tuple[Reading, ...]:
    length = Reading("length", float(np.hypot(*(points[1] - points[0]))), unit)
    if heights is None:
        return (length,)
    profile = height_profile(shape, pixel_um, heights)
    lowest, highest = float(profile.heights.min()), float(profile.heights.max())
    return (
        Reading("rise", highest - lowest, heights.unit),
        length,
        Reading("lowest", lowest, heights.unit),
        Reading("highest", highest, heights.unit),
    )


def _meet(a: Point, b: Point, c: Point, d: Point) -> bool:
    """Say whether the segments ab and cd have a point in common."""
    abc, abd, cda, cdb = _turn(a, b, c), _turn(a, b, d), _turn(c, d, a), _turn(c, d, b)
    if abc * abd < 0 and cda * cdb < 0:
        return True
    touching = ((abc, a, b, c), (abd, a, b, d), (cda, c, d, a), (cdb, c, d, b))
    return any(turn == 0 and _between(p, q, r) for turn, p, q, r in touching)


def _turn(a: Point, b: Point, c: Point) -> float:
    """Return twice the area of abc, signed by the way round."""
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def _between(a: Point, b: Point, on_line: Point) -> bool:
    return all(min(a[n], b[n]) <= on_line[n] <= max(a[n], b[n]) for n in (0, 1))
