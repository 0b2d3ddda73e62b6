"""What a stage does, worked out from what is known of it; the same for every controller."""

from __future__ import annotations

from dataclasses import dataclass

from drivers.errors import ConnectionLost
from drivers.stage import StagePhase
from drivers.watched_move import WatchedMove


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why the stage waits for a person."""

    text: str
    is_alarm: bool
    """False where nothing is wrong but that the position is lost."""


def phase_of(
    *,
    lost: ConnectionLost | None,
    homing: WatchedMove | None,
    trouble: Trouble | None,
    move: WatchedMove | None,
    moving: bool,
) -> StagePhase:
    """Return what the stage does.

    Parameters
    ----------
    lost : ConnectionLost or None
        Why the controller is gone, if it is.
    homing, move : WatchedMove or None
        The last of each.
    trouble : Trouble or None
    moving : bool
        Whether the controller said last that the stage moves, on whoever's behalf.
    """
    if lost is not None:
        return StagePhase.DISCONNECTED
    if homing is not None and not homing.done():
        return StagePhase.HOMING
    if trouble is not None:
        return StagePhase.ALARM
    if moving or (move is not None and not move.done()):
        return StagePhase.MOVING
    return StagePhase.IDLE
