"""A stack as a folder of images."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated, Any

from numpy.typing import NDArray
from pydantic import BaseModel, Field, FiniteFloat, ValidationError

from app.captures.file_scale import file_scale
from app.captures.frame_names import natural_key, plane_of, z_numbers, z_of
from app.captures.image_file import IMAGE_SUFFIXES, read_image
from app.captures.layout import RESULT_NAMES
from app.captures.part import WHOLE, Part, select
from app.captures.reason import reason
from app.captures.scale import Scale, complete
from app.captures.scaled_stack import ScaledStack
from app.captures.stack import FrameFormat, StackError


class ImageFolder(ScaledStack):
    """One image file per frame, in natural order of their names (9 before 10), or by z.

    A ``meta.json`` beside them may give the frames' ``z_um`` (a list as long as the stack), the
    ``pixel_um`` and the ``exposure_ms``; other side files are left alone. Without it the z counts
    that all names tell, such as ``z-12.5um``, else the one that all files tell in themselves
    (EXIF, OME-XML, Micro-Manager's metadata).

    Parameters
    ----------
    folder : Path
        Where they lie.
    part : Part, optional
        Which stack, where Micro-Manager has saved the files of several.
    """

    def __init__(self, folder: Path, part: Part = WHOLE) -> None:
        files = frame_files(folder)
        if not files:
            raise StackError(f"{folder}: the folder holds no PNG, TIFF, JPEG or BMP images")
        files = _of_part(files, part, folder)
        self._files, scale = _ordered(files, _meta(folder / "meta.json"))
        frame_format = FrameFormat.of(read_image(self._files[0]))
        super().__init__(folder, len(self._files), frame_format, scale)

    def _read(self, index: int) -> NDArray[Any]:
        return read_image(self._files[index])

    def _called(self, index: int) -> str:
        return str(self._files[index])

    def _first(self) -> str:
        return self._files[0].name


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


def _of_part(files: tuple[Path, ...], part: Part, folder: Path) -> tuple[Path, ...]:
    """Choose the files of one stack, where Micro-Manager's names tell of several."""
    planes = {plane: path for path in files if (plane := plane_of(path.stem)) is not None}
    if len(planes) != len(files):
        if part != WHOLE:
            raise StackError(f"{folder}: the folder holds one stack; there is nothing to choose")
        return files
    return tuple(planes[plane] for plane in select(planes, part, folder))


class _Meta(BaseModel):
    """The fields of interest of a side file that may hold many others."""

    z_um: tuple[FiniteFloat, ...] | None = None
    pixel_um: Annotated[FiniteFloat, Field(gt=0)] | None = None
    exposure_ms: Annotated[FiniteFloat, Field(gt=0)] | None = None


def _ordered(files: tuple[Path, ...], meta: _Meta) -> tuple[tuple[Path, ...], Scale]:
    """Bring files into the order of z, by whatever tells it, and say what is known of them."""
    exposed = None if meta.exposure_ms is None else (meta.exposure_ms,) * len(files)
    if meta.z_um and len(meta.z_um) == len(files):
        return files, Scale(meta.z_um, meta.pixel_um, exposed)
    told = _told(files)
    exposures = [None if each.exposure_ms is None else each.exposure_ms[0] for each in told]
    exposed = exposed or complete(exposures)
    z_um = _distinct([z_of(path.stem) for path in files])
    z_um = z_um or _distinct([None if each.z_um is None else each.z_um[0] for each in told])
    by = z_um or z_numbers([path.stem for path in files]) or range(len(files))
    order = sorted(range(len(files)), key=by.__getitem__)
    scale = Scale(
        None if z_um is None else tuple(z_um[i] for i in order),
        meta.pixel_um or told[0].pixel_um,
        None if exposed is None else tuple(exposed[i] for i in order),
    )
    return tuple(files[i] for i in order), scale


def _distinct(values: Sequence[float | None]) -> tuple[float, ...] | None:
    known = complete(values)
    return known if known is not None and len(set(known)) == len(known) else None


def _told(files: tuple[Path, ...]) -> tuple[Scale, ...]:
    """Ask every file, unless the first says nothing."""
    first = file_scale(files[0])
    if first == Scale():
        return (first,) * len(files)
    return (first, *(file_scale(path) for path in files[1:]))


def _meta(path: Path) -> _Meta:
    """Read z and pixel size; a side file of somebody else's making gives neither."""
    try:
        return _Meta.model_validate_json(path.read_bytes())
    except (OSError, ValidationError):
        return _Meta()
