"""Which frame the operator wants where: painted, taken back, done again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from models.wearif.box import Box
from models.wearif.choice import REACH, Choice

KEPT_BYTES: Final = 256 * 1024**2
"""Of strokes that can be taken back; beyond it the oldest become final."""
_SHIFT: Final = 4
"""OpenCV draws on a grid of 1/16 pixel."""


@dataclass(frozen=True, slots=True, eq=False)
class _Change:
    box: Box
    before: Choice
    after: Choice

    @property
    def nbytes(self) -> int:
        return self.before.nbytes + self.after.nbytes


class ChoiceMap:
    """The operator's choice of frames, edited stroke by stroke.

    Parameters
    ----------
    choice : ndarray of shape (H, W), uint16
        See `models.wearif.choice.Choice`; copied.
    """

    def __init__(self, choice: Choice) -> None:
        self._choice = choice.copy()
        self._done: list[_Change] = []
        self._undone: list[_Change] = []
        self._before_stroke: Choice | None = None
        self._stroked: Box | None = None

    @property
    def choice(self) -> Choice:
        """What is wanted now; changes with the next stroke."""
        return self._choice

    @property
    def can_undo(self) -> bool:
        """Whether there is a stroke to take back."""
        return bool(self._done)

    @property
    def can_redo(self) -> bool:
        """Whether there is a stroke that was taken back."""
        return bool(self._undone)

    def paint(
        self, index: int | None, path: Sequence[tuple[float, float]], radius: float
    ) -> Box | None:
        """Paint a part of a stroke; `end_stroke` closes it.

        Parameters
        ----------
        index : int or None
            The frame to take it from; None gives it back to the fusion.
        path : sequence of (x, y)
            Where the brush went, in pixels; (0.5, 0.5) is the middle of the first one.
        radius : float
            Of the brush, in pixels. `REACH` is added to it, so that all that the brush covers
            comes from the frame, to within a hundredth, and the transition lies around it.

        Returns
        -------
        Box or None
            Where results may have changed; None if the path lies beside the picture.
        """
        if self._before_stroke is None:
            self._before_stroke = self._choice.copy()
        box = _draw(self._choice, path, radius + REACH, 0 if index is None else index + 1)
        if box is None:
            return None
        self._stroked = box.joined(self._stroked)
        return box.grown(REACH, self._choice.shape)

    def end_stroke(self) -> None:
        """Make what was painted since the last one a step that can be taken back."""
        before, box = self._before_stroke, self._stroked
        self._before_stroke = self._stroked = None
        if before is not None and box is not None:
            self._keep(box, before[box.slices])

    def clear(self) -> Box | None:
        """Give everything back to the fusion, as one step; returns where results change."""
        if not self._choice.any():
            return None
        box = Box.around(self._choice > 0)
        before = self._choice[box.slices].copy()
        self._choice[box.slices] = 0
        self._keep(box, before)
        return box.grown(REACH, self._choice.shape)

    def undo(self) -> Box | None:
        """Take the last step back; returns where results change, None if there is none."""
        if not self._done:
            return None
        change = self._done.pop()
        self._undone.append(change)
        return self._put(change.box, change.before)

    def redo(self) -> Box | None:
        """Do again what was taken back last; returns as `undo` does."""
        if not self._undone:
            return None
        change = self._undone.pop()
        self._done.append(change)
        return self._put(change.box, change.after)

    def _keep(self, box: Box, before: Choice) -> None:
        after = self._choice[box.slices]
        if np.array_equal(before, after):
            return
        self._undone.clear()
        self._done.append(_Change(box, before.copy(), after.copy()))
        while len(self._done) > 1 and sum(each.nbytes for each in self._done) > KEPT_BYTES:
            del self._done[0]

    def _put(self, box: Box, choice: Choice) -> Box:
        self._choice[box.slices] = choice
        return box.grown(REACH, self._choice.shape)


def _draw(
    choice: Choice, path: Sequence[tuple[float, float]], radius: float, value: int
) -> Box | None:
    """Set every pixel within a radius of a path; returns the box drawn in."""
    # OpenCV counts from the middle of the first pixel.
    points = np.asarray(path, dtype=np.float64).reshape(-1, 2) - 0.5
    low = np.floor(points.min(axis=0) - radius).astype(int)
    high = np.ceil(points.max(axis=0) + radius).astype(int) + 1
    rows, columns = choice.shape
    box = Box(
        max(0, int(low[1])),
        max(0, int(low[0])),
        min(rows, int(high[1])),
        min(columns, int(high[0])),
    )
    if box.top >= box.bottom or box.left >= box.right:
        return None
    mask = _mask(points - (box.left, box.top), radius, box.shape)
    choice[box.slices][mask] = value
    return box


def _mask(points: NDArray[np.float64], radius: float, shape: tuple[int, int]) -> NDArray[np.bool_]:
    canvas = np.zeros(shape, np.uint8)
    fine = np.rint(points * (1 << _SHIFT)).astype(np.int32)
    if len(fine) > 1:
        thickness = max(1, round(2 * radius))
        cv2.polylines(
            canvas,
            [fine.reshape(-1, 1, 2)],
            isClosed=False,
            color=1,
            thickness=thickness,
            shift=_SHIFT,
        )
    for x, y in fine.tolist():
        cv2.circle(canvas, (x, y), round(radius * (1 << _SHIFT)), 1, cv2.FILLED, shift=_SHIFT)
    return canvas.astype(bool)
