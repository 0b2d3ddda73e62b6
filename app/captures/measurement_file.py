"""Keeps measurements beside the stack they were made in, and writes them as a table."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from app.captures.capture_record import first_fault
from app.captures.csv_text import csv_text
from app.captures.layout import MEASUREMENTS
from app.captures.measurements import Heights, Measurements, Reading, Shape, readings
from app.captures.reason import reason
from app.captures.stack import StackError
from app.captures.whole_file import whole_file

_UNIT_NAMES: Final = {"µm": "um", "µm²": "um2", "px": "px", "px²": "px2", "°": "deg"}


def measurements_path(source: Path) -> Path:
    """Return where the measurements in a stack lie: in its folder, or beside its file."""
    return source / MEASUREMENTS if source.is_dir() else Path(f"{source}.{MEASUREMENTS}")


def read_measurements(source: Path) -> Measurements:
    """Read what was measured in a stack; nothing where there is no file.

    Raises
    ------
    StackError
        The file cannot be read or does not hold what it should.
    """
    path = measurements_path(source)
    try:
        return Measurements.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return Measurements()
    except OSError as error:
        raise StackError(f"{path}: cannot be read: {reason(error)}") from error
    except ValidationError as error:
        raise StackError(f"{path}: {first_fault(error)}") from error


def write_measurements(source: Path, measurements: Measurements) -> None:
    """Replace what is kept of a stack's measurements, all at once.

    Raises
    ------
    OSError
        The file cannot be written; the old one is still there.
    """
    with whole_file(measurements_path(source)) as part:
        part.write_text(measurements.model_dump_json(indent=1), encoding="utf-8")


def measurements_table(
    shapes: Sequence[Shape], pixel_um: float | None, heights: Heights | None = None
) -> str:
    """Return the measurements as CSV: a line for each shape, a column for each kind of value.

    Columns are called after the value and its unit, such as ``area_um2``; x and y are the shape's
    first point, from the upper left corner of the picture.
    """
    unit = "um" if pixel_um is not None else "px"
    scale = pixel_um if pixel_um is not None else 1.0
    rows = [{_column(each): each.value for each in readings(s, pixel_um, heights)} for s in shapes]
    columns = list(dict.fromkeys(column for row in rows for column in row))
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["number", "kind", "label", f"x_{unit}", f"y_{unit}", *columns])
    for number, (shape, row) in enumerate(zip(shapes, rows, strict=True), 1):
        x, y = shape.points[0]
        values = [f"{row[column]:.3f}" if column in row else "" for column in columns]
        place = [f"{x * scale:.3f}", f"{y * scale:.3f}"]
        writer.writerow([number, shape.kind, csv_text(shape.label), *place, *values])
    return text.getvalue()


def _column(value: Reading) -> str:
    return f"{value.name}_{_UNIT_NAMES.get(value.unit, value.unit)}"
