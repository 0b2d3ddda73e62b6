"""All fused fields of a slide scan in one picture."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from app.captures.eight_bit import eight_bit_rgb
from app.captures.image_file import read_image
from app.captures.layout import FUSED, OVERVIEW
from app.captures.scan_record import ScanField, ScanRecord
from app.captures.whole_file import whole_file

LONGEST_PX = 6000
"""Of the overview's sides."""
SPARSE = 0.1
"""Fields that cover less of the scanned area lie side by side instead of to scale."""
GAP = 0.02
"""Between fields that lie side by side, as a share of their size."""
_BACKGROUND = 32


class Placed(Protocol):
    """Something with a place on the slide."""

    @property
    def x_um(self) -> float:
        """Of its middle."""
        ...

    @property
    def y_um(self) -> float:
        """Of its middle."""
        ...


def write_overview(folder: Path, record: ScanRecord) -> Path | None:
    """Write ``overview.png``: the fused fields to scale or, where they lie far apart, in a row.

    x of the stage goes to the right and y downwards, however the camera is mounted.

    Parameters
    ----------
    folder : Path
        The scan's.
    record : ScanRecord

    Returns
    -------
    Path or None
        None where no field is done.

    Raises
    ------
    StackError
        A fused image cannot be read.
    OSError
        The overview cannot be written.
    """
    done = [field for field in record.fields if field.state == "done" and field.folder]
    if not done:
        return None
    shape = _upright(folder, done[0], record).shape
    places, canvas = overview_places(done, record.pixel_um, shape[0], shape[1])
    scale = min(1.0, LONGEST_PX / max(canvas))
    size = max(1, round(canvas[0] * scale)), max(1, round(canvas[1] * scale))
    picture = np.full((*size, 3), _BACKGROUND, np.uint8)
    for field, (row, column) in zip(done, places, strict=True):
        _paste(picture, _upright(folder, field, record), row, column, scale)
    path = folder / OVERVIEW
    _good, data = cv2.imencode(".png", cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))
    with whole_file(path) as part:
        part.write_bytes(data.tobytes())
    return path


def _upright(folder: Path, field: ScanField, record: ScanRecord) -> NDArray[Any]:
    return record.orientation.upright(read_image(folder / str(field.folder) / FUSED))


def overview_places(
    fields: Sequence[Placed], pixel_um: float, height: float, width: float
) -> tuple[list[tuple[float, float]], tuple[float, float]]:
    """Lay fields out: to scale or, where they lie far apart, side by side.

    Parameters
    ----------
    fields : sequence of Placed
        At least one.
    pixel_um : float
        The side of a pixel at the object.
    height, width : float
        Of a field, in pixels.

    Returns
    -------
    list of tuple of float
        Each field's upper left corner in pixels, rows first.
    tuple of float
        The size of it all in pixels, rows first.
    """
    left = [field.x_um / pixel_um for field in fields]
    upper = [field.y_um / pixel_um for field in fields]
    canvas = max(upper) - min(upper) + height, max(left) - min(left) + width
    if len(fields) * height * width >= SPARSE * canvas[0] * canvas[1]:
        corners = [(y - min(upper), x - min(left)) for y, x in zip(upper, left, strict=True)]
        return corners, canvas
    columns = math.ceil(math.sqrt(len(fields) * height / width))
    step = 1 + GAP
    side_by_side = [
        (n // columns * height * step, n % columns * width * step) for n in range(len(fields))
    ]
    rows = math.ceil(len(fields) / columns)
    return side_by_side, (rows * height * step, columns * width * step)


def _paste(
    picture: NDArray[np.uint8], fused: NDArray[Any], row: float, column: float, scale: float
) -> None:
    image = eight_bit_rgb(fused)
    if scale < 1:
        image = np.asarray(
            cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8
        )
    top, left = round(row * scale), round(column * scale)
    room = picture[top : top + image.shape[0], left : left + image.shape[1]]
    room[:] = image[: room.shape[0], : room.shape[1]]
