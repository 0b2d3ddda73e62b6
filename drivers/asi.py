"""ASI MS-2000 and Tiger controllers.

Facts: ASI's serial command directory; Micro-Manager's ASIStage and ASITiger adapters.

A run along z is ``S Z=speed`` and ``M Z=target``, bounded by its target. ``VE``, the endless
velocity move, is not used: nothing would end it if this program died. The controller's own
anti-backlash (``B``) and overshoot (``OS``) would add motion beyond the target at the end of the
run; they are zero while z runs and get their values back afterwards. A session that dies in the
run leaves them zero, which only steering by hand notices, until the controller is switched off.

Every move and every homing sets its speed first, so that none creeps after such a session.
"""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from typing import Final

from drivers import asi_codec as codec
from drivers.errors import Rejected
from drivers.serial_stage.busy_flag import BusyFlag
from drivers.serial_stage.dialect import Framing, Notice, Status, Talk
from drivers.serial_stage.settings import AXES, StageSettings
from drivers.serial_stage.zero_watch import RESTARTED, ZeroWatch
from drivers.stage import AxisCaps, AxisName, StageCaps

USUAL_BAUD: Final = 115200
"""Tiger's, and the MS-2000's with its switches set so; it leaves the works with 9600."""
TOO_FAST_MM_PER_S: Final = 1000.0
"""The controller cuts it down to the fastest it can, which is how one learns that."""
SLOWEST_MM_PER_S: Final = 0.0001
"""Asked for to learn the slowest speed that it keeps."""
DEFAULT_LIMIT_MM: Final = 110.0
"""Limits this far off are the firmware's defaults: nobody has set them for this stage."""
USUAL_RAMP_MS: Final = 50.0
USUAL_SHARE: Final = 0.67
"""Of the fastest speed: what a controller is shipped with (ASI's serial command directory, S)."""

_SPEED_DECIMALS: Final = 6
_LASH_DECIMALS: Final = 6
_POSITION_DECIMALS: Final = 2


class AsiDialect:
    """What an ASI controller understands.

    Parameters
    ----------
    settings : StageSettings
        ``address`` is an axis's letter; empty for X, Y, Z.
    """

    def __init__(self, settings: StageSettings) -> None:
        self._settings = settings
        self._device = f"stage ASI on {settings.url}"
        self._letter: dict[AxisName, str] = {
            name: settings.axis(name).address or name.upper() for name in AXES
        }
        self._busy = BusyFlag()
        self._zero = ZeroWatch()
        self._reach_um_per_s = 0.0
        self._zero_is_the_target = False
        self._fastest_mm_per_s: Mapping[str, float] = {}
        self._lash_mm: dict[str, float] = {}
        self._lash_is_off = False
        self._look_at_switches = False
        self._homing = False
        self._rested = True
        self._restarted = False
        self._alarm: str | None = None

    @property
    def kind(self) -> str:
        """The controller's name in messages."""
        return "ASI"

    @property
    def framing(self) -> Framing:
        """How its lines are told apart."""
        return Framing(USUAL_BAUD, b"\r", b"\r\n")

    @property
    def stop_bytes(self) -> tuple[bytes, ...]:
        r"""The short form ``\`` first, then the long one."""
        return (b"\\\r", b"HALT\r")

    def refusal(self, line: str) -> str | None:
        """Return what an error line says."""
        return codec.refusal(line)

    def notice(self, line: str) -> Notice | None:
        """Notice that the controller was told to reset; all else is an answer to HALT, or late."""
        if line.strip() != ":RESET":
            return None
        return Notice(f"the controller has been reset ({line.strip()})", position_lost=True)

    def identify(self, talk: Talk) -> str:
        """Return the firmware's version.

        ``/`` comes first because it is harmless everywhere; ``V`` would be a move to a Prior.
        """
        talk.ask("/", codec.busy)
        version = talk.ask("V", codec.version)
        self._restarted, self._alarm = False, None
        self._zero = ZeroWatch()
        self._restore_lash(talk)
        return f"ASI {version}"

    def read_caps(self, talk: Talk) -> StageCaps:
        """Read limits, the fastest and slowest speeds, ramps, and what is to be off for z."""
        lower_mm = self._read(talk, "SL")
        upper_mm = self._read(talk, "SU")
        ramp_ms = self._read_if_known(talk, "AC")
        fastest, slowest = self._read_speeds(talk)
        self._fastest_mm_per_s = fastest
        z = self._letter["z"]
        for command in ("B", "OS"):
            lash_mm = self._read_if_known(talk, command, (z,)).get(z, 0.0)
            if lash_mm and not self._lash_is_off:
                self._lash_mm[command] = lash_mm
        x_caps, y_caps, z_caps = (
            self._axis_caps(
                name,
                (lower_mm[letter], upper_mm[letter]),
                (slowest[letter], fastest[letter]),
                ramp_ms.get(letter, USUAL_RAMP_MS),
            )
            for name, letter in self._letter.items()
        )
        poll_hz = self._settings.poll_hz
        notes = ["Homing runs x and y to their switches; z is left where it is."]
        if self._lash_mm:
            notes.append(
                "The controller's own anti-backlash and overshoot of z are off while z runs."
            )
        return StageCaps(x_caps, y_caps, z_caps, can_home=True, poll_hz=poll_hz, notes=tuple(notes))

    def read_status(self, talk: Talk) -> Status:
        """Ask for the position, and whether a commanded move is under way."""
        where = talk.ask("W " + " ".join(self._letter.values()), codec.numbers(len(AXES)))
        now_s = time.monotonic()
        busy = talk.ask("/", codec.busy)
        moving = self._busy.moving(busy=busy, now_s=time.monotonic())
        self._watch_zero(where, now_s)
        # The position is older than the flag: this one may still be from the way.
        if not moving and self._rested:
            self._reach_um_per_s, self._homing = 0.0, False
        self._rested = not moving
        if not moving:
            self._come_to_rest(talk)
        x_um, y_um, z_um = (
            self._settings.axis(name).to_um(unit, self._unit_um(name))
            for name, unit in zip(AXES, where, strict=True)
        )
        return Status(x_um, y_um, z_um, moving, not self._restarted, self._alarm)

    def begin_move(
        self, talk: Talk, targets_um: Mapping[AxisName, float], speed_um_per_s: float
    ) -> float:
        """Set the speeds, go, and return the speed that the controller has taken."""
        where = talk.ask("W " + " ".join(self._letter.values()), codec.numbers(len(AXES)))
        path_um: dict[AxisName, float] = {}
        targets: dict[str, float] = {}
        for name, here in zip(AXES, where, strict=True):
            if name in targets_um:
                axis, unit_um = self._settings.axis(name), self._unit_um(name)
                path_um[name] = targets_um[name] - axis.to_um(here, unit_um)
                targets[self._letter[name]] = axis.to_units(targets_um[name], unit_um)
        length_um = math.hypot(*path_um.values())
        if length_um == 0:
            return speed_um_per_s
        kept = self._set_speeds(talk, path_um, length_um, speed_um_per_s)
        if "z" in path_um:
            self._switch_lash_off(talk)
        self._reach_um_per_s = 2.0 * kept
        self._zero_is_the_target = not any(targets.values())
        self._go(talk, codec.assign("M", targets, _POSITION_DECIMALS))
        return kept

    def begin_home(self, talk: Talk) -> None:
        """Run x and y to their switches (``!``); z stays, it could meet the objective."""
        self._homing = True
        speeds = {self._letter[name]: self._usual_mm_per_s(name) for name in ("x", "y")}
        talk.ask(codec.assign("S", speeds, _SPEED_DECIMALS), codec.acknowledged)
        self._go(talk, f"! {self._letter['x']} {self._letter['y']}")

    def clear_alarm(self, talk: Talk) -> None:
        """Enable the motors again (``MC``); the operator has seen to the cause."""
        talk.ask(
            "MC " + " ".join(f"{letter}+" for letter in self._letter.values()),
            codec.acknowledged,
        )
        self._alarm = None

    def _unit_um(self, name: AxisName) -> float:
        return self._settings.axis(name).um_per_unit or codec.UNIT_UM

    def _read(self, talk: Talk, command: str) -> Mapping[str, float]:
        letters = tuple(self._letter.values())
        return talk.ask(codec.ask_for(command, letters), codec.values(letters))

    def _read_if_known(
        self, talk: Talk, command: str, letters: tuple[str, ...] | None = None
    ) -> Mapping[str, float]:
        """Read a setting that some firmware has not; empty then."""
        letters = letters or tuple(self._letter.values())
        try:
            return talk.ask(codec.ask_for(command, letters), codec.values(letters))
        except Rejected:
            return {}

    def _read_speeds(self, talk: Talk) -> tuple[Mapping[str, float], Mapping[str, float]]:
        """Learn the fastest and slowest speeds, mm/s, by asking for too much and too little."""
        before = self._read(talk, "S")
        try:
            fastest = self._try_speed(talk, TOO_FAST_MM_PER_S)
            slowest = self._try_speed(talk, SLOWEST_MM_PER_S)
        finally:
            talk.ask(codec.assign("S", before, _SPEED_DECIMALS), codec.acknowledged)
        return fastest, slowest

    def _try_speed(self, talk: Talk, mm_per_s: float) -> Mapping[str, float]:
        wanted = dict.fromkeys(self._letter.values(), mm_per_s)
        try:
            talk.ask(codec.assign("S", wanted, _SPEED_DECIMALS), codec.acknowledged)
        except Rejected:
            return self._read(talk, "S")
        return self._read(talk, "S")

    def _axis_caps(
        self,
        name: AxisName,
        limits_mm: tuple[float, float],
        speeds_mm_per_s: tuple[float, float],
        ramp_ms: float,
    ) -> AxisCaps:
        axis, unit_um = self._settings.axis(name), self._unit_um(name)
        scale = unit_um / codec.UNIT_UM * codec.UM_PER_MM
        own = axis.lower_um is not None and axis.upper_um is not None
        if not own and all(abs(each) >= DEFAULT_LIMIT_MM for each in limits_mm):
            raise Rejected(
                self._device,
                f"set the limits of {name}",
                f"the controller's are its defaults, {limits_mm[0]:g} to {limits_mm[1]:g} mm,"
                " and the profile names none",
                f"Give lower_um and upper_um of {name} in the profile.",
            )
        one_um, other_um = (axis.direction * mm * scale + axis.offset_um for mm in limits_mm)
        lower_um, upper_um = axis.narrow(self._device, name, one_um, other_um)
        slowest, fastest = (mm * scale for mm in speeds_mm_per_s)
        return AxisCaps(
            lower_um=lower_um,
            upper_um=upper_um,
            min_speed_um_per_s=max(slowest, SLOWEST_MM_PER_S * scale),
            max_speed_um_per_s=fastest,
            acceleration_um_per_s2=fastest / max(ramp_ms / 1000, 0.001),
            resolution_um=unit_um,
        )

    def _set_speeds(
        self,
        talk: Talk,
        path_um: Mapping[AxisName, float],
        length_um: float,
        speed_um_per_s: float,
    ) -> float:
        shares = {name: abs(um) / length_um for name, um in path_um.items() if um}
        wanted = {
            self._letter[name]: speed_um_per_s * share / self._um_per_speed(name)
            for name, share in shares.items()
        }
        talk.ask(codec.assign("S", wanted, _SPEED_DECIMALS), codec.acknowledged)
        taken = talk.ask(codec.ask_for("S", wanted), codec.values(wanted))
        return min(
            taken[self._letter[name]] * self._um_per_speed(name) / share
            for name, share in shares.items()
        )

    def _usual_mm_per_s(self, name: AxisName) -> float:
        """Return the speed of a homing: the profile's, or what the works set."""
        own_um_per_s = self._settings.axis(name).full_speed_um_per_s
        if own_um_per_s is not None:
            return own_um_per_s / self._um_per_speed(name)
        return USUAL_SHARE * self._fastest_mm_per_s[self._letter[name]]

    def _um_per_speed(self, name: AxisName) -> float:
        return self._unit_um(name) / codec.UNIT_UM * codec.UM_PER_MM

    def _go(self, talk: Talk, command: str) -> None:
        talk.ask(command, codec.acknowledged)
        self._rested = False
        self._busy.rise(time.monotonic())
        self._look_at_switches = True

    def _switch_lash_off(self, talk: Talk) -> None:
        z = self._letter["z"]
        self._lash_is_off = bool(self._lash_mm)
        for command in self._lash_mm:
            talk.ask(codec.assign(command, {z: 0.0}, _LASH_DECIMALS), codec.acknowledged)

    def _restore_lash(self, talk: Talk) -> None:
        if not self._lash_is_off:
            return
        z = self._letter["z"]
        for command, lash_mm in self._lash_mm.items():
            talk.ask(codec.assign(command, {z: lash_mm}, _LASH_DECIMALS), codec.acknowledged)
        self._lash_is_off = False

    def _watch_zero(self, where: tuple[float, ...], now_s: float) -> None:
        x, y, z = (unit * self._unit_um(name) for name, unit in zip(AXES, where, strict=True))
        fell = self._zero.fell((x, y, z), now_s, self._reach_um_per_s)
        if fell and not (self._homing or self._zero_is_the_target):
            self._restarted = True
            self._alarm = RESTARTED

    def _come_to_rest(self, talk: Talk) -> None:
        """Do what has to wait for the end of a motion, once."""
        self._restore_lash(talk)
        if self._look_at_switches:
            letters = tuple(self._letter.values())
            flags = talk.ask("RS " + " ".join(letters), codec.numbers(len(letters)))
            self._look_at_switches = False
            self._alarm = self._alarm or self._read_flags(letters, flags)

    def _read_flags(self, letters: tuple[str, ...], flags: tuple[float, ...]) -> str | None:
        for letter, flag in zip(letters, flags, strict=True):
            if not int(flag) & codec.ENABLED:
                return f"the motor of {letter} is disabled"
            closed = codec.switch_text(letter, int(flag))
            if closed and not self._homing:
                return f"{closed} is closed"
        return None
