"""How to reach a request-and-reply controller, and how its axes lie in the microscope's frame."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from drivers.errors import Rejected
from drivers.stage import AxisName

AXES: Final[tuple[AxisName, ...]] = ("x", "y", "z")


@dataclass(frozen=True, slots=True)
class AxisSettings:
    """How one axis of the controller maps to the microscope's own frame.

    position in µm = ``direction`` × controller's position × ``um_per_unit`` + ``offset_um``.
    """

    um_per_unit: float | None = None
    """Size of the unit that the controller counts in; None where the dialect knows it, or reads
    it from the controller."""
    direction: Literal[1, -1] = 1
    offset_um: float = 0.0
    lower_um: float | None = None
    """Soft limit of the profile; None for as far as the controller goes."""
    upper_um: float | None = None
    address: str = ""
    """Which of the controller's axes this is, in its own words, such as ``"2 1"`` for axis 1 of
    the second device of a chain; empty for the dialect's usual one."""
    full_speed_um_per_s: float | None = None
    """Speed of ordinary moves: what 100 % is for a controller that knows percentages only
    (Prior), and what is set on connecting where the speed of a move is a setting that a session
    may leave behind (TANGO, Zaber before 7.25). None where the controller is to be believed."""

    def to_um(self, units: float, unit_um: float) -> float:
        """Return the place in the microscope's frame of a controller's position.

        Parameters
        ----------
        units : float
            The controller's position.
        unit_um : float
            µm per unit: ``um_per_unit``, or the dialect's own.
        """
        return self.direction * units * unit_um + self.offset_um

    def to_units(self, position_um: float, unit_um: float) -> float:
        """Return the controller's position of a place in the microscope's frame."""
        return self.direction * (position_um - self.offset_um) / unit_um

    def narrow(
        self, device: str, name: AxisName, one_um: float, other_um: float
    ) -> tuple[float, float]:
        """Return the soft limits that the controller and the profile both allow.

        Parameters
        ----------
        device : str
            The device as errors name it.
        name : AxisName
            Whose settings these are.
        one_um, other_um : float
            The controller's limits in the microscope's frame, in any order.

        Returns
        -------
        (float, float)
            Lower and upper limit in µm.

        Raises
        ------
        Rejected
            They have nothing in common.
        """
        near, far = sorted((one_um, other_um))
        lower = near if self.lower_um is None else max(near, self.lower_um)
        upper = far if self.upper_um is None else min(far, self.upper_um)
        if lower < upper:
            return lower, upper
        raise Rejected(
            device,
            f"set the limits of {name}",
            f"the profile's {self.lower_um} to {self.upper_um} µm and the controller's"
            f" {near:g} to {far:g} µm have nothing in common",
            f"Check the profile's limits, direction and offset of {name}.",
        )


@dataclass(frozen=True, slots=True)
class StageSettings:
    """How to reach a controller and how its axes lie."""

    url: str
    """A port such as ``COM3`` or ``/dev/ttyUSB0``, or ``socket://host:port``."""
    baud: int | None = None
    """None for the dialect's usual rate."""
    x: AxisSettings = field(default_factory=AxisSettings)
    y: AxisSettings = field(default_factory=AxisSettings)
    z: AxisSettings = field(default_factory=AxisSettings)
    poll_hz: float = 20.0
    """Position read-backs per second while moving, as far as the line carries them."""
    dtr: bool = False
    """Raise the control lines on opening; some boards with native USB need it."""
    connect_timeout_s: float = 3.0
    """How long a controller may take until it answers."""

    def axis(self, name: AxisName) -> AxisSettings:
        """Return the settings of one axis."""
        return {"x": self.x, "y": self.y, "z": self.z}[name]


def left_slow(names: Sequence[AxisName]) -> str:
    """Return what to know of a controller in which a session may have left a slow speed behind."""
    axes = ", ".join(names)
    return (
        f"The speed set in the controller counts as the full one of {axes}. If moves creep after a "
        f"crash, give full_speed_um_per_s of {axes} in the profile: it is set on every connect."
    )


def device_name(identity: str, settings: StageSettings) -> str:
    """Return the device as errors and the window name it."""
    return f"stage {identity} on {settings.url}"
