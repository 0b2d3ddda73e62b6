"""What writes each file of an export; every file is there and whole, or not there."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from app.captures.export.exportable import Exportable
from app.captures.export.heights import (
    MeshError,
    grey_heights,
    profile_table,
    surface_glb,
    surface_ply,
)
from app.captures.export.jpeg_file import jpeg_bytes
from app.captures.export.plan import (
    GREY_HEIGHT,
    JPEG,
    MARKED,
    MARKED_JPEG,
    OME_TIFF,
    PROFILE,
    REPORT,
    SURFACE_GLB,
    SURFACE_PLY,
    TABLE,
    TIFF,
    VIDEO,
    WEIGHTS_ZARR,
    Content,
)
from app.captures.export.report import report_page
from app.captures.export.report_words import ReportLanguage
from app.captures.export.sweep_video import VideoError, write_sweep_video
from app.captures.export.weights_zarr import write_weights_zarr
from app.captures.layout import FUSED, HEIGHT, MEASUREMENTS, WEIGHTS, recipe_file
from app.captures.measurement_file import measurements_table
from app.captures.measurements import Measurements, Shape, height_profile
from app.captures.png_file import png_bytes
from app.captures.reason import reason
from app.captures.recipe import RECIPE_NAME
from app.captures.results import ResultError, describe_heights
from app.captures.tiff_file import (
    sixteen_bit,
    write_imagej_tiff,
    write_ome_tiff,
    write_weights,
)
from app.captures.whole_file import whole_file
from app.captures.whole_folder import whole_folder

Marker = Callable[[Exportable], NDArray[np.uint8]]
"""Draws the fused image, (H, W, 3) RGB, with a scale bar and what was drawn on it."""
Writer = Callable[[Path], None]
"""Writes a file at the path it is given, partly or wholly."""


@dataclass(frozen=True, slots=True)
class Taste:
    """How an export is to look."""

    marker: Marker
    language: ReportLanguage = "en"
    on_progress: Callable[[str, int, int], None] = lambda _name, _done, _total: None
    """Called with a file's name, the steps done and their number."""


def export_files(
    exported: Exportable, folder: Path, contents: Collection[Content], taste: Taste
) -> tuple[Path, ...]:
    """Write the files that are wanted, other than ``results``, one after the other.

    Parameters
    ----------
    exported : Exportable
    folder : Path
        Made if it is missing; files of the same names are replaced.
    contents : collection of str
    taste : Taste

    Returns
    -------
    tuple of Path
        What was written.

    Raises
    ------
    ResultError
        A file cannot be written; those before it are there and whole.
    StackError
        The stack is needed, and cannot be read.
    """
    writers = _writers(exported, contents, taste)
    with _naming(folder):
        folder.mkdir(parents=True, exist_ok=True)
    for number, (name, write) in enumerate(writers.items(), 1):
        whole = whole_folder if name == WEIGHTS_ZARR else whole_file
        if recipe_file(name) in writers:
            # Should this end here, an older file had better have no recipe than another one's.
            with _naming(folder / recipe_file(name)):
                (folder / recipe_file(name)).unlink(missing_ok=True)
        with _naming(folder / name), whole(folder / name) as part:
            write(part)
        taste.on_progress(name, number, len(writers))
    return tuple(folder / name for name in writers)


def profile_lines(exported: Exportable) -> tuple[Shape, ...]:
    """Return the lines along which heights are followed."""
    return tuple(shape for shape in exported.shapes if shape.kind == "profile")


def _writers(
    exported: Exportable, contents: Collection[Content], taste: Taste
) -> dict[str, Writer]:
    """Return what writes each file, by its name; what needs the stack comes last."""
    # Drawn once, for two files.
    marked = cache(lambda: taste.marker(exported))
    makers: dict[Content, Callable[[], dict[str, Writer]]] = {
        "png": lambda: {FUSED: _bytes(lambda: _png(exported, exported.fused))},
        "jpeg": lambda: {JPEG: _bytes(lambda: _jpeg(exported, exported.picture))},
        "tiff": lambda: {TIFF: lambda part: _tiff(exported, part)},
        "ome": lambda: {OME_TIFF: lambda part: _ome(exported, part)},
        "marked": lambda: {MARKED: _bytes(lambda: _png(exported, marked()))},
        "marked_jpeg": lambda: {MARKED_JPEG: _bytes(lambda: _jpeg(exported, marked()))},
        "height": lambda: {HEIGHT: lambda part: _height(exported, part)},
        "grey_height": lambda: {GREY_HEIGHT: _bytes(lambda: _grey_height(exported))},
        "surface": lambda: _surface(exported),
        "profiles": lambda: _profiles(exported),
        "measurements": lambda: _measured(exported),
        "report": lambda: {REPORT: _text(lambda: report_page(exported, taste.language))},
        "weights": lambda: {WEIGHTS: lambda part: _weights(exported, part)},
        "zarr": lambda: {WEIGHTS_ZARR: lambda part: _zarr(exported, part)},
        "video": lambda: _with_recipes(
            exported, {VIDEO: lambda part: _video(exported, part, taste)}
        ),
    }
    writers: dict[str, Writer] = {}
    for content, make in makers.items():
        if content in contents:
            writers |= make()
    return writers


def _png(exported: Exportable, image: NDArray[np.uint8 | np.uint16]) -> bytes:
    texts = {"Software": "WearIF", RECIPE_NAME: exported.recipe.model_dump_json()}
    return png_bytes(image, texts=texts, pixel_um=exported.pixel_um)


def _jpeg(exported: Exportable, image: NDArray[np.uint8]) -> bytes:
    text = exported.recipe.model_dump_json()
    return jpeg_bytes(image, keyword=RECIPE_NAME, text=text, pixel_um=exported.pixel_um)


def _tiff(exported: Exportable, part: Path) -> None:
    spread = ", 8 bits spread over 16 (times 257)" if exported.fused.dtype == np.uint8 else ""
    description = f"Fused image of {exported.recipe.fusion.input}{spread}"
    image = sixteen_bit(exported.fused)
    write_imagej_tiff(part, image, exported.recipe, description=description)


def _ome(exported: Exportable, part: Path) -> None:
    write_ome_tiff(part, exported.fused, exported.recipe, description="Fused image")


def _height(exported: Exportable, part: Path) -> None:
    description = describe_heights(exported.heights.unit)
    write_imagej_tiff(part, exported.height, exported.recipe, description=description)


def _grey_height(exported: Exportable) -> bytes:
    image, greys = grey_heights(exported.height, exported.heights.unit)
    texts = {
        "Software": "WearIF",
        "Description": (
            f"{describe_heights(exported.heights.unit)}: grey 0 is {greys.low!r}, "
            f"grey 65535 is {greys.high!r}, even steps between"
        ),
        RECIPE_NAME: exported.recipe.model_dump_json(),
    }
    return png_bytes(image, texts=texts, pixel_um=exported.pixel_um, greys=greys)


def _surface(exported: Exportable) -> dict[str, Writer]:
    # Without a size of the pixels, or in frame numbers, proportions mean nothing; the form does.
    side_um = exported.pixel_um or 1.0
    files = {
        SURFACE_GLB: _bytes(lambda: surface_glb(exported.height, exported.picture, side_um)),
        SURFACE_PLY: _bytes(lambda: surface_ply(exported.height, exported.picture, side_um)),
    }
    return _with_recipes(exported, files)


def _profiles(exported: Exportable) -> dict[str, Writer]:
    def writer(line: Shape) -> Writer:
        profile = height_profile(line, exported.pixel_um, exported.heights)
        return _text(lambda: profile_table(profile))

    lines = profile_lines(exported)
    files = {PROFILE.format(number): writer(line) for number, line in enumerate(lines, 1)}
    return _with_recipes(exported, files)


def _measured(exported: Exportable) -> dict[str, Writer]:
    drawn = Measurements(pixel_um=exported.pixel_um, shapes=exported.shapes)

    def table() -> str:
        return measurements_table(exported.shapes, exported.pixel_um, exported.heights)

    return {
        # Spreadsheets take a file without the mark for one in the system's old encoding.
        TABLE: _text(table, "utf-8-sig"),
        MEASUREMENTS: _text(lambda: drawn.model_dump_json(indent=1)),
    }


def _with_recipes(exported: Exportable, files: dict[str, Writer]) -> dict[str, Writer]:
    """Add the recipes that lie beside files, each with its own.

    An export into the same folder may replace some files and leave others of an earlier fusion.
    """
    recipe = _text(lambda: exported.recipe.model_dump_json(indent=1))
    return files | {recipe_file(name): recipe for name in files}


def _weights(exported: Exportable, part: Path) -> None:
    write_weights(part, exported.weights(), exported.height.shape, exported.recipe)


def _zarr(exported: Exportable, part: Path) -> None:
    write_weights_zarr(part, exported.weights(), exported.height.shape, exported.recipe)


def _video(exported: Exportable, part: Path, taste: Taste) -> None:
    write_sweep_video(
        part,
        exported.frames(),
        exported.bits,
        lambda done, total: taste.on_progress(VIDEO, done, total),
    )


def _bytes(make: Callable[[], bytes]) -> Writer:
    def write(part: Path) -> None:
        part.write_bytes(make())

    return write


def _text(make: Callable[[], str], encoding: str = "utf-8") -> Writer:
    def write(part: Path) -> None:
        part.write_text(make(), encoding=encoding, newline="\n")

    return write


@contextmanager
def _naming(path: Path) -> Iterator[None]:
    """Say which file it was that cannot be written."""
    try:
        yield
    except OSError as error:
        where = error.filename2 or path
        raise ResultError(f"{where}: cannot be written: {reason(error)}") from error
    except (MeshError, VideoError) as error:
        raise ResultError(f"{path}: cannot be written: {error}") from error
