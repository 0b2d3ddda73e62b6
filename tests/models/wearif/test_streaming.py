import pytest
import torch
from torch.nn import functional

from models.wearif.network import upsample
from models.wearif.sharpness import shrunk
from models.wearif.streaming import interleaved, shuffled
from models.wearif.weights import load_model


@pytest.fixture(scope="module")
def model():
    return load_model("wearif")


def _seen_by(layer, network, features):
    """What a layer is given, and what the network makes of it in the end."""
    seen = []
    hook = layer.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0].clone()))
    try:
        with torch.inference_mode():
            return seen, network(features)
    finally:
        hook.remove()


@pytest.mark.parametrize("size", [(40, 56), (37, 51), (1, 1)])
def test_the_network_sees_each_pixel_once_between_minus_one_and_one(model, size):
    torch.manual_seed(1)
    luma = torch.rand(2, 1, *size)
    features = model.features(luma)
    padded = functional.pad(luma, (0, -size[1] % 8, 0, -size[0] % 8), mode="replicate")
    small = torch.cat(
        [
            functional.pixel_unshuffle(2 * padded - 1, 4),
            functional.pixel_unshuffle(features.narrow, 4) / 3,
            features.broad / 3,
        ],
        dim=1,
    )
    network = model.network
    (entered,), _ = _seen_by(network.entry[1], network, features)
    with torch.inference_mode():
        torch.testing.assert_close(entered, network.entry[0](small), rtol=1e-4, atol=1e-5)


def test_halving_is_a_1x1_convolution_of_2x2_pixels_side_by_side(model):
    network = model.network
    torch.manual_seed(2)
    features = model.features(torch.rand(1, 1, 48, 64))
    (detail,), _ = _seen_by(network.entry[1], network, features)
    (halved,), _ = _seen_by(network.dense[0], network, features)
    with torch.inference_mode():
        expected = network.narrowing(functional.pixel_unshuffle(network.entry[1](detail), 2))
    torch.testing.assert_close(halved, expected)


def test_maps_come_from_a_1x1_convolution(model):
    network = model.network
    torch.manual_seed(5)
    features = model.features(torch.rand(2, 1, 48, 64))
    (joined,), maps = _seen_by(network.head, network, features)
    with torch.inference_mode():
        torch.testing.assert_close(maps, network.maps(network.head(joined)), rtol=1e-4, atol=1e-5)


def test_cells_are_put_together_as_torch_does():
    torch.manual_seed(6)
    cells = torch.rand(2, 20, 5, 7)[:, 4:]
    assert torch.equal(shuffled(cells), functional.pixel_shuffle(cells, 4))


def test_squares_are_averaged_as_torch_does():
    torch.manual_seed(7)
    image = torch.rand(2, 1, 24, 40)
    expected = functional.avg_pool2d(image, 4)
    torch.testing.assert_close(shrunk(image, 4), expected, rtol=0, atol=1e-6)


def test_scores_are_the_same_with_and_without_gradients(model):
    torch.manual_seed(3)
    luma = torch.rand(1, 1, 45, 62)
    with_gradients = model.score(luma)
    assert with_gradients.requires_grad
    with torch.inference_mode():
        torch.testing.assert_close(model.score(luma), with_gradients.detach(), rtol=0, atol=1e-4)


@pytest.mark.parametrize("size", [(13, 9), (24, 40), (1, 1), (17, 8)])
@pytest.mark.parametrize("channels", [slice(1, 2), slice(None)], ids=["one map", "channels"])
def test_maps_are_enlarged_as_torch_does(size, channels):
    torch.manual_seed(4)
    small = torch.rand(2, 3, -(-size[0] // 4), -(-size[1] // 4))[:, channels]
    expected = functional.interpolate(small, size=size, mode="bilinear", align_corners=False)
    torch.testing.assert_close(upsample(small, size), expected, rtol=0, atol=1e-6)


def test_two_maps_lie_side_by_side():
    torch.manual_seed(8)
    first, second = torch.rand(2, 2, 1, 5, 7)
    both = interleaved(first, second)
    assert torch.equal(both, torch.cat([first, second], dim=1))
    assert both.is_contiguous(memory_format=torch.channels_last)


def test_maps_that_learn_take_the_same_way_by_torch():
    torch.manual_seed(9)
    cells, first, second = torch.rand(2, 16, 3, 4), *torch.rand(2, 2, 1, 8, 12)
    with torch.no_grad():
        assert torch.equal(shuffled(cells), shuffled(cells.clone().requires_grad_()))
        by_torch = interleaved(first.clone().requires_grad_(), second)
        assert torch.equal(interleaved(first, second), by_torch)
        assert by_torch.is_contiguous(memory_format=torch.channels_last)
