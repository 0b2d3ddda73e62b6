"""A height map seen from the side: rendered by hand, so that it needs no OpenGL.

Parallel projection of a height field. Every column of the screen sees one line of the surface, from
front to back; a point is seen if it appears higher up than all before it (the floating horizon of
Wright 1973). So the point seen at a pixel is the first one whose running maximum reaches it, and
one sorted search finds those of all pixels at once.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from app.window.picture import Pixels

LONGEST_SIDE: Final = 512
"""Points of the surface along the longer side; more are not seen."""
WALL: Final = 0.16
"""Brightness of the cut edges."""
PEDESTAL: Final = 0.015
"""Thickness of what lies under the lowest height, as a share of the diagonal."""
FILL: Final = 0.96
"""Of the picture: what touches its edges looks cut off."""
FLAT: Final = 0.2
"""Height of the relief as a share of its width, where nobody knows the size of a pixel."""
_LIGHT: Final = np.array([-0.45, 0.35, 0.82], np.float32)
"""Where light comes from: left, behind, above; of length 1."""


@dataclass(frozen=True, slots=True)
class SurfaceView:
    """From where the surface is looked at."""

    azimuth_deg: float = 30.0
    """How far it is turned; 0 has the lower edge of the picture in front."""
    elevation_deg: float = 35.0
    """Of the eye, over the slide: 90 looks straight down."""
    zoom: float = 1.0
    exaggeration: float = 1.0
    """Of heights."""

    def turned(self, azimuth_deg: float, elevation_deg: float) -> SurfaceView:
        """Return it turned by so much, the eye within 10° to 90° over the slide."""
        return SurfaceView(
            (self.azimuth_deg + azimuth_deg) % 360,
            min(90.0, max(10.0, self.elevation_deg + elevation_deg)),
            self.zoom,
            self.exaggeration,
        )

    def zoomed(self, factor: float) -> SurfaceView:
        """Return it nearer or farther, within 0.5 to 6 times."""
        zoom = min(6.0, max(0.5, self.zoom * factor))
        return SurfaceView(self.azimuth_deg, self.elevation_deg, zoom, self.exaggeration)

    def exaggerated(self, exaggeration: float) -> SurfaceView:
        """Return it with other heights."""
        return SurfaceView(self.azimuth_deg, self.elevation_deg, self.zoom, exaggeration)


@dataclass(frozen=True, slots=True, eq=False)
class Relief:
    """A surface ready to be rendered."""

    height: NDArray[np.float32]
    """(h, w), in the surface's own pixels, from 0 up."""
    colours: Pixels
    """(h, w, 3)."""

    @classmethod
    def of(
        cls,
        height: NDArray[np.float32],
        span: tuple[float, float],
        colours: Pixels,
        pixel_um: float | None,
    ) -> Relief:
        """Reduce a height map and its colours.

        Parameters
        ----------
        height : ndarray of shape (H, W)
            In µm, or in frames if ``pixel_um`` is None.
        span : tuple of float
            The lowest and the highest height to show; others are cut off.
        colours : ndarray of shape (H, W) or (H, W, 3), uint8
            What is laid over the surface.
        pixel_um : float or None
            The side of a pixel.
        """
        rows, columns = height.shape
        reduction = max(1.0, max(rows, columns) / LONGEST_SIDE)
        size = (max(2, round(columns / reduction)), max(2, round(rows / reduction)))
        low, high = span
        raised = cv2.resize(height, size, interpolation=cv2.INTER_AREA).clip(low, high) - low
        # Single points that stand out would be needles.
        small = cv2.medianBlur(raised.astype(np.float32), 5)
        own_pixel = (high - low) / (FLAT * max(size)) if pixel_um is None else pixel_um * reduction
        seen = cv2.resize(colours, size, interpolation=cv2.INTER_AREA)
        if seen.ndim == 2:
            seen = cv2.cvtColor(seen, cv2.COLOR_GRAY2RGB)
        return cls(np.asarray(small / own_pixel, np.float32), np.ascontiguousarray(seen, np.uint8))


def natural_exaggeration(relief: Relief) -> float:
    """Return what brings the highest point to a fifth of the width, as 1, 2 or 5 times 10^n."""
    highest = float(relief.height.max())
    if highest <= 0:
        return 1.0
    wanted = FLAT * max(relief.height.shape) / highest
    decade = 10.0 ** math.floor(math.log10(wanted))
    return max(digit * decade for digit in (1, 2, 5, 10) if digit * decade <= wanted * 1.0001)


def render(
    relief: Relief, view: SurfaceView, size: tuple[int, int], background: tuple[int, int, int]
) -> Pixels:
    """Return what is seen.

    Parameters
    ----------
    size : tuple of int
        (width, height) of the picture.
    background : tuple of int
        RGB.

    Returns
    -------
    ndarray of shape (height, width, 3), uint8
    """
    width, rows_out = size
    sine = math.sin(math.radians(view.elevation_deg))
    cosine = math.cos(math.radians(view.elevation_deg))
    across = math.hypot(*relief.height.shape)
    tallest = float(relief.height.max()) * view.exaggeration
    room = min(width / across, rows_out / (across * sine + tallest * cosine + 1))
    scale = FILL * view.zoom * room
    turned = _turn(relief, view, scale, width)
    depth = np.arange(turned.height.shape[0], dtype=np.float32)[:, None] / turned.density
    base = depth * np.float32(sine)
    up = base + turned.height * np.float32(cosine)
    shown = np.where(turned.inside, up, np.float32(-1e6))
    foot = base - np.float32(PEDESTAL * across * scale * cosine)
    # What is seen lies in the middle, not the box around it: peaks may be few and far back.
    lowest = foot[turned.inside.any(axis=1).argmax(), 0]
    middle = (lowest + shown.max()) / 2
    looked_at = np.float32(middle + rows_out / 2) - np.arange(rows_out, dtype=np.float32)
    seen = _first_seen(shown, looked_at)
    return _paint(turned, seen, foot, up, looked_at, background)


@dataclass(frozen=True, slots=True, eq=False)
class _Turned:
    """A relief as the eye meets it: columns of the screen, rows from front to back."""

    height: NDArray[np.float32]
    inside: NDArray[np.bool_]
    colours: NDArray[np.float32]
    """(rows, columns, 3), lit."""
    density: float
    """Rows per pixel of the screen."""


def _turn(relief: Relief, view: SurfaceView, scale: float, width: int) -> _Turned:
    rows, columns = relief.height.shape
    # Seen flatly, many rows lie on one pixel.
    density = min(1.0, max(0.4, 1.3 * math.sin(math.radians(view.elevation_deg))))
    deep = max(2, math.ceil(math.hypot(rows, columns) * scale * density))
    cosine, sine = (f(math.radians(view.azimuth_deg)) for f in (math.cos, math.sin))
    turn = np.array([[cosine, sine / density], [sine, -cosine / density]]) / scale
    centre = np.array([(columns - 1) / 2, (rows - 1) / 2])
    shift = centre - turn @ np.array([(width - 1) / 2, (deep - 1) / 2])
    matrix = np.hstack([turn, shift[:, None]])

    def warped(source: NDArray[Any], how: int, border: int) -> NDArray[Any]:
        flags = how | cv2.WARP_INVERSE_MAP
        result: NDArray[Any] = cv2.warpAffine(
            source, matrix, (width, deep), flags=flags, borderMode=border
        )
        return result

    height = warped(relief.height, cv2.INTER_LINEAR, cv2.BORDER_REPLICATE)
    height = height * np.float32(scale * view.exaggeration)
    mask = np.ones(relief.height.shape, np.uint8)
    inside = warped(mask, cv2.INTER_NEAREST, cv2.BORDER_CONSTANT) > 0
    colours = warped(relief.colours, cv2.INTER_LINEAR, cv2.BORDER_REPLICATE)
    return _Turned(height, inside, _lit(colours, height, density), density)


def _lit(colours: Pixels, height: NDArray[np.float32], density: float) -> NDArray[np.float32]:
    """Darken what is turned away from the light (Lambert)."""
    smooth = cv2.GaussianBlur(height, (0, 0), 1.0)
    rise_back, rise_right = np.gradient(smooth)
    rise_back *= np.float32(density)
    facing = _LIGHT[2] - _LIGHT[0] * rise_right - _LIGHT[1] * rise_back
    facing /= np.sqrt(1 + rise_right**2 + rise_back**2)
    shade = 0.35 + 0.65 * facing.clip(0, 1) / _LIGHT[2]
    return np.asarray(colours * shade[..., None].clip(0, 1.15), dtype=np.float32)


def _first_seen(up: NDArray[np.float32], looked_at: NDArray[np.float32]) -> NDArray[np.intp]:
    """Return the row seen at each pixel, (pixels, columns); as many as there are rows for none."""
    deep, width = up.shape
    horizon = np.maximum.accumulate(up, axis=0)
    # One sorted list of all columns, one after the other.
    apart = np.float64(4e6)
    column = np.arange(width) * apart
    keys = (horizon.T + column[:, None]).ravel()
    asked = (looked_at[:, None] + column).ravel()
    found = np.searchsorted(keys, asked).reshape(len(looked_at), width)
    return np.asarray(found - np.arange(width) * deep, dtype=np.intp)


def _paint(
    turned: _Turned,
    seen: NDArray[np.intp],
    foot: NDArray[np.float32],
    up: NDArray[np.float32],
    looked_at: NDArray[np.float32],
    background: tuple[int, int, int],
) -> Pixels:
    deep, width = up.shape
    columns = np.arange(width)
    any_inside = turned.inside.any(axis=0)
    front = np.where(any_inside, turned.inside.argmax(axis=0), deep - 1)
    picture = turned.colours[np.minimum(seen, deep - 1), columns]
    # Below the front edge's top is the cut through the surface, below its foot nothing.
    cut = looked_at[:, None] < up[front, columns]
    picture[cut] *= WALL
    nothing = (seen >= deep) | (looked_at[:, None] < foot[front, 0]) | ~any_inside
    picture[nothing] = background
    return np.ascontiguousarray(picture.clip(0, 255), dtype=np.uint8)
