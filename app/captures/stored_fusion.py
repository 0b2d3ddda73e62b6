"""A fusion read back from its results, so that nobody has to wait for it a second time."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import tifffile
import torch
from numpy.typing import NDArray
from torch import Tensor

from app.captures.alignment import STILL, AlignedStack
from app.captures.capture import Capture
from app.captures.fusion_record import FusionRecord
from app.captures.fusions import read_fusion_record
from app.captures.image_file import read_image
from app.captures.layout import CONFIDENCE, FUSED, FUSION, HEIGHT, WEIGHTS
from app.captures.prepared import Prepared
from app.captures.result_check import check_result
from app.captures.results import WEIGHT_ONE
from app.captures.stack import FrameFormat, Stack, StackError
from models.wearif.fusion_result import Fusion

_log = logging.getLogger(__name__)
_CHECKED: Final = (FUSED, HEIGHT, CONFIDENCE)
"""Files whose whole content is compared with the record; of the large weights only the size is."""


@dataclass(frozen=True, slots=True, eq=False)
class StoredFusion:
    """What lay in a capture's folder."""

    fusion: Fusion
    prepared: Prepared
    """The capture's frames as they were fused."""
    measured: bool
    """Whether it was found out how the frames lie; while a sweep is fused there is no time to."""


def stored_fusion(
    stack: Stack, frames: Sequence[int], weights_sha256: str, *, align: bool = True
) -> StoredFusion | None:
    """Return the fusion that lies in a capture's folder, if it is what fusing again would give.

    Parameters
    ----------
    stack : Stack
        Only a capture has results of its own.
    frames : sequence of int
        Numbers of the frames that are to be fused.
    weights_sha256 : str
        Of the model that is to fuse them; its name may stay the same while its weights change.
    align : bool
        Whether frames may have been moved.

    Returns
    -------
    StoredFusion or None
        Confidences are rounded to 1/255 and weights to 1/65535, as they are stored. None where
        nothing was stored, where it was made of other frames, at other z, by other weights or with
        parts painted in, and where its files are not those of its record. Of moved or evened out
        frames all must have been fused: of those left out nobody knows how they lie.
    """
    if not isinstance(stack, Capture) or not (stack.folder / FUSION).is_file():
        return None
    try:
        record = read_fusion_record(stack.folder)
        prepared = _prepared(record, stack)
        if not _is_of(record, stack, frames, weights_sha256) or (prepared.warps and not align):
            return None
        if len(frames) < len(stack) and (prepared.warps or prepared.brightness):
            return None
        for name in (*_CHECKED, WEIGHTS):
            check_result(record, stack.folder, name, whole=name in _CHECKED)
        measured = record.settings.align is not False
        return StoredFusion(_read(record, stack), prepared, measured)
    except (StackError, OSError, ValueError, tifffile.TiffFileError) as error:
        # The frames are there: whatever is wrong with the results, they can be made again.
        _log.warning("%s is fused again: %s", stack.name, error)
        return None


def _is_of(record: FusionRecord, stack: Stack, frames: Sequence[int], weights_sha256: str) -> bool:
    z_um = stack.z_um
    wanted = [(index, None if z_um is None else z_um[index]) for index in frames]
    return (
        record.weights_sha256 == weights_sha256
        and [(frame.index, frame.z_um) for frame in record.frames] == wanted
        and not record.painted
        and record.height_unit == ("frame" if z_um is None else "µm")
    )


def _prepared(record: FusionRecord, stack: Stack) -> Prepared:
    levels = tuple(frame.brightness for frame in record.frames)
    brightness = levels if record.brightness == "measured" else None
    warps = [frame.warp for frame in record.frames]
    if not any(warps):
        return Prepared(stack, None, brightness)
    return Prepared(AlignedStack(stack, [warp or STILL for warp in warps]), None, brightness)


def _read(record: FusionRecord, stack: Capture) -> Fusion:
    folder = stack.folder
    fused = read_image(folder / FUSED)
    height = np.asarray(tifffile.imread(folder / HEIGHT), np.float32)
    confidence = read_image(folder / CONFIDENCE).astype(np.float32) / np.float32(255)
    shape = stack.format.height, stack.format.width
    weighing = _StoredWeights(folder / WEIGHTS, len(record.frames), shape)
    weighing.check()
    if FrameFormat.of(fused) != stack.format or {height.shape, confidence.shape} != {shape}:
        raise StackError(f"{folder}: its results are of another size than its frames")
    return Fusion(
        model=record.model,
        weights_sha256=record.weights_sha256,
        fused=fused,
        height=height,
        height_unit=record.height_unit,
        confidence=confidence,
        brightness=tuple(frame.brightness for frame in record.frames),
        _weighing=weighing,
    )


@dataclass(frozen=True, slots=True)
class _StoredWeights:
    """Reads weight maps, page by page, when they are asked for."""

    path: Path
    count: int
    shape: tuple[int, int]

    def check(self) -> None:
        """Make sure that there is a page of the right size for each frame.

        Raises
        ------
        StackError
            It is not so.
        """
        with tifffile.TiffFile(self.path) as tiff:
            pages, first = len(tiff.pages), tiff.pages.first
            if pages != self.count or first.shape != self.shape or first.dtype != np.uint16:
                raise StackError(f"{self.path}: does not hold the weights of {self.count} frames")

    def weight_map(self, index: int, frame: NDArray[Any]) -> Tensor:  # noqa: ARG002 - as others
        """See `models.wearif.fusion_result.Weighing`."""
        with tifffile.TiffFile(self.path) as tiff:
            page = tiff.pages[index].asarray()
        return torch.from_numpy(page.astype(np.float32) / np.float32(WEIGHT_ONE))
