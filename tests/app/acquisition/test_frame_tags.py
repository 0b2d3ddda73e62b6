import logging
from dataclasses import dataclass

from app.acquisition.frame_tags import frame_tags
from app.acquisition.z_tagging import FrameTime
from app.captures.capture_record import ZReading
from drivers.stage import PositionSample

MS = 1_000_000


@dataclass(frozen=True)
class Plan:
    z_from_um: float = 0.0
    z_to_um: float = 20.0
    cruise_from_um: float = -1.0
    cruise_to_um: float = 21.0
    speed_um_per_s: float = 20.0


def tags(positions: int):
    times = [FrameTime(n, 100 * MS * n, MS) for n in range(5)]
    asked_ns = [800 * MS // positions * n for n in range(positions)]
    samples = [
        PositionSample(t_ns, t_ns + MS, 0.0, 0.0, 20e-9 * (t_ns + MS // 2), moving=True)
        for t_ns in asked_ns
    ]
    return frame_tags(times, samples, Plan(), ZReading(resolution_um=0.1), {1, 2, 3})


def test_with_enough_positions_every_frame_gets_its_z(caplog):
    assert all(tag.z_um is not None for tag in tags(20).values())
    assert not caplog.records


def test_with_too_few_the_frames_stay_and_a_warning_says_why(caplog):
    with caplog.at_level(logging.WARNING):
        found = tags(2)
    assert {index for index, tag in found.items() if tag.used} == {1, 2, 3}
    assert all(tag.z_um is None for tag in found.values())
    assert "z of the frames is not known" in caplog.text
    assert "Sweep more slowly or further." in caplog.text
