from __future__ import annotations

import pytest

from app.captures.fusion_record import FusionRecord
from app.captures.fusions import FuseSettings, fusion_entries, new_fusion_folder
from app.captures.layout import FUSION
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
        settings=settings,
        timings_s={},
        versions={},
        results=(),
    )
    (folder / FUSION).write_text(record.model_dump_json())


def test_the_first_fusion_comes_first_then_the_others_by_age(tmp_path):
    assert fusion_entries(tmp_path) == ()
    settings = FuseSettings("published", frames=8, align=True)
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
    assert found[0].settings == FuseSettings("wearif")
    assert found[1].settings == settings


def test_a_model_file_names_its_fusion_by_its_stem():
    assert FuseSettings("/somewhere/mine.safetensors").name == "mine"


def test_a_damaged_record_is_named(tmp_path):
    make(tmp_path)
    (tmp_path / FUSION).write_text("{}")
    with pytest.raises(StackError, match=FUSION):
        fusion_entries(tmp_path)
