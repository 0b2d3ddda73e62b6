"""Exposure, gain, mode and automatics of a camera behind OpenCV's `VideoCapture`.

What a number means depends on the system's interface (OpenCV sources, ``cap_v4l.cpp``,
``cap_msmf.cpp``, ``cap_dshow.cpp``):

==============  =====================================  ==================================
interface       exposure                               automatic exposure off
==============  =====================================  ==================================
V4L2            in 100 µs (V4L2_CID_EXPOSURE_ABSOLUTE)  1 (V4L2_EXPOSURE_MANUAL)
MSMF, DSHOW     base-2 logarithm of seconds            by setting an exposure
==============  =====================================  ==================================

`VideoCapture` says True to much that it does not do: only what can be read back counts.
"""

from __future__ import annotations

import math
import re
from typing import Final, Protocol

import cv2

_V4L2_MANUAL: Final = 1
_V4L2_PER_MS: Final = 10
_LOGARITHMIC: Final = ("MSMF", "DSHOW")
_NOT_THERE: Final = -1.0
_MODE: Final = re.compile(r"([!-~]{4})? ?([0-9]{2,5})x([0-9]{2,5})")


class Capture(Protocol):
    """The part of `cv2.VideoCapture` that sets and reads properties."""

    def get(self, propId: int, /) -> float:  # noqa: N803 - OpenCV's name
        """Return a property; what it does not have is -1 or 0."""
        ...

    def set(self, propId: int, value: float, /) -> bool:  # noqa: N803 - OpenCV's name
        """Set a property; True means little."""
        ...

    def getBackendName(self) -> str:  # noqa: N802 - OpenCV's name
        """Return the interface's name, such as ``"V4L2"``."""
        ...


def set_exposure(capture: Capture, exposure_ms: float) -> float | None:
    """Switch automatic exposure off and set one.

    Returns
    -------
    float or None
        The exposure in ms that the camera took; None if it took none.
    """
    interface = capture.getBackendName()
    if interface == "V4L2":
        capture.set(cv2.CAP_PROP_AUTO_EXPOSURE, _V4L2_MANUAL)
        if capture.get(cv2.CAP_PROP_AUTO_EXPOSURE) != _V4L2_MANUAL:
            return None
        if not capture.set(cv2.CAP_PROP_EXPOSURE, max(1, round(exposure_ms * _V4L2_PER_MS))):
            return None
        taken = capture.get(cv2.CAP_PROP_EXPOSURE)
        return taken / _V4L2_PER_MS if taken > 0 else None
    if interface in _LOGARITHMIC:
        if not capture.set(cv2.CAP_PROP_EXPOSURE, round(math.log2(exposure_ms / 1000))):
            return None
        taken = capture.get(cv2.CAP_PROP_EXPOSURE)
        # 0 would be a whole second, and is what is read where nothing can be.
        return float(2**taken * 1000) if taken < 0 else None
    return None


def set_gain(capture: Capture, gain: float) -> float | None:
    """Set the gain, in the camera's own steps, and return what it took; None if nothing."""
    if capture.get(cv2.CAP_PROP_GAIN) == _NOT_THERE:
        return None
    if not capture.set(cv2.CAP_PROP_GAIN, round(gain)):
        return None
    taken = float(capture.get(cv2.CAP_PROP_GAIN))
    return None if taken == _NOT_THERE else taken


def stop_white_balance(capture: Capture) -> bool:
    """Switch automatic white balance off; False if it cannot be seen to be off."""
    capture.set(cv2.CAP_PROP_AUTO_WB, 0)
    return capture.get(cv2.CAP_PROP_AUTO_WB) == 0


def read_mode(capture: Capture) -> str:
    """Return how images are coded and how large they are, such as ``"MJPG 1920x1080"``."""
    code = int(capture.get(cv2.CAP_PROP_FOURCC)) & 0xFFFFFFFF
    letters = "".join(chr(code >> shift & 0xFF) for shift in (0, 8, 16, 24)).strip("\0 ")
    width, height = (
        int(capture.get(side)) for side in (cv2.CAP_PROP_FRAME_WIDTH, cv2.CAP_PROP_FRAME_HEIGHT)
    )
    coded = f"{letters} " if letters.isascii() and letters.isprintable() and letters else ""
    return f"{coded}{width}x{height}"


def is_mode(text: str) -> bool:
    """Whether a text has the shape of a mode; the coding may be left out."""
    return _MODE.fullmatch(text) is not None


def set_mode(capture: Capture, wanted: str) -> str:
    """Ask for a mode and return the one that the camera is in then."""
    found = _MODE.fullmatch(wanted)
    if found is None:
        raise ValueError(f"{wanted!r} is no mode such as 'MJPG 1920x1080'")
    letters, width, height = found.groups()
    # The coding first: it decides which sizes there are.
    if letters is not None:
        capture.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*letters))
    capture.set(cv2.CAP_PROP_FRAME_WIDTH, int(width))
    capture.set(cv2.CAP_PROP_FRAME_HEIGHT, int(height))
    return read_mode(capture)
