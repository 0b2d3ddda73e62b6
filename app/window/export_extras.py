"""What an export writes besides the results of the fusion."""

from __future__ import annotations

from collections.abc import Callable, Collection
from pathlib import Path

from app.captures.export_plan import MARKED, TABLE, Content
from app.captures.layout import MEASUREMENTS
from app.captures.measurement_file import measurements_table, write_measurements
from app.captures.measurements import Measurements
from app.captures.shape_history import Shapes
from app.captures.whole_file import whole_file
from app.window.marked_picture import write_marked_picture
from app.window.measuring import Ground
from app.window.picture import Pixels

Extras = dict[str, Callable[[Path], None]]
"""By the name of a file what writes it to a path; may raise ResultError or OSError."""


def export_extras(
    contents: Collection[Content], fused: Pixels, shapes: Shapes, ground: Ground
) -> Extras:
    """Return what writes the files that are wanted; it may be called on any thread."""

    def marked(path: Path) -> None:
        write_marked_picture(path, fused, shapes, ground)

    def table(path: Path) -> None:
        with whole_file(path) as part:
            text = measurements_table(shapes, ground.pixel_um, ground.heights)
            # Spreadsheets take a file without this mark for one in the system's old encoding.
            part.write_text(text, encoding="utf-8-sig")

    def drawn(path: Path) -> None:
        write_measurements(path.parent, Measurements(pixel_um=ground.pixel_um, shapes=shapes))

    extras: Extras = {}
    if "marked" in contents:
        extras[MARKED] = marked
    if "measurements" in contents:
        extras |= {TABLE: table, MEASUREMENTS: drawn}
    return extras
