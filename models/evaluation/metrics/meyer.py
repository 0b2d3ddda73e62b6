"""One level of the discrete Meyer wavelet transform of an image."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import signal

TAPS = 102
"""Length of the filter, as of MATLAB's "dmey", which the FMI code uses: 101 taps and a zero."""


def wavelet_tiles(image: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the four bands of one level of the transform as one map.

    Parameters
    ----------
    image : ndarray of shape (H, W), float64
        Continued beyond its border by reflection that repeats the border pixel.

    Returns
    -------
    ndarray of shape (2 * ((H + 101) // 2), 2 * ((W + 101) // 2)), float64
        Approximation top left, detail across rows right of it, detail across columns below it.
    """
    low, high = _bands(image.T)
    return np.block([list(_bands(low.T)), list(_bands(high.T))])


def _bands(image: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Low and high band along the first axis, each at every second place."""
    low = scaling_filter()
    high = low[::-1] * (-1.0) ** np.arange(TAPS)
    extended = np.pad(image, ((TAPS - 1, TAPS - 1), (0, 0)), mode="symmetric")
    # Place m of a band is the filter laid on samples 2m + 1 and after.
    places = slice(TAPS // 2, (image.shape[0] + 2 * TAPS - 1) // 2)
    low_band = signal.upfirdn(low[::-1], extended, down=2, axis=0)[places]
    high_band = signal.upfirdn(high[::-1], extended, down=2, axis=0)[places]
    return low_band, high_band


def scaling_filter() -> NDArray[np.float64]:
    """Return Meyer's low-pass filter, cut to shape (102,).

    The Fourier coefficients of sqrt(2) cos(pi/2 nu(3 |omega| / pi - 1)), which is flat below pi/3
    and zero above 2 pi/3, with nu(x) = x^4 (35 - 84 x + 70 x^2 - 20 x^3) (Daubechies 1992,
    section 4.2). PyWavelets' "dmey" is a coarser one of 62 taps and gives values about 0.001 off.
    """
    samples = 2**14  # fine enough for aliasing to vanish
    omega = 2 * np.pi * np.arange(samples) / samples
    omega = np.minimum(omega, 2 * np.pi - omega)
    rise = np.clip(3 * omega / np.pi - 1, 0, 1)
    auxiliary = rise**4 * (35 - 84 * rise + 70 * rise**2 - 20 * rise**3)
    coefficients = np.fft.ifft(np.sqrt(2) * np.cos(np.pi / 2 * auxiliary)).real
    reach = TAPS // 2 - 1
    return np.concatenate([np.roll(coefficients, reach)[: TAPS - 1], [0.0]])
