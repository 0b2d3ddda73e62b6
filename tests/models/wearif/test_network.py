import pytest
import torch
from torch import nn

from models.wearif.network import MDFFEN, downsample
from models.wearif.picks import SHIPPED, Picks


def positive_network(picks=SHIPPED):
    """A network in which every path carries a positive gradient, so that reach shows."""
    network = MDFFEN(picks=picks).eval()
    for module in network.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.constant_(module.weight, 1 / module.weight[0].numel())
    return network


def reach(network, branch):
    """Side of the square of input pixels that the centre of one CC-ASPP branch depends on."""
    frame = torch.rand(1, 1, 201, 201, requires_grad=True)
    features = network.encoder(frame)
    network.pyramid.branches(features)[branch][0, :, 100, 100].sum().backward()
    rows, columns = torch.nonzero(frame.grad[0, 0], as_tuple=True)
    height, width = (int(axis.max() - axis.min()) + 1 for axis in (rows, columns))
    assert height == width
    return height


@pytest.mark.parametrize(("branch", "pixels"), [(0, 69), (1, 83), (2, 113), (3, 175), (4, 201)])
def test_receptive_fields_are_those_of_table_2(branch, pixels):
    assert reach(positive_network(), branch) == pixels


# The table prints 121 for the last one, which no sum of the rates gives.
@pytest.mark.parametrize(("branch", "pixels"), [(0, 69), (1, 83), (2, 99), (3, 131)])
def test_receptive_fields_of_plain_aspp_are_those_of_table_2(branch, pixels):
    assert reach(positive_network(Picks(pyramid="parallel")), branch) == pixels


def test_without_dilation_the_encoder_sees_17_pixels():
    """7x7, then five layers of 3x3."""
    assert reach(positive_network(Picks(atrous=False)), branch=0) == 17


def test_size_is_that_of_the_paper():
    parameters = sum(p.numel() for p in MDFFEN().parameters())
    assert 115_000 < parameters < 130_000


@pytest.mark.parametrize("size", [(1, 1), (3, 5), (64, 33)])
def test_any_frame_size_keeps_its_size(size):
    with torch.inference_mode():
        assert MDFFEN().eval()(torch.rand(2, 1, *size)).shape == (2, 1, *size)


def test_frames_do_not_influence_each_other_once_trained():
    torch.manual_seed(0)
    network = MDFFEN().eval()
    frames = torch.rand(3, 1, 40, 40)
    with torch.inference_mode():
        together = network(frames)
        alone = network(frames[1:2])
    torch.testing.assert_close(together[1:2], alone, rtol=1e-4, atol=1e-5)


def test_the_papers_frame_becomes_the_papers_small_frame():
    assert downsample(torch.rand(1, 1, 512, 910), 4, antialias=False).shape == (1, 1, 128, 228)
