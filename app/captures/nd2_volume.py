"""Nikon ND2 files, read by the library nd2."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.captures.part import Names, PlaneIndex, check_count
from app.captures.scale import Scale, complete, even_z, length_um, positive
from app.captures.stack import StackError, check_size
from app.captures.volume_stack import Survey, need


@dataclass(frozen=True, slots=True)
class Nd2Volume:
    """One ND2 file."""

    path: Path

    def __post_init__(self) -> None:
        need("nd2", self.path)

    def survey(self) -> Survey:
        """Read the loops of the experiment; positions are scenes, channels lie in each frame."""
        with _open(self.path) as file:
            channels = 1 if file.is_rgb else int(file.sizes.get("C", 1))
            check_count(int(file.attributes.sequenceCount) * channels, self.path)
            known = (file.metadata.channels or ()) if file.metadata else ()
            names = {i: each.channel.name for i, each in enumerate(known)}
            frames = self._frames(file)
        planes = [plane._replace(channel=c) for plane in frames for c in range(channels)]
        return Survey(tuple(planes), Names(channel=names))

    def scale(self, planes: Sequence[PlaneIndex]) -> Scale:
        """Read the voxel, where it was calibrated, and the stage's z of every frame (in µm)."""
        with _open(self.path) as file:
            frames = self._frames(file)
            known = file.metadata.channels if file.metadata else None
            if not known:
                return Scale()
            voxel = known[0].volume
            z_um = [_stage_z(file, frames[at._replace(channel=0)]) for at in planes]
        sides = [
            length if calibrated else None
            for length, calibrated in zip(voxel.axesCalibration, voxel.axesCalibrated, strict=True)
        ]
        apart = complete(z_um) if len(set(z_um)) == len(z_um) else None
        return Scale(apart or even_z(sides[2], len(planes)), positive(sides[0]))

    def read(self, plane: PlaneIndex) -> NDArray[Any]:
        """Read one frame, and of it one channel."""
        with _open(self.path) as file:
            about = file.attributes
            components = int(about.componentCount)
            width = int(about.widthPx or 0)
            check_size(self.path, int(about.heightPx), width, components, 2)
            # A copy: the library's array is the mapped file, gone when it is closed.
            image = np.array(file.read_frame(self._frames(file)[plane._replace(channel=0)]))
            if file.is_rgb:
                return image[..., :3]
            if image.ndim == 2:
                return image
            return np.asarray(image[plane.channel])

    def _frames(self, file: Any) -> dict[PlaneIndex, int]:  # noqa: ANN401 - a class of the library
        count = 1
        for loop in file.experiment:
            count *= loop.count
            check_count(count, self.path)
        loops: tuple[dict[str, int], ...] = file.loop_indices or ({},)
        found = {}
        for number, at in enumerate(loops):
            if set(at) - set("TPZC"):
                raise StackError(f"{self.path}: loops over {', '.join(at)}; save a single z stack")
            found[PlaneIndex(at.get("P", 0), at.get("T", 0), 0, at.get("Z", 0))] = number
        return found


def _open(path: Path) -> Any:  # noqa: ANN401 - imported when needed only
    import nd2

    return nd2.ND2File(path)


def _stage_z(file: Any, number: int) -> float | None:  # noqa: ANN401 - a class of the library
    known = file.frame_metadata(number)
    channels = getattr(known, "channels", None)
    if not channels:
        return None
    return length_um(channels[0].position.stagePositionUm.z, "µm")
