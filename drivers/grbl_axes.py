"""The geometry of a Grbl stage: firmware units and µm, limits, speeds, and the jog that fits.

Nothing here does I/O. Setting numbers are those of the Grbl 1.1 documentation, "Settings".
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from drivers.errors import BadReply, LimitExceeded, Rejected
from drivers.grbl_codec import Triple, jog
from drivers.grbl_unit import finer_unit, unit_notes
from drivers.stage import AxisCaps, AxisName, StageCaps

AXES: Final[tuple[AxisName, ...]] = ("x", "y", "z")
RESOLUTION_UNITS: Final = 0.001
"""Positions are printed with three decimals (Grbl 1.1 documentation, "Interface")."""
SLOWEST_UNITS_PER_MIN: Final = 1.0
"""Grbl's MINIMUM_FEED_RATE: slower jogs are silently run at this speed (Grbl 1.1 config.h)."""

_STEPS_PER_UNIT = 100
_MAX_RATE = 110
_ACCELERATION = 120
_TRAVEL = 130


@dataclass(frozen=True, slots=True)
class GrblAxis:
    """How one axis of the firmware maps to the stage's own frame.

    position in µm = ``sign`` × firmware position × ``um_per_unit`` + ``offset_um``. The firmware
    counts from 0 at the reference switch down to minus its travel.
    """

    um_per_unit: float = 1000.0
    """Size of what the firmware calls a millimetre. With the steps per "millimetre" ($10x) set
    to those of 0.1 mm it is 100; the slowest speed and the resolution shrink with it."""
    sign: Literal[1, -1] = 1
    offset_um: float = 0.0
    lower_um: float | None = None
    """Soft limit of the profile; None for as far as the controller goes."""
    upper_um: float | None = None

    def to_um(self, units: float) -> float:
        """Return the place in the stage's frame of a firmware position."""
        return self.sign * units * self.um_per_unit + self.offset_um

    def to_units(self, position_um: float) -> float:
        """Return the firmware position of a place in the stage's frame."""
        return self.sign * (position_um - self.offset_um) / self.um_per_unit


@dataclass(frozen=True, slots=True)
class GrblSettings:
    """How to reach a Grbl stage and how its axes lie."""

    url: str
    """A port such as ``COM3`` or ``/dev/ttyUSB0``, or ``socket://host:port``."""
    baud: int = 115200
    x: GrblAxis = field(default_factory=GrblAxis)
    y: GrblAxis = field(default_factory=GrblAxis)
    z: GrblAxis = field(default_factory=GrblAxis)
    poll_hz: float = 40.0
    """Position read-backs per second while moving; Grbl recommends 5 to 20, takes 50."""
    dtr: bool = False
    """Raise the control lines on opening; only boards with native USB need it."""
    connect_timeout_s: float = 6.0
    """An Arduino that resets on opening needs 2 s before it answers."""

    def axis(self, name: AxisName) -> GrblAxis:
        """Return the settings of one axis."""
        return {"x": self.x, "y": self.y, "z": self.z}[name]


@dataclass(frozen=True, slots=True)
class Jog:
    """One jog, ready to be sent."""

    line: str
    target_um: Mapping[AxisName, float]
    speed_um_per_s: float
    braking_s: float
    """How long the stage needs to come to rest from this speed."""


def read_caps(device: str, settings: GrblSettings, numbers: Mapping[int, float]) -> StageCaps:
    """Work out what the stage can do from the controller's settings and the profile.

    Parameters
    ----------
    device : str
        The device as errors name it.
    settings : GrblSettings
    numbers : mapping of int to float
        The answer to ``$$``.

    Raises
    ------
    BadReply
        A setting is missing or makes no sense.
    Rejected
        The profile's limits lie outside the controller's travel, or it reports inches.
    """
    if number(device, numbers, 13) != 0:
        raise Rejected(
            device,
            "read the settings",
            "the controller reports inches ($13=1)",
            "Set $13=0 and connect again.",
        )
    x, y, z = (_axis_caps(device, name, settings.axis(name), numbers) for name in AXES)
    return StageCaps(
        x=x,
        y=y,
        z=z,
        # grblHAL makes $22 a bit field; bit 0 still says whether homing is there.
        can_home=bool(int(number(device, numbers, 22)) & 1),
        poll_hz=settings.poll_hz,
        notes=unit_notes(settings.z.um_per_unit, numbers, z),
    )


def number(device: str, numbers: Mapping[int, float], key: int) -> float:
    """Return one setting of the controller, or raise a `BadReply` that names it."""
    if key not in numbers:
        raise BadReply(
            device, "read the settings", f"no value for ${key}", "Check the firmware's version."
        )
    return numbers[key]


def _axis_caps(
    device: str, name: AxisName, axis: GrblAxis, numbers: Mapping[int, float]
) -> AxisCaps:
    index = AXES.index(name)
    rate = number(device, numbers, _MAX_RATE + index)
    acceleration = number(device, numbers, _ACCELERATION + index)
    travel = number(device, numbers, _TRAVEL + index)
    if not (rate >= SLOWEST_UNITS_PER_MIN and acceleration > 0 and travel > 0):
        raise BadReply(
            device,
            f"read the settings of {name}",
            f"${_MAX_RATE + index}={rate:g} ${_ACCELERATION + index}={acceleration:g}"
            f" ${_TRAVEL + index}={travel:g}",
            "Rate, acceleration and travel must be positive.",
        )
    near, far = sorted((axis.to_um(0.0), axis.to_um(-travel)))
    lower = near if axis.lower_um is None else max(near, axis.lower_um)
    upper = far if axis.upper_um is None else min(far, axis.upper_um)
    if lower >= upper:
        raise Rejected(
            device,
            f"set the limits of {name}",
            f"the profile's {axis.lower_um} to {axis.upper_um} µm and the controller's"
            f" {near:g} to {far:g} µm have nothing in common",
            f"Check the profile's limits, direction and offset of {name}, and ${_TRAVEL + index}.",
        )
    return AxisCaps(
        lower_um=lower,
        upper_um=upper,
        min_speed_um_per_s=SLOWEST_UNITS_PER_MIN * axis.um_per_unit / 60,
        max_speed_um_per_s=rate * axis.um_per_unit / 60,
        acceleration_um_per_s2=acceleration * axis.um_per_unit,
        resolution_um=RESOLUTION_UNITS * axis.um_per_unit,
        slower_by=finer_unit(name, axis.um_per_unit, numbers) if name == "z" else "",
    )


def arrival_tolerance_um(
    settings: GrblSettings, numbers: Mapping[int, float]
) -> dict[AxisName, float]:
    """Return how far from its target each axis may come to rest and still have arrived.

    The controller rounds the target to a whole step and prints the position with three decimals.
    """
    tolerance: dict[AxisName, float] = {}
    for index, name in enumerate(AXES):
        steps = numbers.get(_STEPS_PER_UNIT + index, 0.0)
        half_step = 0.51 / steps if steps > 0 else 0.0
        tolerance[name] = (half_step + 1.5 * RESOLUTION_UNITS) * settings.axis(name).um_per_unit
    return tolerance


def plan_jog(
    device: str,
    settings: GrblSettings,
    caps: StageCaps,
    here_um: Triple,
    target_um: Mapping[AxisName, float],
    speed_um_per_s: float | None,
) -> Jog:
    """Work out the jog along a straight line at one speed.

    The firmware counts its speed along the path in its own units, of which those of z may be
    smaller; and it quietly slows a path down on which one axis would be too fast. Both are worked
    out here, so that the speed asked for is the speed driven.

    Parameters
    ----------
    device : str
        The device as errors name it.
    settings : GrblSettings
    caps : StageCaps
    here_um : (x, y, z)
        Where the stage stands.
    target_um : mapping of axis name to float
        At least one axis.
    speed_um_per_s : float or None
        None for as fast as the axes allow.

    Raises
    ------
    LimitExceeded
        A target lies outside the limits, or the speed outside those that the axes keep.
    """
    for name, target in target_um.items():
        _check_target(device, name, caps.axis(name), target)
    way_um = {name: target - here_um[AXES.index(name)] for name, target in target_um.items()}
    length_um = math.hypot(*way_um.values())
    # Without a way to go the direction is arbitrary, and only the limits of speed matter.
    share = {
        name: abs(way) / length_um if length_um > 0 else 1.0 / math.sqrt(len(way_um))
        for name, way in way_um.items()
    }
    # Firmware units per µm of path: turns a true speed into the firmware's.
    units_per_um = math.hypot(*(share[n] / settings.axis(n).um_per_unit for n in share))
    slowest = SLOWEST_UNITS_PER_MIN / 60 / units_per_um
    fastest = min(caps.axis(n).max_speed_um_per_s / share[n] for n in share if share[n] > 0)
    speed = fastest if speed_um_per_s is None else speed_um_per_s
    if not slowest * (1 - 1e-9) <= speed <= fastest * (1 + 1e-9):
        finer = [caps.axis(n).slower_by for n in share if speed < slowest and share[n] > 0]
        raise LimitExceeded(
            device,
            f"move {' and '.join(sorted(share))} at {speed:g} µm/s",
            f"the controller keeps {slowest:.4g} to {fastest:.6g} µm/s on this way",
            " ".join(["Choose a speed in between.", *finer]),
        )
    acceleration = min(
        caps.axis(n).acceleration_um_per_s2 / share[n] for n in share if share[n] > 0
    )
    units = {name: settings.axis(name).to_units(target) for name, target in target_um.items()}
    feed = max(SLOWEST_UNITS_PER_MIN, speed * units_per_um * 60)
    return Jog(jog(units, feed), dict(target_um), speed, speed / acceleration)


def _check_target(device: str, name: AxisName, axis: AxisCaps, target_um: float) -> None:
    if axis.contains(target_um):
        return
    raise LimitExceeded(
        device,
        f"move {name} to {target_um:g} µm",
        f"the limits of {name} are {axis.lower_um:g} to {axis.upper_um:g} µm",
        "Choose a target within the limits.",
    )
