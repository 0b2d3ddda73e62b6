"""The paper's ablations, run again: train each variant for a while, score all on the same stacks.

``python -m models.evaluation.paper_tables --out FOLDER``; started again, it goes on.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from time import monotonic

from models.evaluation.baselines import BASELINES, Baseline
from models.evaluation.errors import EvaluationError
from models.evaluation.frame_counts import FEWER, MORE, FrameCountScore, compare_frame_counts
from models.evaluation.paper_report import Run, write_report
from models.evaluation.paper_scores import (
    Scores,
    mean_scores,
    middle_in_grey,
    score,
    synthetic_stacks,
)
from models.evaluation.paper_variants import REFERENCES, TABLES, Variant
from models.evaluation.stack_folder import EvaluationStack, read_stack
from models.training.checkpoint import CheckpointError
from models.training.settings import TrainSettings
from models.training.synthetic import StackShape
from models.training.train import TrainingError, train
from models.wearif.fusion import fuse
from models.wearif.weights import load_model

SYNTHETIC = "synthetic"
FRAME_COUNTS = "fig11"
_COUNTS = "frame_counts.json"
TABLE_NAMES = (*(table.name for table in TABLES), FRAME_COUNTS)


@dataclass(frozen=True, slots=True)
class Scale:
    """How large the rerun is; everything in one folder is made at one scale.

    Parameters
    ----------
    iterations : int
        Of each training, one stack each.
    height, width : int
        Of the stacks to learn from and to score on. Of stacks from folders the middle is scored.
    frames : int
        Of the stacks to learn from.
    test_stacks, test_frames : int
        Held-out synthetic stacks to score on.

    Raises
    ------
    ValueError
        There can be no such stacks.
    """

    iterations: int = 150
    height: int = 144
    width: int = 208
    frames: int = 6
    test_stacks: int = 10
    test_frames: int = 8

    def __post_init__(self) -> None:
        for frames in (self.frames, self.test_frames):
            StackShape(self.height, self.width, (frames, frames))


def run_tables(
    out: Path,
    tables: Sequence[str] = TABLE_NAMES,
    seeds: int = 1,
    stacks: Sequence[Path] = (),
    scale: Scale | None = None,
    say: Callable[[str], None] = lambda _: None,
) -> Path:
    """Train and score what is missing in a folder, and write tables of all that is there.

    Parameters
    ----------
    out : Path
        Keeps weights and scores of every run, so that a later call goes on, or adds to them.
    tables : sequence of str
        Of `TABLE_NAMES`: what to run.
    seeds : int
        How often each variant is trained; the spread tells a difference from chance.
    stacks : sequence of Path
        Folders of stacks, or of a stack's frames, scored besides the synthetic ones; each folder
        is one test set.
    scale : Scale, optional
    say : callable
        Called with a line about each step.

    Returns
    -------
    Path
        The tables in Markdown; the same numbers lie beside it as CSV.

    Raises
    ------
    EvaluationError
        The folder was begun at another scale, or a stack cannot be read.
    """
    scale = scale or Scale()
    out.mkdir(parents=True, exist_ok=True)
    _require_same_scale(out / "scale.json", scale)
    shape = StackShape(scale.height, scale.width, (scale.test_frames, scale.test_frames))
    test_sets = {SYNTHETIC: synthetic_stacks(scale.test_stacks, shape)}
    for folder in stacks:
        test_sets[folder.resolve().name] = tuple(
            middle_in_grey(read_stack(each), scale.height, scale.width)
            for each in _stack_folders(folder)
        )
    chosen = [table for table in TABLES if table.name in tables]
    variants = dict.fromkeys(variant for table in chosen for variant in table.variants)
    for name in REFERENCES:
        _add_scores(out / "runs" / f"{name}-0", test_sets, partial(BASELINES.__getitem__, name))
    # Seeds go round the variants, so that an interrupted rerun has compared all of them.
    for seed in range(seeds):
        for variant in variants:
            started = monotonic()
            folder = out / "runs" / f"{variant.key}-{seed}"
            _add_scores(folder, test_sets, partial(_trained, folder, variant, seed, scale))
            say(f"{variant.label}, seed {seed}: {monotonic() - started:.0f} s")
            write_report(out, _found_runs(out), scale.iterations, _found_counts(out))
    if FRAME_COUNTS in tables:
        long_shape = StackShape(scale.height, scale.width, (MORE, MORE))
        counts = [asdict(each) for each in compare_frame_counts(long_shape)]
        _write(out / _COUNTS, json.dumps(counts, indent=1))
        say(f"{FEWER} against {MORE} frames")
    return write_report(out, _found_runs(out), scale.iterations, _found_counts(out))


def _add_scores(
    folder: Path,
    test_sets: Mapping[str, Sequence[EvaluationStack]],
    made: Callable[[], Baseline],
) -> None:
    """Score on the test sets that the folder has no scores of; ``made`` is called if there are."""
    path = folder / "scores.json"
    known: dict[str, Scores] = json.loads(path.read_bytes()) if path.exists() else {}
    missing = [name for name in test_sets if name not in known]
    if not missing:
        return
    fused = made()
    for name in missing:
        known[name] = mean_scores([score(fused(each.frames), each) for each in test_sets[name]])
    folder.mkdir(parents=True, exist_ok=True)
    _write(path, json.dumps(known, indent=1))


def _trained(folder: Path, variant: Variant, seed: int, scale: Scale) -> Baseline:
    """Train a variant, as far as that has not been done; return what fuses with it."""
    model = load_model(str(train(_settings(folder, variant, seed, scale)).last))
    return lambda frames: fuse(frames, model).fused


def _settings(folder: Path, variant: Variant, seed: int, scale: Scale) -> TrainSettings:
    """Return how a variant is trained; what is written out here decides the numbers."""
    return TrainSettings(
        out=folder,
        model="published",
        picks=variant.picks,
        loss="published",
        loss_terms=variant.loss_terms,
        iterations=scale.iterations,
        height=scale.height,
        width=scale.width,
        frames=(scale.frames, scale.frames),
        seed=seed,
        learning_rate=1e-3,
        warm_up=min(20, scale.iterations // 10),
        reuse=3,
        block=24,
        workers=0,
        checkpoint_every=50,
        validate_every=scale.iterations,
        validation_frames=(scale.frames,),
        device="cpu",
    )


def _found_runs(out: Path) -> list[Run]:
    """Read the scores of every run in the folder."""
    runs = []
    for path in sorted(out.glob("runs/*/scores.json")):
        variant, _, seed = path.parent.name.rpartition("-")
        runs.append(Run(variant, int(seed), json.loads(path.read_bytes())))
    return runs


def _found_counts(out: Path) -> list[FrameCountScore]:
    path = out / _COUNTS
    return (
        [FrameCountScore(**each) for each in json.loads(path.read_bytes())] if path.exists() else []
    )


def _require_same_scale(path: Path, scale: Scale) -> None:
    if not path.exists():
        _write(path, json.dumps(asdict(scale), indent=1))
        return
    begun = json.loads(path.read_bytes())
    changed = ", ".join(
        f"{k} {begun.get(k)}" for k, v in asdict(scale).items() if begun.get(k) != v
    )
    if changed:
        raise EvaluationError(
            f"{path.parent}: begun with {changed}; go on with that, or give another folder"
        )


def _write(path: Path, text: str) -> None:
    partial = path.with_name(f"{path.name}.partial")
    partial.write_text(text, encoding="utf-8")
    partial.replace(path)


def _stack_folders(folder: Path) -> list[Path]:
    """Return the folder itself where it holds frames, else the folders in it."""
    if any(path.stem.isdecimal() for path in folder.glob("*.png")):
        return [folder]
    within = sorted(path for path in folder.iterdir() if path.is_dir())
    if not within:
        raise EvaluationError(f"{folder}: holds neither numbered frames nor folders of them")
    return within


def _count(text: str) -> int:
    if (count := int(text)) < 1:
        raise argparse.ArgumentTypeError(f"{count}: give 1 or more")
    return count


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(
        prog="python -m models.evaluation.paper_tables", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("--out", type=Path, required=True, help="folder to begin or to go on in")
    parser.add_argument("--table", nargs="+", choices=TABLE_NAMES, default=TABLE_NAMES)
    parser.add_argument("--seeds", type=_count, default=1, help="trainings of each variant")
    parser.add_argument(
        "--stacks", type=Path, nargs="+", default=(), help="folders of stacks, or of frames"
    )
    for name, default in asdict(Scale()).items():
        parser.add_argument(f"--{name.replace('_', '-')}", type=_count, default=default)
    given = vars(parser.parse_args(arguments))
    try:
        scale = Scale(**{name: given[name] for name in asdict(Scale())})
        report = run_tables(
            given["out"], given["table"], given["seeds"], given["stacks"], scale, print
        )
    except (EvaluationError, CheckpointError, TrainingError, OSError, ValueError) as error:
        print(f"paper_tables: {error}", file=sys.stderr)
        return 2
    print(report)
    return 0


if __name__ == "__main__":
    sys.exit(main())
