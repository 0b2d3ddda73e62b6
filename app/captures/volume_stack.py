"""A stack in a file of several dimensions that a library of its own reads."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from app.captures.part import WHOLE, Names, Part, PlaneIndex, select
from app.captures.reason import reason
from app.captures.scale import Scale
from app.captures.scaled_stack import ScaledStack
from app.captures.stack import FrameFormat, StackError


@dataclass(frozen=True, slots=True)
class Survey:
    """What a file holds."""

    planes: tuple[PlaneIndex, ...]
    names: Names = field(default_factory=Names)


class Volume(Protocol):
    """One kind of file; each call opens it anew. Whatever the library raises may pass."""

    @property
    def path(self) -> Path:
        """The file or folder."""
        ...

    def survey(self) -> Survey:
        """Find out which frames there are."""
        ...

    def scale(self, planes: Sequence[PlaneIndex]) -> Scale:
        """Read what the metadata tell of some frames."""
        ...

    def read(self, plane: PlaneIndex) -> NDArray[Any]:
        """Read one frame: (H, W) or (H, W, 3) RGB."""
        ...


class VolumeStack(ScaledStack):
    """The frames of one stack in such a file.

    Parameters
    ----------
    volume : Volume
        The file.
    part : Part, optional
        Which stack, in a file of several.

    Raises
    ------
    StackError
        The file cannot be read, or holds no such stack.
    """

    def __init__(self, volume: Volume, part: Part = WHOLE) -> None:
        self._volume = volume
        with _told(volume.path):
            survey = volume.survey()
            self._planes = select(survey.planes, part, volume.path, survey.names)
            scale = volume.scale(self._planes)
            frame_format = FrameFormat.of(_frame(volume, self._planes[0]))
        super().__init__(volume.path, len(self._planes), frame_format, scale)

    def _read(self, index: int) -> NDArray[Any]:
        with _told(self._path):
            return _frame(self._volume, self._planes[index])


def need(library: str, path: Path) -> None:
    """Make sure that an optional library is installed.

    Raises
    ------
    StackError
        It is not; the line says how to install it.
    """
    if importlib.util.find_spec(library) is None:
        raise StackError(
            f"{path}: needs the library {library}; install it with: pip install wearif[formats]"
        )


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """Say in one line what a library could not do; damaged files make them raise anything."""
    try:
        yield
    except StackError:
        raise
    except OSError as error:
        raise StackError(f"{path}: cannot be read: {reason(error)}") from error
    except Exception as error:
        raise StackError(f"{path}: is damaged or not what it seems: {reason(error)}") from error


def _frame(volume: Volume, plane: PlaneIndex) -> NDArray[Any]:
    image = np.asarray(volume.read(plane))
    if image.ndim == 3 and image.shape[2] == 1:
        image = image[..., 0]
    if image.ndim == 3 and image.shape[2] == 4:
        image = image[..., :3]
    if image.ndim != 2 and (image.ndim != 3 or image.shape[2] != 3):
        raise StackError(f"{volume.path}: a frame of shape {image.shape} is neither grey nor RGB")
    if image.dtype not in (np.uint8, np.uint16):
        raise StackError(
            f"{volume.path}: holds {image.dtype} values; save the frames as 8 or 16 bit"
        )
    return np.ascontiguousarray(image, dtype=image.dtype.newbyteorder("="))
