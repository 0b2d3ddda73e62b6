"""The default focus and XY devices of a Micro-Manager configuration, as x, y and z in µm.

Everything here runs on the core's own thread, see `drivers.micromanager_core`.
"""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from drivers.errors import Rejected
from drivers.micromanager_speed import SpeedProperty, find_speed_property
from drivers.serial_stage.dialect import Status
from drivers.serial_stage.settings import AXES, AxisSettings
from drivers.stage import AxisCaps, AxisName, PositionSample, StageCaps

OWN_SPEED_UM_PER_S: Final = 1000.0
"""Where a device keeps its speed to itself: for estimates of how long a move takes."""
SPEED_RANGE: Final = 1e4
"""Fastest to slowest speed where the property names no limits; its read-back has the last word."""
RESOLUTION_UM: Final = 0.1
RAMP_S: Final = 0.1
"""Micro-Manager tells neither resolutions nor accelerations."""


@dataclass(frozen=True, slots=True)
class MicroManagerSettings:
    """How the stages of a configuration lie in the microscope's frame.

    Micro-Manager tells no limits: each axis that there is needs ``lower_um`` and ``upper_um``.
    """

    x: AxisSettings = field(default_factory=AxisSettings)
    y: AxisSettings = field(default_factory=AxisSettings)
    z: AxisSettings = field(default_factory=AxisSettings)
    z_speed: SpeedProperty | None = None
    """What sets the speed of z; None looks for a property whose name says that it does."""
    poll_hz: float = 20.0

    def axis(self, name: AxisName) -> AxisSettings:
        """Return the settings of one axis."""
        return {"x": self.x, "y": self.y, "z": self.z}[name]


class MicroManagerAxes:
    """Two devices that together are a stage.

    Parameters
    ----------
    core : pymmcore.CMMCore
        Its configuration is loaded.
    device : str
        The stage as errors name it.
    settings : MicroManagerSettings

    Raises
    ------
    Rejected
        There is no focus device.
    """

    def __init__(self, core: Any, device: str, settings: MicroManagerSettings) -> None:  # noqa: ANN401
        self._device = device
        self._settings = settings
        self.z: str = core.getFocusDevice()
        self.xy: str = core.getXYStageDevice()
        if not self.z:
            raise Rejected(
                device,
                "connect",
                "the configuration names no default focus device",
                "Choose one under Core: Focus in Micro-Manager's configuration.",
            )
        names = [
            name
            for name in core.getDevicePropertyNames(self.z)
            if not core.isPropertyReadOnly(self.z, name)
        ]
        wanted = settings.z_speed
        if wanted is not None and wanted.name not in names:
            raise Rejected(
                device,
                f"set the speed by the property {wanted.name!r}",
                f"{self.z} can set {', '.join(map(repr, names)) or 'nothing'}",
                "Name one of these in the profile, or none.",
            )
        self.speed = wanted or find_speed_property(names)

    def read_caps(self, core: Any) -> StageCaps:  # noqa: ANN401
        """Put together what Micro-Manager and the profile tell."""
        slow, fast = self._speeds(core)
        own = OWN_SPEED_UM_PER_S
        return StageCaps(
            x=self._caps("x", own, own) if self.xy else _nothing(),
            y=self._caps("y", own, own) if self.xy else _nothing(),
            z=self._caps("z", slow, fast),
            can_home=False,
            poll_hz=self._settings.poll_hz,
            notes=self._notes(),
        )

    def _notes(self) -> tuple[str, ...]:
        notes = ["Micro-Manager tells no accelerations: run-ups are estimated."]
        if not self.xy:
            notes.append("The configuration has no XY stage: only z moves.")
        if self.speed is None:
            notes.append(
                f"{self.z} has no property that is known to set its speed: it moves, but cannot"
                " sweep."
            )
        return tuple(notes)

    def read(self, core: Any) -> tuple[Status, int, int]:  # noqa: ANN401
        """Return where the stage is, and when z was asked for and answered, ns."""
        x = core.getXPosition(self.xy) if self.xy else 0.0
        y = core.getYPosition(self.xy) if self.xy else 0.0
        asked_ns = time.monotonic_ns()
        z = core.getPosition(self.z)
        answered_ns = time.monotonic_ns()
        moving = core.deviceBusy(self.z) or bool(self.xy and core.deviceBusy(self.xy))
        x_um, y_um, z_um = (
            self._settings.axis(name).to_um(value, _unit_um(self._settings.axis(name)))
            for name, value in zip(AXES, (x, y, z), strict=True)
        )
        return Status(x_um, y_um, z_um, moving, referenced=True), asked_ns, answered_ns

    def begin(
        self,
        core: Any,  # noqa: ANN401
        here: PositionSample,
        targets_um: Mapping[AxisName, float],
        speed_um_per_s: float,
    ) -> float:
        """Set z, then x and y, in motion; return the speed that is read back, µm/s."""
        start = {"x": here.x_um, "y": here.y_um, "z": here.z_um}
        length_um = math.hypot(*(targets_um[name] - start[name] for name in targets_um))
        kept = speed_um_per_s
        if "z" in targets_um:
            share = abs(targets_um["z"] - start["z"]) / length_um if length_um else 0.0
            if self.speed is not None and share:
                kept = self._set_speed(core, self.speed, speed_um_per_s * share) / share
            core.setPosition(self.z, self._to_units("z", targets_um["z"]))
        if "x" in targets_um or "y" in targets_um:
            x, y = (self._to_units(name, targets_um.get(name, start[name])) for name in _XY)
            core.setXYPosition(self.xy, x, y)
        return kept

    def halt(self, core: Any) -> None:  # noqa: ANN401
        """Stop all that moves; what stands need not know how to stop.

        Raises
        ------
        RuntimeError
            A device that moves cannot be stopped.
        """
        failed: RuntimeError | None = None
        for name in filter(None, (self.z, self.xy)):
            try:
                core.stop(name)
            except RuntimeError as error:
                if core.deviceBusy(name):
                    failed = error
        if failed is not None:
            raise failed

    def _speeds(self, core: Any) -> tuple[float, float]:  # noqa: ANN401
        """Return the slowest and fastest speed of z."""
        if self.speed is None:
            return OWN_SPEED_UM_PER_S, OWN_SPEED_UM_PER_S
        name = self.speed.name
        now = self.speed.speed_um_per_s(float(core.getProperty(self.z, name)))
        if not core.hasPropertyLimits(self.z, name):
            return now / SPEED_RANGE, now
        ends = [
            self.speed.speed_um_per_s(value)
            for value in (
                core.getPropertyLowerLimit(self.z, name),
                core.getPropertyUpperLimit(self.z, name),
            )
        ]
        return min(ends) or max(ends) / SPEED_RANGE, max(ends)

    def _set_speed(self, core: Any, speed: SpeedProperty, wanted_um_per_s: float) -> float:  # noqa: ANN401
        core.setProperty(self.z, speed.name, speed.value(wanted_um_per_s))
        return speed.speed_um_per_s(float(core.getProperty(self.z, speed.name)))

    def _caps(self, name: AxisName, slow_um_per_s: float, fast_um_per_s: float) -> AxisCaps:
        axis = self._settings.axis(name)
        if axis.lower_um is None or axis.upper_um is None:
            raise Rejected(
                self._device,
                f"set the limits of {name}",
                "Micro-Manager tells none, and the profile names none",
                f"Give lower_um and upper_um of {name} in the profile.",
            )
        lower_um, upper_um = axis.narrow(self._device, name, axis.lower_um, axis.upper_um)
        return AxisCaps(
            lower_um=lower_um,
            upper_um=upper_um,
            min_speed_um_per_s=slow_um_per_s,
            max_speed_um_per_s=fast_um_per_s,
            acceleration_um_per_s2=fast_um_per_s / RAMP_S,
            resolution_um=RESOLUTION_UM,
        )

    def _to_units(self, name: AxisName, position_um: float) -> float:
        axis = self._settings.axis(name)
        return axis.to_units(position_um, _unit_um(axis))


_XY: Final[tuple[AxisName, AxisName]] = ("x", "y")


def _unit_um(axis: AxisSettings) -> float:
    return axis.um_per_unit or 1.0


def _nothing() -> AxisCaps:
    """Return the capabilities of an axis that is not there."""
    own = OWN_SPEED_UM_PER_S
    return AxisCaps(0.0, 0.0, own, own, own / RAMP_S, RESOLUTION_UM)
