from dataclasses import dataclass
from itertools import combinations

import cv2
import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor

from models.training.losses import (
    LOSS_TERMS,
    LossTerm,
    MendedLoss,
    PublishedLoss,
    SupervisedLoss,
    loss_for,
)
from models.training.patches import PatchTarget, SsimTo, laplacian

PATCH = 5


@pytest.fixture(scope="module")
def luma() -> Tensor:
    generator = torch.Generator().manual_seed(4)
    smooth = torch.linspace(0.2, 0.8, 14).view(1, 1, 1, 14).expand(4, 1, 12, 14)
    strength = torch.tensor([0.02, 0.1, 0.3, 0.05]).view(4, 1, 1, 1)
    noise = torch.rand((4, 1, 12, 14), generator=generator) - 0.5
    return (smooth + strength * noise).clamp(0, 1)


@pytest.fixture(scope="module")
def fused() -> Tensor:
    return torch.rand((1, 1, 12, 14), generator=torch.Generator().manual_seed(5))


@dataclass(frozen=True)
class TwoPlanes:
    """A texture whose halves are in focus in the third and in the sixth of eight frames."""

    luma: Tensor
    truth: Tensor


@pytest.fixture(scope="module")
def planes() -> TwoPlanes:
    rng = np.random.default_rng(3)
    truth = cv2.GaussianBlur(rng.random((96, 128), np.float32), (0, 0), 1.0) - 0.5
    truth = 0.5 + 0.2 * truth / truth.std()
    blurred = [truth, *(cv2.GaussianBlur(truth, (0, 0), 0.8 * k) for k in range(1, 6))]
    frames = [
        np.concatenate([blurred[abs(k - 2)][:, :64], blurred[abs(k - 5)][:, 64:]], axis=1)
        + 0.005 * rng.standard_normal((96, 128), np.float32)
        for k in range(8)
    ]
    return TwoPlanes(
        torch.from_numpy(np.stack(frames))[:, None], torch.from_numpy(truth)[None, None]
    )


def patches_of(image: NDArray[np.float64]) -> NDArray[np.float64]:
    windows = np.lib.stride_tricks.sliding_window_view(image, (PATCH, PATCH))
    return windows.reshape(*windows.shape[:2], PATCH * PATCH)


def published_patch(frames: NDArray[np.float64], means: NDArray[np.float64]) -> NDArray[np.float64]:
    """Equations 3-8 for the K patches of one position, word by word."""
    hats = frames - frames.mean(axis=1, keepdims=True)
    contrasts = np.linalg.norm(hats, axis=1)
    structures = hats / contrasts[:, None]
    weights = np.abs(hats).max(axis=1)
    mean_structure = (weights[:, None] * structures).sum(axis=0) / weights.sum()
    structure = mean_structure / np.linalg.norm(mean_structure)
    local = frames.mean(axis=1)
    trust = np.exp(-((means - 0.5) ** 2) / (2 * 0.2**2) - (local - 0.5) ** 2 / (2 * 0.5**2))
    return contrasts.max() * structure + (trust * local).sum() / trust.sum()


def ssim_of(target: NDArray[np.float64], patch: NDArray[np.float64]) -> float:
    """Equation 11."""
    c1, c2 = 0.01**2, 0.03**2
    covariance = ((target - target.mean()) * (patch - patch.mean())).mean()
    luminance = (2 * target.mean() * patch.mean() + c1) / (
        target.mean() ** 2 + patch.mean() ** 2 + c1
    )
    return luminance * (2 * covariance + c2) / (target.var() + patch.var() + c2)


def test_published_content_equals_the_equations_patch_by_patch(luma: Tensor, fused: Tensor) -> None:
    frames = luma[:, 0].double().numpy()
    cut = np.stack([patches_of(frame) for frame in frames])
    image = patches_of(fused[0, 0].double().numpy())
    means = frames.mean(axis=(1, 2))
    expected = np.mean(
        [
            ssim_of(published_patch(cut[:, i, j], means), image[i, j])
            for i in range(image.shape[0])
            for j in range(image.shape[1])
        ]
    )
    assert PublishedLoss(luma, PATCH).content(fused).item() == pytest.approx(1 - expected, abs=1e-4)


def test_published_gradient_is_the_distance_to_the_strongest_laplacian(
    luma: Tensor, fused: Tensor
) -> None:
    frames, image = laplacian(luma)[:, 0].numpy(), laplacian(fused)[0, 0].numpy()
    strongest = np.take_along_axis(frames, np.abs(frames).argmax(axis=0)[None], axis=0)[0]
    expected = ((image - strongest) ** 2).mean()
    assert PublishedLoss(luma, PATCH).gradient(fused).item() == pytest.approx(expected, rel=1e-5)


def test_published_mean_image_term_is_squared(luma: Tensor) -> None:
    loss = PublishedLoss(luma, PATCH)
    shifted = luma.mean(dim=0, keepdim=True) + 0.1
    assert loss.mean_image(shifted).item() == pytest.approx(0.01, rel=1e-4)


def test_published_terms_are_weighted_1_and_a_half_and_three_tenths(
    luma: Tensor, fused: Tensor
) -> None:
    loss = PublishedLoss(luma, PATCH)
    parts = loss.content(fused) + 0.5 * loss.gradient(fused) + 0.3 * loss.mean_image(fused)
    assert loss(fused).item() == pytest.approx(parts.item())


@pytest.mark.parametrize(
    "terms",
    [
        *(chosen for n in (1, 2, 3) for chosen in combinations(LOSS_TERMS, n)),
        ("mean_image", "content"),
    ],
)
def test_published_terms_can_be_left_out(
    terms: tuple[LossTerm, ...], luma: Tensor, fused: Tensor
) -> None:
    loss = PublishedLoss(luma, PATCH)
    weighted = {
        "content": loss.content(fused),
        "gradient": 0.5 * loss.gradient(fused),
        "mean_image": 0.3 * loss.mean_image(fused),
    }
    expected = sum(weighted[term].item() for term in terms)
    assert PublishedLoss(luma, PATCH, terms)(fused).item() == pytest.approx(expected)


@pytest.mark.parametrize("terms", [(), ("content", "contrast")])
def test_no_term_and_unknown_terms_are_refused(terms: tuple[str, ...], luma: Tensor) -> None:
    with pytest.raises(ValueError, match="mean_image"):
        loss_for("published", luma, None, terms)


def test_mended_target_is_the_patch_of_the_sharpest_frame(luma: Tensor) -> None:
    """The third frame carries the strongest texture everywhere."""
    target = PatchTarget.by_sharpness(luma, PATCH)
    assert target.ssim(luma[2:3]).item() == pytest.approx(1, abs=1e-3)
    assert MendedLoss(luma, PATCH)(luma[2:3]).item() == pytest.approx(0, abs=1e-3)


def test_flat_frames_have_a_flat_target() -> None:
    luma = torch.stack([torch.full((1, 9, 9), level) for level in (0.4, 0.6)])
    target = PatchTarget.by_contrast(luma, PATCH)
    assert target.variance.max() == 0
    assert target.luminance.mean().item() == pytest.approx(0.5)
    assert PublishedLoss(luma, PATCH)(torch.full((1, 1, 9, 9), 0.5)).item() < 1e-6


def test_laplacian_of_a_dot() -> None:
    dot = torch.zeros(1, 1, 3, 3)
    dot[0, 0, 1, 1] = 1
    assert laplacian(dot)[0, 0].tolist() == [[0, 1, 0], [1, -4, 1], [0, 1, 0]]


def test_ssim_is_1_for_equal_and_near_0_for_unrelated_images(fused: Tensor) -> None:
    other = torch.rand((1, 1, 12, 14), generator=torch.Generator().manual_seed(6))
    assert SsimTo(fused, PATCH)(fused).item() == pytest.approx(1, abs=1e-4)
    assert abs(SsimTo(other, PATCH)(fused).item()) < 0.3


def test_supervised_loss_of_the_truth_is_0_and_of_an_offset_its_size() -> None:
    truth = torch.full((1, 1, 20, 20), 0.5)
    loss = SupervisedLoss(truth)
    assert loss(truth).item() == pytest.approx(0, abs=1e-6)
    # The offset has no gradient; its SSIM is the luminance term alone.
    likeness = (2 * 0.5 * 0.6 + 1e-4) / (0.5**2 + 0.6**2 + 1e-4)
    charbonnier = (0.1**2 + 0.002**2) ** 0.5 - 0.002
    assert loss(truth + 0.1).item() == pytest.approx(charbonnier + 0.1 * (1 - likeness), abs=1e-4)


@pytest.mark.parametrize("name", ["supervised", "mended"])
def test_perfect_fusion_beats_the_mean_image(name: str, planes: TwoPlanes) -> None:
    loss = loss_for(name, planes.luma, planes.truth)
    assert loss(planes.truth) < 0.7 * loss(planes.luma.mean(dim=0, keepdim=True))


@pytest.mark.parametrize("name", ["supervised", "published", "mended"])
def test_gradients_reach_the_fused_image_and_nothing_else(
    name: str, luma: Tensor, fused: Tensor
) -> None:
    frames = luma.clone().requires_grad_()
    image = fused.clone().requires_grad_()
    loss_for(name, frames, luma.mean(dim=0, keepdim=True))(image).backward()
    assert image.grad is not None
    assert image.grad.isfinite().all()
    assert (image.grad != 0).float().mean() > 0.9


def test_target_statistics_are_computed_without_gradient(luma: Tensor, fused: Tensor) -> None:
    target = PatchTarget.by_contrast(luma.clone().requires_grad_(), PATCH)
    assert not target.mix.requires_grad
    assert not target.luminance.requires_grad


def test_descending_the_mended_loss_over_the_picture_sharpens_it(planes: TwoPlanes) -> None:
    image = planes.luma.mean(dim=0, keepdim=True).requires_grad_()
    loss = MendedLoss(planes.luma)
    optimiser = torch.optim.Adam([image], lr=0.01)
    before = (image - planes.truth).square().mean().item()
    for _ in range(60):
        optimiser.zero_grad()
        loss(image).backward()
        optimiser.step()
    assert (image - planes.truth).square().mean().item() < 0.6 * before


def test_where_truth_is_missing_a_tenth_of_the_mended_loss_stands_in(
    luma: Tensor, fused: Tensor
) -> None:
    expected = 0.1 * MendedLoss(luma)(fused).item()
    assert loss_for("supervised", luma, None)(fused).item() == pytest.approx(expected)


def test_patches_without_a_centre_are_refused(luma: Tensor) -> None:
    with pytest.raises(ValueError, match="odd"):
        MendedLoss(luma, 6)
