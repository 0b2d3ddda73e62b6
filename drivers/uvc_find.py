"""Finding a camera among those that the system offers, and opening it by OpenCV."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import cv2
from cv2_enumerate_cameras import enumerate_cameras

from drivers.errors import ConnectionLost

SILENCE_S: Final = 2
"""How long an image may take to come."""
_OPEN_S: Final = 5
_INTERFACES: Final = {
    "linux": cv2.CAP_V4L2, "win32": cv2.CAP_MSMF, "darwin": cv2.CAP_AVFOUNDATION,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class UvcAddress:
    """A camera that is there to be opened."""

    index: int
    """OpenCV's number for it."""
    label: str
    """What the camera calls itself."""
    path: str

    @property
    def name(self) -> str:
        """The camera as errors and the window name it."""
        return f"camera {self.label} ({self.index})"


def list_cameras() -> tuple[UvcAddress, ...]:
    """Look for cameras that the system offers to every program; none is opened."""
    interface = _INTERFACES.get(sys.platform, cv2.CAP_ANY)
    found = [
        UvcAddress(each.index, each.name, each.path or "") for each in enumerate_cameras(interface)
    ]
    return tuple(sorted(found, key=lambda each: each.index))


def find_camera(source: str) -> tuple[str, int | str]:
    """Return a camera's name and what OpenCV opens it by.

    Parameters
    ----------
    source : str
        See `drivers.uvc.UvcCamera`.

    Raises
    ------
    ConnectionLost
        There is no such camera.
    """
    if "://" in source or (Path(source).exists() and source):
        return f"camera {source}", source
    found = list_cameras()
    for address in found:
        wanted = source.casefold() in address.label.casefold()
        if source == str(address.index) or (wanted and not source.isdigit()):
            return address.name, address.index
    raise ConnectionLost(
        f"camera {source or 'UVC'}",
        "open",
        f"there is no such camera; there are: {', '.join(each.name for each in found) or 'none'}",
        "Check the cable, and that the system knows the camera.",
    )


def open_capture(name: str, target: int | str) -> cv2.VideoCapture:
    """Open what `find_camera` found.

    Raises
    ------
    ConnectionLost
        It does not open.
    """
    # The only way to tell OpenCV's V4L2 interface; by default it waits for 10 s.
    os.environ.setdefault("OPENCV_VIDEOIO_V4L_SELECT_TIMEOUT", str(SILENCE_S))
    if isinstance(target, str) and "://" in target:
        limits = [
            cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, _OPEN_S * 1000,
            cv2.CAP_PROP_READ_TIMEOUT_MSEC, SILENCE_S * 1000,
        ]  # fmt: skip
        capture = cv2.VideoCapture(target, cv2.CAP_FFMPEG, limits)
    else:
        interface = _INTERFACES.get(sys.platform, cv2.CAP_ANY)
        is_device = isinstance(target, int) or target.startswith("/dev/")
        capture = cv2.VideoCapture(target, interface if is_device else cv2.CAP_ANY)
    if not capture.isOpened():
        raise ConnectionLost(
            name,
            "open",
            "the system does not hand it over",
            "Check the cable, and that no other program uses the camera.",
        )
    return capture
