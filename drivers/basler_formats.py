"""Pixel formats of GenICam cameras, and images made of them.

Names are those of the GenICam Pixel Format Naming Convention; older cameras say ``RGB8Packed`` for
``RGB8``.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

_DEPTHS: Final = (8, 10, 12, 16)
_DEMOSAIC: Final[Mapping[str, int]] = {
    # Named after the first two pixels of the first row; OpenCV names the first four.
    "BayerRG": cv2.COLOR_BayerRGGB2RGB_EA,
    "BayerGB": cv2.COLOR_BayerGBRG2RGB_EA,
    "BayerGR": cv2.COLOR_BayerGRBG2RGB_EA,
    "BayerBG": cv2.COLOR_BayerBGGR2RGB_EA,
}
"""Edge-aware: plain bilinear interpolation leaves a zipper along every edge, which looks like
detail to a focus measure. Costs a seventh more."""

COLOUR_FORMATS: Final = (
    *(f"{mosaic}8" for mosaic in _DEMOSAIC), "RGB8", "RGB8Packed", "BGR8", "BGR8Packed", "Mono8",
)  # fmt: skip
"""Colour if the camera has it, as a mosaic: that takes a third of the bandwidth of RGB."""
KNOWN_FORMATS: Final = frozenset(COLOUR_FORMATS) | {
    f"{kind}{depth}" for kind in ("Mono", *_DEMOSAIC) for depth in _DEPTHS
}
"""What `to_image` understands: not the packed ones, which pylon does not unpack."""


def choose_format(offered: Collection[str], wanted: Sequence[str]) -> str | None:
    """Return the first wanted pixel format that is offered; None if none is."""
    return next((name for name in wanted if name in offered), None)


def bits_of(pixel_format: str) -> int:
    """Return the significant bits per channel of a pixel format."""
    bits = re.search(r"[0-9]+", pixel_format)
    return int(bits[0]) if bits else 8


def is_colour(pixel_format: str) -> bool:
    """Whether images of a pixel format have three channels."""
    return not pixel_format.startswith("Mono")


def to_image(array: NDArray[Any], pixel_format: str) -> NDArray[Any]:
    """Return a picture as (H, W) grey or (H, W, 3) RGB, read-only.

    Parameters
    ----------
    array : ndarray
        As pylon delivers it: (H, W), or (H, W, 3) in the format's own order; uint8, or uint16
        right-aligned.
    pixel_format : str
        GenICam name, such as ``"BayerRG8"``.
    """
    code = _DEMOSAIC.get(pixel_format[:7])
    if code is not None:
        array = cv2.cvtColor(array, code)
    elif pixel_format.startswith("BGR"):
        array = np.ascontiguousarray(array[..., ::-1])
    array.setflags(write=False)
    return array
