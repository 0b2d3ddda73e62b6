"""Parts of a picture, laid behind one another from the front to the back."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np

from drivers.simulated.texture import FloatImage

_TINY = np.float32(1e-4)


@dataclass(frozen=True, slots=True)
class Layer:
    """What blurs alike: coverage, and radiance times coverage."""

    cover: FloatImage
    """(h, w), 0 to 1."""
    light: FloatImage
    """(h, w, 3)."""

    def blurred(self, sigma_px: float) -> Layer:
        """Return the layer out of focus."""
        return Layer(blur(self.cover, sigma_px), blur(self.light, sigma_px))

    def blurred_inside(self, sigma_px: float, pad: int) -> Layer:
        """Return the layer out of focus, less a margin of ``pad`` pixels that was only context."""
        side = 2 * pad + 1
        inside = np.s_[pad:-pad, pad:-pad]
        cover = cv2.GaussianBlur(self.cover, (side, side), sigma_px)[inside]
        light = cv2.GaussianBlur(self.light, (side, side), sigma_px)[inside]
        return Layer(np.asarray(cover, np.float32), np.asarray(light, np.float32))


@dataclass(frozen=True, slots=True)
class View:
    """What the layers so far let see, from the front backwards."""

    light: FloatImage
    """(h, w, 3)."""
    open: FloatImage
    """(h, w): the share of the aperture, 0 to 1, that nothing has blocked yet."""

    @classmethod
    def unobstructed(cls, shape: tuple[int, int]) -> View:
        """Return the view through nothing."""
        return cls(np.zeros((*shape, 3), np.float32), np.ones(shape, np.float32))

    def then(self, layer: Layer) -> View:
        """Put a layer behind what is there.

        It gets as much of the open aperture as it covers. That adds up to exactly 1 on a slope,
        whose slabs lie side by side and are blurred nearly alike; multiplying the transparencies,
        as for independent layers, would let the glass shine through the slope.
        """
        seen = np.minimum(layer.cover, self.open)
        light = times(layer.light, seen / (layer.cover + _TINY))
        return View(np.asarray(cv2.add(self.light, light), np.float32), self.open - seen)

    def onto(self, picture: FloatImage) -> FloatImage:
        """Return the view with an opaque (h, w, 3) picture at the very back."""
        return np.asarray(cv2.add(self.light, times(picture, self.open)), np.float32)

    def doubled(self) -> View:
        """Return the view at twice the resolution."""
        return View(double(self.light), double(self.open))


def blur(picture: FloatImage, sigma_px: float) -> FloatImage:
    """Return a Gaussian blur of an (h, w) or (h, w, 3) picture that repeats itself seamlessly."""
    if sigma_px < 0.05:
        return picture
    pad = math.ceil(3.2 * sigma_px)
    padded = cv2.copyMakeBorder(picture, pad, pad, pad, pad, cv2.BORDER_WRAP)
    side = 2 * pad + 1
    blurred = cv2.GaussianBlur(padded, (side, side), sigma_px)
    return np.asarray(blurred[pad:-pad, pad:-pad], np.float32)


def halve(picture: FloatImage) -> FloatImage:
    """Return the means of 2 x 2 pixels."""
    height, width = picture.shape[:2]
    small = cv2.resize(picture, (width // 2, height // 2), interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.float32)


def double(picture: FloatImage) -> FloatImage:
    """Return a picture linearly interpolated to twice the size, seamless at its edges."""
    height, width = picture.shape[:2]
    padded = cv2.copyMakeBorder(picture, 1, 1, 1, 1, cv2.BORDER_WRAP)
    size = (2 * width + 4, 2 * height + 4)
    large = cv2.resize(padded, size, interpolation=cv2.INTER_LINEAR)
    return np.asarray(large[2:-2, 2:-2], np.float32)


def times(colour: FloatImage, share: FloatImage) -> FloatImage:
    """Return an (h, w, 3) picture times an (h, w) one."""
    return np.asarray(cv2.multiply(colour, cv2.merge([share, share, share])), np.float32)


def shared_out(light: FloatImage, share: FloatImage, fallback: FloatImage) -> FloatImage:
    """Return ``light / share``; an (h, w, 3) ``fallback`` where the share vanishes."""
    total = share + _TINY
    filled = cv2.scaleAdd(fallback, float(_TINY), light)
    return np.asarray(cv2.divide(filled, cv2.merge([total, total, total])), np.float32)
