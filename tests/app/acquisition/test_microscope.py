from __future__ import annotations

import socket
from collections.abc import Callable

import pytest

from app.acquisition.depth_of_field import depth_of_field
from app.acquisition.microscope import Microscope, camera_settings, open_microscope
from app.profiles import CameraProfile, MicroscopeProfile, load_profile
from drivers.camera import CameraSettings, Region, WhiteBalance
from drivers.errors import ConnectionLost
from drivers.grbl import GrblStage
from drivers.stage import StagePhase


def test_real_hardware_gets_its_drivers_without_being_touched() -> None:
    microscope = open_microscope(load_profile("grbl_basler"))
    assert isinstance(microscope.stage, GrblStage)
    assert type(microscope.camera).__name__ == "BaslerCamera"
    assert microscope.simulation is None
    assert microscope.pixel_um == pytest.approx(0.345)
    assert microscope.depth_of_field_um == pytest.approx(10.04, abs=0.01)
    microscope.close()


def test_a_uvc_camera_is_made_where_the_profile_asks_for_one() -> None:
    profile = load_profile("grbl_basler")
    camera = profile.camera.model_copy(update={"driver": "uvc", "serial": "/dev/video7"})
    microscope = open_microscope(profile.model_copy(update={"camera": camera}))
    assert type(microscope.camera).__name__ == "UvcCamera"
    assert microscope.camera.name == "camera /dev/video7"


def test_a_camera_is_set_to_all_that_its_profile_says() -> None:
    profile = CameraProfile(
        driver="basler",
        pixel_um=3.45,
        white_balance=(1.6, 1.0, 1.9),
        black_level=4.0,
        pixel_format="Mono12",
        binning=2,
        region=(8, 4, 640, 480),
    )
    assert camera_settings(profile) == CameraSettings(
        5.0, 0.0, 30.0, WhiteBalance(1.6, 1.0, 1.9), 4.0, "Mono12", 2, Region(8, 4, 640, 480)
    )
    assert camera_settings(CameraProfile(driver="basler", pixel_um=3.45)) == CameraSettings(
        5.0, 0.0, 30.0, binning=1
    )


def test_binned_pixels_are_larger(
    profile: MicroscopeProfile, simulate: Callable[..., Microscope]
) -> None:
    camera = profile.camera.model_copy(update={"binning": 2})
    binned = profile.model_copy(update={"camera": camera})
    assert binned.pixel_um == pytest.approx(2 * profile.pixel_um)
    with simulate(binned) as microscope:
        caps = microscope.camera.caps
        assert (caps.width, caps.height) == (
            profile.simulation.width // 2,
            profile.simulation.height // 2,
        )
        # A larger pixel forgives more defocus.
        dof_um = depth_of_field(microscope.objective, profile.camera.pixel_um).total_um
        assert microscope.depth_of_field_um > dof_um


def test_a_stage_that_does_not_answer_leaves_nothing_open() -> None:
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]
    profile = load_profile("grbl_basler")
    stage = profile.stage.model_copy(update={"url": f"socket://127.0.0.1:{port}"})
    microscope = open_microscope(profile.model_copy(update={"stage": stage}))
    with pytest.raises(ConnectionLost):
        microscope.connect()
    assert microscope.stage.state().phase is StagePhase.DISCONNECTED


def test_the_simulated_stage_is_driven_by_the_real_driver(homed: Microscope) -> None:
    assert isinstance(homed.stage, GrblStage)
    assert homed.simulation is not None
    here = homed.stage.position()
    assert homed.simulation.truth.z_at(here.t_ns) == pytest.approx(here.z_um, abs=3)


def test_connecting_sets_the_camera_and_moves_nothing(
    profile: MicroscopeProfile, simulate: Callable[..., Microscope]
) -> None:
    camera = profile.camera.model_copy(update={"exposure_ms": 6.0, "fps": 20.0})
    with simulate(profile.model_copy(update={"camera": camera})) as microscope:
        settings = microscope.camera.settings
        assert (settings.exposure_ms, settings.fps) == pytest.approx((6.0, 20.0))
        assert microscope.stage.state().phase is StagePhase.IDLE
        assert not microscope.stage.state().referenced


def test_profile_limits_narrow_the_stage(
    profile: MicroscopeProfile, simulate: Callable[..., Microscope]
) -> None:
    z = profile.stage.z.model_copy(update={"lower_um": 300.0, "upper_um": 600.0})
    stage = profile.stage.model_copy(update={"z": z})
    with simulate(profile.model_copy(update={"stage": stage})) as microscope:
        axis = microscope.stage.caps.z
        assert (axis.lower_um, axis.upper_um) == (300.0, 600.0)
        low, high = microscope.reachable_um()
        plan = microscope.plan_sweep(low, high)
        assert plan.start_um >= 300
        assert plan.end_um <= 600
