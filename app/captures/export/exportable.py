"""What an export starts from: a fusion at hand, or the results of one on disk."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
import tifffile
from numpy.typing import NDArray

from app.captures.alignment import STILL, AlignedStack
from app.captures.capture_record import stored_record
from app.captures.eight_bit import eight_bit_rgb
from app.captures.export.read_recipe import read_recipe
from app.captures.fusion_record import FusionRecord
from app.captures.fusions import read_fusion_record
from app.captures.image_file import read_image
from app.captures.layout import FUSED, HEIGHT, RECORD, WEIGHTS
from app.captures.measurement_file import read_measurements
from app.captures.measurements import Heights
from app.captures.open_stack import open_stack
from app.captures.origin import Origin, recipe_of
from app.captures.pixel_digest import PixelDigest
from app.captures.reason import reason
from app.captures.recipe import Recipe
from app.captures.result_check import check_result
from app.captures.results import WEIGHT_ONE
from app.captures.selection import Selection
from app.captures.shape_history import Shapes
from app.captures.stack import Stack, StackError
from models.wearif.fusion import Fusion

OnProgress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True, eq=False)
class Exportable:
    """A fusion with all that an export may need; nothing large is made before it is asked for."""

    recipe: Recipe
    fused: NDArray[Any]
    """(H, W) or (H, W, 3) RGB, uint8 or uint16."""
    height: NDArray[np.float32]
    """(H, W) in the unit of the recipe."""
    frames: Callable[[], Stack]
    """Opens the frames as they were fused; raises StackError where they are no more."""
    weights: Callable[[], Iterator[NDArray[np.uint16]]]
    """(H, W) for each frame, 65535 is weight 1."""
    shapes: Shapes = ()
    """What was drawn on it."""

    @property
    def pixel_um(self) -> float | None:
        """The side of a pixel at the object."""
        return self.recipe.fusion.pixel_um

    @property
    def heights(self) -> Heights:
        """To take profiles from."""
        return Heights(self.height, self.recipe.fusion.height_unit)

    @property
    def bits(self) -> int:
        """Significant bits per channel, 8 at least."""
        return max(8, int(self.fused.max(initial=0)).bit_length())

    @property
    def picture(self) -> NDArray[np.uint8]:
        """The fused image as (H, W, 3) RGB to look at."""
        return eight_bit_rgb(self.fused)

    @classmethod
    def of(cls, fusion: Fusion, stack: Stack, origin: Origin, shapes: Shapes = ()) -> Self:
        """Take a fusion at hand.

        Parameters
        ----------
        fusion : Fusion
        stack : Stack
            The fused frames, in the order of fusion.
        origin : Origin
        shapes : tuple of Shape
            What was drawn on it.

        Raises
        ------
        StackError
            A frame cannot be read.
        """

        def weights() -> Iterator[NDArray[np.uint16]]:
            for index in range(len(stack)):
                share = fusion.weight_map(index, stack[index])
                yield np.rint(share * WEIGHT_ONE).astype(np.uint16)

        recipe = recipe_of(fusion, stack, origin)
        return cls(recipe, fusion.fused, fusion.height, lambda: stack, weights, shapes)


def open_results(folder: Path, source: Path | None = None) -> Exportable:
    """Open the results of a fusion: a capture's folder, or any folder that ``wearif fuse`` filled.

    Parameters
    ----------
    folder : Path
        With the files of results.
    source : Path, optional
        Where the stack lies, if not where it lay when it was fused.

    Raises
    ------
    StackError
        Results are missing, cannot be read, were changed or do not belong together. Weights may be
        large: they are looked at only when they are asked for.
    """
    record = read_fusion_record(folder)
    check_result(record, folder, HEIGHT)
    fused, height = read_image(folder / FUSED), _read_height(folder / HEIGHT)
    if height.shape != fused.shape[:2]:
        raise StackError(f"{folder / HEIGHT}: is of another size than {FUSED}")
    recipe = read_recipe(folder / FUSED)
    if recipe.fused_sha256 != PixelDigest.of([fused]).sha256:
        raise StackError(f"{folder / FUSED}: was changed after it had been written")
    if recipe.fusion.created != record.created:
        raise StackError(f"{folder}: {FUSED} is not of the fusion that the record tells of")
    return Exportable(
        recipe=recipe,
        fused=fused,
        height=height,
        frames=lambda: fused_frames(recipe, source or source_of(recipe, folder / FUSED)),
        weights=lambda: _read_weights(record, folder),
        shapes=_drawn(folder, recipe, source),
    )


def source_of(recipe: Recipe, file: Path) -> Path:
    """Find the stack that a recipe was made from: where it lay, or a capture around the file.

    Captures are copied and moved with the results in them; their identity tells them.

    Raises
    ------
    StackError
        It is in neither place.
    """
    for folder in file.resolve().parents[:3]:
        if recipe.capture is None or not (folder / RECORD).is_file():
            continue
        if str(stored_record(folder).uuid) == recipe.capture.uuid:
            return folder
    if recipe.source is None:
        raise StackError(f"{file}: does not say where its stack lies; name the stack")
    if not Path(recipe.source).exists():
        raise StackError(f"{file}: its stack is no more at {recipe.source}; say where it is")
    return Path(recipe.source)


def fused_frames(recipe: Recipe, source: Path) -> Stack:
    """Open the frames of a recipe as they were fused: chosen, with their z, warped.

    Raises
    ------
    StackError
        The source cannot be read or has fewer frames.
    """
    whole = open_stack(source, recipe.fusion.settings.part)
    missing = [index for index in recipe.frames if index >= len(whole)]
    if missing:
        raise StackError(f"{source}: holds {len(whole)} frames; frame {missing[0]} is not there")
    chosen = Selection(whole, recipe.frames, recipe.z_um)
    warps = [frame.warp for frame in recipe.fusion.frames]
    if not any(warps):
        return chosen
    return AlignedStack(chosen, [warp or STILL for warp in warps])


def _read_height(path: Path) -> NDArray[np.float32]:
    try:
        height = np.asarray(tifffile.imread(path))
    except (OSError, ValueError, tifffile.TiffFileError) as error:
        raise StackError(f"{path}: cannot be read: {reason(error)}") from error
    if height.dtype != np.float32 or height.ndim != 2:
        raise StackError(f"{path}: is no height map")
    return height


def _read_weights(record: FusionRecord, folder: Path) -> Iterator[NDArray[np.uint16]]:
    check_result(record, folder, WEIGHTS)
    path = folder / WEIGHTS
    try:
        with tifffile.TiffFile(path) as tiff:
            for page in tiff.pages:
                yield np.asarray(page.asarray(), np.uint16)
    except (OSError, ValueError, tifffile.TiffFileError) as error:
        raise StackError(f"{path}: cannot be read: {reason(error)}") from error


def _drawn(folder: Path, recipe: Recipe, source: Path | None) -> Shapes:
    """Read what was drawn on the stack: beside the results, or else with the stack."""
    shapes = read_measurements(folder).shapes
    if shapes:
        return shapes
    try:
        return read_measurements(source or source_of(recipe, folder / FUSED)).shapes
    except StackError:
        # Pictures and heights can do without the stack.
        return ()
