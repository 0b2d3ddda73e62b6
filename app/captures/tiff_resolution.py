"""How large a pixel is, for programs that read TIFF but no OME-XML, such as ImageJ by itself."""

from __future__ import annotations

from typing import Any


def resolution(pixel_um: float | None) -> dict[str, Any]:
    """Return the arguments by which tifffile writes pixels per cm (TIFF 6.0, ResolutionUnit 3).

    Parameters
    ----------
    pixel_um : float, optional
        The side of a pixel at the object; nothing is written where it is not known.
    """
    if pixel_um is None or not fits_tiff(pixel_um):
        return {}
    per_cm = 1e4 / pixel_um
    return {"resolution": (per_cm, per_cm), "resolutionunit": "CENTIMETER"}


def fits_tiff(pixel_um: float) -> bool:
    """Whether TIFF's fractions of 32 bits can say it: a damaged file may tell of any size."""
    return 1e-4 <= pixel_um <= 1e4
