"""Write the results of a fusion: all of them whole, or none."""

from __future__ import annotations

import hashlib
import platform
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from shutil import disk_usage
from typing import Any

import cv2
import numpy as np
import tifffile
import torch
from numpy.typing import NDArray
from pydantic import JsonValue

from app.captures.capture_record import software_version
from app.captures.fusion_record import (
    FusedFrame,
    FusionRecord,
    Matrix,
    PaintedFrame,
    ResultFile,
)
from app.captures.layout import CONFIDENCE, FUSED, FUSION, HEIGHT, RESULT_NAMES, WEIGHTS
from app.captures.reason import reason
from app.captures.stack import FrameFormat, Stack
from app.captures.whole_file import whole_file
from models.wearif.fusion import Fusion

WEIGHT_ONE = 65535
"""How weight 1 is stored."""
_CLASSIC_TIFF_LIMIT = 2**32 - 2**26
"""Offsets are 32 bit (TIFF 6.0, section 2); the rest is room for directories and metadata."""


class ResultError(Exception):
    """Results cannot be written; the message is one line that names the file and the reason."""


@dataclass(frozen=True, slots=True)
class Origin:
    """What a fusion came from, as far as the fusion itself does not know."""

    frames: Sequence[int] | None = None
    """Numbers of the fused frames in the input; None: all, in order."""
    warps: Sequence[Matrix] | None = None
    """What took the fused image's pixels to those of each frame; None: the frames were as they
    are."""
    excluded: Sequence[int] = ()
    """Numbers of frames that the operator kept out."""
    painted: Sequence[PaintedFrame] = ()
    """What the operator retouched."""
    settings: Mapping[str, JsonValue] = field(default_factory=dict)
    timings_s: Mapping[str, float] = field(default_factory=dict)


def check_output(out_dir: Path, frame_format: FrameFormat, count: int) -> None:
    """Make the folder and make sure that the results can be written there, before a long fusion.

    Parameters
    ----------
    out_dir : Path
        Where the results will go; made if it is missing.
    frame_format : FrameFormat
        Of the frames.
    count : int
        How many frames will be fused.

    Raises
    ------
    ResultError
        The folder cannot be made or written to, a result's name is taken by a folder, or there is
        less space than the results take uncompressed.
    """
    with _naming(out_dir):
        out_dir.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=out_dir):
            pass
        free_bytes = disk_usage(out_dir).free
    for name in RESULT_NAMES:
        if (out_dir / name).is_dir():
            raise ResultError(f"{out_dir / name}: cannot be written: a folder has that name")
    needed_bytes = results_bytes(frame_format, count)
    if needed_bytes > free_bytes:
        raise ResultError(
            f"{out_dir}: not enough space: the results may take {_size(needed_bytes)}, "
            f"{_size(free_bytes)} are free"
        )


def results_bytes(frame_format: FrameFormat, count: int) -> int:
    """How much space the results take at most.

    Image, height map (4 bytes), confidence map (1) and one weight map per frame (2).
    """
    channels = 3 if frame_format.colour else 1
    per_pixel = channels * frame_format.dtype.itemsize + 4 + 1 + 2 * count
    return frame_format.height * frame_format.width * per_pixel


def write_results(
    out_dir: Path,
    fusion: Fusion,
    stack: Stack,
    origin: Origin | None = None,
    on_progress: Callable[[int, int], None] | None = None,
) -> FusionRecord:
    """Write the fused image, the weight, height and confidence maps, and the record of it all.

    Everything is written under temporary names and renamed at the end, so that on any failure
    the results of an earlier fusion stay as they were and no partial file is left.

    Parameters
    ----------
    out_dir : Path
        Gets ``fused.png`` (bit depth of the frames), ``weights.tif`` (OME-TIFF, uint16, one
        deflated page per frame with its z; 65535 is weight 1), ``height.tif`` (float32),
        ``confidence.png`` (uint8; 255 is confidence 1) and ``fusion.json``. Made if it is missing;
        results of the same names are replaced.
    fusion : Fusion
        What to write.
    stack : Stack
        The fused frames, in the order of fusion; each is read once more for its weights.
    origin : Origin, optional
        What else the record should tell.
    on_progress : callable, optional
        Called with the weight maps computed and their number.

    Raises
    ------
    ResultError
        Something cannot be written.
    StackError
        A frame cannot be read again.
    """
    started_s = time.monotonic()
    origin = origin or Origin()
    check_output(out_dir, stack.format, len(stack))
    with ExitStack() as files:
        # Renamed last to first: the record appears when all that it tells of is there.
        files.enter_context(_naming(out_dir))
        part = {n: files.enter_context(whole_file(out_dir / n)) for n in reversed(RESULT_NAMES)}
        with _naming(out_dir / FUSED):
            part[FUSED].write_bytes(_png(fusion.fused))
        with _naming(out_dir / HEIGHT):
            _write_height(part[HEIGHT], fusion, stack.pixel_um)
        with _naming(out_dir / CONFIDENCE):
            part[CONFIDENCE].write_bytes(_png(np.rint(fusion.confidence * 255).astype(np.uint8)))
        with _naming(out_dir / WEIGHTS):
            _write_weights(part[WEIGHTS], fusion, stack, origin, on_progress)
        writing_s = time.monotonic() - started_s
        with _naming(out_dir / FUSION):
            maps = (FUSED, WEIGHTS, HEIGHT, CONFIDENCE)
            results = tuple(_result_file(name, part[name]) for name in maps)
            record = _record(fusion, stack, origin, writing_s, results)
            part[FUSION].write_text(record.model_dump_json(indent=1), encoding="utf-8")
    return record


def _write_weights(
    part: Path,
    fusion: Fusion,
    stack: Stack,
    origin: Origin,
    on_progress: Callable[[int, int], None] | None,
) -> None:
    count = len(stack)
    shape = (count, stack.format.height, stack.format.width)

    def pages() -> Iterator[NDArray[np.uint16]]:
        for index in range(count):
            weights = fusion.weight_map(index, stack[index])
            if on_progress is not None:
                on_progress(index + 1, count)
            yield np.rint(weights * WEIGHT_ONE).astype(np.uint16)

    big = 2 * int(np.prod(shape)) > _CLASSIC_TIFF_LIMIT
    with tifffile.TiffWriter(part, ome=True, bigtiff=big) as tiff:
        tiff.write(
            pages(),
            shape=shape,
            dtype=np.uint16,
            photometric="minisblack",
            compression="zlib",
            # Level 1 takes half the time of level 6 and 7 % more space, measured on 5 MP maps.
            compressionargs={"level": 1},
            metadata=_weights_metadata(stack, origin),
        )


def _weights_metadata(stack: Stack, origin: Origin) -> dict[str, Any]:
    frames = origin.frames or range(len(stack))
    metadata: dict[str, Any] = {
        "axes": "ZYX",
        "Name": stack.name,
        "Description": (
            "Focus weight maps: the share of each frame in every fused pixel. "
            f"{WEIGHT_ONE} is 1; over all pages they add up to 1. "
            f"Frames of the input, page by page: {', '.join(map(str, frames))}"
        ),
    }
    if stack.pixel_um is not None:
        for axis in "XY":
            metadata[f"PhysicalSize{axis}"] = stack.pixel_um
            metadata[f"PhysicalSize{axis}Unit"] = "µm"
    if stack.z_um is not None:
        units = ["µm"] * len(stack)
        metadata["Plane"] = {"PositionZ": list(stack.z_um), "PositionZUnit": units}
    return metadata


def _write_height(part: Path, fusion: Fusion, pixel_um: float | None) -> None:
    unit = "um" if fusion.height_unit == "µm" else "frame numbers, counted from 0"
    resolution = None if pixel_um is None else (1e4 / pixel_um, 1e4 / pixel_um)
    tifffile.imwrite(
        part,
        fusion.height,
        photometric="minisblack",
        compression="zlib",
        description=f"Height map: where along the sweep each pixel is sharpest, in {unit}",
        resolution=resolution,
        resolutionunit=None if pixel_um is None else "CENTIMETER",
        metadata=None,
    )


def _png(image: NDArray[Any]) -> bytes:
    bgr = cv2.cvtColor(image, cv2.COLOR_RGB2BGR) if image.ndim == 3 else image
    _done, data = cv2.imencode(".png", bgr)
    return data.tobytes()


def _record(
    fusion: Fusion,
    stack: Stack,
    origin: Origin,
    writing_s: float,
    results: tuple[ResultFile, ...],
) -> FusionRecord:
    numbers = origin.frames or range(len(stack))
    z_um = stack.z_um or (None,) * len(stack)
    warps = origin.warps or (None,) * len(stack)
    timings_s = {**origin.timings_s, "writing": writing_s}
    return FusionRecord(
        input=stack.name,
        model=fusion.model,
        weights_sha256=fusion.weights_sha256,
        frames=tuple(
            FusedFrame(index=index, z_um=z, warp=warp, brightness=brightness)
            for index, z, warp, brightness in zip(
                numbers, z_um, warps, fusion.brightness, strict=True
            )
        ),
        excluded=tuple(origin.excluded),
        painted=tuple(origin.painted),
        height_unit=fusion.height_unit,
        pixel_um=stack.pixel_um,
        settings=dict(origin.settings),
        timings_s={name: round(seconds, 3) for name, seconds in timings_s.items()},
        versions=_versions(),
        results=results,
    )


def _result_file(name: str, path: Path) -> ResultFile:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return ResultFile(file=name, bytes=path.stat().st_size, sha256=digest)


def _versions() -> dict[str, str]:
    return {
        "wearif": software_version(),
        "python": platform.python_version(),
        "numpy": np.__version__,
        "opencv": cv2.__version__,
        "tifffile": tifffile.__version__,
        "torch": str(torch.__version__),
    }


def _size(count: int) -> str:
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{count / 1e6:.1f} MB"


@contextmanager
def _naming(path: Path) -> Iterator[None]:
    """Say which file it was that the operating system refused; a rename names its own."""
    try:
        yield
    except OSError as error:
        where = error.filename2 or path
        raise ResultError(f"{where}: cannot be written: {reason(error)}") from error
