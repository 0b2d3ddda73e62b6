from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from app.profiles import (
    Objective,
    ProfileError,
    available_profiles,
    load_profile,
    save_profile,
    shipped_folder,
)

SHIPPED = sorted(path.stem for path in shipped_folder().glob("*.toml"))


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_profiles_load_and_survive_saving(name: str, tmp_path: Path) -> None:
    profile = load_profile(name, tmp_path)
    save_profile(profile, tmp_path / "copy.toml")
    assert load_profile(tmp_path / "copy.toml") == profile


def test_the_promised_profiles_are_shipped() -> None:
    assert {"simulated", "grbl_basler"} <= set(SHIPPED)
    assert load_profile("simulated").is_simulated
    assert not load_profile("grbl_basler").is_simulated


def test_own_profile_goes_before_a_shipped_one_of_the_same_name(tmp_path: Path) -> None:
    mine = load_profile("simulated").model_copy(update={"name": "Mine"})
    save_profile(mine, tmp_path / "simulated.toml")
    assert available_profiles(tmp_path)["simulated"] == tmp_path / "simulated.toml"
    assert load_profile("simulated", tmp_path).name == "Mine"


def test_pixel_at_the_object() -> None:
    profile = load_profile("simulated")
    magnification = profile.current_objective.magnification
    assert profile.pixel_um * magnification == pytest.approx(profile.camera.pixel_um)


@pytest.mark.parametrize(
    ("old", "new", "field", "reason"),
    [
        ("fps = 30.0", "fps = 0.0", "camera.fps", "greater than 0"),
        ("fps = 30.0", "fsp = 30.0", "camera.fsp", "not permitted"),
        ('driver = "simulated"\nsettle', 'driver = "sutter"\nsettle', "stage.driver", "'grbl'"),
        ('objective = "20x/0.40"', 'objective = "4x"', "", "'4x' is none of 10x/0.25"),
        ("na = 0.25", "na = 1.25", "objectives.0", "below immersion_index"),
        ("backlash_um = 3.0", "lower_um = 9.0\nupper_um = 3.0", "stage.z", "below upper_um"),
        ('driver = "simulated"\npixel', 'driver = "basler"\npixel', "", "both be simulated"),
        ("[stage]", "[stage", "", "is not TOML"),
    ],
)
def test_a_broken_file_is_one_line_with_file_field_and_reason(
    old: str, new: str, field: str, reason: str, tmp_path: Path
) -> None:
    text = (shipped_folder() / "simulated.toml").read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "broken.toml"
    path.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(ProfileError) as caught:
        load_profile(path)
    message = str(caught.value)
    assert "\n" not in message
    assert message.startswith(str(path))
    assert field in message
    assert reason in message


def test_a_grbl_stage_needs_a_port(tmp_path: Path) -> None:
    text = (shipped_folder() / "grbl_basler.toml").read_text(encoding="utf-8")
    path = tmp_path / "portless.toml"
    path.write_text(text.replace('url = "/dev/ttyACM0"', 'url = ""'), encoding="utf-8")
    with pytest.raises(ProfileError, match="stage: url must name the serial port"):
        load_profile(path)


def test_missing_file_and_unknown_name_are_profile_errors(tmp_path: Path) -> None:
    with pytest.raises(ProfileError, match=r"absent\.toml: cannot be read"):
        load_profile(tmp_path / "absent.toml")
    with pytest.raises(ProfileError, match=r"nowhere: no such profile; there are .*simulated"):
        load_profile("nowhere", tmp_path)


def test_bytes_that_are_no_text_are_a_profile_error(tmp_path: Path) -> None:
    path = tmp_path / "binary.toml"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ProfileError, match="not UTF-8"):
        load_profile(path)


def test_a_failed_save_leaves_the_old_file_and_no_litter(tmp_path: Path) -> None:
    profile = load_profile("simulated")
    target = tmp_path / "folder.toml"
    target.mkdir()
    (target / "kept").write_text("x")
    with pytest.raises(ProfileError, match="cannot be written"):
        save_profile(profile, target)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["folder.toml"]
    assert (target / "kept").exists()


def test_models_cannot_be_changed() -> None:
    objective = Objective(name="10x", magnification=10, na=0.25)
    with pytest.raises(ValidationError):
        objective.na = 0.5  # type: ignore[misc]
