"""Stored positions and presets survive, and a broken file is told and not overwritten."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.acquisition.operator_settings import (
    REMEMBERED,
    OperatorSettings,
    Place,
    SettingsError,
    SweepPreset,
    load_settings,
    save_settings,
    settings_file,
)

finite = st.floats(allow_nan=False, allow_infinity=False)
places = st.builds(
    Place, name=st.text(min_size=1, max_size=60), x_um=finite, y_um=finite, z_um=finite
)


@given(stored=st.lists(places, max_size=5))
def test_what_is_stored_comes_back(stored):
    settings = OperatorSettings()
    for place in stored:
        settings = settings.with_place(place)
    assert len({place.name for place in settings.places}) == len(settings.places)
    restored = OperatorSettings.model_validate_json(settings.model_dump_json())
    assert restored == settings


def test_settings_are_kept_for_each_microscope(tmp_path):
    preset = SweepPreset(step_fraction=0.5, exposure_ms=3.0, gain_db=0.0, fps=30.0)
    settings = OperatorSettings().with_preset("20x/0.40", preset)
    path = settings_file(tmp_path / "new", "Bench / no. 2: GRBL")
    assert path.parent == tmp_path / "new"
    assert load_settings(path) == OperatorSettings()
    save_settings(path, settings)
    assert load_settings(path) == settings
    assert load_settings(settings_file(tmp_path / "new", "Other")) == OperatorSettings()


def test_a_place_of_the_same_name_is_replaced_and_one_can_be_deleted():
    settings = OperatorSettings().with_place(Place(name="a", x_um=1, y_um=2, z_um=3))
    settings = settings.with_place(Place(name="a", x_um=9, y_um=2, z_um=3))
    assert [place.x_um for place in settings.places] == [9]
    assert settings.without_place("a").places == ()


def test_free_names_are_counted_on():
    settings = OperatorSettings()
    for expected in ("Position 1", "Position 2", "Position 3"):
        name = settings.free_name("Position")
        assert name == expected
        settings = settings.with_place(Place(name=name, x_um=0, y_um=0, z_um=0))


@pytest.mark.parametrize("content", ["", "{", '{"places": 3}', '{"unknown": 1}', "\udcff"])
def test_a_broken_file_is_told_with_its_name(tmp_path, content):
    path = tmp_path / "bench.json"
    path.write_bytes(content.encode("utf-8", "surrogateescape"))
    with pytest.raises(SettingsError, match=r"bench\.json"):
        load_settings(path)


def test_a_folder_in_the_way_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(SettingsError, match="cannot be written"):
        save_settings(tmp_path / "file" / "bench.json", OperatorSettings())


def test_labels_are_offered_again_and_those_of_one_capture_are_not_kept():
    settings = OperatorSettings()
    for slide in ("A", "B", "A"):
        settings = settings.with_label("slide", f" {slide} ").with_label("field", "entry")
        settings = settings.with_label("notes", "a bent flake").after_capture()
    assert settings.used_labels == {"slide": ("A", "B"), "field": ("entry",)}
    assert (settings.labels.slide, settings.labels.field, settings.labels.notes) == ("A", "", "")


def test_so_many_labels_are_remembered_and_no_more():
    settings = OperatorSettings()
    for number in range(REMEMBERED + 5):
        settings = settings.with_label("sample", str(number)).after_capture()
    assert len(settings.used_labels["sample"]) == REMEMBERED
    assert settings.used_labels["sample"][0] == str(REMEMBERED + 4)
