import json

import numpy as np
import pytest

from models.evaluation.speed import FINISH, LEAST_RUNS, NETWORK, ORDER, measure_speed, network_gflop
from models.evaluation.speed_tables import TITLES, cells, json_of, markdown_of
from models.wearif.fusion import fuse
from models.wearif.weights import load_model


@pytest.fixture(scope="module", params=["wearif", "published"])
def speed(request):
    return measure_speed(load_model(request.param), 72, 56, frames=2, seconds=0)


def test_every_stage_is_measured(speed):
    assert tuple(stage.stage for stage in speed.stages) == ORDER
    assert speed.runs == LEAST_RUNS
    for stage in speed.stages:
        assert 0 < stage.wall.least_s <= stage.wall.median_s <= stage.wall.most_s
        assert stage.cpu.least_s > 0


def test_only_the_network_counts_operations(speed):
    rated = [stage.stage for stage in speed.stages if stage.gflop_per_s is not None]
    assert rated == [NETWORK]
    assert speed.machine.gflop_per_s > 0
    assert speed.machine.gbyte_per_s > 0


def test_a_whole_stack_takes_its_frames_and_one_finish(speed):
    finish = next(stage for stage in speed.stages if stage.stage == FINISH)
    per_frame = speed.cpu_s(2) - speed.cpu_s(1)
    assert speed.cpu_s(32) == pytest.approx(32 * per_frame + finish.cpu.median_s)


def test_only_the_default_model_is_live(speed):
    if speed.model == "published":
        assert speed.live_fps is None
    else:
        assert speed.live_fps == pytest.approx(1 / speed.frame_wall_s)


def test_the_tables_have_a_line_for_each_stage(speed):
    lines = cells(speed)
    assert all(len(line) == len(TITLES) for line in lines)
    assert sum(float(line[4].rstrip("%")) for line in lines) == pytest.approx(100, abs=4)
    text = markdown_of([speed])
    assert all(f"| {line[0]} |" in text for line in lines)
    stored = json.loads(json_of([speed]))[0]
    assert stored["network_gflop"] == speed.network_gflop
    assert [stage["stage"] for stage in stored["stages"]] == list(ORDER)


def test_the_published_network_takes_what_its_layers_add_up_to():
    """By hand: 7x7 of 1, 3x3 of 24, 48, 72, 96, 120, 3 x 24 and 120 channels, 1x1 of 24, all to 24;
    1x1 of 24 to 1, and once per frame 1x1 of 24 to 24; 2 for each weight and small pixel."""
    weights = 24 * (49 + 9 * (24 + 48 + 72 + 96 + 120 + 3 * 24 + 120) + 24) + 24
    expected = 2 * (weights * 20 * 30 + 24 * 24) / 1e9
    assert network_gflop(load_model("published"), 120, 80) == pytest.approx(expected)


def test_measuring_leaves_the_fusion_as_it_is():
    model = load_model()
    frames = list(np.random.default_rng(2).integers(0, 256, (3, 40, 48), dtype=np.uint8))
    before = fuse(frames, model).fused
    measure_speed(model, 40, 32, frames=1, seconds=0)
    assert np.array_equal(fuse(frames, model).fused, before)
