"""Run a training whose process is killed again and again.

Arguments: output folder, number of kills, seed of the moments. Each sitting is a fork of this
process, so that none has to import torch anew.
"""

import os
import random
import signal
import sys
import time
from pathlib import Path

import torch

from models.training.settings import TrainSettings
from models.training.train import train


def main() -> None:
    out, kills, moments = Path(sys.argv[1]), int(sys.argv[2]), random.Random(sys.argv[3])
    settings = TrainSettings(
        out=out, iterations=12, height=32, width=40, frames=(3, 4), warm_up=2, workers=0, block=2,
        checkpoint_every=2, validate_every=3, validation_frames=(3,), device="cpu", patience=3,
    )  # fmt: skip
    # Makes torch import here, once, what it imports at first use.
    torch.optim.Adam([torch.zeros(1, requires_grad=True)]).zero_grad()
    for _ in range(kills):
        sitting(settings, moments)
    train(settings)


def sitting(settings: TrainSettings, moments: random.Random) -> None:
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        train(settings, lambda _: os.write(writing, b"."))
        os._exit(0)
    os.close(writing)
    for _ in range(moments.randint(1, 4)):
        os.read(reading, 1)
    time.sleep(moments.uniform(0, 0.03))
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    os.close(reading)


if __name__ == "__main__":
    main()
