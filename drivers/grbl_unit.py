"""What Grbl calls a millimetre, and why the focus drive of a microscope needs a smaller one.

Grbl runs no slower than 1 "mm"/min (MINIMUM_FEED_RATE in its config.h, silently) and prints
positions with three decimals of a "mm". Both come from the number of steps that it has been told
to be a millimetre ($100 to $102): told those of a tenth, it goes ten times slower and reads back
ten times finer.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from drivers.stage import AxisCaps, AxisName

TRUE_UM_PER_UNIT: Final = 1000.0
_TIMES: Final = 10
_AXES: Final[tuple[AxisName, ...]] = ("x", "y", "z")
_STEPS, _RATE, _ACCELERATION, _TRAVEL = 100, 110, 120, 130
_Z: Final = 2

COARSEST_STEP_UM: Final = 5.0
FASTEST_UM_PER_S: Final = 50_000.0
"""No focus drive makes longer steps, or goes faster: an M8 screw of 1.25 mm pitch makes 6.25 µm in
a full step of 1.8°, and microscopes have at least a reduction by gears or microsteps."""
FINEST_STEP_UM: Final = 0.002
"""A fine-focus knob of 100 µm per turn on a motor of 51,200 microsteps."""


def finer_unit(name: AxisName, um_per_unit: float, numbers: Mapping[int, float]) -> str:
    """Say how to give an axis a tenfold finer unit; empty where the steps are not known.

    Parameters
    ----------
    name : str
        The axis.
    um_per_unit : float
        µm that the axis moves for one firmware "mm" now, as the profile says.
    numbers : mapping of int to float
        The controller's settings.
    """
    index = _AXES.index(name)
    now = {key + index: numbers.get(key + index, 0.0) for key in (
        _STEPS, _RATE, _ACCELERATION, _TRAVEL,
    )}  # fmt: skip
    if not all(value > 0 for value in now.values()):
        return ""
    steps = _STEPS + index
    changes = [
        f"${key}={value / _TIMES if key == steps else value * _TIMES:g} (now {value:g})"
        for key, value in now.items()
    ]
    return (
        f"Set {', '.join(changes[:-1])} and {changes[-1]} in the controller and um_per_unit to "
        f"{um_per_unit / _TIMES:g} for {name} in the profile: then {name} goes as slowly as "
        f"{um_per_unit / _TIMES / 60:.3g} µm/s and is read back to {um_per_unit / 1e4:g} µm."
    )


def unit_notes(um_per_unit: float, numbers: Mapping[int, float], z: AxisCaps) -> tuple[str, ...]:
    """Say whether the unit of z is scaled, and what does not look right about it.

    Parameters
    ----------
    um_per_unit : float
        Of z, as the profile says.
    numbers : mapping of int to float
        The controller's settings.
    z : AxisCaps
        What follows from both.
    """
    steps = numbers.get(_STEPS + _Z, 0.0)
    if steps <= 0:
        return ()
    step_um = um_per_unit / steps
    reckoned = f"By $102={steps:g} and um_per_unit = {um_per_unit:g} one motor step of z is"
    # Whole sentences, which is what the window translates.
    step = (
        f"By $102={steps:g} and um_per_unit = {um_per_unit:g} one motor step of z is "
        f"{step_um:.3g} µm."
    )
    reach = (
        f"It goes no slower than {z.min_speed_um_per_s:.3g} µm/s and is read back to "
        f"{z.resolution_um:g} µm."
    )
    told = f"{step} {reach}"
    if um_per_unit >= TRUE_UM_PER_UNIT:
        told = f"{told} {z.slower_by} Homing z then takes ten times as long ($24, $25)."
    notes = [told]
    if step_um > COARSEST_STEP_UM or z.max_speed_um_per_s > FASTEST_UM_PER_S:
        notes.append(
            f"{reckoned} {step_um:.3g} µm, and z goes up to {z.max_speed_um_per_s:g} µm/s: that is "
            f"no focus drive. If $102 counts the steps of 0.1 mm, um_per_unit is 100."
        )
    if step_um < FINEST_STEP_UM:
        notes.append(
            f"{reckoned} only {step_um:.2g} µm. If $102 counts the steps of a whole millimetre, z "
            f"moves {TRUE_UM_PER_UNIT / um_per_unit:g} times as far as is shown: measure it before "
            "an objective is near the slide."
        )
    return tuple(notes)
