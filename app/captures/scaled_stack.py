"""What the stacks on disk share: one format, a scale, and a check of each frame that is read."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from app.captures.scale import Scale
from app.captures.stack import FrameFormat, check_index, check_same


class ScaledStack(ABC):
    """A `Stack` whose kind differs from others in how a frame is read, and in little else.

    Parameters
    ----------
    path : Path
        The file or folder.
    count : int
        How many frames there are.
    frame_format : FrameFormat
        Of the first frame, which all others have to share.
    scale : Scale
        What is known of the frames.
    """

    def __init__(self, path: Path, count: int, frame_format: FrameFormat, scale: Scale) -> None:
        self._path = path
        self._count = count
        self._format = frame_format
        self._scale = scale

    @abstractmethod
    def _read(self, index: int) -> NDArray[Any]:
        """Read a frame that is there: (H, W) or (H, W, 3) RGB, uint8 or uint16.

        Raises
        ------
        StackError
            It cannot be read.
        """

    def _called(self, index: int) -> str:
        """Return how an error names a frame."""
        return f"{self._path}: frame {index}"

    def _first(self) -> str:
        """Return how an error names the frame that the others should be like."""
        return "frame 0"

    @property
    def name(self) -> str:
        """The file's or folder's name."""
        return self._path.resolve().name

    @property
    def format(self) -> FrameFormat:
        """What all frames have in common."""
        return self._format

    @property
    def z_um(self) -> tuple[float, ...] | None:
        """The z of every frame in µm, or None where nobody knows."""
        return self._scale.z_um

    @property
    def pixel_um(self) -> float | None:
        """The side of a pixel at the object in µm, or None where nobody knows."""
        return self._scale.pixel_um

    @property
    def exposure_ms(self) -> tuple[float, ...] | None:
        """How long every frame was exposed, or None where nobody knows."""
        return self._scale.exposure_ms

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, index: int) -> NDArray[Any]:
        """Read one frame; see `Stack`."""
        check_index(index, self._count)
        return self._checked(index, self._read(index))

    def __iter__(self) -> Iterator[NDArray[Any]]:
        return (self[index] for index in range(self._count))

    def _checked(self, index: int, image: NDArray[Any]) -> NDArray[Any]:
        check_same(FrameFormat.of(image), self._called(index), self._format, self._first())
        return image
