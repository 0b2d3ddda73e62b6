from __future__ import annotations

import threading
import time
from collections.abc import Callable

import numpy as np
import pytest

from app.acquisition.autofocus import AutofocusError, autofocus
from app.acquisition.microscope import Microscope
from app.acquisition.motion import Motion
from app.profiles import MicroscopeProfile
from drivers.errors import MoveStopped
from drivers.stage import StagePhase


def true_focus_um(microscope: Microscope) -> float:
    assert microscope.simulation is not None
    truth = microscope.simulation.truth
    x_um, y_um, _ = truth.position_at(time.monotonic_ns())
    return truth.best_focus_z(x_um, y_um)


@pytest.mark.slow
@pytest.mark.parametrize("start_um", [405, 640])
def test_focus_is_found_from_near_and_from_far(microscope: Microscope, start_um: float) -> None:
    assert microscope.simulation is not None
    Motion(microscope.stage).go_to_z(start_um)
    settings = microscope.camera.settings
    result = autofocus(microscope, Motion(microscope.stage))
    assert abs(result.best_z_um - true_focus_um(microscope)) < microscope.depth_of_field_um / 2
    assert microscope.stage.position().z_um == pytest.approx(result.best_z_um, abs=0.3)
    assert microscope.simulation.truth.z_at(time.monotonic_ns()) == pytest.approx(
        result.best_z_um, abs=0.5
    )
    assert microscope.camera.settings == settings
    assert 0 < result.confidence <= 1
    assert np.all(np.diff(result.curve_z_um) > 0)
    assert result.curve_z_um.shape == result.curve_focus.shape


@pytest.mark.slow
def test_a_peak_beyond_the_window_is_followed(microscope: Microscope) -> None:
    result = autofocus(microscope, Motion(microscope.stage), search_um=(470, 560))
    assert abs(result.best_z_um - true_focus_um(microscope)) < microscope.depth_of_field_um


@pytest.mark.slow
@pytest.mark.parametrize("start_um", [720.1, 800, 998.9], ids=["lowest", "between", "highest"])
def test_without_contrast_it_says_so_and_goes_back(
    profile: MicroscopeProfile, simulate: Callable[..., Microscope], start_um: float
) -> None:
    # So far above the glass everything is evenly grey.
    z = profile.stage.z.model_copy(update={"lower_um": 720.0})
    stage = profile.stage.model_copy(update={"z": z})
    with simulate(profile.model_copy(update={"stage": stage})) as microscope:
        microscope.stage.home().wait(60)
        Motion(microscope.stage).go_to_z(start_um)
        with pytest.raises(AutofocusError, match="No contrast between"):
            autofocus(microscope, Motion(microscope.stage))
        assert microscope.stage.position().z_um == pytest.approx(start_um, abs=0.3)


def test_cancelling_leaves_the_stage_where_it_stopped(microscope: Microscope) -> None:
    motion = Motion(microscope.stage)
    settings = microscope.camera.settings
    sweeping = threading.Event()
    end = microscope.stage.subscribe(
        lambda sample: sweeping.set() if sample.moving and sample.z_um < 430 else None
    )

    def cancel_once_it_sweeps() -> None:
        assert sweeping.wait(30)
        motion.cancel()

    canceller = threading.Thread(target=cancel_once_it_sweeps)
    canceller.start()
    with pytest.raises(MoveStopped):
        autofocus(microscope, motion)
    canceller.join(30)
    end()
    here = microscope.stage.position()
    assert microscope.stage.state().phase is StagePhase.IDLE
    assert here.z_um != pytest.approx(500, abs=5)
    assert microscope.stage.position().z_um == here.z_um
    assert microscope.camera.settings == settings
