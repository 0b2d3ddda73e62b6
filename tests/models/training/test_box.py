import pytest
import torch
from torch.nn import functional

from models.training.box import box_maximum, box_mean

PATCHES = [1, 2, 3, 5, 7, 8, 11]


@pytest.fixture(scope="module")
def images() -> torch.Tensor:
    return torch.rand((3, 1, 12, 17), generator=torch.Generator().manual_seed(2))


@pytest.mark.parametrize("patch", PATCHES)
def test_means_and_maxima_are_those_of_pooling(images: torch.Tensor, patch: int) -> None:
    torch.testing.assert_close(
        box_mean(images, patch), functional.avg_pool2d(images, patch, stride=1)
    )
    assert torch.equal(box_maximum(images, patch), functional.max_pool2d(images, patch, stride=1))


@pytest.mark.parametrize("patch", [2, 3, 5])
def test_gradient_of_the_mean_is_its_derivative(patch: int) -> None:
    image = torch.rand((2, 1, 6, 7), dtype=torch.float64).requires_grad_()
    assert torch.autograd.gradcheck(lambda values: box_mean(values, patch), image)
