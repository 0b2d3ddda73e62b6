"""The model card: where weights come from and what they are worth, in Markdown."""

from __future__ import annotations

import platform
from dataclasses import asdict, dataclass
from datetime import datetime

import torch

from models.training.losses import LOSS_TERMS
from models.training.settings import TrainSettings
from models.training.team import Team
from models.training.training_log import machine
from models.training.validation import Verdict
from models.wearif.picks import SHIPPED

# What `wearif train` offers on the command line.
_OPTIONS = (
    *("model", "loss", "mix", "iterations", "learning_rate", "start_from", "patience"),
    *("seed", "workers"),
)

_SYNTHETIC = (
    "synthetic ferrogram stacks drawn by `models.training.synthetic`: layered defocus with "
    "occlusion, four kinds of light, camera noise"
)

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


@dataclass(frozen=True, slots=True)
class Work:
    """What went into weights.

    Parameters
    ----------
    iteration : int
        Whose weights they are.
    seconds : float
        Spent on iterations so far, over all sittings.
    team : Team
        Who learned.
    real_stacks : int
        How many there are to learn from and to validate on.
    """

    iteration: int
    seconds: float
    team: Team
    real_stacks: int


def write_card(settings: TrainSettings, work: Work, verdict: Verdict) -> str:
    """Return the card.

    Parameters
    ----------
    settings : TrainSettings
    work : Work
    verdict : Verdict
        Of the weights that the card is for.
    """
    scores, baseline = verdict.scores, verdict.baseline
    rows = "\n".join(
        f"| {count} | {scores[count].whole_db:.2f} | {scores[count].on_particles_db:.2f} "
        f"| {baseline[count].whole_db:.2f} | {baseline[count].on_particles_db:.2f} |"
        for count in scores
    )
    if verdict.real_loss is not None:
        rows += f"\n\nMean loss on real stacks: {verdict.real_loss:.5f}."
    fewest, most = settings.frames
    picks = _picks(settings)
    return f"""# WearIF weights: {settings.model}

All-in-focus fusion of ferrogram focus stacks. Trained on {datetime.now().astimezone():%Y-%m-%d}.

| | |
| --- | --- |
| model | {settings.model} |
| loss | {_loss(settings)} |
| data | {_data(settings, work)} |
| stacks | {fewest} to {most} frames of {settings.width}x{settings.height} |
| iterations | {work.iteration} of {settings.iterations}, one stack each{_ranks(work)} |
| showings | {settings.reuse} of every stack |
| optimiser | Adam, {settings.learning_rate:g}, warm-up {settings.warm_up}, cosine decay to 0 |
| seed | {settings.seed} |
| time | {work.seconds / 3600:.2f} h |
| machine | {machine(work.team.device)} |
| made with | Python {platform.python_version()}, torch {torch.__version__} |

## Command

```
{_command(settings, work)}
```

## Validation

Luma against the truth, PSNR in dB, on synthetic stacks of other seeds than the training's.

| frames | whole | on particles | soft focus weighting, whole | on particles |
| --- | --- | --- | --- | --- |
{rows}

Decibels on synthetic stacks say how well the optics were learned, not how a lab's slides will do.
{picks}"""


def _loss(settings: TrainSettings) -> str:
    if settings.loss == "published" and settings.loss_terms != LOSS_TERMS:
        return f"published, {' and '.join(settings.loss_terms)} alone"
    return settings.loss


def _picks(settings: TrainSettings) -> str:
    if settings.model != "published":
        return ""
    if settings.picks == SHIPPED:
        return _PICKS
    changed = ", ".join(
        f"{key} = {value}"
        for key, value in asdict(settings.picks).items()
        if value != getattr(SHIPPED, key)
    )
    return f"{_PICKS}\nBut for these, which differ as in an ablation: {changed}.\n"


def _data(settings: TrainSettings, work: Work) -> str:
    if not work.real_stacks:
        return _SYNTHETIC
    real = f"crops and parts of {work.real_stacks} real stacks"
    return real if settings.mix == 1 else f"{settings.mix:.0%} {real}; for the rest {_SYNTHETIC}"


def _ranks(work: Work) -> str:
    return f" for each of {work.team.size} processes" if work.team.size > 1 else ""


def _command(settings: TrainSettings, work: Work) -> str:
    """Return the command line, and below it the settings that only the library takes."""
    given = settings.model_dump(mode="json", exclude_defaults=True, exclude={"out"})
    options = "".join(
        f" --{name.replace('_', '-')} {given.pop(name)}" for name in _OPTIONS if name in given
    )
    if {"width", "height"} & set(given):
        options += f" --size {settings.width} {settings.height}"
    if work.real_stacks:
        options += " --stacks FOLDER"
    beside = "".join(
        f"\n# {name} = {value}" for name, value in given.items() if name not in ("width", "height")
    )
    return f"wearif train --out FOLDER{options}{beside}"
