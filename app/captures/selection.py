"""Some frames of a stack as a stack, and which ones are worth fusing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from app.captures.stack import FrameFormat, Stack, StackError, check_index


class Selection:
    """Chosen frames of a stack, in the given order.

    Parameters
    ----------
    stack : Stack
        Where the frames are read from.
    indices : sequence of int
        Which of its frames.
    z_um : sequence of float, optional
        The z of each chosen frame; by default what the stack says.
    """

    def __init__(
        self, stack: Stack, indices: Sequence[int], z_um: Sequence[float] | None = None
    ) -> None:
        self._stack = stack
        self._indices = tuple(indices)
        known = stack.z_um
        if z_um is not None:
            self._z_um: tuple[float, ...] | None = tuple(z_um)
        else:
            self._z_um = None if known is None else tuple(known[i] for i in self._indices)

    @property
    def whole(self) -> Stack:
        """Where the frames are read from."""
        return self._stack

    @property
    def indices(self) -> tuple[int, ...]:
        """Numbers of the chosen frames in the whole stack."""
        return self._indices

    @property
    def name(self) -> str:
        """The whole stack's name."""
        return self._stack.name

    @property
    def format(self) -> FrameFormat:
        """What all frames have in common."""
        return self._stack.format

    @property
    def z_um(self) -> tuple[float, ...] | None:
        """The z of the chosen frames."""
        return self._z_um

    @property
    def pixel_um(self) -> float | None:
        """The side of a pixel at the object."""
        return self._stack.pixel_um

    @property
    def exposure_ms(self) -> tuple[float, ...] | None:
        """How long the chosen frames were exposed."""
        known = self._stack.exposure_ms
        return None if known is None else tuple(known[i] for i in self._indices)

    def __len__(self) -> int:
        return len(self._indices)

    def __getitem__(self, index: int) -> NDArray[Any]:
        """Read one frame; see `Stack`."""
        check_index(index, len(self._indices))
        return self._stack[self._indices[index]]

    def __iter__(self) -> Iterator[NDArray[Any]]:
        return (self[index] for index in range(len(self._indices)))


def select_sharpest(
    stack: Stack, count: int, on_progress: Callable[[int, int], None] | None = None
) -> tuple[int, ...]:
    """Choose the frames with the highest mean absolute Laplacian.

    Parameters
    ----------
    stack : Stack
        Read once, frame by frame, unless all of it is kept.
    count : int
        How many frames to keep; 0, or as many as there are, keeps all.
    on_progress : callable, optional
        Called with the frames read and the frames in all.

    Returns
    -------
    tuple of int
        Frame numbers in the stack's order; of equally sharp frames the earlier are kept.

    Raises
    ------
    StackError
        A frame cannot be read, or ``count`` is negative.
    """
    if count < 0:
        raise StackError(f"{stack.name}: cannot keep {count} frames")
    if count == 0 or count >= len(stack):
        return tuple(range(len(stack)))
    scores = np.empty(len(stack))
    for index, frame in enumerate(stack):
        scores[index] = sharpness(frame)
        if on_progress is not None:
            on_progress(index + 1, len(stack))
    best = np.argsort(-scores, kind="stable")[:count]
    return tuple(int(index) for index in np.sort(best))


def sharpness(frame: NDArray[Any]) -> float:
    """Mean absolute Laplacian of the grey picture, in grey levels of the frame's own depth."""
    grey = cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY) if frame.ndim == 3 else frame
    return float(np.abs(cv2.Laplacian(grey, cv2.CV_32F)).mean())
