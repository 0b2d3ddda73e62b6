import pickle
from pathlib import Path

import cv2
import numpy as np
import pytest
import tifffile
from rich.console import Console

from app.captures.stack import StackError
from app.train import TrainInputError, find_stacks, train_model
from app.train_view import LossCurve, TrainView
from models.training.progress import Progress
from models.training.real_stacks import UnfitStackError
from models.training.validation import Score, Verdict

TINY = {
    "iterations": 3, "height": 32, "width": 40, "frames": (3, 3), "workers": 0, "block": 2,
    "validation_frames": (3,), "device": "cpu",
}  # fmt: skip


@pytest.fixture
def lab(tmp_path: Path) -> Path:
    """A folder with a folder of images, a multi-page TIFF, and other things."""
    folder = tmp_path / "lab"
    (folder / "slide 10").mkdir(parents=True)
    frames = np.random.default_rng(0).integers(0, 256, (4, 48, 56), np.uint8)
    for index, frame in enumerate(frames):
        cv2.imwrite(str(folder / "slide 10" / f"{index:03}.png"), frame)
    tifffile.imwrite(folder / "slide 9.tif", frames, photometric="minisblack")
    (folder / ".thumbnails").mkdir()
    (folder / "notes.txt").write_text("oil of gearbox 3")
    return folder


def test_folders_and_files_are_stacks_in_natural_order(lab: Path) -> None:
    stacks = find_stacks(lab)
    assert [stack.name for stack in stacks] == ["slide 9.tif", "slide 10"]
    for stack in stacks:
        # Worker processes open them.
        frames = pickle.loads(pickle.dumps(stack)).open()
        assert len(frames) == 4
        assert frames[0].shape == (48, 56)


def test_a_folder_without_stacks_is_named(tmp_path: Path) -> None:
    with pytest.raises(TrainInputError, match=tmp_path.name):
        find_stacks(tmp_path)
    with pytest.raises(StackError, match="nowhere"):
        find_stacks(tmp_path / "nowhere")


def test_a_stack_that_cannot_be_learned_from_is_found_before_training(
    lab: Path, tmp_path: Path
) -> None:
    cv2.imwrite(str(lab / "slide 10" / "000.png"), np.zeros((8, 8), np.uint8))
    with pytest.raises(UnfitStackError, match="slide 10"):
        train_model(TINY | {"out": tmp_path / "out"}, lab, Console(quiet=True))
    assert not (tmp_path / "out").exists()


def test_learning_from_a_folder_says_how_it_goes(lab: Path, tmp_path: Path) -> None:
    console = Console(record=True, width=120, quiet=False, file=(tmp_path / "told").open("w"))
    with console.file:
        report = train_model(TINY | {"out": tmp_path / "out", "mix": 0.5}, lab, console)
    told = console.export_text()
    assert "iteration 0: " in told
    assert "iteration 3: " in told
    assert "loss on real stacks" in told
    assert report.weights.is_file()


@pytest.mark.parametrize(
    ("option", "name"),
    [({"model": "nosuch"}, "model"), ({"mix": 0}, "mix"), ({"height": 8}, "height")],
    ids=["model", "mix", "height"],
)
def test_an_option_out_of_range_is_named(option: dict, name: str, tmp_path: Path) -> None:
    with pytest.raises(TrainInputError, match=f"^{name}: "):
        train_model({"out": tmp_path} | option, None, Console(quiet=True))


def test_a_terminal_shows_time_left_and_the_loss(tmp_path: Path) -> None:
    verdict = Verdict({3: Score(30.0, 28.0)}, {3: Score(29.0, 27.0)}, None, 29.0)
    with (tmp_path / "told").open("w") as file:
        console = Console(file=file, force_terminal=True, width=120)
        with TrainView(console) as view:
            view.show(Progress(0, 100, float("nan"), 0.0, verdict))
            for iteration in range(1, 9):
                view.show(Progress(iteration, 100, 1 / iteration, 0.1))
    told = (tmp_path / "told").read_text()
    assert "30.00 / 28.00 dB" in told
    assert "left" in told
    assert "▁" in told


def test_a_falling_loss_is_a_falling_line_however_long() -> None:
    curve = LossCurve(10)
    assert str(curve) == ""
    for iteration in range(1000):
        curve.add(0.99**iteration)
    line = str(curve)
    assert 5 <= len(line) <= 10
    assert list(line) == sorted(line, reverse=True)
    assert (line[0], line[-1]) == ("█", "▁")


def test_a_loss_that_is_no_number_leaves_no_mark() -> None:
    curve = LossCurve(10)
    for loss in (float("nan"), 0.0, float("inf")):
        curve.add(loss)
    assert str(curve) == ""
