"""Bring the frames of a stack to lie on one another."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from app.captures.fusion_record import Matrix
from app.captures.registration import SMALLEST_SIDE, Picture, Registration, register
from app.captures.similarity import Similarity
from app.captures.stack import FrameFormat, Stack, check_index

STILL: Matrix = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0))
"""The warp of a frame that lies where it should."""
STILL_PX = 0.2
"""Frames whose corners move less lie well enough: no more is seen of haloes that grow in a stack
that lies still. Interpolating costs hardly anything, while jitter of a tenth of a pixel, root mean
square on either axis, costs the fused image 0.3 dB."""
_NEAR_PX = 0.1
"""Frames that lie as near as this to each other lie alike."""
_SIGNIFICANT = 4.0
"""Standard errors; what a motion has to reach, root mean square over the stack, to be believed.
Haloes of defocus make telecentric stacks reach 2 to 3."""
_STEADY = 8.0
"""Standard errors of the mean step, that a drift too slow to stand out from step to step has to
reach. Stacks that lie still reach 6."""


@dataclass(frozen=True, slots=True)
class Alignment:
    """How the frames of a stack lie on one of them."""

    reference: int
    """The number of that frame."""
    warps: tuple[Similarity, ...]
    """For each frame what takes points of the reference to its own."""
    moved_px: float
    """How far the corner lies off that lies off farthest."""
    doubtful: tuple[int, ...] = ()
    """Frames whose successor lies as nothing that moves smoothly can; less was corrected there."""

    @property
    def needed(self) -> bool:
        """Whether the frames lie far enough apart to be moved."""
        return self.moved_px > STILL_PX

    def matrices(self, frame_format: FrameFormat) -> tuple[Matrix, ...] | None:
        """Return the warps as they are recorded; None where no frame is moved."""
        if not self.needed:
            return None
        size = (frame_format.height, frame_format.width)
        return tuple(_matrix(warp, *size) for warp in self.warps)

    def __str__(self) -> str:
        if self.needed:
            lie = f"aligned: frames moved by up to {self.moved_px:.1f} px"
        else:
            lie = f"frames lie within {max(self.moved_px, 0.1):.1f} px of each other"
        if not self.doubtful:
            return lie
        return f"{lie}; in doubt after frames {', '.join(map(str, self.doubtful))}"


def _matrix(warp: Similarity, height: int, width: int) -> Matrix:
    (a, b, c), (d, e, f) = warp.matrix(height, width).tolist()
    return (a, b, c), (d, e, f)


class AlignedStack:
    """A stack whose frames are warped onto one of them as they are read.

    Parameters
    ----------
    stack : Stack
        Where the frames are read from.
    warps : sequence of matrices
        How they lie, one for each frame, as they are recorded. What a frame does not show is
        mirrored at its border.
    """

    def __init__(self, stack: Stack, warps: Sequence[Matrix]) -> None:
        self._stack = stack
        self._warps = tuple(warps)

    @property
    def whole(self) -> Stack:
        """Where the frames are read from."""
        return self._stack

    @property
    def warps(self) -> tuple[Matrix, ...]:
        """How each frame lies, as it is recorded."""
        return self._warps

    @property
    def moved_px(self) -> float:
        """How far the corner lies off that lies off farthest."""
        right, bottom = self.format.width - 1.0, self.format.height - 1.0
        corners = np.array([[0, right, 0, right], [0, 0, bottom, bottom], [1, 1, 1, 1]])
        return float(
            max(
                np.linalg.norm(np.array(warp) @ corners - corners[:2], axis=0).max()
                for warp in self._warps
            )
        )

    @property
    def name(self) -> str:
        """The stack's name."""
        return self._stack.name

    @property
    def format(self) -> FrameFormat:
        """What all frames have in common."""
        return self._stack.format

    @property
    def z_um(self) -> tuple[float, ...] | None:
        """The z of every frame."""
        return self._stack.z_um

    @property
    def pixel_um(self) -> float | None:
        """The side of a pixel at the object, in the reference."""
        return self._stack.pixel_um

    @property
    def exposure_ms(self) -> tuple[float, ...] | None:
        """How long every frame was exposed."""
        return self._stack.exposure_ms

    def __len__(self) -> int:
        return len(self._stack)

    def __getitem__(self, index: int) -> NDArray[Any]:
        """Read one frame and warp it; see `Stack`."""
        check_index(index, len(self._stack))
        frame = self._stack[index]
        warp = self._warps[index]
        if warp == STILL:
            return frame
        height, width = frame.shape[:2]
        return cv2.warpAffine(
            frame,
            np.array(warp),
            (width, height),
            flags=cv2.INTER_LANCZOS4 | cv2.WARP_INVERSE_MAP,
            borderMode=cv2.BORDER_REFLECT_101,
        )

    def __iter__(self) -> Iterator[NDArray[Any]]:
        return (self[index] for index in range(len(self)))


def align_stack(
    stack: Stack,
    on_progress: Callable[[int, int], None] | None = None,
    on_frame: Callable[[NDArray[Any]], None] | None = None,
) -> tuple[Stack, Alignment]:
    """Find how the frames lie and, where it is worth while, put them onto one of them.

    That is the frame in the midst of where they lie: with steady drift the middle one, with jitter
    one that jitter has moved least. It keeps its pixels.

    Parameters
    ----------
    stack : Stack
        Read once, frame by frame.
    on_progress : callable, optional
        Called with the frames read and the frames in all.
    on_frame : callable, optional
        Called with each frame, for whoever wants to know something else of it.

    Returns
    -------
    stack : Stack
        Warps its frames as they are read; the very stack that was given where they lie well.
    alignment : Alignment
        What was found.

    Raises
    ------
    StackError
        A frame cannot be read.
    """
    if len(stack) < 2 or min(stack.format.height, stack.format.width) < SMALLEST_SIDE:
        still = Alignment(len(stack) // 2, (Similarity(),) * len(stack), 0.0)
        return stack, still
    alignment = _chain(_neighbours(stack, on_progress, on_frame), stack.format)
    warps = alignment.matrices(stack.format)
    return (stack if warps is None else AlignedStack(stack, warps)), alignment


def _neighbours(
    stack: Stack,
    on_progress: Callable[[int, int], None] | None,
    on_frame: Callable[[NDArray[Any]], None] | None,
) -> tuple[Registration, ...]:
    """Register each frame on the one before: neighbours along z look most alike."""
    found: list[Registration] = []
    before: Picture | None = None
    for index, frame in enumerate(stack):
        if on_frame is not None:
            on_frame(frame)
        picture = Picture.of(frame)
        if before is not None:
            found.append(register(before, picture))
        before = picture
        if on_progress is not None:
            on_progress(index + 1, len(stack))
    return tuple(found)


def _chain(steps: Sequence[Registration], frame_format: FrameFormat) -> Alignment:
    believed = _believed(steps)
    warps = [Similarity()]
    for step in believed:
        warps.append(step.after(warps[-1]))
    reference = _central(warps, frame_format)
    back = warps[reference].inverse()
    onto = tuple(
        Similarity() if index == reference else warp.after(back) for index, warp in enumerate(warps)
    )
    return Alignment(
        reference,
        onto,
        max(warp.reach(frame_format.height, frame_format.width) for warp in onto),
        tuple(index for index, step in enumerate(steps) if not step.plausible),
    )


def _central(warps: Sequence[Similarity], frame_format: FrameFormat) -> int:
    """Return the frame nearest to the median of how they lie, the middle one of several."""
    factors = np.array([warp.factor for warp in warps])
    shifts = np.array([warp.shift for warp in warps])
    midst = Similarity(_median(factors), _median(shifts)).inverse()
    off_px = [warp.after(midst).reach(frame_format.height, frame_format.width) for warp in warps]
    middle = len(warps) // 2
    return min(
        range(len(warps)), key=lambda index: (round(off_px[index] / _NEAR_PX), abs(index - middle))
    )


def _median(values: NDArray[np.complex128]) -> complex:
    return complex(np.median(values.real), np.median(values.imag))


def _believed(steps: Sequence[Registration]) -> list[Similarity]:
    """Keep of shift, change of size and turn those that stand out from their errors."""

    def stands_out(values: list[float], errors: list[float]) -> bool:
        return bool(np.sqrt(np.mean(np.square(np.divide(values, errors)))) >= _SIGNIFICANT)

    growths = [step.step.factor - 1 for step in steps]
    shift_errors = [step.shift_error for step in steps]
    factor_errors = [step.factor_error for step in steps]
    shifts = [step.step.shift for step in steps]
    if not stands_out([abs(shift) for shift in shifts], shift_errors):
        # Of a drift that only the whole stack shows, single steps are mostly their own errors.
        shifts = [_steady_shift(steps)] * len(steps)
    grows = stands_out([growth.real for growth in growths], factor_errors)
    turns = stands_out([growth.imag for growth in growths], factor_errors)
    return [
        Similarity(complex(1 + grows * growth.real, turns * growth.imag), shift)
        for growth, shift in zip(growths, shifts, strict=True)
    ]


def _steady_shift(steps: Sequence[Registration]) -> complex:
    """Return the mean step, weighted by the errors; 0 where that may be one of them."""
    known = [step for step in steps if step.plausible and np.isfinite(step.shift_error)]
    if len(known) < 2:
        return 0.0
    shifts = np.array([step.step.shift for step in known])
    weights = np.array([step.shift_error for step in known]) ** -2.0
    mean = complex(weights @ shifts / weights.sum())
    return mean if abs(mean) * float(np.sqrt(weights.sum())) >= _STEADY else 0.0
