"""Where to look: the places of a stack that tell fused images apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from models.evaluation.levels import eight_bit, grey_levels
from models.evaluation.stack_folder import EvaluationStack


@dataclass(frozen=True, slots=True)
class Place:
    """A square window of the image."""

    what: str
    """Why it was chosen, for the label."""
    row: int
    column: int
    """The upper left corner."""
    rows: int
    columns: int

    def cut(self, image: NDArray[Any]) -> NDArray[Any]:
        """Return the window's pixels."""
        return image[self.row : self.row + self.rows, self.column : self.column + self.columns]


def telling_places(
    stack: EvaluationStack, images: Mapping[str, NDArray[Any]], side: int = 192, count: int = 4
) -> list[Place]:
    """Choose places by what is known of the stack; the same input gives the same places.

    The biggest particle, the highest rim and the emptiest background come from labels and height;
    what is left of ``count`` are places where the images differ most from one another.

    Parameters
    ----------
    stack : EvaluationStack
    images : mapping of str to ndarray
        Fused images by method.
    side : int
        Pixels of a window; smaller where the frames are.
    """
    rows, columns = min(side, stack.size[0]), min(side, stack.size[1])
    chooser = _Chooser(stack.size, (rows, columns))
    if stack.labels is not None and (stack.labels > 0).any():
        chooser.add("biggest particle", _biggest(stack.labels))
        chooser.add("background", chooser.window_mean(stack.labels == 0))
    if stack.height_um is not None:
        steps = cv2.morphologyEx(stack.height_um, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8))
        chooser.add("highest rim", chooser.window_mean(steps))
    disagreement = chooser.window_mean(_spread(list(images.values()), stack.white))
    while len(chooser.places) < count and chooser.add("largest difference", disagreement):
        pass
    return chooser.places[:count]


class _Chooser:
    """Takes the best centre of a map, away from those already taken."""

    def __init__(self, size: tuple[int, int], window: tuple[int, int]) -> None:
        self._size, self._window = size, window
        self._free = np.ones(size, bool)
        self.places: list[Place] = []

    def window_mean(self, values: NDArray[Any]) -> NDArray[np.float64]:
        """Return the mean over the window around each pixel where the window fits, else -inf."""
        rows, columns = self._window
        mean = cv2.blur(values.astype(np.float64), (columns, rows))
        fits = np.full(self._size, -np.inf)
        inner = np.s_[
            rows // 2 : self._size[0] - (rows - 1) // 2,
            columns // 2 : self._size[1] - (columns - 1) // 2,
        ]
        fits[inner] = mean[inner]
        return fits

    def add(self, what: str, worth: NDArray[np.float64]) -> bool:
        """Take the free pixel of the largest worth as a centre; return whether there was one."""
        free = np.where(self._free, worth, -np.inf)
        row, column = np.unravel_index(int(free.argmax()), self._size)
        if not np.isfinite(free[row, column]):
            return False
        rows, columns = self._window
        top = min(max(int(row) - rows // 2, 0), self._size[0] - rows)
        left = min(max(int(column) - columns // 2, 0), self._size[1] - columns)
        self.places.append(Place(what, top, left, rows, columns))
        # Windows do not overlap: the centre of another is a window away in one direction or both.
        middle, centre = top + rows // 2, left + columns // 2
        near_rows = slice(max(0, middle - rows + 1), middle + rows)
        near_columns = slice(max(0, centre - columns + 1), centre + columns)
        self._free[near_rows, near_columns] = False
        return True


def _biggest(labels: NDArray[np.integer[Any]]) -> NDArray[np.float64]:
    """Return how far each pixel of the biggest particle is from its edge; elsewhere -inf."""
    numbers, areas = np.unique(labels[labels > 0], return_counts=True)
    particle = np.pad((labels == numbers[areas.argmax()]).astype(np.uint8), 1)
    inside = cv2.distanceTransform(particle, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)[1:-1, 1:-1]
    return np.where(inside > 0, inside.astype(np.float64), -np.inf)


def _spread(images: Sequence[NDArray[Any]], white: float) -> NDArray[np.float64]:
    """Return the standard deviation of the lumas over the images at every pixel."""
    lumas = [grey_levels(eight_bit(image, white)) for image in images]
    return np.asarray(np.std(lumas, axis=0), dtype=np.float64)
