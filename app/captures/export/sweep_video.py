"""The sweep as a video, with z in the picture.

H.264 in MP4, 4:2:0, 8 bits: the one combination that Windows, macOS, Android, browsers and slides
of a talk all play without being asked (H.264 / ISO 14496-10). OpenCV's own writer has no H.264 on
Linux, and its MPEG-4 is played by no browser; so FFmpeg's libraries come with PyAV.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from app.captures.stack import Stack

LONGEST_PX: Final = 1920
"""Of a picture's sides; phones and projectors decode no more in hardware."""
FRAMES_PER_SECOND: Final = 12
_CONSTANT_RATE: Final = "18"
"""x264's CRF: visually lossless."""


class VideoError(Exception):
    """A video cannot be written; the message is one line that says why."""


def write_sweep_video(
    part: Path, stack: Stack, bits: int, on_progress: Callable[[int, int], None] | None = None
) -> None:
    """Write all frames of a stack, in its order, 12 per second.

    Parameters
    ----------
    part : Path
        Where to, whatever its name.
    stack : Stack
    bits : int
        Significant bits per channel of its frames; the same brightness in all of them.
    on_progress : callable, optional
        Called with the frames written and their number.

    Raises
    ------
    VideoError
        FFmpeg could not encode it.
    StackError
        A frame cannot be read.
    OSError
        The file cannot be written.
    """
    try:
        _encode(part, stack, bits, on_progress)
    except OSError:
        raise
    except av.FFmpegError as error:
        raise VideoError(f"FFmpeg could not encode it: {error}") from error


def _encode(
    part: Path, stack: Stack, bits: int, on_progress: Callable[[int, int], None] | None
) -> None:
    size = _size(stack)
    # The index goes first, so that a browser plays while it loads.
    with av.open(str(part), "w", format="mp4", options={"movflags": "+faststart"}) as container:
        stream: Any = container.add_stream("libx264", rate=FRAMES_PER_SECOND)
        stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        stream.options = {"crf": _CONSTANT_RATE}
        container.metadata["title"] = stack.name
        for index in range(len(stack)):
            picture = _picture(stack, index, bits, size)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
            if on_progress is not None:
                on_progress(index + 1, len(stack))
        container.mux(stream.encode(None))


def _size(stack: Stack) -> tuple[int, int]:
    """Return a width and a height that are even, as 4:2:0 needs them."""
    width, height = stack.format.width, stack.format.height
    scale = min(1.0, LONGEST_PX / max(width, height))
    return max(2, round(width * scale) // 2 * 2), max(2, round(height * scale) // 2 * 2)


def _picture(stack: Stack, index: int, bits: int, size: tuple[int, int]) -> NDArray[np.uint8]:
    frame = stack[index]
    if frame.dtype != np.uint8:
        frame = (frame >> max(bits - 8, 0)).clip(0, 255).astype(np.uint8)
    rgb = cv2.cvtColor(frame, cv2.COLOR_GRAY2RGB) if frame.ndim == 2 else frame
    picture = np.ascontiguousarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA))
    words = f"{index + 1}/{len(stack)}"
    if stack.z_um is not None:
        words = f"z {stack.z_um[index]:.2f} um   {words}"
    scale = max(0.4, size[0] / 1400)
    at = (round(14 * scale), size[1] - round(16 * scale))
    # Light on dark: to be read on any picture.
    for colour, width in (((0, 0, 0), 5), ((255, 255, 255), 1.6)):
        thickness = max(1, round(width * scale))
        cv2.putText(
            picture, words, at, cv2.FONT_HERSHEY_SIMPLEX, scale, colour, thickness, cv2.LINE_AA
        )
    return np.asarray(picture, np.uint8)
