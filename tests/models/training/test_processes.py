"""Trainings in several processes, and in processes that are killed."""

import importlib.util
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
from torch import nn

from models.training.losses import SupervisedLoss
from models.training.trainee import new_model
from models.wearif.weights import load_model

HERE = Path(__file__).parent
TORCHRUN = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc_per_node=2"]
pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(600),
    pytest.mark.skipif(not hasattr(os, "fork"), reason="needs a POSIX system"),
]


def run(command: list[str], *arguments: object) -> str:
    done = subprocess.run(
        [*command, *map(str, arguments)], capture_output=True, text=True, timeout=500, check=False,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def weights(path: Path) -> dict[str, torch.Tensor]:
    return load_model(str(path)).state_dict()


def assert_equal(found: Path, expected: Path) -> None:
    of_expected = weights(expected)
    for name, value in weights(found).items():
        assert torch.equal(value, of_expected[name]), name


def test_a_training_killed_at_any_moment_ends_with_the_same_weights(tmp_path: Path) -> None:
    script = [sys.executable, str(HERE / "killed_training.py")]
    run(script, tmp_path / "whole", 0, 0)
    run(script, tmp_path / "killed", 5, "moments")
    for name in ("wearif.safetensors", "wearif-last.safetensors"):
        assert_equal(tmp_path / "killed" / name, tmp_path / "whole" / name)
    curve = (tmp_path / "whole" / "curve.csv").read_text()
    assert (tmp_path / "killed" / "curve.csv").read_text() == curve
    assert (tmp_path / "killed" / "train.log").read_text().count("begins at") == 6
    assert not list((tmp_path / "killed").glob("*.partial"))


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_worker_processes_end_with_a_killed_training(tmp_path: Path) -> None:
    code = (
        "import sys, time\n"
        "from pathlib import Path\n"
        "from models.training.draws import SyntheticDraw\n"
        "from models.training.stack_source import DrawnStacks\n"
        "from models.training.synthetic import StackShape\n"
        "if __name__ == '__main__':\n"
        "    DrawnStacks(SyntheticDraw(StackShape(32, 40, (3, 4))), (1,), workers=1).showing(0)\n"
        "    print('drawn', flush=True)\n"
        "    time.sleep(500)\n"
    )
    script = tmp_path / "draws.py"
    script.write_text(code)
    with subprocess.Popen([sys.executable, script], stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == b"drawn\n"
        children = Path(f"/proc/{parent.pid}/task/{parent.pid}/children").read_text().split()
        parent.send_signal(signal.SIGKILL)
    assert children
    deadline = time.monotonic() + 100
    while any(Path(f"/proc/{child}/cmdline").exists() for child in children):
        assert time.monotonic() < deadline, "a worker outlives its training"
        time.sleep(0.05)


def test_a_team_with_the_same_stacks_learns_what_one_learns_alone(tmp_path: Path) -> None:
    """The mean of two equal gradients is the gradient."""
    script = str(HERE / "taught_together.py")
    run([sys.executable, script], tmp_path / "alone", "same")
    printed = run(TORCHRUN, script, tmp_path / "team", "same").split()
    assert_equal(
        tmp_path / "team/wearif-last.safetensors", tmp_path / "alone/wearif-last.safetensors"
    )
    assert printed == [str(tmp_path / "team/wearif-last.safetensors")] * 2


def test_a_team_steps_along_the_mean_of_its_gradients(tmp_path: Path) -> None:
    spec = importlib.util.spec_from_file_location("taught", HERE / "taught_together.py")
    assert spec is not None
    assert spec.loader is not None
    taught = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(taught)
    plan = taught.settings(tmp_path, iterations=1)
    model = new_model(plan).train()
    for rank in (0, 1):
        sample = taught.source(plan, rank).showing(0).sample
        fused, _ = model.fuse_luma(torch.from_numpy(sample.luma)[:, None])
        (SupervisedLoss(torch.from_numpy(sample.truth)[None, None])(fused) / 2).backward()
    nn.utils.clip_grad_norm_(model.parameters(), plan.clip)
    torch.optim.Adam(model.parameters(), lr=plan.learning_rate / plan.warm_up).step()
    run(TORCHRUN, HERE / "taught_together.py", tmp_path, "own")
    found = weights(tmp_path / "wearif-last.safetensors")
    compared = 0
    for name, value in model.named_parameters():
        assert value.grad is not None
        # Adam's first step goes by the sign; where a gradient is all rounding, so is its sign.
        clear = value.grad.abs() > 1e-6
        compared += int(clear.sum())
        torch.testing.assert_close(found[name][clear], value.data[clear], rtol=1e-4, atol=1e-6)
        step = plan.learning_rate / plan.warm_up
        torch.testing.assert_close(found[name], value.data, rtol=0, atol=2.01 * step)
    assert compared > 100
