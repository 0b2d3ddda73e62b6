"""Waiting for news from a device on a computer that may itself be held up."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Final

HELD_UP_S: Final = 0.1
"""By how much a wait has to be overdue to tell that the program was held up, not the device."""
CATCH_UP_S: Final = 1.0
"""What has arrived meanwhile gets from the system to its reader, and from there to who waits."""
STOP_CATCH_UP_S: Final = 0.25
"""The same for who looks whether a stop has had its effect. Shorter: a controller that keeps silent
shall be reset soon, also where the computer is held up again and again."""


def wait_for_news(
    condition: threading.Condition,
    came: Callable[[], object],
    timeout_s: float,
    catch_up_s: float = CATCH_UP_S,
) -> bool:
    """Wait like `threading.Condition.wait_for`, and do not blame the device for a held-up program.

    A computer that is busy or has slept lets the time run out while the answer lies there unread.
    Whoever reads it then gets a moment more.

    Parameters
    ----------
    condition : threading.Condition
        Held by the caller; notified when there are news.
    came : callable
        Whether they are those that are waited for.
    timeout_s : float
    catch_up_s : float
        The moment more.

    Returns
    -------
    bool
        Whether they came.
    """
    started_s = time.monotonic()
    if condition.wait_for(came, timeout_s):
        return True
    if time.monotonic() - started_s < timeout_s + HELD_UP_S:
        return False
    return bool(condition.wait_for(came, catch_up_s))
