"""Controllers that restart without a word, and count from zero again."""

from __future__ import annotations

from typing import Final

SLACK_UM: Final = 20.0
"""Closer to zero than this before, the position's being zero is no sign of anything."""

RESTARTED: Final = (
    "its position fell to 0,0,0: it has restarted, or somebody has zeroed it;"
    " set its zero where it was, then connect again"
)


class ZeroWatch:
    """Notices that all axes read zero though none can have got there: the controller restarted."""

    def __init__(self) -> None:
        self._last: tuple[float, float] | None = None

    def fell(
        self, positions_um: tuple[float, float, float], now_s: float, reach_um_per_s: float
    ) -> bool:
        """Return whether the position fell to zero since the last call.

        Parameters
        ----------
        positions_um : (float, float, float)
            The controller's own positions of x, y and z, from its own zero.
        now_s : float
            When they were read.
        reach_um_per_s : float
            As fast as an axis may have moved since the last call; 0 at rest.
        """
        farthest = max(abs(each) for each in positions_um)
        last, self._last = self._last, (farthest, now_s)
        if last is None or farthest > 0:
            return False
        was_um, was_s = last
        return was_um > SLACK_UM + reach_um_per_s * (now_s - was_s)
