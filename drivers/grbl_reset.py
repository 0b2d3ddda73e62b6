"""The soft reset of a Grbl controller, and when it listens to one."""

from __future__ import annotations

from typing import Final

from drivers.errors import ReplyTimeout
from drivers.grbl_codec import SOFT_RESET
from drivers.grbl_link import GrblLink
from drivers.grbl_watch import GrblWatch

RESET_AGAIN_S: Final = 0.5
"""Grbl greets within milliseconds of a reset; one that comes too soon after an alarm is lost."""
_REQUEST_S: Final = 1.0
_TRIES: Final = 6


def reset(link: GrblLink, watch: GrblWatch) -> None:
    """Send a soft reset; the greeting that follows is then no news."""
    watch.expect_reset()
    link.send_now(SOFT_RESET)


def end_critical_alarm(link: GrblLink, watch: GrblWatch) -> None:
    """Reset a controller that takes no command before; harmless on one that does.

    After a critical alarm Grbl announces when it is ready for the reset, and forgets a reset that
    came earlier (Grbl 1.1 protocol.c).

    Raises
    ------
    ReplyTimeout
        The controller does not restart.
    ConnectionLost
        The port is gone.
    """
    with watch.changed:
        if not watch.needs_reset():
            return
        banners = watch.banners
        watch.changed.wait_for(lambda: watch.reset_wanted or watch.banners != banners, _REQUEST_S)
    for _ in range(_TRIES):
        with watch.changed:
            if watch.banners != banners:
                return
        reset(link, watch)
        with watch.changed:
            watch.changed.wait_for(lambda: watch.banners != banners, RESET_AGAIN_S)
    raise ReplyTimeout(
        link.device,
        "reset the controller after an alarm",
        f"no restart after {_TRIES} resets",
        "Press the controller's reset button.",
    )
