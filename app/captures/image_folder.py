"""A stack as a folder of images."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated, Any

from numpy.typing import NDArray
from pydantic import BaseModel, Field, FiniteFloat, ValidationError

from app.captures.image_file import IMAGE_SUFFIXES, read_image
from app.captures.layout import RESULT_NAMES
from app.captures.reason import reason
from app.captures.stack import FrameFormat, StackError, check_index, check_same


class ImageFolder:
    """One image file per frame, in natural order of their names (9 before 10).

    A ``meta.json`` beside them may give the frames' ``z_um`` (a list as long as the stack) and the
    ``pixel_um``; other side files are left alone.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files = frame_files(folder)
        if not self._files:
            raise StackError(f"{folder}: the folder holds no PNG, TIFF, JPEG or BMP images")
        self._format = FrameFormat.of(read_image(self._files[0]))
        self._meta = _meta(folder / "meta.json")

    @property
    def name(self) -> str:
        """The folder's name."""
        return self._folder.resolve().name

    @property
    def format(self) -> FrameFormat:
        """What all frames have in common."""
        return self._format

    @property
    def z_um(self) -> tuple[float, ...] | None:
        """From ``meta.json``, else None."""
        z_um = self._meta.z_um
        return z_um if z_um and len(z_um) == len(self) else None

    @property
    def pixel_um(self) -> float | None:
        """From ``meta.json``, else None."""
        return self._meta.pixel_um

    def __len__(self) -> int:
        return len(self._files)

    def __getitem__(self, index: int) -> NDArray[Any]:
        """Read one frame; see `Stack`."""
        check_index(index, len(self._files))
        file = self._files[index]
        image = read_image(file)
        check_same(FrameFormat.of(image), file.name, self._format, self._files[0].name)
        return image

    def __iter__(self) -> Iterator[NDArray[Any]]:
        return (self[index] for index in range(len(self._files)))


def frame_files(folder: Path) -> tuple[Path, ...]:
    """Find the frames in a folder, in natural order.

    Hidden files, files of other kinds and the results of a fusion are not frames. Where frames
    are numbered, an image without any number, such as ``truth.png``, is not one either, unless it
    is the unnumbered first of a series (``image.png``, ``image (1).png``).

    Raises
    ------
    StackError
        The folder cannot be listed.
    """
    try:
        images = [path for path in folder.iterdir() if _is_image(path)]
    except OSError as error:
        raise StackError(f"{folder}: cannot be read: {reason(error)}") from error
    numbered = [path.stem for path in images if _has_number(path.stem)]
    if len(numbered) > 1:
        images = [path for path in images if _in_series(path.stem, numbered)]
    return tuple(sorted(images, key=lambda path: natural_key(path.name)))


def natural_key(name: str) -> tuple[tuple[int, str], ...]:
    """Sort key under which ``f9`` comes before ``f10``."""
    return tuple(
        (int(part), "") if part.isdecimal() else (-1, part.casefold())
        for part in re.split(r"(\d+)", name)
    )


def _is_image(path: Path) -> bool:
    return (
        not path.name.startswith(".")
        and path.suffix.lower() in IMAGE_SUFFIXES
        and path.name not in RESULT_NAMES
        and path.is_file()
    )


def _has_number(stem: str) -> bool:
    return any(character.isdecimal() for character in stem)


def _in_series(stem: str, numbered: Iterable[str]) -> bool:
    return _has_number(stem) or any(other.startswith(stem) for other in numbered)


class _Meta(BaseModel):
    """The fields of interest of a side file that may hold many others."""

    z_um: tuple[FiniteFloat, ...] | None = None
    pixel_um: Annotated[FiniteFloat, Field(gt=0)] | None = None


def _meta(path: Path) -> _Meta:
    """Read z and pixel size; a side file of somebody else's making gives neither."""
    try:
        return _Meta.model_validate_json(path.read_bytes())
    except (OSError, ValidationError):
        return _Meta()
