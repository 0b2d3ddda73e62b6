"""The training loop."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import fmean

import torch

from models.training.checkpoint import Checkpoint
from models.training.curve import write_curve, write_picture
from models.training.draws import MixedDraw, SyntheticDraw
from models.training.early_stopping import EarlyStopping
from models.training.lessons import Lessons
from models.training.model_card import Work, write_card
from models.training.progress import Progress, TrainReport
from models.training.real_stacks import RealDraw, RealStack, held_out
from models.training.sample_picture import draw_sample
from models.training.settings import TrainSettings
from models.training.stack_source import DrawnStacks, StackDraw, StackSource
from models.training.team import Team, joined_team
from models.training.trainee import Trainee, rate
from models.training.training_log import TrainingLog
from models.training.validation import ValidationSet, Verdict
from models.wearif.model import WearIF, build_model
from models.wearif.weights import save_model

OnProgress = Callable[[Progress], None]


class TrainingError(Exception):
    """Training cannot go on; the message says where and why."""


def train(
    settings: TrainSettings,
    on_progress: OnProgress | None = None,
    real_stacks: Sequence[RealStack] = (),
    source: StackSource | None = None,
) -> TrainReport:
    """Train a model, or go on with a training that was interrupted.

    A checkpoint in the output folder is taken up; the result then equals that of an uninterrupted
    run (bit by bit on a CPU with the same numbers of threads and workers). Where torchrun has
    started several processes, they learn together, each from stacks of its own.

    Parameters
    ----------
    settings : TrainSettings
    on_progress : callable, optional
        Called before the first iteration of this sitting and after every one; an exception from it
        ends the training.
    real_stacks : sequence of RealStack
        To learn from, `settings.mix` of the time; for the rest, stacks are synthetic.
    source : StackSource, optional
        Takes the place of both.

    Returns
    -------
    TrainReport
        The same on every process of a team; its first one writes, and calls `on_progress`.

    Raises
    ------
    TrainingError
        The loss became infinite or not a number.
    WrongWeightsError, WeightsError
        The weights to start from are those of another model, or unreadable.
    CheckpointError
        There is a checkpoint of other settings in the output folder, or a damaged one.
    StackSourceError
        No more stacks can be drawn.
    OSError
        The output folder cannot be written.
    """
    settings.out.mkdir(parents=True, exist_ok=True)
    with ExitStack() as opened:
        opened.enter_context(_sparing_processors(settings.workers))
        team = opened.enter_context(joined_team(settings.torch_device))
        if source is None:
            learned, _ = held_out(real_stacks)
            source = opened.enter_context(_drawn_stacks(settings, team, learned))
        run = _Run(settings, team, source, real_stacks)
        run.resume()
        run.go(on_progress if on_progress and team.leads else lambda _: None)
        return run.report()


@contextmanager
def _sparing_processors(workers: int) -> Iterator[None]:
    """Leave each worker process a processor of its own.

    Threads of one computation wait for each other spinning, so that one too many costs more than
    it gives.
    """
    before = torch.get_num_threads()
    torch.set_num_threads(max(1, before - workers))
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _drawn_stacks(settings: TrainSettings, team: Team, real: Sequence[RealStack]) -> DrawnStacks:
    draw: StackDraw = SyntheticDraw(settings.shape)
    if real:
        draw = MixedDraw(draw, RealDraw(real, settings.shape), settings.mix)
    seed = (settings.seed, team.rank)
    return DrawnStacks(draw, seed, settings.workers, settings.reuse, settings.block)


class _Run:
    """A training under way."""

    def __init__(
        self,
        settings: TrainSettings,
        team: Team,
        source: StackSource,
        real_stacks: Sequence[RealStack],
    ) -> None:
        self._settings = settings
        self._team = team
        self._source = source
        self._validation = ValidationSet(settings, team.device, held_out(real_stacks)[1])
        self._trainee = Trainee(settings, team)
        self._lessons = Lessons(settings, self._trainee.result, team.device)
        self._stopping = EarlyStopping(settings.patience)
        self._log = TrainingLog(settings.out / "train.log")
        self._real_count = len(real_stacks)
        self._checkpoint = settings.out / "checkpoint.pt"
        # What the result depends on, ready for JSON.
        self._deciding = settings.deciding() | {
            "ranks": team.size,
            "real_stacks": [stack.name for stack in real_stacks],
        }
        self._iteration = 0
        self._seconds = 0.0
        self._logged = (0, 0.0)
        self._losses: list[float] = []
        self._curve: list[dict[str, float]] = []

    def resume(self) -> None:
        """Take up the checkpoint in the output folder, if there is one."""
        if not self._checkpoint.exists():
            return
        kept = Checkpoint.load(self._checkpoint, self._deciding)
        self._trainee.load(kept.trainee)
        self._stopping.load(kept.stopping)
        self._iteration, self._seconds = kept.iteration, kept.seconds
        self._losses, self._curve = kept.losses, kept.curve
        self._logged = (self._iteration, self._seconds)

    def go(self, on_progress: OnProgress) -> None:
        """Run to the last iteration, or until validations get no better."""
        settings, team = self._settings, self._team
        if team.leads:
            self._log.begins(self._iteration, team.device, team.size)
        verdict = self._validate() if self._iteration == 0 else None
        on_progress(self._progress(math.nan, verdict))
        ends = team.told_by_leader(self._stopping.ends)
        while self._iteration < settings.iterations and not ends:
            loss, verdict = self._step(), None
            if self._is_due(settings.validate_every):
                verdict = self._validate()
                ends = team.told_by_leader(self._stopping.ends)
            if team.leads and (ends or self._is_due(settings.checkpoint_every)):
                self._save()
            on_progress(self._progress(loss, verdict))
        if team.leads:
            self._log.ends(
                self._iteration, "no better validation for a while" if ends else "all are done"
            )

    def report(self) -> TrainReport:
        """Have the leader write the weights and the curve; return what was made."""
        return self._team.told_by_leader(self._written() if self._team.leads else None)

    def _written(self) -> TrainReport:
        settings = self._settings
        best = build_model(self._trainee.result.config).to(self._team.device)
        best.load_state_dict(self._stopping.weights)
        verdict = self._validation.judge(best)
        weights = self._save_weights(best, verdict)
        last = settings.out / f"{settings.model}-last.safetensors"
        card = f"Weights after the last iteration, {self._iteration}; see {weights.stem}.md.\n"
        save_model(self._trainee.result, last, card)
        return TrainReport(
            weights=weights,
            card=weights.with_suffix(".md"),
            curve=write_curve(settings.out, self._curve),
            last=last,
            iterations=self._iteration,
            best_iteration=self._stopping.iteration,
            seconds=self._seconds,
            scores=verdict.scores,
            baseline=verdict.baseline,
        )

    def _is_due(self, every: int) -> bool:
        return self._iteration % every == 0 or self._iteration == self._settings.iterations

    def _progress(self, loss: float, verdict: Verdict | None) -> Progress:
        return Progress(
            self._iteration,
            self._settings.iterations,
            loss,
            self._seconds,
            verdict,
            self._stopping.iteration,
        )

    def _step(self) -> float:
        started = time.monotonic()
        lesson = self._lessons.of(self._source.showing(self._iteration))
        loss = self._trainee.step(lesson, self._iteration)
        if not math.isfinite(loss):
            raise TrainingError(
                f"training {self._settings.model} in {self._settings.out}: the loss is {loss} in "
                f"iteration {self._iteration}; train anew with a lower learning rate"
            )
        self._losses.append(loss)
        self._iteration += 1
        self._seconds += time.monotonic() - started
        return loss

    def _validate(self) -> Verdict | None:
        if not self._team.leads:
            return None
        settings, model = self._settings, self._trainee.result
        verdict = self._validation.judge(model)
        improved = self._stopping.judge(verdict.merit, model, self._iteration)
        loss = fmean(self._losses) if self._losses else math.nan
        self._curve.append(_row(self._iteration, loss, verdict))
        self._losses.clear()
        write_curve(settings.out, self._curve)
        self._draw_sample(model)
        if improved:
            self._save_weights(model, verdict)
        done, spent = self._iteration - self._logged[0], self._seconds - self._logged[1]
        self._log.validated(
            self._progress(loss, verdict),
            settings.learning_rate * rate(settings, self._iteration),
            spent / max(1, done),
        )
        self._logged = (self._iteration, self._seconds)
        return verdict

    def _draw_sample(self, model: WearIF) -> None:
        stacks = [stacks[0] for stacks in self._validation.stacks.values()]
        fused = [self._validation.fused(model, stack)[0, 0].numpy() for stack in stacks]
        write_picture(self._settings.out / "sample.png", draw_sample(stacks, fused))

    def _save_weights(self, model: WearIF, verdict: Verdict) -> Path:
        settings = self._settings
        path = settings.out / f"{settings.model}.safetensors"
        work = Work(self._stopping.iteration, self._seconds, self._team, self._real_count)
        card = write_card(settings, work, verdict)
        save_model(model, path, card)
        return path

    def _save(self) -> None:
        Checkpoint(
            iteration=self._iteration,
            seconds=self._seconds,
            trainee=self._trainee.state(),
            stopping=self._stopping.state(),
            losses=self._losses,
            curve=self._curve,
        ).save(self._checkpoint, self._deciding)


def _row(iteration: int, loss: float, verdict: Verdict) -> dict[str, float]:
    """Return a row of the learning curve."""
    row = {
        "iteration": iteration,
        "loss": loss,
        "whole_db": verdict.score.whole_db,
        "on_particles_db": verdict.score.on_particles_db,
        "soft_focus_whole_db": verdict.baseline_score.whole_db,
        "soft_focus_on_particles_db": verdict.baseline_score.on_particles_db,
    }
    return row if verdict.real_loss is None else row | {"real_loss": verdict.real_loss}
