"""A microscope whose stage and camera come from a Micro-Manager configuration."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from pydantic import ValidationError

from app.acquisition.microscope import open_microscope
from app.profiles import MicroscopeProfile, load_profile, save_profile
from drivers.camera import Frame
from drivers.stage import PositionSample

CONFIGURATION = """
Property,Core,Initialize,0
Device,Camera,DemoCamera,DCam
Device,Z,NotificationTester,NTAsyncStage
Device,XY,NotificationTester,NTAsyncXYStage
Property,Core,Initialize,1
Property,Core,Camera,Camera
Property,Core,Focus,Z
Property,Z,UpdateInterval_s,0.005
"""


def profile(configuration: str, adapters: str) -> MicroscopeProfile:
    axis = {"lower_um": -200.0, "upper_um": 200.0}
    return MicroscopeProfile.model_validate(
        {
            "name": "Through Micro-Manager",
            "stage": {"driver": "micromanager", "x": axis, "y": axis, "z": axis},
            "camera": {"driver": "micromanager", "pixel_um": 3.45, "exposure_ms": 10.0},
            "objectives": [{"name": "10x", "magnification": 10.0, "na": 0.25}],
            "objective": "10x",
            "micromanager": {
                "configuration": configuration,
                "adapters": adapters,
                "z_speed_property": "SlewTimePerStep_s",
                "z_speed_um_per_s": 0.1,
                "z_speed_is_pace": True,
            },
        }
    )


def test_the_section_goes_with_the_driver(tmp_path: Path) -> None:
    whole = profile("scope.cfg", "")
    save_profile(whole, tmp_path / "mm.toml")
    assert load_profile(tmp_path / "mm.toml") == whole
    content = whole.model_dump(exclude={"micromanager"})
    with pytest.raises(ValidationError, match=r"\[micromanager\] section"):
        MicroscopeProfile.model_validate(content)


def test_stage_and_camera_work_together_during_a_sweep(tmp_path: Path) -> None:
    adapters = pytest.importorskip("mm_test_adapters")
    pytest.importorskip("pymmcore_plus")
    configuration = tmp_path / "scope.cfg"
    configuration.write_text(CONFIGURATION)
    frames: list[Frame] = []
    positions: list[PositionSample] = []
    with open_microscope(profile(str(configuration), adapters.device_adapter_path())) as scope:
        assert scope.camera.settings.exposure_ms == 10.0
        plan = scope.plan_sweep(0.0, 40.0)
        assert plan.speed_um_per_s <= scope.stage.caps.z.max_speed_um_per_s
        scope.stage.subscribe(positions.append)
        scope.camera.start(frames.append, every_frame=True)
        scope.stage.sweep_z(20.0, 10.0).wait(30)
        assert scope.camera.stop().delivered == len(frames) >= 3
    during = [s for s in positions if s.moving]
    assert len(during) >= 3
    assert any(during[0].t_ns < f.t_mid_ns < during[-1].t_ns for f in frames)
    assert time.monotonic_ns() > frames[-1].t_mid_ns
