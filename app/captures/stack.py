"""A stack: the frames of one sweep, in z order, read one at a time."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

LARGEST_FRAME_BYTES = 2**29
"""Decoded: 178 megapixels of 8-bit RGB. No camera of a microscope comes near; what claims to is
damaged or a decompression bomb."""


class StackError(Exception):
    """A stack cannot be read; the message is one line that names the file and the reason."""


@dataclass(frozen=True, slots=True)
class FrameFormat:
    """What all frames of a stack have in common."""

    height: int
    width: int
    colour: bool
    dtype: np.dtype[Any]

    @classmethod
    def of(cls, image: NDArray[Any]) -> FrameFormat:
        """Return the format of one (H, W) or (H, W, 3) image."""
        return cls(image.shape[0], image.shape[1], image.ndim == 3, image.dtype)

    @property
    def shape(self) -> tuple[int, ...]:
        """(H, W) or (H, W, 3)."""
        return (self.height, self.width, 3) if self.colour else (self.height, self.width)

    def __str__(self) -> str:
        kind = "RGB" if self.colour else "grey"
        return f"{self.width}x{self.height} {kind} {self.dtype.itemsize * 8} bit"


class Stack(Protocol):
    """Frames in z order.

    Nothing is kept in memory: each access reads from where the frames lie.
    """

    @property
    def name(self) -> str:
        """What the operator calls it: the folder's or the file's name."""
        ...

    @property
    def format(self) -> FrameFormat:
        """What all frames have in common."""
        ...

    @property
    def z_um(self) -> tuple[float, ...] | None:
        """The z of every frame in µm, or None where nobody knows."""
        ...

    @property
    def pixel_um(self) -> float | None:
        """The side of a pixel at the object in µm, or None where nobody knows."""
        ...

    @property
    def exposure_ms(self) -> tuple[float, ...] | None:
        """How long every frame was exposed, or None where nobody knows."""
        ...

    def __len__(self) -> int:
        """How many frames there are."""
        ...

    def __getitem__(self, index: int) -> NDArray[Any]:
        """Read one frame: (H, W) or (H, W, 3) RGB, uint8 or uint16.

        Raises
        ------
        StackError
            The frame cannot be read, or differs from `format`.
        """
        ...

    def __iter__(self) -> Iterator[NDArray[Any]]:
        """Read the frames in order."""
        ...


def check_same(
    found: FrameFormat, name: str, expected: FrameFormat, first: str = "frame 0"
) -> None:
    """Make sure that a frame is like the first one.

    Raises
    ------
    StackError
        It is not; the line names both.
    """
    if found != expected:
        raise StackError(f"{name} is {found}, but {first} is {expected}")


def check_file(path: Path) -> None:
    """Make sure that something is a file, before it is opened: a pipe would never end.

    Raises
    ------
    StackError
        It is none, or cannot be reached.
    """
    try:
        mode = path.stat().st_mode
    except OSError as error:
        raise StackError(f"{path}: cannot be read: {error.strerror}") from error
    if not stat.S_ISREG(mode):
        raise StackError(f"{path}: is no file")


def check_size(
    path: Path, height: int, width: int, channels: int = 1, itemsize: int = 1, what: str = "a frame"
) -> None:
    """Make sure, before memory is taken for it, that a frame can be one.

    Raises
    ------
    StackError
        It has no pixels, or takes more than `LARGEST_FRAME_BYTES`: damaged, or made to harm.
    """
    if height < 1 or width < 1 or channels < 1:
        raise StackError(f"{path}: announces {what} of {width}x{height} pixels")
    size = height * width * channels * itemsize
    if size > LARGEST_FRAME_BYTES:
        raise StackError(
            f"{path}: announces {what} of {width}x{height} pixels, {size / 1e9:.1f} GB; "
            f"more than {LARGEST_FRAME_BYTES / 1e9:.1f} GB are not read"
        )


def check_index(index: int, count: int) -> None:
    """Make sure that there is such a frame; counting from the end is not a thing in a stack.

    Raises
    ------
    IndexError
        There is none.
    """
    if not 0 <= index < count:
        raise IndexError(f"frame {index} of {count}")
