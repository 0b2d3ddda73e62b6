"""The camera whose pictures were made beforehand."""

import threading
from itertools import pairwise

import pytest

from app.window.ready_camera import ReadyCamera
from drivers.errors import ConnectionLost
from drivers.simulated.microscope import SimulatedMicroscope
from drivers.simulated.settings import SimulationSettings


@pytest.fixture
def simulation():
    simulation = SimulatedMicroscope(SimulationSettings(width=64, height=48))
    yield simulation
    simulation.close()


def test_it_delivers_enlarged_pictures_in_order(simulation):
    camera = ReadyCamera(simulation, 128, 96, 50)
    frames, enough = [], threading.Event()

    def sink(frame):
        frames.append(frame)
        if len(frames) == 6:
            enough.set()

    camera.open()
    camera.start(sink, every_frame=True)
    assert enough.wait(60)
    statistics = camera.stop()
    assert {frame.image.shape for frame in frames} == {(96, 128, 3)}
    assert (camera.caps.width, camera.caps.height) == (128, 96)
    steps = [late.index - early.index for early, late in pairwise(frames)]
    assert steps == [1 + frame.lost_before for frame in frames[1:]]
    assert [frame.t_mid_ns for frame in frames] == sorted(frame.t_mid_ns for frame in frames)
    assert statistics.delivered == len(frames)
    assert statistics.lost == sum(frame.lost_before for frame in frames)


def test_it_has_to_be_opened(simulation):
    camera = ReadyCamera(simulation, 128, 96, 50)
    with pytest.raises(ConnectionLost):
        camera.start(lambda _frame: None, every_frame=False)
