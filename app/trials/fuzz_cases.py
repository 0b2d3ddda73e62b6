"""Bad input by lot: sound files that are damaged, and files that are wrong by design."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import tifffile
from numpy.typing import NDArray

from app.trials import sample_files
from app.trials.fuzz_bombs import BOMBS
from app.trials.fuzz_damages import Lot, damage

Frames = list[NDArray[Any]]


@dataclass(frozen=True, slots=True)
class Case:
    """One thing to open."""

    what: str
    path: Path
    readable: bool = True
    """False: its permissions are to be respected, whoever runs this."""


def build_case(seed: int, folder: Path) -> Case:
    """Build one case; the same seed gives the same.

    Parameters
    ----------
    seed : int
        Two of three cases are damaged files, the rest are wrong by design.
    folder : Path
        Empty; gets everything that belongs to the case.
    """
    lot = np.random.default_rng(seed)
    if seed % 3:
        kind = str(lot.choice(sorted(_SOUND)))
        path = _SOUND[kind](folder, _frames(lot))
        return Case(f"{kind}, {damage(path, lot)}", path)
    kind = str(lot.choice(sorted(_WRONG)))
    return _WRONG[kind](kind, folder, lot)


def _frames(lot: Lot, *, grey: bool | None = None) -> Frames:
    dtype = np.dtype(lot.choice(["uint8", "uint16"]))
    colour = bool(lot.integers(2)) if grey is None else not grey
    shape = (int(lot.integers(2, 64)), int(lot.integers(2, 80)), *((3,) if colour else ()))
    return [lot.integers(0, 2 ** (8 * dtype.itemsize), shape, dtype) for _ in range(4)]


def _eight(frames: Frames) -> Frames:
    """Video and JPEG take 8 bits, and some codecs even sizes only."""
    cut = [frame[: len(frame) // 2 * 2, : frame.shape[1] // 2 * 2] for frame in frames]
    return _eight_bits(cut)


def _eight_bits(frames: Frames) -> Frames:
    return [(frame >> (8 * frame.itemsize - 8)).astype(np.uint8) for frame in frames]


def _filmed(frames: Frames) -> Frames:
    """Enlarge to at least 16 pixels: below that OpenCV's own writer overruns its memory."""
    least = [(max(32, 2 * frame.shape[1]), max(32, 2 * frame.shape[0])) for frame in frames]
    return [cv2.resize(f, to) for f, to in zip(_eight_bits(frames), least, strict=True)]


def _grey(frames: Frames) -> Frames:
    return [frame[..., 0].copy() if frame.ndim == 3 else frame for frame in frames]


def _ij_axes(frames: Frames) -> str:
    return "ZYXS" if frames[0].ndim == 3 else "ZYX"


_SOUND: dict[str, Callable[[Path, Frames], Path]] = {
    "png": lambda d, f: sample_files.write_images(d / "images", f),
    "jpeg": lambda d, f: sample_files.write_images(d / "images", _eight(f), ".jpg"),
    "bmp": lambda d, f: sample_files.write_images(d / "images", _eight(f), ".bmp"),
    "tiffs": lambda d, f: sample_files.write_images(d / "images", f, ".tif"),
    "tiff": lambda d, f: sample_files.write_tiff(d / "a.tif", f),
    "ome-tiff": lambda d, f: sample_files.write_ome_tiff(d / "a.ome.tif", f),
    "imagej": lambda d, f: sample_files.write_imagej(d / "a.tif", f, _ij_axes(f)),
    "micromanager": lambda d, f: sample_files.write_micromanager(
        d / "a_MMStack_Pos0.ome.tif", {(0, z, 0, 0): frame for z, frame in enumerate(_grey(f))}
    ),
    "zarr": lambda d, f: sample_files.write_zarr(d / "a.zarr", f),
    "zarr-0.4": lambda d, f: sample_files.write_zarr(d / "a.zarr", f, "0.4"),
    "czi": lambda d, f: sample_files.write_czi(
        d / "a.czi", {(0, 0, z): frame for z, frame in enumerate(f)}
    ),
    "lif": lambda d, f: sample_files.write_lif(d / "a.lif", {"one": f}),
    "nd2": lambda d, f: sample_files.write_nd2(d / "a.nd2", f),
    "dib": lambda d, f: sample_files.write_uncompressed_avi(d / "a.avi", _eight(f)),
    "avi": lambda d, f: sample_files.write_video(d / "a.avi", _filmed(f)),
    "mp4": lambda d, f: sample_files.write_video(d / "a.mp4", _filmed(f)),
    "mkv": lambda d, f: sample_files.write_video(d / "a.mkv", _filmed(f)),
}


def _wrong_dtype(kind: str, folder: Path, lot: Lot) -> Case:
    dtype = np.dtype(lot.choice(["float32", "float64", "int8", "int16", "uint32", "complex64"]))
    values = lot.normal(size=(3, 20, 24)) * 1000
    if dtype.kind in "fc":
        values[:, ::3] = np.nan
        values[0, 0, 0] = np.inf
    with np.errstate(invalid="ignore"):
        frames = values.astype(dtype)
    which = int(lot.integers(3))
    if which == 0:
        path = folder / "images"
        path.mkdir()
        for index, frame in enumerate(frames):
            tifffile.imwrite(path / f"{index}.tif", frame)
    elif which == 1:
        path = folder / "a.tif"
        tifffile.imwrite(path, frames, photometric="minisblack")
    else:
        path = sample_files.write_zarr(folder / "a.zarr", list(frames))
    return Case(f"{kind}: {dtype}", path)


def _zero_frames(kind: str, folder: Path, lot: Lot) -> Case:
    which = int(lot.integers(5))
    if which == 0:
        path = folder / "empty"
        path.mkdir()
    elif which == 1:
        path = folder / "a.tif"
        path.write_bytes(b"II*\0\0\0\0\0")
    elif which == 2:
        path = folder / "a.avi"
        writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 25.0, (32, 32))
        writer.release()
    elif which == 3:
        path = sample_files.write_zarr(folder / "a.zarr", [np.zeros((4, 4), np.uint8)])
        about = path / "0" / "zarr.json"
        about.write_text(about.read_text().replace('"shape": [\n    1,', '"shape": [\n    0,'))
    else:
        path = folder / str(lot.choice(["a.tif", "a.czi", "a.nd2", "a.lif", "a.mp4", "a.png"]))
        path.touch()
    return Case(kind, path)


def _odd_sizes(kind: str, folder: Path, lot: Lot) -> Case:
    shape = [(1, 1), (20, 30000), (30000, 20), (1, 400), (2, 2)][int(lot.integers(5))]
    frames = [lot.integers(0, 256, shape, np.uint8) for _ in range(2)]
    writer = str(lot.choice(["png", "tiffs", "tiff", "ome-tiff", "imagej", "zarr", "czi", "lif"]))
    return Case(f"{kind}: {shape[1]}x{shape[0]} {writer}", _SOUND[writer](folder, frames))


def _cmyk(kind: str, folder: Path, lot: Lot) -> Case:
    path = folder / "images"
    path.mkdir()
    ink = lot.integers(0, 256, (16, 24, 4), np.uint8)
    if lot.integers(2):
        for index in range(2):
            tifffile.imwrite(path / f"{index}.tif", ink, photometric="separated")
        return Case(f"{kind} TIFF", path)
    from PIL import Image

    for index in range(2):
        Image.fromarray(ink, "CMYK").save(path / f"{index}.jpg")
    return Case(f"{kind} JPEG", path)


def _many(kind: str, folder: Path, lot: Lot) -> Case:
    frames = [np.full((8, 10), index % 256, np.uint8) for index in range(1000)]
    writer = str(lot.choice(["png", "tiff", "ome-tiff", "imagej", "avi", "dib", "lif"]))
    return Case(f"{kind} {writer}", _SOUND[writer](folder, frames))


def _mixed(kind: str, folder: Path, lot: Lot) -> Case:
    path = sample_files.write_images(folder / "images", _frames(lot, grey=True))
    other = _frames(lot)[0]
    bgr = other[..., ::-1] if other.ndim == 3 else other
    (path / "frame_2.png").write_bytes(cv2.imencode(".png", bgr)[1].tobytes())
    if lot.integers(2):
        (path / "frame_3.png").write_text("<html>Not found</html>")
    return Case(kind, path)


def _links(kind: str, folder: Path, lot: Lot) -> Case:
    which = int(lot.integers(5))
    path = folder / "images"
    if which == 0:
        path.symlink_to(folder / "other")
        (folder / "other").symlink_to(path)
    elif which == 1:
        sample_files.write_images(path, _frames(lot))
        (path / "frame_9.png").symlink_to(path / "frame_8.png")
        (path / "frame_8.png").symlink_to(path / "frame_9.png")
    elif which == 2:
        sample_files.write_images(path, _frames(lot))
        (path / "again").symlink_to(path)
        (path / "again.png").symlink_to(path)
    elif which == 3:
        path = folder / str(lot.choice(["a.tif", "a.avi", "a.czi", "a.nd2", "a.lif"]))
        path.symlink_to("/dev/zero")
    else:
        path = folder / "a.tif"
        os.mkfifo(path)
    return Case(f"{kind} {which}", path)


def _unreadable(kind: str, folder: Path, lot: Lot) -> Case:
    writer = str(lot.choice(["png", "tiff", "czi", "nd2", "lif", "avi", "dib", "zarr"]))
    path = _SOUND[writer](folder, _frames(lot))
    inner = sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]
    target = path if path.is_dir() and lot.integers(2) else inner[int(lot.integers(len(inner)))]
    target.chmod(0)
    return Case(f"{kind} {writer}", path, readable=False)


def _bomb(kind: str, folder: Path, lot: Lot) -> Case:
    which = str(lot.choice(sorted(BOMBS)))
    return Case(f"{kind}: {which}", BOMBS[which](folder))


def _misnamed(kind: str, folder: Path, lot: Lot) -> Case:
    """Put a sound file under another kind's name."""
    files = ("tiff", "czi", "nd2", "lif", "avi", "mp4")
    path = _SOUND[str(lot.choice(files))](folder, _frames(lot))
    other = folder / f"b{lot.choice(['.tif', '.czi', '.nd2', '.lif', '.avi', '.mkv', '.png'])}"
    shutil.move(path, other)
    return Case(f"{kind} {path.suffix} as {other.suffix}", other)


_WRONG: dict[str, Callable[[str, Path, Lot], Case]] = {
    "wrong type": _wrong_dtype,
    "zero frames": _zero_frames,
    "odd size": _odd_sizes,
    "CMYK": _cmyk,
    "1000 frames": _many,
    "mixed": _mixed,
    "links": _links,
    "unreadable": _unreadable,
    "bomb": _bomb,
    "misnamed": _misnamed,
}
