"""A colour sensor: photons in, 8-bit numbers out."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from drivers.simulated.focal_volume import FULL_SCALE
from drivers.simulated.settings import SimulationSettings
from drivers.simulated.texture import FloatImage

_BAND = 32
"""Rows worked on at a time: few enough to stay in the processor's cache."""


class Sensor:
    """Turns radiance into pictures.

    The numbers are the square root of the light: a gamma of 2, close to sRGB. Photon noise has
    the variance of the photoelectrons counted; read noise comes on top.

    Parameters
    ----------
    settings : SimulationSettings
        Size, full well, noise, vignetting, and the exposure that is right.
    """

    def __init__(self, settings: SimulationSettings) -> None:
        self._settings = settings
        shape = settings.height, settings.width
        rows, columns = (np.linspace(-1, 1, side, dtype=np.float32) for side in shape)
        fall = settings.vignetting * (rows[:, None] ** 2 + columns[None, :] ** 2) / 2
        electrons = settings.lamp * settings.full_well / FULL_SCALE * (1 - fall)
        self._electrons = np.repeat(electrons[..., None], 3, axis=2).astype(np.float32)
        generator = np.random.default_rng((settings.seed, 1))
        # Cut at a new place for every picture, one pool of noise is as good as fresh noise.
        size = self._electrons.size
        self._pool = generator.standard_normal(size + size // 2, np.float32)

    def picture(self, radiance: FloatImage) -> NDArray[np.uint8]:
        """Return what a well exposed picture without noise looks like.

        Parameters
        ----------
        radiance : ndarray of shape (H, W, 3), float32
            From `FocalVolume.field`.
        """
        return self._read(radiance, 1.0, 0.0, None)

    def expose(
        self, radiance: FloatImage, exposure_ms: float, gain_db: float, index: int
    ) -> NDArray[np.uint8]:
        """Return one picture.

        Parameters
        ----------
        radiance : ndarray of shape (H, W, 3), float32
            From `FocalVolume.field`.
        exposure_ms, gain_db : float
            The former collects photons, the latter multiplies what was collected.
        index : int
            Number of the picture; decides its noise.
        """
        share = exposure_ms / self._settings.exposure_ms
        if not self._settings.noise:
            return self._read(radiance, share, gain_db, None)
        generator = np.random.default_rng((self._settings.seed, 2, index))
        start = int(generator.integers(0, self._pool.size - radiance.size))
        noise = self._pool[start : start + radiance.size].reshape(radiance.shape)
        return self._read(radiance, share, gain_db, noise)

    def _read(
        self, radiance: FloatImage, share: float, gain_db: float, noise: FloatImage | None
    ) -> NDArray[np.uint8]:
        picture = np.empty(radiance.shape, np.uint8)
        read_variance = np.float32(self._settings.read_noise**2)
        amplification = np.float32(255**2 / self._settings.full_well * 10 ** (gain_db / 20))
        for row in range(0, radiance.shape[0], _BAND):
            rows = slice(row, row + _BAND)
            count = radiance[rows] * self._electrons[rows]
            count *= np.float32(share)
            if noise is not None:
                deviation = np.sqrt(count + read_variance)
                deviation *= noise[rows]
                count += deviation
            count *= amplification
            np.clip(count, 0, 255**2, out=count)
            np.sqrt(count, out=count)
            count += np.float32(0.5)
            picture[rows] = count
        return picture
