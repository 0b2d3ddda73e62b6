"""What differs from one request-and-reply controller to the next.

`drivers.serial_stage.stage.SerialStage` is the `Stage`: it owns the port, asks for the position
while the stage moves, watches moves end, keeps the soft limits and brings the stage to rest. A
`Dialect` only knows the words. Its methods that talk are called one at a time; the others are
pure.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol, TypeVar

from drivers.stage import AxisName, StageCaps

T = TypeVar("T")

Shape = Callable[[str], T | None]
"""Reads one line; None where the line has not the shape of the answer that is waited for."""


@dataclass(frozen=True, slots=True)
class Framing:
    """How lines are told apart on the wire.

    Parameters
    ----------
    baud : int
        The controller's usual rate; the profile may name another.
    send_end, receive_end : bytes
        What ends a line in each direction.
    """

    baud: int
    send_end: bytes
    receive_end: bytes


@dataclass(frozen=True, slots=True)
class Status:
    """What a controller says of itself at one moment."""

    x_um: float
    y_um: float
    z_um: float
    moving: bool
    referenced: bool
    """Whether the position can be trusted; True for controllers that need no homing."""
    alarm: str | None = None
    """The controller's own words while it waits for a person."""


@dataclass(frozen=True, slots=True)
class Notice:
    """What an unasked line means."""

    text: str
    """For the operator, the controller's words in it."""
    position_lost: bool = False
    """The controller restarted, stalled or was switched off: home before the next move."""
    alarm: bool = False
    """It waits for a person."""


class Talk(Protocol):
    """One conversation: a single request is unanswered at any time."""

    def ask(self, request: str, shape: Shape[T], *, timeout_s: float = 1.0) -> T:
        """Send a request and wait for the line that has the answer's shape.

        Lines of other shapes are handed to `Dialect.notice` and waited past.

        Raises
        ------
        ReplyTimeout
            No line of that shape came; the error quotes what did.
        Rejected
            The line is a refusal by `Dialect.refusal`.
        ConnectionLost
            The port is gone.
        """
        ...

    def tell(self, request: str) -> None:
        """Send a request that the controller never answers.

        Raises
        ------
        ConnectionLost
            The port is gone.
        """
        ...


class Dialect(Protocol):
    """The words of one kind of controller.

    Positions are µm in the microscope's own frame: the dialect applies the signs and the scales
    of its settings.
    """

    @property
    def kind(self) -> str:
        """The controller's name in messages, such as ``"Prior ProScan"``."""
        ...

    @property
    def framing(self) -> Framing:
        """How its lines are told apart."""
        ...

    @property
    def stop_bytes(self) -> tuple[bytes, ...]:
        """What halts all axes, gentle first: sent at once, then escalated, past every queue."""
        ...

    def refusal(self, line: str) -> str | None:
        """Return what a line refuses, in words; None where it is no refusal."""
        ...

    def notice(self, line: str) -> Notice | None:
        """Return what an unasked line means; None for noise and late answers."""
        ...

    def identify(self, talk: Talk) -> str:
        """Return the device's name and firmware, and bring it into a known mode; nothing moves.

        Raises
        ------
        BadReply
            Something else answers; the error quotes it.
        ReplyTimeout
            Nothing does.
        """
        ...

    def read_caps(self, talk: Talk) -> StageCaps:
        """Read limits, speeds and accelerations, narrowed by the dialect's own settings."""
        ...

    def read_status(self, talk: Talk) -> Status:
        """Ask where the stage is and whether it moves; answered while it moves."""
        ...

    def begin_move(
        self, talk: Talk, targets_um: Mapping[AxisName, float], speed_um_per_s: float
    ) -> float:
        """Set the axes in motion to absolute targets; return at once.

        Targets and speed lie within `read_caps`. The run is bounded by its target whatever
        happens to this program.

        Returns
        -------
        float
            The speed along the path that the controller has read back, µm/s.
        """
        ...

    def begin_home(self, talk: Talk) -> None:
        """Start to look for the reference switches; return at once."""
        ...

    def clear_alarm(self, talk: Talk) -> None:
        """End an alarm in the order that the controller demands, on the operator's wish only."""
        ...
