import copy

import pytest
import torch
from torch import nn

from models.wearif.lean import lean
from models.wearif.model import ModelConfig, PublishedWearIF, build_model
from models.wearif.picks import Picks
from models.wearif.weights import load_model


def _trained(picks):
    """A network whose batch normalisation does something."""
    torch.manual_seed(5)
    model = build_model(ModelConfig("published", channels=6, picks=picks))
    assert isinstance(model, PublishedWearIF)
    for module in model.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.running_mean.uniform_(-0.5, 0.5)
            module.running_var.uniform_(0.5, 2)
            nn.init.uniform_(module.weight, 0.5, 1.5)
            nn.init.uniform_(module.bias, -0.5, 0.5)
    return model.eval()


@pytest.mark.parametrize(
    "picks",
    [
        Picks(),
        Picks(dense=False),
        Picks(atrous=False),
        Picks(pyramid="parallel"),
        Picks(pyramid="none", last_layer="previous"),
    ],
    ids=["shipped", "not dense", "not atrous", "parallel", "no pyramid"],
)
@torch.inference_mode()
def test_a_lean_network_scores_as_the_whole_one(picks):
    model = _trained(picks)
    luma = torch.rand(3, 1, 45, 70)
    expected = model.score(luma)
    assert expected.std() > 1e-3
    torch.testing.assert_close(lean(model).score(luma), expected, rtol=1e-4, atol=1e-5)


@torch.inference_mode()
def test_the_shipped_network_is_kept_to_rounding():
    model = load_model("published")
    luma = torch.rand(1, 1, 96, 130)
    expected = model.score(luma)
    error = (lean(model).score(luma) - expected).abs().max()
    assert error < 1e-5 * expected.abs().max()


def test_the_model_itself_is_left_alone():
    model = _trained(Picks())
    before = copy.deepcopy(model.state_dict())
    faster = lean(model)
    assert faster is not model
    assert faster.config == model.config
    assert model.state_dict().keys() == before.keys()
    assert all(torch.equal(value, before[key]) for key, value in model.state_dict().items())


def test_a_model_in_training_stays_as_it_is():
    model = _trained(Picks()).train()
    assert lean(model) is model
