"""Whether a controller keeps the speed that a sweep needs."""

from __future__ import annotations

from typing import Final

from drivers.errors import Rejected

SPEED_TOLERANCE: Final = 0.02
"""How far a sweep's read-back speed may be from the one asked for, as a share of it."""


def same_speed(kept_um_per_s: float, wanted_um_per_s: float) -> bool:
    """Whether the frames of a sweep lie where they were planned."""
    return abs(kept_um_per_s - wanted_um_per_s) <= SPEED_TOLERANCE * wanted_um_per_s


def another_speed(
    device: str, attempted: str, wanted_um_per_s: float, kept_um_per_s: float, who: str
) -> Rejected:
    """Return the error for a sweep that was stopped because of its speed.

    Parameters
    ----------
    device, attempted : str
        As errors name them.
    wanted_um_per_s, kept_um_per_s : float
        What was asked for, and what was read back.
    who : str
        Read it back.
    """
    return Rejected(
        device,
        f"{attempted} at {wanted_um_per_s:g} µm/s",
        f"{who} reads back {kept_um_per_s:.4g} µm/s; the stage has been stopped",
        f"Sweep at {kept_um_per_s:.4g} µm/s, or with another distance between the frames.",
    )
