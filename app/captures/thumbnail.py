"""Small pictures of captures, kept with them."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from app.captures.capture import Capture
from app.captures.eight_bit import eight_bit_rgb
from app.captures.image_file import read_image
from app.captures.layout import FUSED, THUMBNAIL
from app.captures.stack import StackError
from app.captures.whole_file import whole_file

LONGEST_PX = 320
"""Of a thumbnail's sides."""
_JPEG_QUALITY = 85


def thumbnail(folder: Path) -> NDArray[np.uint8]:
    """Return a small picture of the fused image or, without one, of the middle frame.

    Kept as ``thumbnail.jpg`` in the capture's folder, where that can be written to, and made anew
    when the fused image is newer.

    Returns
    -------
    ndarray
        (H, W, 3) RGB, the longer side `LONGEST_PX` at most.

    Raises
    ------
    StackError
        There is no picture that can be read.
    """
    kept, fused = folder / THUMBNAIL, folder / FUSED
    if _is_newer(kept, fused):
        try:
            return eight_bit_rgb(read_image(kept))
        except StackError:
            # Half written by a program that died, say: it is made anew.
            kept.unlink(missing_ok=True)
    if fused.is_file():
        small = shrunk(eight_bit_rgb(read_image(fused)))
        _keep(kept, small)
        return small
    # Without a fused image the capture may still be growing, so this picture is not kept.
    stack = Capture(folder)
    return shrunk(eight_bit_rgb(stack[len(stack) // 2]))


def shrunk(image: NDArray[np.uint8], longest_px: int = LONGEST_PX) -> NDArray[np.uint8]:
    """Return a picture whose longer side has so many pixels at most."""
    scale = longest_px / max(image.shape[:2])
    if scale >= 1:
        return image
    height, width = (max(1, round(side * scale)) for side in image.shape[:2])
    return np.asarray(cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA), np.uint8)


def _is_newer(kept: Path, fused: Path) -> bool:
    try:
        return kept.stat().st_mtime_ns >= fused.stat().st_mtime_ns
    except OSError:
        return False


def _keep(path: Path, small: NDArray[np.uint8]) -> None:
    bgr = cv2.cvtColor(small, cv2.COLOR_RGB2BGR)
    _done, data = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY])
    try:
        with whole_file(path) as part:
            part.write_bytes(data.tobytes())
    except OSError:
        # A read-only archive: the picture is made again next time.
        return
