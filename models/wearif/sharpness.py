"""How much fine detail a frame shows at each pixel."""

from __future__ import annotations

import math
from functools import lru_cache

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

_LAPLACIAN = np.array([[0, 1, 0], [1, -4, 1], [0, 1, 0]], np.float32)


def gaussian_blur(image: Tensor, sigma: float) -> Tensor:
    """Blur (N, 1, H, W) with a Gaussian cut off at 3 sigma, the border repeated outward."""
    return _blurred(image, _gaussian(sigma, radius=max(1, math.ceil(3 * sigma))))


def reblur_difference(luma: Tensor, sigma: float = 1.5) -> Tensor:
    """Reblur (Fig. 6): the absolute difference to the frame blurred twice.

    (N, 1, H, W) in 0..1 -> the same shape, >= 0. The paper prints no Gaussian; sigma 1.5, cut off
    at two sigma to 7x7 pixels, is this project's choice.
    """
    kernel = _gaussian(sigma, radius=math.ceil(2 * sigma))
    return (luma - _blurred(_blurred(luma, kernel), kernel)).abs()


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
    smooth = gaussian_blur(luma, detail_sigma)
    if not on_processor(smooth):
        padded = functional.pad(smooth, (1, 1, 1, 1), mode="replicate")
        return functional.conv2d(padded, torch.from_numpy(_LAPLACIAN).to(luma)[None, None]).abs()
    energy = torch.empty_like(smooth)
    for source, target in zip(smooth.numpy(), energy.numpy(), strict=True):
        cv2.filter2D(source[0], -1, _LAPLACIAN, dst=target[0], borderType=cv2.BORDER_REPLICATE)
    return energy.abs_()


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
    return gaussian_blur(energy, window_sigma).add_(floor).log()


def shrunk(image: Tensor, factor: int) -> Tensor:
    """Average over whole squares: (N, 1, H, W) -> (N, 1, H / factor, W / factor)."""
    if not on_processor(image):
        return functional.avg_pool2d(image, factor)
    count, _, height, width = image.shape
    small = image.new_empty((count, 1, height // factor, width // factor))
    for source, target in zip(image.numpy(), small.numpy(), strict=True):
        size = target.shape[:0:-1]
        cv2.resize(source[0], size, dst=target[0], interpolation=cv2.INTER_AREA)
    return small


def _blurred(image: Tensor, kernel: NDArray[np.float32]) -> Tensor:
    """Filter (N, 1, H, W) with the same kernel along rows and columns."""
    if not on_processor(image):
        return _convolved(image, torch.from_numpy(kernel).to(image))
    blurred = torch.empty_like(image, memory_format=torch.contiguous_format)
    for source, target in zip(image.contiguous().numpy(), blurred.numpy(), strict=True):
        cv2.sepFilter2D(
            source[0], -1, kernel, kernel, dst=target[0], borderType=cv2.BORDER_REPLICATE
        )
    return blurred


def on_processor(image: Tensor) -> bool:
    """Whether OpenCV can do it: many times faster than torch, but blind to gradients."""
    return image.device.type == "cpu" and not image.requires_grad


def _convolved(image: Tensor, kernel: Tensor) -> Tensor:
    radius = kernel.numel() // 2
    # Replication, unlike reflection, also works where a frame is smaller than the kernel.
    image = functional.pad(image, (radius, radius, 0, 0), mode="replicate")
    image = functional.conv2d(image, kernel.view(1, 1, 1, -1))
    image = functional.pad(image, (0, 0, radius, radius), mode="replicate")
    return functional.conv2d(image, kernel.view(1, 1, -1, 1))


@lru_cache
def _gaussian(sigma: float, radius: int) -> NDArray[np.float32]:
    offsets = np.arange(-radius, radius + 1)
    kernel = np.exp(-(offsets**2) / (2 * sigma**2))
    return np.asarray(kernel / kernel.sum(), dtype=np.float32)
