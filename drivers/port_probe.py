"""What answers on a port, found out with questions that no controller takes for a command.

Only bare questions are asked: ``?`` (GRBL's status, Prior's description), ``/`` (ASI's busy
state, and with a line feed Zaber's greeting) and TANGO's ``?version``. Nothing is set and nothing
moves, whoever listens; a controller that is declared in a file asks its own question only when
it is named.
"""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from drivers.errors import ConnectionLost
from drivers.port import Port, open_port

LONGEST_ANSWER_S: Final = 2.0
SILENCE_S: Final = 0.4
"""Longer than any of these controllers takes to begin, or to go on with, an answer."""
_QUOTED: Final = 200


@dataclass(frozen=True, slots=True)
class Question:
    """One harmless question and what its answer looks like."""

    kind: str
    """The driver of the profile for whoever answers so."""
    bauds: tuple[int, ...]
    ask: bytes
    answer: re.Pattern[str]
    more: bytes = b""
    """A second question, only to one who has answered the first, for name and version."""


QUESTIONS: Final = (
    Question(
        "zaber", (115200, 9600), b"/\n", re.compile(r"@\d\d \d (?:OK|RJ) (?:IDLE|BUSY) \S\S .*")
    ),
    Question("grbl", (115200,), b"?", re.compile(r"<[A-Z][a-z]+(?::\d+)?[|,][^>\r\n]*>"), b"$I\n"),
    Question(
        "prior",
        (115200, 38400, 9600),
        b"?\r",
        re.compile(r"(?i)proscan|optiscan|prior"),
        b"VERSION\r",
    ),
    Question("asi", (115200, 9600), b"/\r", re.compile(r"(?m)^[BN]\s*$"), b"V\r"),
    Question("tango", (57600,), b"?version\r", re.compile(r"(?i).*tango.*")),
)
_FLUSH: Final = b"\r"
"""Ends a question that nobody understood."""
_FLUSH_S: Final = 0.1


@dataclass(frozen=True, slots=True)
class Finding:
    """What a port has said."""

    kind: str | None
    """The driver that fits; None where nothing has been recognised."""
    baud: int | None
    said: str
    """The answer that was recognised, or whatever came."""


def probe_port(
    device: str, url: str, questions: Sequence[Question] = QUESTIONS, *, dtr: bool = False
) -> Finding:
    """Ask each question at each of its rates until one is answered as it should be.

    Raises
    ------
    ConnectionLost
        The port cannot be opened, or goes away.
    """
    rates = sorted({baud for each in questions for baud in each.bauds}, reverse=True)
    heard = ""
    for baud in rates[:1] if "://" in url else rates:
        asked = [each for each in questions if baud in each.bauds or "://" in url]
        try:
            port = open_port(url, baud, dtr=dtr)
        except (OSError, ValueError) as error:
            raise _gone(device, f"open {url}", error) from error
        try:
            for question in asked:
                said = _ask(port, question.ask, question.answer)
                if question.answer.search(said):
                    more = _ask(port, question.more, None) if question.more else ""
                    return Finding(question.kind, baud, _quoted(more or said))
                said += _ask(port, _FLUSH, None, _FLUSH_S)
                heard = heard or said
        except OSError as error:
            raise _gone(device, f"ask on {url}", error) from error
        finally:
            port.close()
    return Finding(None, None, _quoted(heard))


def _ask(
    port: Port, question: bytes, answer: re.Pattern[str] | None, silence_s: float = SILENCE_S
) -> str:
    """Ask and listen until the answer has come and is over, or until nothing comes."""
    port.send(question)
    started_s = heard_s = time.monotonic()
    said = b""
    while (now_s := time.monotonic()) < min(heard_s + silence_s, started_s + LONGEST_ANSWER_S):
        received = port.receive()
        if received:
            said, heard_s = said + received, now_s
        text = said.decode("ascii", errors="replace")
        if answer is not None and not received and answer.search(text):
            break
    return said.decode("ascii", errors="replace")


def _quoted(said: str) -> str:
    lines = [line.strip("\0 ") for line in re.split(r"[\r\n]+", said)]
    return " | ".join(line for line in lines if line and line != "ok")[:_QUOTED]


def _gone(device: str, attempted: str, error: Exception) -> ConnectionLost:
    return ConnectionLost(
        device, attempted, str(error), "Check the cable, and that no other program uses the port."
    )
