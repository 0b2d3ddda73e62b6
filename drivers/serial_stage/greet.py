"""Meeting a controller: what answers, whether it stands, and how fast it says where it is."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from drivers.errors import BadReply, ConnectionLost, DeviceError, Rejected, ReplyTimeout
from drivers.serial_stage.conversation import Conversation
from drivers.serial_stage.dialect import Dialect

STRANGE_TRIES: Final = 2
"""A line that somebody else left half finished spoils the first question, not the second."""
_LOAD: Final = 0.8
"""Share of a line's time that questions may fill; the rest is for requests."""


def identify(conversation: Conversation, dialect: Dialect, timeout_s: float) -> str:
    """Wait for the controller to answer, and return its name and firmware; nothing moves.

    Raises
    ------
    ConnectionLost
        Nothing answers.
    BadReply
        Something else answers; the error quotes it.
    """
    started_s = time.monotonic()
    strange = 0
    while True:
        try:
            with conversation.turn() as talk:
                return dialect.identify(talk)
        except BadReply:
            strange += 1
            if strange == STRANGE_TRIES:
                raise
        except Rejected as error:
            strange += 1
            if strange == STRANGE_TRIES:
                raise _stranger(conversation, dialect, error.answer) from error
        except ReplyTimeout as error:
            if time.monotonic() - started_s >= timeout_s:
                raise _unanswered(conversation, dialect, error, timeout_s) from error


def _unanswered(
    conversation: Conversation, dialect: Dialect, error: ReplyTimeout, timeout_s: float
) -> DeviceError:
    said = conversation.quote()
    if said:
        return _stranger(conversation, dialect, repr(said))
    return ConnectionLost(
        conversation.device,
        "connect",
        f"nothing answered in {timeout_s:g} s ({error.attempted})",
        "Check that it has power, that this is its port, and the baud rate.",
    )


def _stranger(conversation: Conversation, dialect: Dialect, said: str) -> BadReply:
    return BadReply(
        conversation.device,
        "connect",
        f"not {dialect.kind}; it said: {said}",
        "Check the port, the baud rate and the profile's driver.",
    )


def read_back_hz(look: Callable[[], object], wanted_hz: float, tries: int = 3) -> float:
    """Return how often the position can be read, at most ``wanted_hz``.

    Measured with the line as it is: a controller at 9600 baud needs tens of milliseconds.
    """
    shortest_s = min(_duration_s(look) for _ in range(tries))
    return min(wanted_hz, _LOAD / shortest_s)


def _duration_s(look: Callable[[], object]) -> float:
    started_s = time.monotonic()
    look()
    return time.monotonic() - started_s
