"""How a Grbl stage is brought to rest, and how one knows that it is.

A jog cancel may get lost (seen about once in 90), a feed hold does nothing to a jog on grblHAL,
and only a reset ends a homing: so the stop is repeated, watched and escalated. A reset forgets
the position; it comes last.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Final

from drivers.errors import ConnectionLost, ReplyTimeout
from drivers.grbl_codec import FEED_HOLD, JOG_CANCEL, RESUME
from drivers.grbl_link import GrblLink, TimedReport
from drivers.grbl_reset import RESET_AGAIN_S
from drivers.patience import STOP_CATCH_UP_S
from drivers.rest import Rest, await_rest
from drivers.stage import PositionSample

RESEND_S: Final = 0.15
"""A byte that took effect shows in the status well before this."""
HOLD_AFTER_S: Final = 0.3
RESET_AFTER_S: Final = 0.6
LOOK_S: Final = 0.15


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
        The stage could not be seen standing still; it has been reset by then.
    """
    if homing:
        reset()
    holding = held = False

    def press(overdue_s: float, attempts: int) -> float:  # noqa: ARG001
        nonlocal held
        if homing or (overdue_s > RESET_AFTER_S and held):
            reset()
            return RESET_AGAIN_S
        holds = overdue_s > HOLD_AFTER_S
        held = held or holds
        link.send_now(FEED_HOLD + JOG_CANCEL if holds else JOG_CANCEL)
        return RESEND_S

    def look() -> PositionSample | None:
        nonlocal holding
        timed = _look(link)
        if timed is None or link.unanswered is not None:
            return None
        holding = timed.report.state == "Hold"
        return sample_of(timed)

    try:
        rest = await_rest(
            link.device,
            look,
            press,
            again_after_s=RESET_AGAIN_S if homing else RESEND_S,
            attempts=2 if homing else 1,
            braking_s=braking_s,
        )
    except ConnectionLost:
        # A program that was held up may have run out of time before it came to this.
        with suppress(ConnectionLost):
            reset()
        raise
    if held and holding:
        # A feed hold that finds the stage at rest keeps it from all that comes later. All motion
        # is jogs, and these are gone: there is nothing that could go on.
        link.send_now(RESUME)
    return rest


def _look(link: GrblLink) -> TimedReport | None:
    try:
        return link.ask((LOOK_S,), STOP_CATCH_UP_S)
    except ReplyTimeout:
        return None
