"""The learning curve, as a table and as a picture."""

from __future__ import annotations

import csv
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

Row = dict[str, float]
Canvas = NDArray[np.uint8]

_WIDTH, _PANEL, _LEFT, _RIGHT, _TOP, _BOTTOM = 900, 320, 70, 20, 40, 40
_BLACK, _GREY = (0, 0, 0), (200, 200, 200)
_BLUE, _ORANGE = (180, 90, 0), (0, 110, 220)
_FONT = cv2.FONT_HERSHEY_SIMPLEX


@dataclass(frozen=True, slots=True)
class _Line:
    label: str
    column: str
    colour: tuple[int, int, int]
    thickness: int = 2


_PANELS = (
    ("loss, logarithm to base 10", (_Line("", "loss", _BLUE),)),
    (
        "PSNR on the validation stacks, dB (thin: soft focus weighting)",
        (
            _Line("whole", "whole_db", _BLUE),
            _Line("on particles", "on_particles_db", _ORANGE),
            _Line("", "soft_focus_whole_db", _BLUE, 1),
            _Line("", "soft_focus_on_particles_db", _ORANGE, 1),
        ),
    ),
)


def write_curve(folder: Path, rows: Sequence[Row]) -> Path:
    """Write ``curve.csv`` and ``curve.png`` and return the path of the table.

    Parameters
    ----------
    folder : Path
    rows : sequence of dict
        One per validation, with the same columns; at least one.
    """
    path = folder / "curve.csv"
    partial = folder / "curve.csv.partial"
    with partial.open("w", newline="", encoding="utf-8") as file:
        table = csv.DictWriter(file, rows[0])
        table.writeheader()
        table.writerows(rows)
    partial.replace(path)
    write_picture(folder / "curve.png", draw_curve(rows))
    return path


def draw_curve(rows: Sequence[Row]) -> Canvas:
    """Draw loss and decibels over the iterations: (H, W, 3) uint8 BGR."""
    return np.concatenate([_panel(title, lines, rows) for title, lines in _PANELS])


def write_picture(path: Path, image: NDArray[np.uint8]) -> None:
    """Write a PNG so that whoever looks finds the old or the new one whole.

    Raises
    ------
    OSError
        It cannot be written.
    """
    partial = path.with_name(f"{path.name}.partial")
    partial.write_bytes(cv2.imencode(".png", image)[1].tobytes())
    partial.replace(path)


def _panel(title: str, lines: Sequence[_Line], rows: Sequence[Row]) -> Canvas:
    canvas: Canvas = np.full((_PANEL, _WIDTH, 3), 255, np.uint8)
    series = {line: _points(rows, line.column) for line in lines}
    values = np.concatenate([points[:, 1] for points in series.values()])
    _text(canvas, title, (_LEFT, _TOP - 14), 0.5)
    if not len(values):
        return canvas
    low, high = float(values.min()), float(values.max())
    margin = max(0.05 * (high - low), 0.01)
    low, high = low - margin, high + margin
    last = max(1.0, *(row["iteration"] for row in rows))
    _axes(canvas, low, high, last)
    for number, (line, points) in enumerate(series.items()):
        x = _LEFT + points[:, 0] / last * (_WIDTH - _LEFT - _RIGHT)
        y = _TOP + (high - points[:, 1]) / (high - low) * (_PANEL - _TOP - _BOTTOM)
        path = np.stack([x, y], axis=1).round().astype(np.int32)
        cv2.polylines(canvas, [path], isClosed=False, color=line.colour, thickness=line.thickness)
        if line.label:
            _text(canvas, line.label, (_WIDTH - 120 * (number + 1), _TOP - 14), 0.45, line.colour)
    return canvas


def _points(rows: Sequence[Row], column: str) -> NDArray[np.float64]:
    """Return (n, 2): iteration and value, where there is a value."""
    logarithmic = column == "loss"
    pairs = [
        (row["iteration"], math.log10(row[column]) if logarithmic else row[column])
        for row in rows
        if math.isfinite(row[column]) and (row[column] > 0 or not logarithmic)
    ]
    return np.array(pairs, dtype=np.float64).reshape(-1, 2)


def _axes(canvas: Canvas, low: float, high: float, last: float) -> None:
    bottom, right = _PANEL - _BOTTOM, _WIDTH - _RIGHT
    for step in range(5):
        y = bottom - round(step / 4 * (bottom - _TOP))
        cv2.line(canvas, (_LEFT, y), (right, y), _GREY)
        _text(canvas, f"{low + step / 4 * (high - low):.2f}", (8, y + 5), 0.45)
        x = _LEFT + round(step / 4 * (right - _LEFT))
        _text(canvas, f"{step / 4 * last:.0f}", (x - 12, bottom + 22), 0.45)
    cv2.rectangle(canvas, (_LEFT, _TOP), (right, bottom), _BLACK)


def _text(
    canvas: Canvas,
    text: str,
    place: tuple[int, int],
    scale: float,
    colour: tuple[int, int, int] = _BLACK,
) -> None:
    cv2.putText(canvas, text, place, _FONT, scale, colour, 1, cv2.LINE_AA)
