"""`wearif fuse --from-export`: make the pixels of an exported file again."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from rich.markup import escape

from app.captures.alignment import STILL
from app.captures.export.exportable import fused_frames, source_of
from app.captures.export.read_recipe import read_recipe
from app.captures.layout import FUSED, RESULT_NAMES
from app.captures.origin import Origin, versions
from app.captures.pixel_digest import PixelDigest
from app.captures.recipe import Recipe
from app.captures.results import ResultError, check_output, write_results
from app.captures.retouch_record import Edits
from app.captures.stack import Stack
from app.fuse import OnProgress
from models.wearif.fusion import fuse
from models.wearif.model import PublishedWearIF, StreamingWearIF
from models.wearif.retouch import retouch
from models.wearif.weights import load_model


class RepeatError(Exception):
    """An export cannot be repeated; the message is one line that names what differs."""


@dataclass(frozen=True, slots=True)
class RepeatReport:
    """What `repeat_export` has done."""

    files: tuple[Path, ...]
    source: Path
    frames: int
    model: str

    def __str__(self) -> str:
        return "\n".join(
            (
                f"Fused {self.frames} frames of {self.source} again, with the model {self.model}:",
                "every pixel is that of the export",
                *map(str, self.files),
            )
        )

    def __rich__(self) -> str:
        return escape(str(self))


def repeat_export(
    export: Path,
    out_dir: Path,
    *,
    source: Path | None = None,
    model: str = "",
    device: str = "auto",
    on_progress: OnProgress | None = None,
) -> RepeatReport:
    """Fuse the same frames of the same stack, warped and retouched in the same way.

    Parameters
    ----------
    export : Path
        Whatever `read_recipe` reads.
    out_dir : Path
        Made if it is missing; earlier results in it are replaced.
    source : Path, optional
        Where the stack lies now; by default where it lay, or the capture around the export.
    model : str
        Where its weights lie now; by default what they were called.
    device : str
        Where to compute, see `load_model`.
    on_progress : callable, optional
        Called with what is done, the steps done and in all.

    Raises
    ------
    RepeatError
        The weights or the frames are not those of the export, or the pixels came out otherwise:
        on another kind of processor, or with other versions of the libraries, sums may be rounded
        otherwise. Nothing is written.
    StackError, WeightsError, FusionError, ResultError
        As in `fuse_input`.
    """
    tell = on_progress or (lambda _what, _done, _total: None)
    recipe = read_recipe(export)
    network = _same_network(export, recipe, model, device)
    lies = source or source_of(recipe, export)
    _check_not_own_input(export, lies, out_dir)
    stack = fused_frames(recipe, lies)
    check_output(out_dir, stack.format, len(stack))
    _check_same_frames(export, recipe, lies, stack, tell)
    choice = recipe.choice((stack.format.height, stack.format.width))
    fusion = fuse(
        stack,
        network,
        stack.z_um,
        lambda done, total: tell("fusing", done, total),
        recipe.brightness,
    )
    fusion = retouch(fusion, stack, Edits(choice).choice_among(recipe.frames), stack.z_um)
    if PixelDigest.of([fusion.fused]).sha256 != recipe.fused_sha256:
        raise RepeatError(f"{export}: cannot be made again to the last bit here: {_other(recipe)}")
    told = recipe.fusion
    warps = [frame.warp or STILL for frame in told.frames]
    origin = Origin(
        source=lies,
        frames=recipe.frames,
        warps=warps if any(frame.warp for frame in told.frames) else None,
        excluded=told.excluded,
        painted=told.painted,
        choice=choice,
        settings=told.settings,
        measured=told.brightness == "measured",
    )
    write_results(out_dir, fusion, stack, origin, lambda done, total: tell("writing", done, total))
    files = tuple(out_dir / name for name in RESULT_NAMES)
    return RepeatReport(files, lies, len(stack), fusion.model)


def _same_network(
    export: Path, recipe: Recipe, model: str, device: str
) -> PublishedWearIF | StreamingWearIF:
    """Load the weights and make sure, by their hash, that they are those of the export."""
    name = model or recipe.fusion.settings.model
    network = load_model(name, device)
    ours, theirs = network.weights_sha256, recipe.fusion.weights_sha256
    if ours != theirs:
        raise RepeatError(
            f"{export}: was made with other weights: {_short(theirs)}, but {name} here is "
            f"{_short(ours)}; name the right ones by --model"
        )
    return network


def _check_same_frames(
    export: Path, recipe: Recipe, source: Path, stack: Stack, tell: OnProgress
) -> None:
    digest = PixelDigest()
    for index in range(len(stack)):
        digest.add(stack[index])
        tell("comparing", index + 1, len(stack))
    if digest.sha256 != recipe.frames_sha256:
        raise RepeatError(
            f"{source}: its frames are not those that {export.name} was made from; "
            "name the right stack as INPUT"
        )


def _check_not_own_input(export: Path, source: Path, out_dir: Path) -> None:
    # Not Path.resolve, which fails on links that lead in circles.
    results = {os.path.realpath(out_dir / name) for name in RESULT_NAMES}
    for path in (export, source, source / FUSED):
        if os.path.realpath(path) in results:
            raise ResultError(f"{path}: would be overwritten by the results; choose another folder")


def _other(recipe: Recipe) -> str:
    """Name the libraries that are not those of the export."""
    here = versions()
    others = [
        f"{name} {version} there, {here.get(name)} here"
        for name, version in recipe.fusion.versions.items()
        if here.get(name) != version and name in ("torch", "opencv", "numpy", "wearif")
    ]
    return "; ".join(others) or "another kind of processor; try --device cpu"


def _short(sha256: str | None) -> str:
    return "weights without a file" if sha256 is None else sha256[:16]
