import pytest
import torch

from models.wearif.model import ModelConfig, build_model
from models.wearif.weights import (
    WeightsError,
    available_models,
    load_model,
    save_model,
    weights_sha256,
)


def test_both_models_are_shipped():
    assert available_models() == ("published", "wearif")
    assert load_model().config.name == "wearif"
    hashes = {load_model(name).weights_sha256 for name in available_models()}
    assert hashes == {weights_sha256(name) for name in available_models()}
    assert len(hashes) == 2
    assert None not in hashes


@pytest.mark.parametrize("name", ["published", "wearif"])
def test_saved_weights_come_back(tmp_path, name):
    model = build_model(ModelConfig.of(name)).eval()
    path = tmp_path / "mine.safetensors"
    save_model(model, path, "# Mine\n")
    again = load_model(str(path))
    assert again.config == model.config
    assert path.with_suffix(".md").read_text() == "# Mine\n"
    luma = torch.rand(3, 1, 24, 24)
    with torch.inference_mode():
        torch.testing.assert_close(again.fuse_luma(luma)[0], model.fuse_luma(luma)[0])
    assert list(tmp_path.glob("*.partial")) == []


def test_an_unknown_name_is_answered_with_the_known_ones():
    with pytest.raises(WeightsError, match="published, wearif"):
        load_model("nosuch")


def test_a_file_of_something_else_is_named(tmp_path):
    path = tmp_path / "notes.safetensors"
    path.write_text("these are not weights")
    with pytest.raises(WeightsError, match=r"notes\.safetensors: not WearIF weights"):
        load_model(str(path))
