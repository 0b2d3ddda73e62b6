"""Train as one of a team. Arguments: output folder, and whether each rank has its own stacks."""

import os
import sys
from pathlib import Path

import torch

from models.training.draws import SyntheticDraw
from models.training.settings import TrainSettings
from models.training.stack_source import DrawnStacks
from models.training.train import train


def settings(out: Path, iterations: int) -> TrainSettings:
    return TrainSettings(
        out=out, iterations=iterations, height=32, width=40, frames=(3, 4), warm_up=2, workers=0,
        block=2, validate_every=3, validation_frames=(3,), device="cpu", averaging=0.0, seed=4,
    )  # fmt: skip


def source(plan: TrainSettings, rank: int) -> DrawnStacks:
    return DrawnStacks(SyntheticDraw(plan.shape), (plan.seed, rank), workers=0, reuse=1, block=2)


def main() -> None:
    torch.set_num_threads(1)
    own_stacks = sys.argv[2] == "own"
    plan = settings(Path(sys.argv[1]), iterations=1 if own_stacks else 5)
    rank = int(os.environ.get("RANK", "0")) if own_stacks else 0
    report = train(plan, source=source(plan, rank))
    sys.stdout.write(f"{report.last}\n")


if __name__ == "__main__":
    main()
