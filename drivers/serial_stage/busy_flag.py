"""A busy flag that rises late or drops too early."""

from __future__ import annotations

import math
from typing import Final

GRACE_S: Final = 0.1
"""A busy flag may rise late, or drop and rise again between the parts of a move; Micro-Manager
waits as long (micro-manager issue 1577)."""


class BusyFlag:
    """A controller's busy flag, believed to have dropped only after it stayed down for a moment."""

    def __init__(self, grace_s: float = GRACE_S) -> None:
        self._grace_s = grace_s
        self._busy_s = -math.inf

    def rise(self, now_s: float) -> None:
        """Note that a motion was begun, whatever the flag says at first."""
        self._busy_s = now_s

    def moving(self, *, busy: bool, now_s: float) -> bool:
        """Return whether the stage may still move, given the flag at this moment."""
        if busy:
            self._busy_s = now_s
        return now_s - self._busy_s < self._grace_s
