"""The model card: where weights come from and what they are worth, in Markdown."""

from __future__ import annotations

import platform
from datetime import datetime

import torch

from models.training.settings import TrainSettings
from models.training.validation import Score

# What `wearif train` offers on the command line.
_OPTIONS = ("model", "loss", "iterations", "learning_rate", "start_from", "seed", "workers")

_PICKS = """
## What the paper leaves open, and what this model picks

| open | pick |
| --- | --- |
| argmax over frames is not differentiable | softmax over frames in training, argmax in use |
| what the guided filter acts on | the resulting low-resolution weights |
| how the difference maps become one guidance image | sum over frames, scaled to a maximum of 1 |
| what multiplies a_k at full resolution (Table 3, step 5) | the frame X_k, as printed |
| how W is normalised | absolute value, divided by the sum over frames |
| what encoder layer 6 sees | the outputs of layers 1 to 5, concatenated |
| dilation of encoder layers 2-5 | 2, 4, 8, 16, from the receptive fields in Table 2 |
| Gaussian of Reblur | sigma 1.5, 7x7 pixels, twice |
| patch of the content loss | 11x11 pixels, uniform |
| tau of the luminance weight | 0.5 on luma in 0..1 (128 on 8 bit) |
| gradient loss (eq. 14) | Laplacian of the fused image against the frames' largest Laplacian |
| mean-image loss (eq. 15) | squared |
| training data | synthetic; the paper's slides are confidential |
"""


def write_card(
    settings: TrainSettings,
    iterations: int,
    seconds: float,
    scores: dict[int, Score],
    baseline: dict[int, Score],
    data: str,
) -> str:
    """Return the card.

    Parameters
    ----------
    settings : TrainSettings
    iterations : int
        Done.
    seconds : float
        Spent on them, over all sittings.
    scores, baseline : dict of int to Score
        Of the model and of soft focus weighting, by number of frames.
    data : str
        One sentence: what it learned from.
    """
    rows = "\n".join(
        f"| {count} | {scores[count].whole_db:.2f} | {scores[count].on_particles_db:.2f} "
        f"| {baseline[count].whole_db:.2f} | {baseline[count].on_particles_db:.2f} |"
        for count in scores
    )
    fewest, most = settings.frames
    picks = _PICKS if settings.model == "published" else ""
    return f"""# WearIF weights: {settings.model}

All-in-focus fusion of ferrogram focus stacks. Trained on {datetime.now().astimezone():%Y-%m-%d}.

| | |
| --- | --- |
| model | {settings.model} |
| loss | {settings.loss} |
| data | {data} |
| stacks | {fewest} to {most} frames of {settings.width}x{settings.height} |
| iterations | {iterations}, one stack each; every stack is shown {settings.reuse} times, flipped |
| optimiser | Adam, {settings.learning_rate:g}, warm-up {settings.warm_up}, cosine decay to 0 |
| seed | {settings.seed} |
| time | {seconds / 3600:.2f} h |
| machine | {_machine(settings)} |
| made with | Python {platform.python_version()}, torch {torch.__version__} |

## Command

```
{_command(settings)}
```

## Validation

Luma against the truth, PSNR in dB, on synthetic stacks of other seeds than the training's.

| frames | whole | on particles | soft focus weighting, whole | on particles |
| --- | --- | --- | --- | --- |
{rows}

Decibels on synthetic stacks say how well the optics were learned, not how a lab's slides will do.
{picks}"""


def _command(settings: TrainSettings) -> str:
    """Return the command line, and below it the settings that only the library takes."""
    given = settings.model_dump(mode="json", exclude_defaults=True, exclude={"out"})
    options = "".join(
        f" --{name.replace('_', '-')} {given.pop(name)}" for name in _OPTIONS if name in given
    )
    beside = "".join(f"\n# {name} = {value}" for name, value in given.items())
    return f"wearif train --out FOLDER{options}{beside}"


def _machine(settings: TrainSettings) -> str:
    device = settings.torch_device
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    return f"{platform.machine()} CPU, {torch.get_num_threads()} threads"
