"""Find the recipe in an exported file, or beside it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Final

import tifffile
from pydantic import ValidationError

from app.captures.capture_record import first_fault
from app.captures.export.jpeg_file import jpeg_text
from app.captures.intact import is_tiff
from app.captures.layout import recipe_file
from app.captures.png_file import png_texts
from app.captures.reason import reason
from app.captures.recipe import RECIPE_NAME, Recipe
from app.captures.stack import StackError
from app.captures.tiff_file import tiff_recipe

_LARGEST: Final = 1 << 30
"""No exported picture or report is larger; a TIFF is not read whole."""


def read_recipe(path: Path) -> Recipe:
    """Read the recipe in a PNG, TIFF, OME-TIFF, JPEG, report or OME-Zarr, or a recipe itself.

    A file of another kind, such as a surface or a video, is answered by the recipe that was
    exported beside it: ``surface.glb.recipe.json``.

    Raises
    ------
    StackError
        The file cannot be read, or neither holds a recipe nor lies beside one.
    """
    text = _text(path)
    beside = path.parent / recipe_file(path.name)
    if text is None and beside.is_file():
        path, text = beside, _text(beside)
    if text is None:
        raise StackError(f"{path}: does not tell how it was made; fuse its stack again instead")
    try:
        return Recipe.model_validate_json(text)
    except ValidationError as error:
        raise StackError(f"{path}: its recipe is damaged: {first_fault(error)}") from error


def _text(path: Path) -> str | None:
    try:
        if path.is_dir():
            return _zarr_text(path)
        with path.open("rb") as file:
            start = file.read(8)
        if is_tiff(start):
            return tiff_recipe(path)
        return _text_in(path.read_bytes(), path.suffix) if _is_small(path) else None
    except (OSError, tifffile.TiffFileError, ValueError) as error:
        raise StackError(f"{path}: cannot be read: {reason(error)}") from error


def _is_small(path: Path) -> bool:
    return path.stat().st_size <= _LARGEST


def _text_in(data: bytes, suffix: str) -> str | None:
    if data.startswith(b"\x89PNG"):
        return png_texts(data).get(RECIPE_NAME)
    if data.startswith(b"\xff\xd8"):
        return jpeg_text(data, RECIPE_NAME)
    if suffix == ".html":
        return _report_text(data)
    # Measurements are JSON too.
    told = suffix == ".json" and b'"frames_sha256"' in data
    return data.decode("utf-8", errors="replace") if told else None


def _report_text(data: bytes) -> str | None:
    found = re.search(rb'<script type="application/json" id="wearif-recipe">(.*?)</script>', data)
    return None if found is None else found[1].decode("utf-8", errors="replace")


def _zarr_text(folder: Path) -> str | None:
    """Read the attributes of a Zarr 2 group, which are a JSON file of their own."""
    path = folder / ".zattrs"
    if not path.is_file():
        return None
    attributes = json.loads(path.read_bytes())
    found = attributes.get(RECIPE_NAME) if isinstance(attributes, dict) else None
    return None if found is None else json.dumps(found)
