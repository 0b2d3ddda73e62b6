"""One live frame on disk: untouched with its scale, and as a picture to show."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import tifffile
from numpy.typing import NDArray

from app.captures.reason import reason
from app.captures.whole_file import whole_file
from app.versions import program_version

SNAPSHOTS = "snapshots"
"""Folder of the captures folder."""


class SnapshotError(Exception):
    """A snapshot cannot be written; the message names the file, the reason and what to do."""


@dataclass(frozen=True, slots=True, eq=False)
class Snapshot:
    """One frame and what is known about it."""

    image: NDArray[Any]
    """(H, W) or (H, W, 3) RGB, uint8 or uint16."""
    bits: int
    """Significant bits per channel."""
    pixel_um: float
    microscope: str
    objective: str
    exposure_ms: float
    taken: datetime
    position_um: tuple[float, float, float] | None = None
    """x, y and z of the stage; None where nobody knows."""


def snapshot_path(captures: Path, snapshot: Snapshot) -> Path:
    """Choose a free name without suffix: date, time and z."""
    z = "" if snapshot.position_um is None else f"_z{snapshot.position_um[2]:.1f}"
    stem = f"{snapshot.taken:%Y-%m-%d_%H%M%S}{z}"
    folder, number = captures / SNAPSHOTS, 1
    while True:
        path = folder / (stem if number == 1 else f"{stem}_{number}")
        # Not with_suffix: the z has a dot of its own.
        if not any(Path(f"{path}{suffix}").exists() for suffix in (".ome.tif", ".png")):
            return path
        number += 1


def write_snapshot(path: Path, snapshot: Snapshot, picture: bytes) -> tuple[Path, Path]:
    """Write a frame twice: as an OME-TIFF with its pixels untouched, and as a picture.

    Parameters
    ----------
    path : Path
        As from `snapshot_path`; its folder is made.
    snapshot : Snapshot
    picture : bytes
        The PNG with the scale bar.

    Returns
    -------
    tuple of Path
        The TIFF and the PNG.

    Raises
    ------
    SnapshotError
        One of the two cannot be written.
    """
    tiff, png = Path(f"{path}.ome.tif"), Path(f"{path}.png")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with whole_file(tiff) as part:
            _write_tiff(part, snapshot)
        with whole_file(png) as part:
            part.write_bytes(picture)
    except OSError as error:
        raise SnapshotError(
            f"{path}: cannot be written: {reason(error)}. Free some space, or choose another "
            "captures folder."
        ) from error
    return tiff, png


def _write_tiff(part: Path, snapshot: Snapshot) -> None:
    pixels = np.ascontiguousarray(snapshot.image)
    per_cm = 1e4 / snapshot.pixel_um
    plane: dict[str, Any] = {"ExposureTime": snapshot.exposure_ms, "ExposureTimeUnit": "ms"}
    if snapshot.position_um is not None:
        for axis, position_um in zip("XYZ", snapshot.position_um, strict=True):
            plane[f"Position{axis}"] = position_um
            plane[f"Position{axis}Unit"] = "µm"
    colour = pixels.ndim == 3
    with tifffile.TiffWriter(part, ome=True) as tiff:
        tiff.write(
            pixels,
            photometric="rgb" if colour else "minisblack",
            resolution=(per_cm, per_cm),
            resolutionunit="CENTIMETER",
            metadata={
                "axes": "YXS" if colour else "YX",
                "Name": f"{snapshot.microscope}, {snapshot.objective}",
                "Description": f"Snapshot of WearIF {program_version()}",
                "AcquisitionDate": snapshot.taken.isoformat(),
                "SignificantBits": snapshot.bits,
                "PhysicalSizeX": snapshot.pixel_um,
                "PhysicalSizeXUnit": "µm",
                "PhysicalSizeY": snapshot.pixel_um,
                "PhysicalSizeYUnit": "µm",
                "Plane": plane,
            },
        )
