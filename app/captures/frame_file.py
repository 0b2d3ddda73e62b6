"""One frame as one OME-TIFF file, written as fast as bytes go to a file.

The files of a capture make up one multi-file OME-TIFF (OME-TIFF specification, "binary-only"
files): each names the companion file that will say which frames belong to the stack and at
which z they were taken. That is known after the sweep only, so that no frame has to be touched
again.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any, BinaryIO
from uuid import UUID, uuid5

import numpy as np
from numpy.typing import NDArray
from tifffile import TiffWriter

from app.captures.layout import COMPANION, frame_file
from app.captures.stack import FrameFormat
from app.captures.tiff_resolution import resolution

_NOBODY = UUID(int=0)


def frame_uuid(capture: UUID, index: int) -> UUID:
    """Return the identity of a frame's file within the OME-TIFF of its capture."""
    return uuid5(capture, frame_file(index))


class FrameWriter:
    """Writes the frames of one capture.

    Parameters
    ----------
    capture : UUID
        The capture's identity, which the companion file carries.
    pixel_um : float, optional
        The side of a pixel at the object.
    """

    def __init__(self, capture: UUID, pixel_um: float | None = None) -> None:
        self._capture = capture
        self._pixel_um = pixel_um
        self._headers: dict[FrameFormat, bytes] = {}

    def write(self, file: BinaryIO, image: NDArray[Any], index: int) -> None:
        """Write one uncompressed TIFF.

        Parameters
        ----------
        file : binary file
            Empty; written to from its start.
        image : ndarray
            (H, W) or (H, W, 3) RGB, uint8 or uint16.
        index : int
            The frame's number, which gives the file its identity.

        Raises
        ------
        OSError
            The file cannot be written; it says why, which NumPy's ``tofile`` does not.
        """
        frame_format = FrameFormat.of(image)
        if frame_format not in self._headers:
            self._headers[frame_format] = _header(image, self._capture, self._pixel_um)
        own = str(frame_uuid(self._capture, index)).encode()
        file.write(self._headers[frame_format].replace(str(_NOBODY).encode(), own))
        file.write(np.ascontiguousarray(image).data)


def _header(image: NDArray[Any], capture: UUID, pixel_um: float | None) -> bytes:
    """Return all that precedes the pixels in a TIFF file of images like this one.

    tifffile writes it once per format. The file's own identity, always of the same length, is
    left open.
    """
    description = (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
        'xsi:schemaLocation="http://www.openmicroscopy.org/Schemas/OME/2016-06 '
        'http://www.openmicroscopy.org/Schemas/OME/2016-06/ome.xsd" '
        f'UUID="urn:uuid:{_NOBODY}">'
        f'<BinaryOnly MetadataFile="{Path(COMPANION).name}" UUID="urn:uuid:{capture}"/></OME>'
    )
    buffer = io.BytesIO()
    with TiffWriter(buffer) as writer:
        place = writer.write(
            shape=image.shape,
            dtype=image.dtype,
            photometric="rgb" if image.ndim == 3 else "minisblack",
            description=description,
            metadata=None,
            returnoffset=True,
            **resolution(pixel_um),
        )
    if place is None or place[0] + place[1] != len(buffer.getvalue()):
        raise RuntimeError("the TIFF writer does not put the pixels last")
    return buffer.getvalue()[: place[0]]
