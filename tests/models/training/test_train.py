import csv
import itertools
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from pydantic import ValidationError

from models.training.checkpoint import CheckpointError
from models.training.progress import Progress
from models.training.real_stacks import RealStack
from models.training.settings import TrainSettings
from models.training.stack_source import Sample, Showing, StackSource
from models.training.train import TrainingError, train
from models.training.trainee import WrongWeightsError, rate
from models.wearif.weights import load_model


class PowerCutError(Exception):
    pass


def settings(out: Path, **changes: object) -> TrainSettings:
    tiny = {
        "iterations": 6,
        "height": 32,
        "width": 40,
        "frames": (3, 4),
        "warm_up": 2,
        "workers": 0,
        "block": 2,
        "checkpoint_every": 2,
        "validate_every": 3,
        "validation_frames": (4,),
        "device": "cpu",
    }
    return TrainSettings(out=out, **(tiny | changes))


def interrupt_at(iteration: int):
    def stop(progress: Progress) -> None:
        if progress.iteration == iteration:
            raise PowerCutError

    return stop


@pytest.mark.parametrize("killed_after", [1, 4, 5])
def test_a_resumed_training_equals_an_uninterrupted_one(tmp_path: Path, killed_after: int) -> None:
    whole = train(settings(tmp_path / "whole"))
    with pytest.raises(PowerCutError):
        train(settings(tmp_path / "parts"), interrupt_at(killed_after))
    parts = train(settings(tmp_path / "parts"))
    expected = load_model(str(whole.weights)).state_dict()
    for name, value in load_model(str(parts.weights)).state_dict().items():
        assert torch.equal(value, expected[name]), name
    assert parts.curve.read_text() == whole.curve.read_text()
    assert parts.scores == whole.scores


def test_a_training_leaves_weights_card_and_curve(tmp_path: Path) -> None:
    report = train(settings(tmp_path, loss="mended"))
    assert load_model(str(report.weights)).config.name == "wearif"
    card = report.card.read_text(encoding="utf-8")
    assert "wearif train --out FOLDER --loss mended --iterations 6 --workers 0 --size 40 32" in card
    assert "# warm_up = 2" in card
    assert f"{report.scores[4].whole_db:.2f}" in card
    with report.curve.open() as file:
        rows = list(csv.DictReader(file))
    assert [int(row["iteration"]) for row in rows] == [0, 3, 6]
    assert cv2.imread(str(tmp_path / "curve.png")) is not None
    # Twice enlarged below a label: frame, fused image and truth.
    assert cv2.imread(str(tmp_path / "sample.png")).shape[1] >= 3 * 2 * 40
    assert not list(tmp_path.glob("*.partial"))


def test_the_log_has_a_line_for_every_validation_and_sitting(tmp_path: Path) -> None:
    with pytest.raises(PowerCutError):
        train(settings(tmp_path), interrupt_at(5))
    train(settings(tmp_path))
    events = [line.split("  ")[1] for line in (tmp_path / "train.log").read_text().splitlines()]
    assert [event.split(" on ")[0] for event in events] == [
        "begins at iteration 0",
        "iteration 0 of 6",
        "iteration 3 of 6",
        "begins at iteration 4",
        "iteration 6 of 6",
        "ends after iteration 6: all are done",
    ]


def test_the_best_weights_are_written_beside_the_last(tmp_path: Path) -> None:
    """So high a rate spoils the model after the first steps."""
    report = train(settings(tmp_path, learning_rate=0.5, averaging=0.0, validate_every=1))
    assert report.best_iteration < report.iterations == 6
    with report.curve.open() as file:
        rows = {int(row["iteration"]): row for row in csv.DictReader(file)}
    best = rows[report.best_iteration]
    merits = [float(r["whole_db"]) + float(r["on_particles_db"]) for r in rows.values()]
    assert float(best["whole_db"]) + float(best["on_particles_db"]) == max(merits)
    assert float(best["whole_db"]) == pytest.approx(report.scores[4].whole_db)
    last = load_model(str(report.last)).state_dict()
    kept = load_model(str(report.weights)).state_dict()
    assert not all(torch.equal(value, last[name]) for name, value in kept.items())


def test_training_ends_when_validations_get_no_better(tmp_path: Path) -> None:
    spoilt = {"iterations": 40, "learning_rate": 0.5, "averaging": 0.0, "validate_every": 1}
    report = train(settings(tmp_path / "whole", patience=3, **spoilt))
    assert report.iterations == report.best_iteration + 3
    with pytest.raises(PowerCutError):
        train(settings(tmp_path / "parts", patience=3, **spoilt), interrupt_at(3))
    resumed = train(settings(tmp_path / "parts", patience=3, **spoilt))
    assert (resumed.iterations, resumed.scores) == (report.iterations, report.scores)
    again = train(settings(tmp_path / "parts", patience=3, **spoilt))
    assert again.iterations == report.iterations


@pytest.mark.parametrize("mix", [0.5, 1.0])
def test_real_stacks_are_learned_from_and_validated_on(tmp_path: Path, mix: float) -> None:
    rng = np.random.default_rng(1)
    frames = list(rng.integers(0, 256, (5, 60, 70), np.uint8))
    verdicts = []
    report = train(
        settings(tmp_path, mix=mix, iterations=3),
        lambda progress: verdicts.append(progress.verdict),
        [RealStack("lab", lambda: frames)],
    )
    assert verdicts[-1].real_loss > 0
    assert (verdicts[-1].merit == -verdicts[-1].real_loss) == (mix == 1)
    assert "1 real stacks" in report.card.read_text()
    with report.curve.open() as file:
        assert all(float(row["real_loss"]) > 0 for row in csv.DictReader(file))


def test_a_checkpoint_of_other_stacks_is_refused(tmp_path: Path) -> None:
    frames = list(np.random.default_rng(1).integers(0, 256, (5, 60, 70), np.uint8))
    train(settings(tmp_path), real_stacks=[RealStack("lab", lambda: frames)])
    with pytest.raises(CheckpointError, match="real_stacks"):
        train(settings(tmp_path))


def test_the_card_of_the_published_model_states_its_picks(tmp_path: Path) -> None:
    report = train(settings(tmp_path, model="published", loss="published", iterations=1))
    assert "argmax over frames" in report.card.read_text(encoding="utf-8")


def test_progress_is_told_after_every_iteration_with_scores_when_validated(tmp_path: Path) -> None:
    told: list[Progress] = []
    train(settings(tmp_path), told.append)
    assert [p.iteration for p in told] == list(range(7))
    assert [p.iteration for p in told if p.verdict] == [0, 3, 6]


@pytest.mark.parametrize("model", ["wearif", "published"])
def test_training_learns(tmp_path: Path, model: str) -> None:
    """On one stack over and over, the loss falls."""
    losses: list[float] = []
    train(
        settings(
            tmp_path, model=model, seed=4, iterations=40, block=1, reuse=40,
            learning_rate=3e-3, validate_every=40, norm_frozen_from=1.0,
        ),
        lambda progress: losses.append(progress.loss),
    )  # fmt: skip
    assert np.mean(losses[-5:]) < 0.97 * np.mean(losses[1:6])


def test_frozen_normalisation_keeps_its_statistics(tmp_path: Path) -> None:
    report = train(settings(tmp_path, model="published", norm_frozen_from=0.0))
    state = load_model(str(report.weights)).state_dict()
    means = [value for name, value in state.items() if name.endswith("running_mean")]
    assert means
    assert all((mean == 0).all() for mean in means)


def test_fine_tuning_starts_from_given_weights(tmp_path: Path) -> None:
    first = train(settings(tmp_path / "first", iterations=1))
    second = train(
        settings(tmp_path / "second", start_from=first.weights, iterations=1, learning_rate=1e-12)
    )
    expected = load_model(str(first.weights)).state_dict()
    for name, value in load_model(str(second.weights)).named_parameters():
        torch.testing.assert_close(value.data, expected[name])


def test_a_checkpoint_of_other_settings_is_refused(tmp_path: Path) -> None:
    train(settings(tmp_path))
    with pytest.raises(CheckpointError, match="learning_rate"):
        train(settings(tmp_path, learning_rate=0.5))


def test_a_finished_training_may_be_reported_again_with_other_workers(tmp_path: Path) -> None:
    first = train(settings(tmp_path))
    again = train(settings(tmp_path, checkpoint_every=1))
    assert again.scores == first.scores


def test_a_damaged_checkpoint_is_named(tmp_path: Path) -> None:
    (tmp_path / "checkpoint.pt").write_bytes(b"nonsense")
    with pytest.raises(CheckpointError, match=r"checkpoint\.pt"):
        train(settings(tmp_path))


def test_a_loss_that_is_no_number_stops_the_training(tmp_path: Path) -> None:
    class Broken(StackSource):
        def showing(self, iteration: int) -> Showing:
            luma = np.full((3, 32, 40), np.nan, np.float32)
            return Showing(0, Sample(luma, np.zeros((32, 40), np.float32)))

    with pytest.raises(TrainingError, match="iteration 0"):
        train(settings(tmp_path), source=Broken())


def test_the_learning_rate_warms_up_and_fades(tmp_path: Path) -> None:
    plan = settings(tmp_path, iterations=100, warm_up=10)
    rates = [rate(plan, i) for i in range(100)]
    assert rates[0] == pytest.approx(0.1)
    assert max(rates) == rates[9] == 1
    assert all(a >= b for a, b in itertools.pairwise(rates[9:]))
    assert rates[-1] < 0.01


def test_misspelt_settings_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValidationError):
        settings(tmp_path, iteration=5)


def test_weights_of_the_other_model_are_refused_for_fine_tuning(tmp_path: Path) -> None:
    first = train(settings(tmp_path / "first", iterations=1))
    with pytest.raises(WrongWeightsError, match="published"):
        train(settings(tmp_path / "second", model="published", start_from=first.weights))
