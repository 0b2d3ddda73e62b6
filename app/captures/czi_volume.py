"""Zeiss CZI files, read by Zeiss's own pylibCZIrw."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.captures.part import Names, PlaneIndex, grid
from app.captures.scale import Scale, even_z, length_um, positive, time_ms
from app.captures.stack import StackError, check_size
from app.captures.volume_stack import Survey, need

_GREY_OR_COLOUR = ("Gray8", "Gray16", "Bgr24", "Bgr48")


@dataclass(frozen=True, slots=True)
class CziVolume:
    """One CZI file."""

    path: Path

    def __post_init__(self) -> None:
        need("pylibCZIrw", self.path)

    def survey(self) -> Survey:
        """Read the dimensions; scenes are positions on the slide."""
        with closing(_open(self.path)) as document:
            box = document.total_bounding_box
            scenes = sorted(document.scenes_bounding_rectangle) or [0]
            names = _channel_names(document.metadata)
        times, channels, slices = (box.get(axis, (0, 1))[1] for axis in "TCZ")
        planes = grid(self.path, len(scenes), times, channels, slices)
        numbered = tuple(plane._replace(scene=scenes[plane.scene]) for plane in planes)
        return Survey(numbered, Names(channel=names))

    def scale(self, planes: Sequence[PlaneIndex]) -> Scale:
        """Read Scaling (in m) and the channel's ExposureTime (in ns), as the CZI schema has it."""
        with closing(_open(self.path)) as document:
            metadata = document.metadata
        distances = _listed(metadata, "ImageDocument", "Metadata", "Scaling", "Items", "Distance")
        lengths = {each.get("@Id"): length_um(each.get("Value"), "m") for each in distances}
        channels = _channels(metadata)
        channel = planes[0].channel
        exposed = channels[channel].get("ExposureTime") if channel < len(channels) else None
        exposure_ms = time_ms(exposed, "ns")
        return Scale(
            even_z(lengths.get("Z"), len(planes)),
            positive(lengths.get("X")),
            None if exposure_ms is None else (exposure_ms,) * len(planes),
        )

    def read(self, plane: PlaneIndex) -> NDArray[Any]:
        """Read one plane; colours come as BGR."""
        at = {"T": plane.time, "C": plane.channel, "Z": plane.slice}
        with closing(_open(self.path)) as document:
            kind = document.get_channel_pixel_type(plane.channel)
            if kind not in _GREY_OR_COLOUR:
                raise StackError(f"{self.path}: holds {kind} values; save it as 8 or 16 bit")
            rectangles = document.scenes_bounding_rectangle
            there = rectangles.get(plane.scene, document.total_bounding_rectangle)
            check_size(self.path, there.h, there.w, 3 if "Bgr" in kind else 1, 2)
            scene = plane.scene if rectangles else None
            image = document.read(plane=at, scene=scene)
        return np.asarray(image[..., ::-1] if image.shape[-1] == 3 else image)


def _open(path: Path) -> Any:  # noqa: ANN401 - the library has no types
    from pylibCZIrw.czi import CziReader, ReaderFileInputTypes

    with path.open("rb"):
        pass  # The library says of what it cannot open only that it cannot.
    return CziReader(str(path), ReaderFileInputTypes.Standard)


def _channels(metadata: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return _listed(
        metadata,
        *("ImageDocument", "Metadata", "Information", "Image", "Dimensions", "Channels", "Channel"),
    )


def _channel_names(metadata: Mapping[str, Any]) -> dict[int, str]:
    return {index: str(each.get("@Name", "")) for index, each in enumerate(_channels(metadata))}


def _listed(tree: Any, *way: str) -> list[Mapping[str, Any]]:  # noqa: ANN401 - XML as nested dicts
    for name in way:
        tree = tree.get(name) if isinstance(tree, Mapping) else None
    found = tree if isinstance(tree, list) else [tree]
    return [each for each in found if isinstance(each, Mapping)]
