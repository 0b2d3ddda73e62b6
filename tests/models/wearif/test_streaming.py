import pytest
import torch
from torch.nn import functional

from models.wearif.network import upsample
from models.wearif.weights import load_model


@pytest.fixture(scope="module")
def model():
    return load_model("wearif")


@pytest.mark.parametrize("size", [(40, 56), (37, 51), (1, 1)])
def test_the_network_sees_each_pixel_once_between_minus_one_and_one(model, size):
    torch.manual_seed(1)
    luma = torch.rand(2, 1, *size)
    features = model.features(luma)
    padded = functional.pad(luma, (0, -size[1] % 8, 0, -size[0] % 8), mode="replicate")
    expected = torch.cat(
        [
            functional.pixel_unshuffle(2 * padded - 1, 4),
            functional.pixel_unshuffle(features.narrow, 4) / 3,
            features.broad / 3,
        ],
        dim=1,
    )
    torch.testing.assert_close(features.small, expected)


def test_halving_is_a_1x1_convolution_of_2x2_pixels_side_by_side(model):
    network = model.network
    torch.manual_seed(2)
    small = torch.rand(1, 34, 12, 16)
    halved = []
    hook = network.dense[0].register_forward_pre_hook(lambda _, inputs: halved.append(inputs[0]))
    try:
        with torch.inference_mode():
            network(small)
            expected = network.narrowing(functional.pixel_unshuffle(network.entry(small), 2))
    finally:
        hook.remove()
    torch.testing.assert_close(halved[0], expected)


def test_scores_are_the_same_with_and_without_gradients(model):
    torch.manual_seed(3)
    luma = torch.rand(1, 1, 45, 62)
    with_gradients = model.score(luma)
    assert with_gradients.requires_grad
    with torch.inference_mode():
        torch.testing.assert_close(model.score(luma), with_gradients.detach(), rtol=0, atol=1e-4)


@pytest.mark.parametrize("size", [(13, 9), (24, 40), (1, 1), (17, 8)])
def test_single_maps_are_enlarged_as_torch_does(size):
    torch.manual_seed(4)
    small = torch.rand(2, 3, -(-size[0] // 4), -(-size[1] // 4))[:, 1:2]
    expected = functional.interpolate(small, size=size, mode="bilinear", align_corners=False)
    torch.testing.assert_close(upsample(small, size), expected, rtol=0, atol=1e-6)
