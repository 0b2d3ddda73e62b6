"""Finding out what answers on a port, and refusing what is not Grbl 1.1 or grblHAL."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from drivers.errors import BadReply, ConnectionLost, Rejected, ReplyTimeout
from drivers.grbl_codec import (
    ASK_BUILD,
    ASK_SETTINGS,
    JOG_CANCEL,
    SOFT_RESET,
    Feedback,
    Setting,
    StatusReport,
)
from drivers.grbl_link import GrblLink

_TRY_S: Final = 0.5
_HOMING_REQUIRED: Final = 11


@dataclass(frozen=True, slots=True)
class GrblController:
    """What answered on the port."""

    firmware: str
    """``"GRBL"`` or ``"grblHAL"``."""
    version: str
    """Such as ``"1.1h"``."""
    build: tuple[str, ...]
    """The controller's own build information, line by line."""
    numbers: Mapping[int, float]
    """Its settings by number; those that are no numbers are left out."""

    @property
    def name(self) -> str:
        """Firmware and version."""
        return f"{self.firmware} {self.version}"


def identify(link: GrblLink, timeout_s: float, heard: Collection[str]) -> GrblController:
    """Wait for a controller to answer and read what it is and how it is set.

    Nothing moves; what moves already is stopped. A controller that says nothing, or that stands
    in a critical alarm, is reset once: Grbl 1.1h answers nothing else in that state.

    Parameters
    ----------
    link : GrblLink
        Open.
    timeout_s : float
        How long a controller may take to answer.
    heard : collection of str
        What else has been received on the port; grows meanwhile.

    Raises
    ------
    ConnectionLost
        Nothing answers.
    BadReply
        Something else answers; the error quotes it.
    Rejected
        The controller will not say.
    """
    _await_standing(link, timeout_s, heard)
    build = [event for event in link.command(ASK_BUILD) if isinstance(event, Feedback)]
    quoted = tuple(f"[{line.key}:{line.text}]" for line in build)
    version = (
        next((line.text for line in build if line.key == "VER"), "").split(".20")[0].strip(":")
    )
    if not version.startswith("1.1"):
        raise _stranger(link, " ".join(quoted) or "no version")
    is_hal = any(line.key == "FIRMWARE" and line.text.lower() == "grblhal" for line in build)
    settings = [event for event in link.command(ASK_SETTINGS) if isinstance(event, Setting)]
    return GrblController("grblHAL" if is_hal else "GRBL", version, quoted, _numbers(settings))


def _await_standing(link: GrblLink, timeout_s: float, heard: Collection[str]) -> None:
    """Wait until the controller reports that it stands still and listens."""
    started_s = time.monotonic()
    report: StatusReport | None = None
    has_reset = False
    asked_since = False
    # However long the program was held up: after a reset it is asked once more at least.
    while (elapsed_s := time.monotonic() - started_s) < timeout_s or not asked_since:
        asked_since = True
        try:
            report = link.ask((_TRY_S,)).report
        except ReplyTimeout:
            silent = report is None and elapsed_s > timeout_s / 2
        else:
            if report.moving:
                link.send_now(JOG_CANCEL)
                continue
            silent = report.state == "Alarm" and report.substate not in (None, _HOMING_REQUIRED)
            if not silent:
                return
        if silent and not has_reset:
            link.send_now(SOFT_RESET)
            has_reset, asked_since = True, False
    if report is not None:
        raise Rejected(
            link.device,
            "connect",
            f"the controller stays in state {report.state}",
            "Bring it to rest, or reset it.",
        )
    if heard:
        raise _stranger(link, " | ".join(heard))
    raise ConnectionLost(
        link.device,
        "connect",
        f"nothing answered in {timeout_s:g} s",
        "Check that it has power, that this is its port, and the baud rate.",
    )


def _stranger(link: GrblLink, answer: str) -> BadReply:
    return BadReply(
        link.device,
        "connect",
        f"not Grbl 1.1 or grblHAL; it said: {answer[:200]!r}",
        "Check the port and the baud rate, or update the firmware.",
    )


def _numbers(settings: Collection[Setting]) -> dict[int, float]:
    numbers: dict[int, float] = {}
    for setting in settings:
        try:
            numbers[setting.number] = float(setting.value)
        except ValueError:
            continue  # grblHAL has settings that are texts
    return numbers
