"""A stack to evaluate on: frames on disk, and beside them what is true about them, if known."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import tifffile
from numpy.typing import NDArray
from pydantic import BaseModel, FiniteFloat, ValidationError

from models.evaluation.errors import EvaluationError
from models.evaluation.levels import eight_bit
from models.wearif.frame_tensor import white_of

TRUTH_NAMES = ("truth_na.png", "truth.png")
"""Where the truth is looked for: as seen through the whole aperture, else a pinhole's view."""


@dataclass(frozen=True, slots=True)
class EvaluationStack:
    """A focus stack in memory, with the truth where somebody knows it.

    Parameters
    ----------
    name : str
    frames : tuple of ndarray
        (H, W) or (H, W, 3) RGB, uint8 or uint16, all alike, in z order.
    z_um : tuple of float, optional
        Focus of each frame, on the scale of ``height_um``.
    truth : ndarray, optional
        The all-in-focus image; shape of a frame, uint8.
    height_um : ndarray of shape (H, W), float32, optional
    labels : ndarray of shape (H, W), optional
        Number of the particle at every pixel; 0 is glass.
    """

    name: str
    frames: tuple[NDArray[Any], ...]
    z_um: tuple[float, ...] | None = None
    truth: NDArray[np.uint8] | None = None
    height_um: NDArray[np.float32] | None = None
    labels: NDArray[np.integer[Any]] | None = None

    @property
    def size(self) -> tuple[int, int]:
        """(H, W)."""
        rows, columns = self.frames[0].shape[:2]
        return rows, columns

    @property
    def white(self) -> float:
        """The frames' white."""
        return white_of(self.frames[0])


class _Meta(BaseModel):
    """The field of interest of a side file that may hold many others."""

    z_um: tuple[FiniteFloat, ...] | None = None


def read_stack(folder: Path) -> EvaluationStack:
    """Read a folder of numbered frames (``000.png``, ...) and what lies beside them.

    ``meta.json`` may give ``z_um``, one value per frame. ``truth_na.png`` or ``truth.png``,
    ``height.tif`` (µm) and ``labels.tif`` are read where they are there.

    Raises
    ------
    EvaluationError
        There are no such frames, or a file cannot be read or does not fit the others.
    """
    folder = folder.resolve()
    files = _frame_files(folder)
    frames = tuple(read_picture(file) for file in files)
    for file, frame in zip(files, frames, strict=True):
        if frame.shape != frames[0].shape or frame.dtype != frames[0].dtype:
            raise EvaluationError(
                f"{file}: {frame.shape} {frame.dtype}, but {files[0].name} is "
                f"{frames[0].shape} {frames[0].dtype}"
            )
    truth = next((folder / name for name in TRUTH_NAMES if (folder / name).is_file()), None)
    size = frames[0].shape[:2]
    height = _read_map(folder / "height.tif", size)
    return EvaluationStack(
        name=folder.name,
        frames=frames,
        z_um=_read_z_um(folder / "meta.json", len(frames)),
        truth=None if truth is None else read_fused(truth, frames[0]),
        height_um=None if height is None else height.astype(np.float32),
        labels=_read_map(folder / "labels.tif", size),
    )


def read_picture(path: Path) -> NDArray[Any]:
    """Read an image file.

    Returns
    -------
    ndarray
        (H, W) or (H, W, 3) RGB, uint8 or uint16.

    Raises
    ------
    EvaluationError
        It cannot be read or is no such image.
    """
    try:
        data = np.frombuffer(path.read_bytes(), np.uint8)
        image = cv2.imdecode(data, cv2.IMREAD_ANYDEPTH | cv2.IMREAD_ANYCOLOR)
    except (OSError, cv2.error) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is empty"
        raise EvaluationError(f"{path}: cannot be read: {reason}") from error
    if image is None or image.dtype not in (np.uint8, np.uint16):
        raise EvaluationError(f"{path}: is not an image of 8 or 16 bit")
    return image if image.ndim == 2 else cv2.cvtColor(image, cv2.COLOR_BGR2RGB)


def read_fused(path: Path, frame: NDArray[Any]) -> NDArray[np.uint8]:
    """Read an image that shows what a frame shows, such as a truth or somebody's fused image.

    Parameters
    ----------
    path : Path
    frame : ndarray
        Any frame of the stack. Its size must be the image's; where it is grey, a coloured image is
        turned grey.

    Returns
    -------
    ndarray of uint8
        The shape of the frame; an image of 16 bit is scaled down by the frame's white.

    Raises
    ------
    EvaluationError
        The image cannot be read, is of another size, or is grey where the frames are in colour.
    """
    image = read_picture(path)
    if image.ndim > frame.ndim:
        image = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    if image.shape != frame.shape:
        raise EvaluationError(f"{path}: {image.shape}, but the frames are {frame.shape}")
    return eight_bit(image, white_of(frame) if frame.dtype == image.dtype else 65535.0)


def _frame_files(folder: Path) -> list[Path]:
    try:
        files = [path for path in folder.iterdir() if path.suffix.lower() == ".png"]
    except OSError as error:
        raise EvaluationError(f"{folder}: cannot be read: {error.strerror}") from error
    numbered = sorted((path for path in files if path.stem.isdecimal()), key=_number)
    if not numbered:
        raise EvaluationError(f"{folder}: holds no numbered frames (000.png, 001.png, ...)")
    return numbered


def _number(path: Path) -> int:
    return int(path.stem)


def _read_z_um(path: Path, count: int) -> tuple[float, ...] | None:
    if not path.is_file():
        return None
    try:
        z_um = _Meta.model_validate_json(path.read_bytes()).z_um
    except (OSError, ValidationError) as error:
        raise EvaluationError(f"{path}: cannot be read: {_first_line(error)}") from error
    if z_um is not None and len(z_um) != count:
        raise EvaluationError(f"{path}: gives {len(z_um)} values of z for {count} frames")
    return z_um


def _read_map(path: Path, size: tuple[int, ...]) -> NDArray[Any] | None:
    if not path.is_file():
        return None
    try:
        values = np.asarray(tifffile.imread(path))
    except (OSError, ValueError, tifffile.TiffFileError) as error:
        raise EvaluationError(f"{path}: cannot be read: {_first_line(error)}") from error
    if values.shape != size:
        raise EvaluationError(f"{path}: {values.shape}, but the frames are {size}")
    return values


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0] if str(error) else type(error).__name__
