"""Random textures: what wear particles and glass slides look like close up."""

from __future__ import annotations

from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

Style = Literal["striated", "cloudy", "grainy", "pitted"]
STYLES: tuple[Style, ...] = ("striated", "cloudy", "grainy", "pitted")


def cloud(
    rng: np.random.Generator, shape: tuple[int, ...], coarse_px: float, octaves: int = 4
) -> NDArray[np.float32]:
    """Return fractal noise: octaves of smoothed white noise, each half as wide and 0.55 as strong.

    Returns
    -------
    ndarray of the given shape, float32
        Mean about 0, standard deviation 1.
    """
    height, width = shape
    total = np.zeros((height, width), np.float32)
    period, strength = coarse_px, 1.0
    for _ in range(octaves):
        rows = max(2, round(height / period) + 2)
        columns = max(2, round(width / period) + 2)
        grid = rng.standard_normal((rows, columns), np.float32)
        total += strength * cv2.resize(grid, (width, height), interpolation=cv2.INTER_CUBIC)
        period, strength = period / 2, strength * 0.55
        if period < 1:
            break
    return _standardised(total)


def striations(
    rng: np.random.Generator, shape: tuple[int, ...], period_px: float
) -> NDArray[np.float32]:
    """Return parallel scratches in a random direction, as sliding leaves them; deviation 1."""
    height, width = shape
    side = int(np.hypot(height, width)) + 2
    across = rng.standard_normal((side, max(2, side // 24)), np.float32)
    sigma = max(0.4, period_px / 4)
    smooth = cv2.GaussianBlur(across, (0, 0), sigmaX=0.1, sigmaY=sigma)
    sheet = cv2.resize(smooth, (side, side), interpolation=cv2.INTER_LINEAR)
    turn = cv2.getRotationMatrix2D((side / 2, side / 2), rng.uniform(0, 180), 1.0)
    turned = np.asarray(
        cv2.warpAffine(sheet, turn, (side, side), borderMode=cv2.BORDER_REFLECT_101), np.float32
    )
    top, left = (side - height) // 2, (side - width) // 2
    return _standardised(turned[top : top + height, left : left + width])


def streaks(
    rng: np.random.Generator,
    shape: tuple[int, ...],
    length_px: float,
    width_px: float,
    angle_deg: float,
) -> NDArray[np.float32]:
    """Return short parallel marks, as grinding and brushing leave them; deviation 1."""
    height, width = shape
    side = int(np.hypot(height, width)) + 2
    # Long marks need few samples along their length.
    squeeze = max(1.0, length_px / 4)
    grid = rng.standard_normal((side, max(4, int(side / squeeze))), np.float32)
    smooth = cv2.GaussianBlur(grid, (0, 0), sigmaX=length_px / squeeze / 2, sigmaY=width_px)
    sheet = cv2.resize(smooth, (side, side), interpolation=cv2.INTER_LINEAR)
    turn = cv2.getRotationMatrix2D((side / 2, side / 2), angle_deg, 1.0)
    turned = np.asarray(
        cv2.warpAffine(sheet, turn, (side, side), borderMode=cv2.BORDER_REFLECT_101), np.float32
    )
    top, left = (side - height) // 2, (side - width) // 2
    return _standardised(turned[top : top + height, left : left + width])


def pits(rng: np.random.Generator, shape: tuple[int, ...], share: float) -> NDArray[np.float32]:
    """Return sharp-edged dark pits and cracks, 0 where whole and 1 in the pit."""
    height, width = shape
    noise = cloud(rng, shape, max(6.0, min(height, width) / 5), 4)
    if rng.random() < 0.5:
        noise = -np.abs(noise)
        share = 1 - share
        level = np.quantile(noise, share)
        return np.asarray(np.clip((noise - level) * 12, 0, 1), dtype=np.float32)
    level = np.quantile(noise, share)
    return np.asarray(np.clip((level - noise) * 4, 0, 1), dtype=np.float32)


def surface(
    rng: np.random.Generator,
    shape: tuple[int, ...],
    style: Style | None = None,
    strength: float = 1.0,
) -> NDArray[np.float32]:
    """Return a surface's pattern.

    Parameters
    ----------
    rng : numpy.random.Generator
    shape : tuple of int
    style : {"striated", "cloudy", "grainy", "pitted"}, optional
        By lot without it.
    strength : float
        Scales the contrast.

    Returns
    -------
    ndarray of the given shape, float32
        Relative brightness, about 0.3 to 2, mean near 1.
    """
    contrast = strength * rng.choice([0.01, 0.04, 0.12, 0.25, 0.4], p=[0.08, 0.12, 0.25, 0.3, 0.25])
    style = style or STYLES[int(rng.choice(len(STYLES), p=(0.3, 0.35, 0.2, 0.15)))]
    if style == "striated":
        pattern = striations(rng, shape, rng.uniform(1.5, 9))
        pattern = 0.8 * pattern + 0.4 * cloud(rng, shape, rng.uniform(6, 30))
    elif style == "grainy":
        pattern = cloud(rng, shape, rng.uniform(3, 12), 2)
    else:
        pattern = cloud(rng, shape, rng.uniform(4, 40), int(rng.integers(2, 6)))
    brightness = np.exp(np.float32(contrast) * pattern)
    if style == "pitted" or rng.random() < 0.2:
        depth = min(1.0, strength) * rng.uniform(0.2, 0.8)
        brightness *= 1 - depth * pits(rng, shape, rng.uniform(0.03, 0.15))
    return np.asarray(brightness, dtype=np.float32)


def specks(
    rng: np.random.Generator, shape: tuple[int, ...], count: int, radius_px: float
) -> NDArray[np.float32]:
    """Return the cover of fine debris: `count` dots of about `radius_px`, 0 none, 1 full."""
    height, width = shape
    dots = np.zeros((height, width), np.float32)
    rows, columns = rng.integers(0, height, count), rng.integers(0, width, count)
    dots[rows, columns] = rng.uniform(0.3, 1, count)
    spread = cv2.GaussianBlur(dots, (0, 0), radius_px) * (2 * np.pi * radius_px**2)
    return np.asarray(np.clip(spread, 0, 1), dtype=np.float32)


def _standardised(noise: NDArray[np.float32]) -> NDArray[np.float32]:
    noise = noise - noise.mean()
    return np.asarray(noise / (noise.std() + 1e-6), dtype=np.float32)
