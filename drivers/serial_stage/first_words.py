"""The first question to a port: whoever answers something else is quoted."""

from __future__ import annotations

from drivers.errors import BadReply, Rejected, ReplyTimeout
from drivers.serial_stage.dialect import Shape, T, Talk

_QUOTED = 200


def ask_stranger(
    talk: Talk, device: str, kind: str, request: str, shape: Shape[T], *, timeout_s: float = 1.0
) -> T:
    """Ask a device that may be none of its kind.

    Parameters
    ----------
    talk : Talk
    device : str
        The device as errors name it.
    kind : str
        What it should be.
    request : str
        A harmless one, whatever listens.
    shape : Shape
        The answer of the right kind.
    timeout_s : float

    Raises
    ------
    BadReply
        It refuses, or says something else; the error quotes it.
    ReplyTimeout
        It says nothing.
    """
    heard: list[str] = []

    def listen(line: str) -> T | None:
        answer = shape(line)
        if answer is None and line:
            heard.append(line)
        return answer

    try:
        return talk.ask(request, listen, timeout_s=timeout_s)
    except Rejected as error:
        raise stranger(device, kind, request, error.answer) from error
    except ReplyTimeout as error:
        if not heard:
            raise
        raise stranger(device, kind, request, " | ".join(heard)) from error


def stranger(device: str, kind: str, request: str, answer: str) -> BadReply:
    """Return the error that something else than the expected kind answers."""
    return BadReply(
        device,
        f"connect ({request})",
        f"not {kind}; it said: {answer[:_QUOTED]!r}",
        "Check the port, the baud rate and the profile's driver.",
    )
