from __future__ import annotations

import json

import pytest
from pydantic import ValidationError

from app.captures.fusion_record import FusionRecord
from app.captures.fusion_settings import FusionSettings
from app.captures.fusions import fusion_entries, new_fusion_folder, read_fusion_record
from app.captures.layout import FUSION
from app.captures.part import Part
from app.captures.stack import StackError


def make(folder, **settings):
    folder.mkdir(parents=True, exist_ok=True)
    record = FusionRecord(
        input="a",
        model="wearif",
        weights_sha256=None,
        frames=(),
        height_unit="frame",
        pixel_um=None,
        settings=FusionSettings(**settings),
        timings_s={},
        versions={},
        results=(),
    )
    (folder / FUSION).write_text(record.model_dump_json())


def test_the_first_fusion_comes_first_then_the_others_by_age(tmp_path):
    assert fusion_entries(tmp_path) == ()
    settings = FusionSettings(model="published", frames=8, align=True)
    later = new_fusion_folder(tmp_path, settings)
    make(later, model="published", frames=8, align=True)
    another = new_fusion_folder(tmp_path, settings)
    assert (later.name, another.name) == (
        "published_sharpest8_aligned",
        "published_sharpest8_aligned_2",
    )
    make(another, model="published", frames=8, align=True)
    make(tmp_path)
    found = fusion_entries(tmp_path)
    assert [each.folder for each in found] == [tmp_path, later, another]
    assert [each.first for each in found] == [True, False, False]
    assert found[0].record.settings == FusionSettings()
    assert found[1].record.settings == settings


def test_a_model_file_names_its_fusion_by_its_stem(tmp_path):
    settings = FusionSettings(model="/somewhere/mine.safetensors")
    assert new_fusion_folder(tmp_path, settings).name == "mine"


PART = {"scene": None, "channel": 2, "time": None}


@pytest.mark.parametrize(
    ("told", "settings", "brightness"),
    [
        ({}, FusionSettings(model="published", align=False), "followed"),
        (
            {"align": True, "brightness": "measured"},
            FusionSettings(model="published", align=True),
            "measured",
        ),
        (
            {
                "model": "mine.safetensors",
                "frames": 7,
                "z_step_um": -1.5,
                "align": None,
                "brightness": "measured",
                "part": PART,
            },
            FusionSettings(
                model="mine.safetensors", frames=7, z_step_um=-1.5, part=Part(channel=2)
            ),
            "measured",
        ),
    ],
    ids=["a capture's", "the window's", "the command's"],
)
def test_records_of_the_first_version_are_read(tmp_path, told, settings, brightness):
    make(tmp_path, model="published")
    record = json.loads((tmp_path / FUSION).read_text())
    del record["brightness"]
    record |= {"schema_version": 1, "model": "published", "settings": told}
    (tmp_path / FUSION).write_text(json.dumps(record))
    read = read_fusion_record(tmp_path)
    assert (read.settings, read.brightness) == (settings, brightness)
    (tmp_path / FUSION).write_text(read.model_dump_json())
    assert read_fusion_record(tmp_path) == read


@pytest.mark.parametrize("step_um", [0.0, float("nan"), float("inf"), -2e6])
def test_no_settings_have_a_step_that_no_stage_goes(step_um):
    with pytest.raises(ValidationError, match="z_step_um"):
        FusionSettings(z_step_um=step_um)


def test_a_damaged_record_is_named(tmp_path):
    make(tmp_path)
    (tmp_path / FUSION).write_text("{}")
    with pytest.raises(StackError, match=FUSION):
        fusion_entries(tmp_path)
