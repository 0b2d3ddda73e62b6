"""Leica LIF files, read by the library liffile."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.captures.part import Names, PlaneIndex, check_count, grid
from app.captures.scale import Scale, length_um, positive
from app.captures.stack import StackError, check_size
from app.captures.volume_stack import Survey, need


@dataclass(frozen=True, slots=True)
class LifVolume:
    """One LIF file; each of its images is a scene."""

    path: Path

    def __post_init__(self) -> None:
        need("liffile", self.path)

    def survey(self) -> Survey:
        """Read the dimensions of all images."""
        planes: list[PlaneIndex] = []
        with _open(self.path) as file:
            names = {scene: str(image.name) for scene, image in enumerate(file.images)}
            for scene, image in enumerate(file.images):
                times, channels, slices = (int(image.sizes.get(axis, 1)) for axis in "TCZ")
                within = grid(self.path, 1, times, channels, slices)
                planes += [plane._replace(scene=scene) for plane in within]
                check_count(len(planes), self.path)
        return Survey(tuple(planes), Names(scene=names))

    def scale(self, planes: Sequence[PlaneIndex]) -> Scale:
        """Read the coordinates of the image's dimensions (in m)."""
        with _open(self.path) as file:
            coords = file.images[planes[0].scene].coords
        x, z = coords.get("X", ()), coords.get("Z", ())
        pixel_um = length_um(float(x[1] - x[0]), "m") if len(x) > 1 else None
        z_um = None
        if len(z) == len(planes) > 1 and float(z[-1]) != float(z[0]):
            z_um = tuple(float(value) * 1e6 for value in z)
        return Scale(z_um, positive(abs(pixel_um)) if pixel_um else None)

    def read(self, plane: PlaneIndex) -> NDArray[Any]:
        """Read one plane."""
        at = {"T": plane.time, "C": plane.channel, "Z": plane.slice}
        with _open(self.path) as file:
            image = file.images[plane.scene]
            others = set(image.sizes) - set("TCZYXS")
            if others:
                raise StackError(
                    f"{self.path}: the image {image.name} has the dimensions "
                    f"{', '.join(image.sizes)}; save a single z stack"
                )
            sizes = image.sizes
            check_size(self.path, sizes.get("Y", 1), sizes["X"], sizes.get("S", 1), image.itemsize)
            wanted = {axis: number for axis, number in at.items() if axis in image.sizes}
            return np.array(image.frame(**wanted))


def _open(path: Path) -> Any:  # noqa: ANN401 - imported when needed only
    import liffile

    return liffile.LifFile(path)
