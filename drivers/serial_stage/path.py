"""A straight line at one speed: whether the axes can drive it. Nothing here does I/O."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from drivers.errors import LimitExceeded
from drivers.stage import AxisCaps, AxisName, PositionSample, StageCaps


@dataclass(frozen=True, slots=True)
class Path:
    """A way that lies within the limits."""

    target_um: Mapping[AxisName, float]
    speed_um_per_s: float
    """Along the path."""
    acceleration_um_per_s2: float
    """Along the path, as far as the slowest axis allows it."""

    def braking_s(self, speed_um_per_s: float) -> float:
        """Return how long the stage needs to come to rest from a speed along the path."""
        return speed_um_per_s / self.acceleration_um_per_s2


def plan_path(
    device: str,
    caps: StageCaps,
    here: PositionSample,
    target_um: Mapping[AxisName, float],
    speed_um_per_s: float | None,
) -> Path:
    """Check a way against the limits and find its speed.

    Parameters
    ----------
    device : str
        The device as errors name it.
    caps : StageCaps
    here : PositionSample
        Where the stage stands.
    target_um : mapping of axis name to float
        At least one axis.
    speed_um_per_s : float or None
        Along the path; None for as fast as the axes allow.

    Raises
    ------
    LimitExceeded
        A target lies outside the limits, or the speed outside those that the axes keep.
    """
    for name, target in target_um.items():
        _check_target(device, name, caps.axis(name), target)
    start: dict[AxisName, float] = {"x": here.x_um, "y": here.y_um, "z": here.z_um}
    way_um = {name: target - start[name] for name, target in target_um.items()}
    length_um = math.hypot(*way_um.values())
    # Without a way to go the direction is arbitrary, and only the limits of speed matter.
    share = {
        name: abs(way) / length_um if length_um > 0 else 1.0 / math.sqrt(len(way_um))
        for name, way in way_um.items()
    }
    going = [name for name in share if share[name] > 0]
    slowest = max(caps.axis(name).min_speed_um_per_s for name in going)
    fastest = min(caps.axis(name).max_speed_um_per_s / share[name] for name in going)
    speed = fastest if speed_um_per_s is None else speed_um_per_s
    if not slowest * (1 - 1e-9) <= speed <= fastest * (1 + 1e-9):
        raise LimitExceeded(
            device,
            f"move {' and '.join(sorted(going))} at {speed:g} µm/s",
            f"the controller keeps {slowest:.4g} to {fastest:.6g} µm/s on this way",
            "Choose a speed in between.",
        )
    acceleration = min(caps.axis(name).acceleration_um_per_s2 / share[name] for name in going)
    return Path(dict(target_um), min(speed, fastest), acceleration)


def _check_target(device: str, name: AxisName, axis: AxisCaps, target_um: float) -> None:
    if axis.contains(target_um):
        return
    raise LimitExceeded(
        device,
        f"move {name} to {target_um:g} µm",
        f"the limits of {name} are {axis.lower_um:g} to {axis.upper_um:g} µm",
        "Choose a target within the limits.",
    )
