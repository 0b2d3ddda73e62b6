"""Open whatever the operator calls a stack."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from app.captures.capture import Capture
from app.captures.czi_volume import CziVolume
from app.captures.image_file import IMAGE_SUFFIXES
from app.captures.image_folder import ImageFolder
from app.captures.layout import RECORD
from app.captures.lif_volume import LifVolume
from app.captures.nd2_volume import Nd2Volume
from app.captures.ndtiff_stack import INDEX, NdTiffStack
from app.captures.part import WHOLE, Part
from app.captures.reason import reason
from app.captures.stack import Stack, StackError, check_file
from app.captures.tiff_stack import TiffStack
from app.captures.video_file import VIDEO_SUFFIXES, VideoFile
from app.captures.volume_stack import Volume, VolumeStack
from app.captures.zarr_volume import ZarrVolume, is_zarr

TIFF_SUFFIXES = frozenset({".tif", ".tiff", ".btf", ".tf8"})
_VOLUMES: dict[str, Callable[[Path], Volume]] = {
    ".czi": CziVolume,
    ".nd2": Nd2Volume,
    ".lif": LifVolume,
}


def open_stack(path: Path, part: Part = WHOLE) -> Stack:
    """Open a capture, a folder of images, an OME-Zarr or NDTiff folder, or a file of frames.

    Files are multi-page TIFF, OME-TIFF, ImageJ's hyperstacks, Micro-Manager's stacks, Zeiss CZI,
    Nikon ND2, Leica LIF, and videos.

    Parameters
    ----------
    path : Path
        A folder or a file.
    part : Part, optional
        Which stack, where there are several.

    Returns
    -------
    Stack
        Reads from the path whenever a frame is asked for.

    Raises
    ------
    StackError
        There is nothing at the path, it holds no stack, or holds several and none was chosen; one
        line names it and the reason.
    """
    try:
        path.stat()
        is_capture = (path / RECORD).is_file()
    except OSError as error:
        raise StackError(f"{path}: cannot be read: {reason(error)}") from error
    if path.is_dir():
        return _open_folder(path, part, is_capture=is_capture)
    check_file(path)
    suffix = path.suffix.lower()
    if suffix in TIFF_SUFFIXES:
        return TiffStack(path, part)
    if suffix in _VOLUMES:
        return VolumeStack(_VOLUMES[suffix](path), part)
    if suffix in VIDEO_SUFFIXES:
        _check_unasked(path, part)
        return VideoFile(path)
    if suffix in IMAGE_SUFFIXES:
        raise StackError(f"{path}: is a single image; open the folder that holds the frames")
    raise StackError(
        f"{path}: is neither a folder of images nor a TIFF, CZI, ND2, LIF or video file"
    )


def _open_folder(path: Path, part: Part, *, is_capture: bool) -> Stack:
    if is_capture:
        _check_unasked(path, part)
        return Capture(path)
    if is_zarr(path):
        return VolumeStack(ZarrVolume(path), part)
    if (path / INDEX).is_file():
        return NdTiffStack(path, part)
    return ImageFolder(path, part)


def _check_unasked(path: Path, part: Part) -> None:
    if part != WHOLE:
        raise StackError(f"{path}: holds one stack; there is nothing to choose")
