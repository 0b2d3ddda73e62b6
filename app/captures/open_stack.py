"""Open whatever the operator calls a stack."""

from __future__ import annotations

from pathlib import Path

from app.captures.capture import Capture
from app.captures.image_file import IMAGE_SUFFIXES
from app.captures.image_folder import ImageFolder
from app.captures.layout import RECORD
from app.captures.reason import reason
from app.captures.stack import Stack, StackError
from app.captures.tiff_stack import TiffStack
from app.captures.video_file import VIDEO_SUFFIXES, VideoFile

TIFF_SUFFIXES = frozenset({".tif", ".tiff", ".btf", ".tf8"})


def open_stack(path: Path) -> Stack:
    """Open a capture, a folder of images, a multi-page TIFF or a video.

    Parameters
    ----------
    path : Path
        A folder or a file.

    Returns
    -------
    Stack
        Reads from the path whenever a frame is asked for.

    Raises
    ------
    StackError
        There is nothing at the path, or it holds no stack; one line names it and the reason.
    """
    try:
        path.stat()
        is_capture = (path / RECORD).is_file()
    except OSError as error:
        raise StackError(f"{path}: cannot be read: {reason(error)}") from error
    if path.is_dir():
        return Capture(path) if is_capture else ImageFolder(path)
    suffix = path.suffix.lower()
    if suffix in TIFF_SUFFIXES:
        return TiffStack(path)
    if suffix in VIDEO_SUFFIXES:
        return VideoFile(path)
    if suffix in IMAGE_SUFFIXES:
        raise StackError(f"{path}: is a single image; open the folder that holds the frames")
    raise StackError(f"{path}: is neither a folder of images nor a TIFF nor a video file")
