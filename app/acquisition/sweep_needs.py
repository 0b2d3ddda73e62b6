"""What a sweep needs of the computer: room on the disk and in memory."""

from __future__ import annotations

from app.captures.recorder import QUEUE_BYTES
from drivers.camera import CameraCaps

KEPT_BYTES = 512 * 1024**2
"""Pixels that may wait in memory for the fusion; beyond it they are read back from disk."""
FUSION_BYTES_PER_PIXEL = 180
"""Of the sums and of the network at work, as measured with colour frames of 910x512 pixels; 115
with 2448x2048."""


def frame_bytes(camera: CameraCaps) -> int:
    """Return the size of one uncompressed frame."""
    depth = 1 if camera.bits <= 8 else 2
    return camera.width * camera.height * (3 if camera.colour else 1) * depth


def memory_bytes(camera: CameraCaps, frames: int) -> int:
    """Return the most memory that recording and fusing so many frames may take.

    Frames wait for a slow disk, and once more for a slow fusion; both queues are bounded.
    """
    size_bytes = frames * frame_bytes(camera)
    waiting_bytes = min(size_bytes, QUEUE_BYTES) + min(size_bytes, KEPT_BYTES)
    return waiting_bytes + FUSION_BYTES_PER_PIXEL * camera.width * camera.height
