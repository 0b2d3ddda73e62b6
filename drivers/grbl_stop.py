"""How a Grbl stage is brought to rest, and how one knows that it is.

A jog cancel may get lost (seen about once in 90), a feed hold does nothing to a jog on grblHAL,
and only a reset ends a homing: so the stop is repeated, watched and escalated. A reset forgets
the position; it comes last.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from drivers.errors import ConnectionLost, ReplyTimeout
from drivers.grbl_codec import FEED_HOLD, JOG_CANCEL
from drivers.grbl_link import GrblLink, TimedReport
from drivers.grbl_move import GrblMove, same_place
from drivers.grbl_reset import RESET_AGAIN_S
from drivers.stage import PositionSample, StageCaps

RESEND_S: Final = 0.15
"""A byte that took effect shows in the status well before this."""
HOLD_AFTER_S: Final = 0.3
RESET_AFTER_S: Final = 0.6
GIVE_UP_S: Final = 5.0
LONGEST_BRAKING_S: Final = 3.0
LOOK_S: Final = 0.15
PACE_S: Final = 0.02
"""Between two looks: Grbl takes up to 50 questions a second (Grbl 1.1 documentation)."""


@dataclass(frozen=True, slots=True)
class Rest:
    """The stage stands still."""

    position: PositionSample
    t_halted_ns: int
    attempts: int


def braking_s(move: GrblMove | None, caps: StageCaps | None) -> float:
    """Return how long the present motion may need to slow down.

    Without a known motion this is the time that the slowest axis needs from its full speed.
    """
    if move is not None and not move.done():
        return min(move.braking_s, LONGEST_BRAKING_S)
    axes = () if caps is None else (caps.x, caps.y, caps.z)
    slowest_s = max((a.max_speed_um_per_s / a.acceleration_um_per_s2 for a in axes), default=1.0)
    return min(slowest_s, LONGEST_BRAKING_S)


def bring_to_rest(
    link: GrblLink,
    sample_of: Callable[[TimedReport], PositionSample | None],
    reset: Callable[[], None],
    *,
    homing: bool,
    braking_s: float,
) -> Rest:
    """Repeat and escalate a stop whose first byte has been sent, until the stage stands still.

    It stands still when two read-backs in a row say so at the same place, and no line is on its
    way that could still set it in motion.

    Parameters
    ----------
    link : GrblLink
    sample_of : callable
        Turns a report into a position; None where it cannot.
    reset : callable
        Sends a soft reset.
    homing : bool
        Whether to reset at once: a homing listens to nothing else.
    braking_s : float
        How long the stage may need to slow down.

    Raises
    ------
    ConnectionLost
        The stage could not be seen standing still.
    """
    started_s = time.monotonic()
    attempts = 1
    if homing:
        reset()
        attempts += 1
    again_s = started_s + (RESET_AGAIN_S if homing else RESEND_S)
    standing: PositionSample | None = None
    while (now_s := time.monotonic()) < started_s + braking_s + GIVE_UP_S:
        if now_s >= again_s:
            overdue_s = now_s - started_s - braking_s
            again_s = now_s + _escalate(link, reset, overdue_s, homing=homing)
            attempts += 1
        sample = _look(link, sample_of)
        if sample is None or sample.moving or link.unanswered is not None:
            standing = None
        elif standing is not None and same_place(standing, sample):
            return Rest(sample, sample.t_answered_ns, attempts)
        else:
            standing = sample
        time.sleep(PACE_S)
    raise ConnectionLost(
        link.device,
        "stop",
        f"not seen standing still after {attempts} attempts in {GIVE_UP_S + braking_s:.1f} s",
        "Switch off the stage's power if it still moves.",
    )


def _escalate(
    link: GrblLink, reset: Callable[[], None], overdue_s: float, *, homing: bool
) -> float:
    """Send the stop again, stronger if it is overdue; return how long to wait for its effect."""
    if homing or overdue_s > RESET_AFTER_S:
        reset()
        return RESET_AGAIN_S
    link.send_now(FEED_HOLD + JOG_CANCEL if overdue_s > HOLD_AFTER_S else JOG_CANCEL)
    return RESEND_S


def _look(
    link: GrblLink, sample_of: Callable[[TimedReport], PositionSample | None]
) -> PositionSample | None:
    try:
        return sample_of(link.ask((LOOK_S,)))
    except ReplyTimeout:
        return None
