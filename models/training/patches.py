"""Local statistics of image patches, and targets that are mixtures of the frames' patches."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import torch
from torch import Tensor
from torch.nn import functional

from models.training.box import box_maximum, box_mean

# SSIM's stabilising constants for a dynamic range of 1 (Wang et al. 2004): K1 = 0.01, K2 = 0.03.
C1 = 0.01**2
C2 = 0.03**2

TAU = 0.5
SIGMA_GLOBAL = 0.2
SIGMA_LOCAL = 0.5

_FLAT = 1e-6


def laplacian(images: Tensor) -> Tensor:
    """Four-neighbour Laplacian, the border repeated outward: (N, 1, H, W) -> (N, 1, H, W)."""
    padded = functional.pad(images, (1, 1, 1, 1), mode="replicate")
    neighbours = (
        padded[..., :-2, 1:-1]
        + padded[..., 2:, 1:-1]
        + padded[..., 1:-1, :-2]
        + padded[..., 1:-1, 2:]
    )
    return neighbours - 4 * images


def luminance_contrast_structure(
    mean_a: Tensor, mean_b: Tensor, variance_a: Tensor, variance_b: Tensor, covariance: Tensor
) -> Tensor:
    """SSIM per position from local statistics (eq. 11)."""
    luminance = (2 * mean_a * mean_b + C1) / (mean_a**2 + mean_b**2 + C1)
    return luminance * (2 * covariance + C2) / (variance_a + variance_b + C2)


@dataclass(frozen=True)
class LocalStatistics:
    """Mean and variance of every patch of an image."""

    mean: Tensor
    variance: Tensor

    @classmethod
    def of(cls, image: Tensor, patch: int) -> Self:
        """Measure (N, 1, H, W) -> maps of (N, 1, H - patch + 1, W - patch + 1)."""
        mean = box_mean(image, patch)
        return cls(mean, box_mean(image.square(), patch) - mean.square())


class SsimTo:
    """Mean SSIM to a fixed reference over uniform windows.

    Parameters
    ----------
    reference : Tensor
        (N, 1, H, W) in 0..1; its statistics are taken once.
    patch : int
        Side of the windows.
    """

    def __init__(self, reference: Tensor, patch: int = 11) -> None:
        self._reference = reference
        self._patch = patch
        self._statistics = LocalStatistics.of(reference, patch)

    def __call__(self, image: Tensor) -> Tensor:
        """Return a scalar, 1 for an equal image."""
        own, other = LocalStatistics.of(image, self._patch), self._statistics
        covariance = box_mean(image * self._reference, self._patch) - own.mean * other.mean
        return luminance_contrast_structure(
            own.mean, other.mean, own.variance, other.variance, covariance
        ).mean()


@dataclass(frozen=True)
class PatchTarget:
    """What every patch of the fused image should look like.

    The target is p = sum over k of mix_k (P_k - mean of P_k), plus a luminance. Its covariance
    with a patch of the fused image is then the same mixture of the frames' covariances, so that
    no patch is ever laid out as a vector.

    Parameters
    ----------
    frames : Tensor
        (N, 1, H, W), the frames' luma in 0..1 less `offset`: covariances do not depend on an
        offset, and small numbers lose less in their difference.
    offset : Tensor
        Mean of all frames, a scalar.
    mix : Tensor
        (N, 1, h, w), share of each frame's mean-free patch; h = H - patch + 1, likewise w.
    mixed_mean : Tensor
        (1, 1, h, w), the same mixture of the means of the patches of `frames`.
    luminance, variance : Tensor
        (1, 1, h, w), mean and variance of the target patches.
    patch : int
        Side of a patch, pixels.
    """

    frames: Tensor
    offset: Tensor
    mix: Tensor
    mixed_mean: Tensor
    luminance: Tensor
    variance: Tensor
    patch: int

    @classmethod
    @torch.no_grad()
    def by_contrast(cls, luma: Tensor, patch: int = 11) -> Self:
        """Make the published target (eqs. 5-8).

        Contrast is the largest of any frame; structure is the mean of the frames' unit structure
        vectors weighted by the l-infinity norm of the mean-free patch; luminance is a mean
        weighted by a Gaussian around TAU of global and local brightness. TAU is 0.5 for luma in
        0..1, where the paper's 128 stands for 8-bit grey values.
        """
        offset = luma.mean()
        frames = luma - offset
        local = LocalStatistics.of(frames, patch)
        deviation = local.variance.clamp_min(0).sqrt()
        peak = _largest_deviation(frames, local.mean, patch)
        weight = torch.where(deviation > _FLAT, peak / deviation.clamp_min(_FLAT), 0)
        # Deviations are norms over sqrt(n); the factor cancels in unit vectors.
        length = _mixture_variance(frames, local.mean, weight, patch).sqrt()
        contrast = deviation.amax(dim=0, keepdim=True)
        mix = torch.where(length > _FLAT, contrast * weight / length.clamp_min(_FLAT), 0)
        return cls(
            frames=frames,
            offset=offset,
            mix=mix,
            mixed_mean=(mix * local.mean).sum(dim=0, keepdim=True),
            luminance=_trusted_luminance(luma, local.mean + offset),
            variance=torch.where(length > _FLAT, contrast**2, 0),
            patch=patch,
        )

    @classmethod
    @torch.no_grad()
    def by_sharpness(cls, luma: Tensor, patch: int = 7) -> Self:
        """Make the mended target: the whole patch of the frame of largest Laplacian energy.

        The largest contrast beside a defocused edge is the edge's halo; the largest Laplacian
        energy is not.
        """
        chosen = sharpest_frame(luma, patch)
        mix = torch.zeros_like(chosen.expand(len(luma), -1, -1, -1), dtype=luma.dtype)
        mix.scatter_(0, chosen, 1.0)
        offset = luma.mean()
        frames = luma - offset
        local = LocalStatistics.of(frames, patch)
        mean = local.mean.gather(0, chosen)
        variance = local.variance.clamp_min(0).gather(0, chosen)
        return cls(frames, offset, mix, mean, mean + offset, variance, patch)

    def ssim(self, fused: Tensor) -> Tensor:
        """Mean SSIM of the fused image to the target (eqs. 10-11).

        Parameters
        ----------
        fused : Tensor
            (1, 1, H, W) in 0..1.
        """
        image = fused - self.offset
        own = LocalStatistics.of(image, self.patch)
        products = (self.mix * box_mean(self.frames * image, self.patch)).sum(dim=0, keepdim=True)
        return luminance_contrast_structure(
            self.luminance,
            own.mean + self.offset,
            self.variance,
            own.variance,
            products - self.mixed_mean * own.mean,
        ).mean()


@torch.no_grad()
def sharpest_frame(luma: Tensor, patch: int) -> Tensor:
    """Index of the frame with the largest Laplacian energy in every patch: (1, 1, h, w)."""
    return box_mean(laplacian(luma) ** 2, patch).argmax(dim=0, keepdim=True)


def _largest_deviation(images: Tensor, mean: Tensor, patch: int) -> Tensor:
    """Return the l-infinity norm of every mean-free patch."""
    return torch.maximum(box_maximum(images, patch) - mean, box_maximum(-images, patch) + mean)


def _trusted_luminance(luma: Tensor, local: Tensor) -> Tensor:
    """Return the mean of the frames' patch means, weighted by a Gaussian around TAU (eq. 8)."""
    overall = luma.mean(dim=(1, 2, 3), keepdim=True)
    trust = torch.exp(
        -((overall - TAU) ** 2) / (2 * SIGMA_GLOBAL**2)
        - ((local - TAU) ** 2) / (2 * SIGMA_LOCAL**2)
    )
    return (trust * local).sum(0, keepdim=True) / trust.sum(0, keepdim=True)


def _mixture_variance(images: Tensor, mean: Tensor, weight: Tensor, patch: int) -> Tensor:
    """Return the variance of sum over k of weight_k * patch_k: (1, 1, h, w).

    It is the quadratic form of the weights with the frames' covariance matrix, whose lower half is
    built row by row.
    """
    total = torch.zeros_like(mean[:1])
    for k in range(len(images)):
        products = box_mean(images[: k + 1] * images[k], patch)
        row = weight[: k + 1] * (products - mean[: k + 1] * mean[k])
        total += weight[k] * (2 * row.sum(dim=0, keepdim=True) - row[k])
    return total.clamp_min(0)
