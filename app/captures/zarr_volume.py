"""OME-Zarr folders (OME-NGFF 0.4 and 0.5), read by zarr."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, Field, ValidationError

from app.captures.part import Names, PlaneIndex, grid
from app.captures.scale import Scale, even_z, length_um, positive
from app.captures.stack import StackError, check_size
from app.captures.volume_stack import Survey, need

MARKERS = ("zarr.json", ".zgroup", ".zattrs", ".zarray")
"""One of them lies in every Zarr folder (Zarr specifications 3 and 2)."""


class _Axis(BaseModel):
    name: str
    unit: str | None = None


class _Transformation(BaseModel):
    type: str
    scale: tuple[float, ...] = ()


class _Dataset(BaseModel):
    path: str
    transformations: tuple[_Transformation, ...] = Field(
        default=(), alias="coordinateTransformations"
    )


class _Multiscale(BaseModel):
    """The fields of interest of one entry of ``multiscales`` (OME-NGFF 0.4, 3.4)."""

    axes: tuple[_Axis, ...] = Field(min_length=2, max_length=5)
    datasets: tuple[_Dataset, ...] = Field(min_length=1)
    transformations: tuple[_Transformation, ...] = Field(
        default=(), alias="coordinateTransformations"
    )

    @property
    def order(self) -> str:
        """The names of the axes, such as ``tczyx``."""
        return "".join(axis.name for axis in self.axes)


@dataclass(frozen=True, slots=True)
class ZarrVolume:
    """One OME-Zarr image; of its resolutions the finest."""

    path: Path

    def __post_init__(self) -> None:
        need("zarr", self.path)

    def survey(self) -> Survey:
        """Read the axes and the shape."""
        group, about, array = self._opened()
        size = dict(zip(about.order, array.shape, strict=True))
        colours = self._colours(group, about, array)
        channels = 1 if colours else size.get("c", 1)
        planes = grid(self.path, 1, size.get("t", 1), channels, size.get("z", 1))
        return Survey(planes, Names(channel=_channel_names(group)))

    def scale(self, planes: Sequence[PlaneIndex]) -> Scale:
        """Read the scale of the finest resolution, in the axes' units."""
        _group, about, _array = self._opened()
        factors = np.ones(len(about.axes))
        for one in (*about.datasets[0].transformations, *about.transformations):
            if one.type == "scale" and len(one.scale) == len(factors):
                factors *= one.scale
        lengths = {
            axis.name: length_um(float(factor), axis.unit)
            for axis, factor in zip(about.axes, factors, strict=True)
        }
        return Scale(even_z(lengths.get("z"), len(planes)), positive(lengths.get("x")))

    def read(self, plane: PlaneIndex) -> NDArray[Any]:
        """Read one plane, or the three planes of an RGB frame."""
        group, about, array = self._opened()
        size = dict(zip(about.order, array.shape, strict=True))
        colours = self._colours(group, about, array)
        check_size(self.path, size["y"], size["x"], 3 if colours else 1, array.dtype.itemsize)
        chunk = dict(zip(about.order, array.chunks, strict=True))
        check_size(
            self.path,
            int(np.prod([chunk[axis] for axis in about.order if axis != "x"])),
            chunk["x"],
            1,
            array.dtype.itemsize,
            "a chunk",
        )
        at: dict[str, Any] = {
            "t": plane.time,
            "c": slice(0, 3) if colours else plane.channel,
            "z": plane.slice,
        }
        image = np.asarray(array[tuple(at.get(axis, slice(None)) for axis in about.order)])
        return np.moveaxis(image, 0, -1) if image.ndim == 3 else image

    def _opened(self) -> tuple[Any, _Multiscale, Any]:
        import zarr

        group = zarr.open_group(str(self.path), mode="r")
        about = self._multiscale(group)
        array = group[about.datasets[0].path]
        if not isinstance(array, zarr.Array) or array.ndim != len(about.axes):
            raise StackError(f"{self.path}: the image does not have the axes it announces")
        return group, about, array

    def _multiscale(self, group: Any) -> _Multiscale:  # noqa: ANN401 - of an optional library
        known = _ome(group).get("multiscales")
        if not isinstance(known, list) or not known:
            raise StackError(
                f"{self.path}: is no OME-Zarr image; open the image in it that is meant"
            )
        try:
            about = _Multiscale.model_validate(known[0])
        except ValidationError as error:
            fault = error.errors()[0]
            where = ".".join(str(part) for part in fault["loc"])
            raise StackError(f"{self.path}: multiscales: {where}: {fault['msg']}") from error
        order = about.order
        if order != "".join(axis for axis in "tczyx" if axis in order) or order[-2:] != "yx":
            raise StackError(f"{self.path}: has the axes {order}, which are no z stack")
        return about

    def _colours(self, group: Any, about: _Multiscale, array: Any) -> bool:  # noqa: ANN401
        """Whether three 8-bit channels are the colours of one frame; Zarr itself does not say."""
        size = dict(zip(about.order, array.shape, strict=True))
        if size.get("c") != 3:
            return False
        shown = [str(each.get("color", "")).upper() for each in _omero_channels(group)]
        return shown == ["FF0000", "00FF00", "0000FF"]


def is_zarr(folder: Path) -> bool:
    """Whether a folder is a Zarr group or array."""
    return any((folder / marker).is_file() for marker in MARKERS)


def _ome(group: Any) -> Mapping[str, Any]:  # noqa: ANN401 - of an optional library
    """Return OME's attributes: under a name of their own since 0.5."""
    attributes = dict(group.attrs)
    inner = attributes.get("ome")
    return inner if isinstance(inner, Mapping) else attributes


def _omero_channels(group: Any) -> list[Mapping[str, Any]]:  # noqa: ANN401
    omero = _ome(group).get("omero")
    channels = omero.get("channels") if isinstance(omero, Mapping) else None
    return [each for each in channels or () if isinstance(each, Mapping)]


def _channel_names(group: Any) -> dict[int, str]:  # noqa: ANN401
    return {index: str(each.get("label", "")) for index, each in enumerate(_omero_channels(group))}
