"""How much fine detail a frame shows at each pixel."""

from __future__ import annotations

import math
from functools import lru_cache

import torch
from torch import Tensor
from torch.nn import functional


def gaussian_blur(image: Tensor, sigma: float) -> Tensor:
    """Blur (N, 1, H, W) with a Gaussian cut off at 3 sigma, the border repeated outward."""
    kernel = _gaussian(sigma).to(image)
    radius = kernel.numel() // 2
    # Replication, unlike reflection, also works where a frame is smaller than the kernel.
    image = functional.pad(image, (radius, radius, 0, 0), mode="replicate")
    image = functional.conv2d(image, kernel.view(1, 1, 1, -1))
    image = functional.pad(image, (0, 0, radius, radius), mode="replicate")
    return functional.conv2d(image, kernel.view(1, 1, -1, 1))


def reblur_difference(luma: Tensor, sigma: float = 1.5) -> Tensor:
    """Reblur (Fig. 6): the absolute difference to the frame blurred twice.

    (N, 1, H, W) in 0..1 -> the same shape, >= 0. The paper prints no Gaussian; sigma 1.5, cut off
    at two sigma to 7x7 pixels, is this project's choice.
    """
    reach = math.ceil(2 * sigma)
    kernel = _gaussian(sigma, radius=reach).to(luma)
    blurred = luma
    for _ in range(2):
        blurred = functional.pad(blurred, (reach, reach, reach, reach), mode="replicate")
        blurred = functional.conv2d(blurred, kernel.view(1, 1, 1, -1))
        blurred = functional.conv2d(blurred, kernel.view(1, 1, -1, 1))
    return (luma - blurred).abs()


def laplacian_energy(luma: Tensor, detail_sigma: float) -> Tensor:
    """Absolute Laplacian of the blurred frame.

    Parameters
    ----------
    luma : Tensor
        (N, 1, H, W) in 0..1.
    detail_sigma : float
        Blur in pixels before the Laplacian: the finest detail that is trusted.

    Returns
    -------
    Tensor
        (N, 1, H, W), >= 0.
    """
    smooth = functional.pad(gaussian_blur(luma, detail_sigma), (1, 1, 1, 1), mode="replicate")
    return functional.conv2d(smooth, _laplacian().to(luma)).abs()


def log_sharpness(energy: Tensor, window_sigma: float, floor: float) -> Tensor:
    """Logarithm of the energy gathered over a neighbourhood.

    Parameters
    ----------
    energy : Tensor
        (N, 1, H, W), of `laplacian_energy`.
    window_sigma : float
        Size of the neighbourhood in pixels.
    floor : float
        Added before the logarithm: a frame that shows less than this shows nothing.

    Returns
    -------
    Tensor
        (N, 1, H, W); never below ``log(floor)``.
    """
    return torch.log(gaussian_blur(energy, window_sigma) + floor)


@lru_cache
def _gaussian(sigma: float, radius: int | None = None) -> Tensor:
    reach = max(1, math.ceil(3 * sigma)) if radius is None else radius
    offsets = torch.arange(-reach, reach + 1, dtype=torch.float32)
    kernel = torch.exp(-(offsets**2) / (2 * sigma**2))
    return kernel / kernel.sum()


@lru_cache
def _laplacian() -> Tensor:
    return torch.tensor([[0.0, 1, 0], [1, -4, 1], [0, 1, 0]]).view(1, 1, 3, 3)
