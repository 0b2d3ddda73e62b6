"""Where on a slide to capture: a grid, a list, or the usual places along a ferrogram."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from app.captures.reason import reason
from drivers.stage import StageCaps

FERROGRAM_MM = (0.0, 5.0, 15.0, 25.0, 35.0, 45.0)
"""Distances from the entry at which ferrograms are read, unless the laboratory says otherwise.

A default to edit, not a norm: the entry, some 55 mm from the exit end of the slide, and 50, 40,
30, 20 and 10 mm from that end. So the practice is commonly told after D. P. Anderson, *Wear
Particle Atlas (Revised)*, Naval Air Engineering Center, NAEC-92-163, 1982, whose text this list
has not been checked against.
"""

Direction = Literal["+x", "-x", "+y", "-y"]
"""Of the flow of the oil, from the entry to the exit, in the stage's axes."""


class FieldsError(Exception):
    """These fields cannot be captured; the message is one line: which, why, what to change."""


@dataclass(frozen=True, slots=True)
class Field:
    """One place on the slide."""

    name: str
    x_um: float
    y_um: float


def grid_fields(
    centre_um: tuple[float, float],
    columns: int,
    rows: int,
    step_um: tuple[float, float],
) -> tuple[Field, ...]:
    """Return fields side by side, in the order of the shortest way: to and fro along x.

    Parameters
    ----------
    centre_um : tuple of float
        x and y of the middle of the grid.
    columns, rows : int
        How many fields, at least 1.
    step_um : tuple of float
        Distance of their middles along x and y; less than the size of a field lets them overlap.

    Raises
    ------
    FieldsError
        There is no field in the grid, or the step is not positive.
    """
    if columns < 1 or rows < 1 or min(step_um) <= 0:
        raise FieldsError(
            f"A grid of {columns} x {rows} fields, {step_um[0]:g} x {step_um[1]:g} µm apart, is "
            "none: give at least 1 x 1 fields and a positive distance."
        )
    fields: list[Field] = []
    for row in range(rows):
        order = range(columns) if row % 2 == 0 else reversed(range(columns))
        for column in order:
            x_um = centre_um[0] + (column - (columns - 1) / 2) * step_um[0]
            y_um = centre_um[1] + (row - (rows - 1) / 2) * step_um[1]
            fields.append(Field(f"row{row + 1:02d}_column{column + 1:02d}", x_um, y_um))
    return tuple(fields)


def ferrogram_fields(
    entry_um: tuple[float, float],
    direction: Direction,
    positions_mm: Sequence[float] = FERROGRAM_MM,
) -> tuple[Field, ...]:
    """Return the usual places along the middle line of a ferrogram.

    Parameters
    ----------
    entry_um : tuple of float
        x and y of the stage where the entry, the beginning of the deposit, is in the field.
    direction : str
        From there to the exit.
    positions_mm : sequence of float
        Distances from the entry.

    Raises
    ------
    FieldsError
        There is no position.
    """
    if not positions_mm:
        raise FieldsError("No position along the ferrogram is given: name at least one.")
    sign = 1000.0 if direction[0] == "+" else -1000.0
    x_sign, y_sign = (sign, 0.0) if direction[1] == "x" else (0.0, sign)
    return tuple(
        Field(f"{mm:04.1f}mm", entry_um[0] + x_sign * mm, entry_um[1] + y_sign * mm)
        for mm in positions_mm
    )


def read_fields(path: Path) -> tuple[Field, ...]:
    """Read a list of fields: CSV with a header that names x_um, y_um and, if wanted, name.

    Raises
    ------
    FieldsError
        The file cannot be read, or a line of it is no field.
    """
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            rows = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise FieldsError(f"{path}: cannot be read: {reason(error)}") from error
    fields: list[Field] = []
    for number, row in enumerate(rows, 1):
        try:
            x_um, y_um = float(row["x_um"]), float(row["y_um"])
        except (KeyError, TypeError, ValueError) as error:
            raise FieldsError(
                f"{path}: line {number + 1}: needs numbers in the columns x_um and y_um"
            ) from error
        if not (math.isfinite(x_um) and math.isfinite(y_um)):
            raise FieldsError(f"{path}: line {number + 1}: x_um and y_um must be finite")
        fields.append(Field(folder_name(row.get("name"), number), x_um, y_um))
    if not fields:
        raise FieldsError(f"{path}: holds no field")
    names = [field.name for field in fields]
    if len(set(names)) < len(names):
        raise FieldsError(f"{path}: two fields have the same name; name them differently")
    return tuple(fields)


def check_reachable(fields: Iterable[Field], caps: StageCaps) -> None:
    """Make sure that the stage can go to all fields, before it goes to any.

    Raises
    ------
    FieldsError
        It cannot; the message names the fields and the limits.
    """
    outside = [
        field
        for field in fields
        if not (caps.x.contains(field.x_um) and caps.y.contains(field.y_um))
    ]
    if outside:
        named = ", ".join(f"{f.name} (x {f.x_um:.0f} µm, y {f.y_um:.0f} µm)" for f in outside)
        raise FieldsError(
            f"The stage cannot go to {named}: x reaches from {caps.x.lower_um:.0f} to "
            f"{caps.x.upper_um:.0f} µm and y from {caps.y.lower_um:.0f} to "
            f"{caps.y.upper_um:.0f} µm. Shift or shrink the scan, or widen the limits."
        )


def folder_name(name: str | None, number: int) -> str:
    """Return what the nth field is called on disk: letters, digits and a few marks only."""
    kept = "".join(c if c.isalnum() or c in "-_." else "_" for c in (name or "").strip())
    return kept.strip(".") or f"field{number:03d}"
