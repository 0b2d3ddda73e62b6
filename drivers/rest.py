"""How a stage is brought to rest, and how one knows that it is.

A stop may get lost, or not be the right one for what the controller is doing: so it is repeated,
watched and escalated, until two read-backs in a row say that the stage stands at one place.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from drivers.errors import ConnectionLost
from drivers.stage import PositionSample
from drivers.watched_move import same_place

GIVE_UP_S: Final = 5.0
"""How long to try, on top of the time for slowing down."""
PACE_S: Final = 0.02
"""Between two looks."""


@dataclass(frozen=True, slots=True)
class Rest:
    """The stage stands still."""

    position: PositionSample
    t_halted_ns: int
    attempts: int


def await_rest(
    device: str,
    look: Callable[[], PositionSample | None],
    press: Callable[[float, int], float],
    *,
    again_after_s: float,
    attempts: int,
    braking_s: float,
) -> Rest:
    """Repeat and escalate a stop that has been sent, until the stage stands still.

    Parameters
    ----------
    device : str
        The device as errors name it.
    look : callable
        Reads the position; None where it cannot be read, or where something is on its way to the
        controller that could still set the stage in motion.
    press : callable
        Sends the stop again, the stronger the longer it is overdue: it gets the seconds since the
        stage should have come to rest, negative at first, and how many stops have been sent, and
        returns how many seconds to wait for the effect. Time alone does not tell that a milder
        stop was in vain: the program itself may have been held up.
    again_after_s : float
        How long to wait for the effect of the stop that has been sent.
    attempts : int
        How many stops have been sent.
    braking_s : float
        How long the stage may need to slow down.

    Raises
    ------
    ConnectionLost
        The stage could not be seen standing still.
    """
    started_s = time.monotonic()
    again_s = started_s + again_after_s
    standing: PositionSample | None = None
    while time.monotonic() < started_s + braking_s + GIVE_UP_S:
        sample = look()
        if sample is None or sample.moving:
            standing = None
        elif standing is not None and same_place(standing, sample):
            return Rest(sample, sample.t_answered_ns, attempts)
        else:
            standing = sample
        now_s = time.monotonic()
        # Not while it stands: some controllers take a hold at rest for the wish to stay held.
        if now_s >= again_s and standing is None:
            again_s = now_s + press(now_s - started_s - braking_s, attempts)
            attempts += 1
        time.sleep(PACE_S)
    raise ConnectionLost(
        device,
        "stop",
        f"not seen standing still after {attempts} attempts in {GIVE_UP_S + braking_s:.1f} s",
        "Switch off the stage's power if it still moves.",
    )
