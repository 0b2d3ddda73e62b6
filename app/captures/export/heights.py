"""Height maps as other programs read them: in grey, as a surface, along a line."""

from __future__ import annotations

import csv
import io
from types import ModuleType
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from app.captures.export.needs import INSTALL
from app.captures.measurements import HeightProfile
from app.captures.png_file import GreyScale
from app.captures.thumbnail import shrunk

WHITE: Final = 65535
MESH_POINTS: Final = 500
"""Along the longer side of a surface: a quarter of a million points turn smoothly anywhere."""
TEXTURE_PX: Final = 2048
"""Of the longer side of the picture on a surface; what every graphics card takes."""
UM_PER_UNIT: Final = 1000.0
"""glTF counts in metres, in which a field of 0.5 mm would be cut off as too near by viewers; so a
surface's unit is the millimetre."""


class MeshError(Exception):
    """A surface cannot be written; the message is one line that says what is missing."""


def grey_heights(height: NDArray[np.float32], unit: str) -> tuple[NDArray[np.uint16], GreyScale]:
    """Return heights in 16 bits, the lowest black, the highest white, and what greys mean.

    The error of a height is half a step, 1/131070 of the range, at most.
    """
    low, high = float(height.min()), float(height.max())
    if high <= low:
        high = low + 1.0
    steps = (height.astype(np.float64) - low) * (WHITE / (high - low))
    return np.rint(steps).astype(np.uint16), GreyScale(low, high, "um" if unit == "µm" else unit)


def profile_table(profile: HeightProfile) -> str:
    """Return a height profile as CSV: the way along the line and the height."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    units = [unit.replace("µ", "u") for unit in (profile.along_unit, profile.height_unit)]
    writer.writerow([f"along_{units[0]}", f"height_{units[1]}"])
    writer.writerows(
        (f"{along:.4f}", f"{height:.4f}")
        for along, height in zip(profile.along, profile.heights, strict=True)
    )
    return text.getvalue()


def surface_glb(height: NDArray[np.float32], picture: NDArray[np.uint8], pixel_um: float) -> bytes:
    """Return a height map with the fused image on it, as binary glTF 2.0: one file.

    Parameters
    ----------
    height : ndarray of shape (H, W)
        In µm.
    picture : ndarray
        (H, W, 3) RGB.
    pixel_um : float
        The side of a pixel at the object.

    Raises
    ------
    MeshError
        The library for meshes is not installed.
    """
    trimesh = _trimesh()
    from PIL import Image

    points, faces, across = _surface(height, pixel_um)
    material = trimesh.visual.material.PBRMaterial(
        baseColorTexture=Image.fromarray(shrunk(picture, TEXTURE_PX)),
        metallicFactor=0.0,
        roughnessFactor=1.0,
        doubleSided=True,
    )
    visual = trimesh.visual.TextureVisuals(uv=across, material=material)
    # In glTF y is up (2.0, section 3.4): the slide's plane lies flat.
    lying = np.stack((points[:, 0], points[:, 2], -points[:, 1]), axis=1) / UM_PER_UNIT
    mesh = trimesh.Trimesh(lying, faces, visual=visual, process=False)
    return bytes(mesh.export(file_type="glb"))


def surface_ply(height: NDArray[np.float32], picture: NDArray[np.uint8], pixel_um: float) -> bytes:
    """Return a height map as binary PLY in µm, a colour at each point; see `surface_glb`."""
    trimesh = _trimesh()
    points, faces, across = _surface(height, pixel_um)
    rows, columns = picture.shape[:2]
    x = np.clip((across[:, 0] * columns).astype(int), 0, columns - 1)
    y = np.clip(((1 - across[:, 1]) * rows).astype(int), 0, rows - 1)
    mesh = trimesh.Trimesh(points, faces, vertex_colors=picture[y, x], process=False)
    return bytes(mesh.export(file_type="ply"))


def _surface(
    height: NDArray[np.float32], pixel_um: float
) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.float64]]:
    """Return points (x right, y up the picture, z, in µm), triangles and places in the texture."""
    rows, columns = height.shape
    reduction = max(1.0, max(rows, columns) / MESH_POINTS)
    size = (max(2, round(columns / reduction)), max(2, round(rows / reduction)))
    small = cv2.resize(height, size, interpolation=cv2.INTER_AREA)
    # Middles of the blocks that a point stands for, as shares of the picture.
    u, v = np.meshgrid((np.arange(size[0]) + 0.5) / size[0], (np.arange(size[1]) + 0.5) / size[1])
    across = np.stack((u.ravel(), 1 - v.ravel()), axis=1)
    extent = np.array((columns, rows)) * pixel_um
    points = np.column_stack((across * extent, small.ravel().astype(np.float64)))
    corners = np.arange(size[0] * size[1]).reshape(size[1], size[0])
    upper_left, upper_right = corners[:-1, :-1].ravel(), corners[:-1, 1:].ravel()
    lower_left, lower_right = corners[1:, :-1].ravel(), corners[1:, 1:].ravel()
    # Counter-clockwise, seen from above.
    faces = np.concatenate(
        (
            np.stack((upper_left, lower_left, upper_right), axis=1),
            np.stack((upper_right, lower_left, lower_right), axis=1),
        )
    )
    return points, faces, across


def _trimesh() -> ModuleType:
    try:
        import trimesh
    except ImportError as error:
        raise MeshError(f"a surface needs trimesh and Pillow: {INSTALL}") from error
    return trimesh
