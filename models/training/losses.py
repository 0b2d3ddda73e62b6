"""Losses for training a fusion network, with and without truth."""

from __future__ import annotations

from collections.abc import Collection
from typing import Literal, Protocol

import torch
from torch import Tensor

from models.training.patches import PatchTarget, SsimTo, laplacian, sharpest_frame

LossName = Literal["supervised", "published", "mended"]
LossTerm = Literal["content", "gradient", "mean_image"]

LOSS_TERMS: tuple[LossTerm, ...] = ("content", "gradient", "mean_image")
"""L_con, L_grad and L_mse of the published loss (eq. 2); Table 5 leaves some of them out."""

GRADIENT_WEIGHT = 0.5
MEAN_IMAGE_WEIGHT = 0.3

# Below this difference, half a grey value of 8 bit, Charbonnier is quadratic.
_CHARBONNIER = 2e-3
_SUPERVISED_GRADIENT = 0.5
_SUPERVISED_SSIM = 0.1


class FusionLoss(Protocol):
    """A loss for one stack: everything that does not depend on the network is computed once."""

    def __call__(self, fused: Tensor) -> Tensor:
        """Return a scalar, smaller for a better fused image (1, 1, H, W)."""
        ...


class PublishedLoss:
    """L = L_con + 0.5 L_grad + 0.3 L_mse, the paper's unsupervised loss (eqs. 2-16).

    Two readings, where the print cannot be meant: the gradient term compares the Laplacian of the
    fused image with the Laplacian of largest magnitude over the frames (eq. 14 compares the image
    itself), and the mean-image term is squared (eq. 15 has no square).

    Parameters
    ----------
    luma : Tensor
        (N, 1, H, W) in 0..1, the frames.
    patch : int
        Side of the patches, which the paper does not give; 11 as in SSIM.
    terms : collection of {"content", "gradient", "mean_image"}
        Those that are added up, each with its weight in eq. 2; by default all three.

    Raises
    ------
    ValueError
        There is no term, or an unknown one.
    """

    def __init__(
        self, luma: Tensor, patch: int = 11, terms: Collection[LossTerm] = LOSS_TERMS
    ) -> None:
        if not terms or not set(terms) <= set(LOSS_TERMS):
            raise ValueError(f"loss terms {sorted(terms)}: give some of {', '.join(LOSS_TERMS)}")
        self._terms = frozenset(terms)
        self._content = PatchTarget.by_contrast(luma, patch)
        with torch.no_grad():
            details = laplacian(luma)
            self._detail = details.gather(0, details.abs().argmax(dim=0, keepdim=True))
            self._mean_image = luma.mean(dim=0, keepdim=True)

    def content(self, fused: Tensor) -> Tensor:
        """L_con = 1 - SSIM_MFF (eq. 9)."""
        return 1 - self._content.ssim(fused)

    def gradient(self, fused: Tensor) -> Tensor:
        """L_grad (eqs. 12-14)."""
        return (laplacian(fused) - self._detail).square().mean()

    def mean_image(self, fused: Tensor) -> Tensor:
        """L_mse (eqs. 15-16)."""
        return (fused - self._mean_image).square().mean()

    def __call__(self, fused: Tensor) -> Tensor:
        """Return the weighted sum (eq. 2)."""
        total = fused.new_zeros(())
        if "content" in self._terms:
            total = total + self.content(fused)
        if "gradient" in self._terms:
            total = total + GRADIENT_WEIGHT * self.gradient(fused)
        if "mean_image" in self._terms:
            total = total + MEAN_IMAGE_WEIGHT * self.mean_image(fused)
        return total


class MendedLoss:
    """Unsupervised like the published loss, with the sharpest frame's patch as the target.

    Per patch the frame of largest Laplacian energy gives structure, contrast, luminance and, for
    the gradient term, the Laplacian. There is no mean-image term: the mean image is blurred.

    Parameters
    ----------
    luma : Tensor
        (N, 1, H, W) in 0..1, the frames.
    patch : int
        Side of the patches, odd.
    """

    def __init__(self, luma: Tensor, patch: int = 7) -> None:
        if patch % 2 == 0:
            raise ValueError(f"patch of {patch} pixels: the side must be odd to have a centre")
        self._content = PatchTarget.by_sharpness(luma, patch)
        inner = slice(patch // 2, -(patch // 2) or None)
        self._inner = (..., inner, inner)
        with torch.no_grad():
            chosen = sharpest_frame(luma, patch)
            self._detail = laplacian(luma)[self._inner].gather(0, chosen)

    def __call__(self, fused: Tensor) -> Tensor:
        """Return 1 - SSIM to the target plus the weighted gradient term."""
        detail = (laplacian(fused)[self._inner] - self._detail).square().mean()
        return 1 - self._content.ssim(fused) + GRADIENT_WEIGHT * detail


class SupervisedLoss:
    """Charbonnier distance to the truth, of values and of gradients, plus 0.1 (1 - SSIM).

    Parameters
    ----------
    truth : Tensor
        (1, 1, H, W) in 0..1.
    """

    def __init__(self, truth: Tensor) -> None:
        self._truth = truth
        self._likeness = SsimTo(truth, patch=7)

    def __call__(self, fused: Tensor) -> Tensor:
        """Return the loss."""
        error = fused - self._truth
        slopes = _charbonnier(error.diff(dim=-1)) + _charbonnier(error.diff(dim=-2))
        unlikeness = 1 - self._likeness(fused)
        return _charbonnier(error) + _SUPERVISED_GRADIENT * slopes + _SUPERVISED_SSIM * unlikeness


def loss_for(
    name: LossName,
    luma: Tensor,
    truth: Tensor | None,
    terms: Collection[LossTerm] = LOSS_TERMS,
) -> FusionLoss:
    """Prepare the named loss for one stack.

    Parameters
    ----------
    name : {"supervised", "published", "mended"}
    luma : Tensor
        (N, 1, H, W) in 0..1.
    truth : Tensor or None
        (1, 1, H, W) in 0..1, for "supervised" alone. Where there is none, the mended loss stands
        in, with the weight that likeness to the truth has in the supervised loss.
    terms : collection of {"content", "gradient", "mean_image"}
        Of the published loss; the others are not made of them.

    Raises
    ------
    ValueError
        The published loss is asked for without a term.
    """
    if name == "published":
        return PublishedLoss(luma, terms=terms)
    if name == "mended":
        return MendedLoss(luma)
    if truth is None:
        mended = MendedLoss(luma)
        return lambda fused: _SUPERVISED_SSIM * mended(fused)
    return SupervisedLoss(truth)


def _charbonnier(difference: Tensor) -> Tensor:
    return (difference.square() + _CHARBONNIER**2).sqrt().mean() - _CHARBONNIER
