import torch
from scipy import ndimage

from models.wearif.guided_filter import ConvolutionalGuidedFilter, LocalMean


def test_the_mean_starts_as_a_box_filter():
    image = torch.rand(1, 1, 20, 30)
    expected = ndimage.uniform_filter(image[0, 0].numpy(), 5, mode="nearest")
    torch.testing.assert_close(
        LocalMean(5)(image)[0, 0], torch.from_numpy(expected), rtol=1e-4, atol=1e-5
    )


def test_constant_weights_stay_what_they_are():
    torch.manual_seed(0)
    weights = torch.full((3, 1, 16, 16), 0.25)
    guidance = torch.rand(1, 1, 16, 16)
    filter_ = ConvolutionalGuidedFilter().eval()
    a, b = filter_(weights, guidance)
    mean_g = filter_.mean(guidance)
    torch.testing.assert_close(a * mean_g + b, weights, rtol=1e-4, atol=1e-5)


def test_gradients_reach_every_parameter():
    filter_ = ConvolutionalGuidedFilter()
    a, b = filter_(torch.rand(4, 1, 16, 16), torch.rand(1, 1, 16, 16))
    (a.square().sum() + b.square().sum()).backward()
    assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in filter_.parameters())
