"""The stage that a profile asks for."""

import pytest

from app.acquisition.stages import make_dialect, make_stage
from app.profiles import ProfileError, StageProfile, load_profile, shipped_folder
from drivers.errors import ConnectionLost
from drivers.grbl import GrblStage
from drivers.serial_stage.settings import StageSettings
from drivers.serial_stage.stage import SerialStage

SHIPPED = sorted(path.stem for path in shipped_folder().glob("*_basler.toml"))


@pytest.mark.parametrize("name", SHIPPED)
def test_every_shipped_profile_of_real_hardware_makes_its_stage(name: str) -> None:
    profile = load_profile(name).stage
    stage = make_stage(profile.model_copy(update={"url": "socket://127.0.0.1:1"}))
    assert isinstance(stage, GrblStage if profile.driver == "grbl" else SerialStage)
    with pytest.raises(ConnectionLost, match="open socket"):
        stage.connect()


def test_there_is_a_profile_for_every_kind() -> None:
    kinds = {load_profile(name).stage.driver for name in SHIPPED}
    assert kinds == {"grbl", "zaber", "prior", "asi", "tango", "declared"}


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"driver": "declared", "controller": "nothing"}, "no such controller"),
        ({"driver": "zaber", "x": {"address": "one"}}, "one"),
    ],
)
def test_what_makes_no_sense_is_the_profiles_fault(fields: dict[str, object], reason: str) -> None:
    with pytest.raises(ProfileError, match=reason):
        make_stage(StageProfile.model_validate({"url": "COM1", **fields}))


def test_a_kind_that_nobody_knows() -> None:
    with pytest.raises(ProfileError, match="sutter"):
        make_dialect("sutter", StageSettings("COM1"))
