"""Read one image file as a frame."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from app.captures.intact import announced_size, flaw, is_png_with_grey_and_alpha, is_tiff
from app.captures.quiet_opencv import quiet_opencv
from app.captures.reason import reason
from app.captures.stack import LARGEST_FRAME_BYTES, StackError, check_file, check_size
from app.captures.tiff_page import read_single_page

IMAGE_SUFFIXES = frozenset({".png", ".tif", ".tiff", ".jpg", ".jpeg", ".bmp"})


def read_image(path: Path) -> NDArray[Any]:
    """Read a PNG, TIFF, JPEG or BMP file, told apart by content.

    Returns
    -------
    ndarray
        (H, W) or (H, W, 3) RGB, uint8 or uint16. Alpha is dropped, palettes are applied.

    Raises
    ------
    StackError
        The file cannot be read, is truncated or damaged, or is no such image.
    """
    check_file(path)
    try:
        with path.open("rb") as file:
            start = file.read(4)
            data = b"" if is_tiff(start) else start + file.read(LARGEST_FRAME_BYTES)
    except OSError as error:
        raise StackError(f"{path}: cannot be read: {reason(error)}") from error
    if is_tiff(start):
        return read_single_page(path)
    if fault := flaw(data):
        raise StackError(f"{path}: the file {fault}")
    size = announced_size(data)
    if size is None:
        raise StackError(f"{path}: the file is damaged and cannot be decoded")
    check_size(path, *size, _most_bytes_per_pixel(data))
    image = _decode(data)
    if image is None:
        raise StackError(f"{path}: the file is damaged and cannot be decoded")
    if image.dtype not in (np.uint8, np.uint16):
        raise StackError(f"{path}: holds {image.dtype} values; save the frames as 8 or 16 bit")
    if is_png_with_grey_and_alpha(data) and image.ndim == 3:
        return np.ascontiguousarray(image[..., 0])
    return _rgb(image)


def _most_bytes_per_pixel(data: bytes) -> int:
    """PNGs may have 16 bits (PNG specification, 11.2.2: bit depth); the rest are 8-bit RGB."""
    return 6 if data.startswith(b"\x89PNG") and data[24] == 16 else 3


def _decode(data: bytes) -> NDArray[Any] | None:
    with quiet_opencv():
        try:
            return cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
        except cv2.error:
            return None


def _rgb(image: NDArray[Any]) -> NDArray[Any]:
    """Turn what OpenCV decodes, grey or BGR or BGRA, into grey or RGB."""
    if image.ndim == 2:
        return image
    channels = image.shape[2]
    if channels == 1:
        return image[..., 0]
    code = cv2.COLOR_BGR2RGB if channels == 3 else cv2.COLOR_BGRA2RGB
    return cv2.cvtColor(image, code)
