"""Write the results of a fusion: all of them whole, or none."""

from __future__ import annotations

import hashlib
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from shutil import disk_usage

import numpy as np
from numpy.typing import NDArray

from app.captures.fusion_record import FusionRecord, ResultFile
from app.captures.layout import CONFIDENCE, FUSED, FUSION, HEIGHT, RESULT_NAMES, WEIGHTS
from app.captures.origin import Origin, recipe_of
from app.captures.png_file import png_bytes
from app.captures.reason import reason
from app.captures.recipe import RECIPE_NAME
from app.captures.result_error import ResultError as ResultError
from app.captures.stack import FrameFormat, Stack
from app.captures.tiff_file import write_imagej_tiff, write_weights
from app.captures.whole_file import whole_file
from models.wearif.fusion import Fusion

WEIGHT_ONE = 65535
"""How weight 1 is stored."""


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
    with _naming(out_dir):
        recipe = recipe_of(fusion, stack, origin)
    text = recipe.model_dump_json()
    with ExitStack() as files:
        # Renamed last to first: the record appears when all that it tells of is there.
        files.enter_context(_naming(out_dir))
        part = {n: files.enter_context(whole_file(out_dir / n)) for n in reversed(RESULT_NAMES)}
        with _naming(out_dir / FUSED):
            texts = {"Software": "WearIF", RECIPE_NAME: text}
            part[FUSED].write_bytes(png_bytes(fusion.fused, texts=texts, pixel_um=stack.pixel_um))
        with _naming(out_dir / HEIGHT):
            description = describe_heights(fusion.height_unit)
            write_imagej_tiff(part[HEIGHT], fusion.height, recipe, description=description)
        with _naming(out_dir / CONFIDENCE):
            confidence = np.rint(fusion.confidence * 255).astype(np.uint8)
            part[CONFIDENCE].write_bytes(png_bytes(confidence, pixel_um=stack.pixel_um))
        with _naming(out_dir / WEIGHTS):
            weights = _weights(fusion, stack, on_progress)
            write_weights(part[WEIGHTS], weights, fusion.height.shape, recipe)
        with _naming(out_dir / FUSION):
            maps = (FUSED, WEIGHTS, HEIGHT, CONFIDENCE)
            record = recipe.fusion.model_copy(
                update={
                    "results": tuple(_result_file(name, part[name]) for name in maps),
                    "timings_s": {
                        **recipe.fusion.timings_s,
                        "writing": round(time.monotonic() - started_s, 3),
                    },
                }
            )
            part[FUSION].write_text(record.model_dump_json(indent=1), encoding="utf-8")
    return record


def _weights(
    fusion: Fusion, stack: Stack, on_progress: Callable[[int, int], None] | None
) -> Iterator[NDArray[np.uint16]]:
    for index in range(len(stack)):
        weights = fusion.weight_map(index, stack[index])
        if on_progress is not None:
            on_progress(index + 1, len(stack))
        yield np.rint(weights * WEIGHT_ONE).astype(np.uint16)


def describe_heights(unit: str) -> str:
    """Say in a file what the values of a height map are."""
    named = "um" if unit == "µm" else "frame numbers, counted from 0"
    return f"Height map: where along the sweep each pixel is sharpest, in {named}"


def _result_file(name: str, path: Path) -> ResultFile:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return ResultFile(file=name, bytes=path.stat().st_size, sha256=digest)


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
