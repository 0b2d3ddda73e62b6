"""Two fusions of one capture, side by side; knows no Qt."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from app.captures.fusions import FusionEntry
from app.captures.image_file import read_image
from app.captures.layout import FUSED, HEIGHT
from app.captures.reason import reason
from app.captures.stack import StackError
from app.window.picture import Pixels, height_span, height_to_screen, significant_bits, to_screen


@dataclass(frozen=True, slots=True, eq=False)
class FusionPictures:
    """What is seen of one fusion."""

    entry: FusionEntry
    fused: Pixels
    height: Pixels
    """0..255 over the comparison's span."""


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """Two fusions; heights of both are coloured over the same span."""

    left: FusionPictures
    right: FusionPictures
    span: tuple[float, float]
    unit: str
    """Of the heights: ``µm`` or ``frame``."""
    mean_difference: float
    """Of the fused images, in grey levels of 8 bits."""


def compare(left: FusionEntry, right: FusionEntry) -> Comparison:
    """Read the pictures of two fusions of one capture.

    Raises
    ------
    StackError
        A picture cannot be read, or they are of different sizes.
    """
    images = read_image(left.folder / FUSED), read_image(right.folder / FUSED)
    bits = max(map(significant_bits, images))
    fused = to_screen(images[0], bits), to_screen(images[1], bits)
    if fused[0].shape != fused[1].shape:
        raise StackError(
            f"{right.folder}: the fused image is {images[1].shape}, the other is {images[0].shape}"
        )
    heights = _read_height(left.folder / HEIGHT), _read_height(right.folder / HEIGHT)
    spans = [height_span(height) for height in heights]
    span = min(low for low, _high in spans), max(high for _low, high in spans)
    difference = np.abs(fused[0].astype(np.int16) - fused[1].astype(np.int16))
    return Comparison(
        FusionPictures(left, fused[0], height_to_screen(heights[0], span)),
        FusionPictures(right, fused[1], height_to_screen(heights[1], span)),
        span,
        left.record.height_unit,
        float(difference.mean()),
    )


def _read_height(path: Path) -> NDArray[np.float32]:
    # It takes a moment to load.
    import tifffile

    try:
        return np.asarray(tifffile.imread(path), np.float32)
    except (OSError, tifffile.TiffFileError) as error:
        raise StackError(f"{path}: cannot be read: {reason(error)}") from error
