"""Messages of the Zaber ASCII protocol as a device reads and writes them.

Source: Zaber ASCII Protocol Manual, firmware 7, "Message Format" and "Warning Flags".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

# fmt: off
FLAGS: Final = (
    "FF", "FN", "FZ", "FH", "FV", "FO", "FC", "FM", "FD", "FQ", "FI", "FA",
    "FR", "FS", "FB", "FP", "FE", "FT", "WL", "WV", "WT", "WS", "WM",
    "WP", "WR", "WH", "NC", "NI", "ND", "NR", "NT", "NU", "NJ",
)
# fmt: on
"""The warning flags, the gravest first; only the first of those set is in each reply."""


@dataclass(frozen=True, slots=True)
class Command:
    """One line to the chain."""

    device: int
    """0 addresses all."""
    axis: int
    """0 addresses the device, or all of its axes."""
    message_id: str | None
    """Two digits that the reply repeats, ``"--"`` for no reply at all, or None."""
    words: tuple[str, ...]


def checksum(text: str) -> str:
    """Return what makes the sum of all bytes 0 modulo 256, in two hexadecimal digits."""
    return f"{-sum(text.encode('latin-1')) & 0xFF:02X}"


def parse(line: str) -> Command | None:
    """Read one line without its end; None where a device would not answer.

    That is where it does not start with ``/``, or its checksum is wrong.
    """
    _, slash, text = line.rpartition("/")
    if not slash:
        return None
    if len(text) >= 3 and text[-3] == ":":
        text, claimed = text[:-3], text[-2:]
        if claimed.upper() != checksum(text):
            return None
    words = text.split()
    numbers: list[str] = []
    while words and len(numbers) < 3 and _addresses(words[0], len(numbers)):
        numbers.append(words.pop(0))
    device, axis = (int(numbers[n]) if len(numbers) > n else 0 for n in (0, 1))
    message_id = numbers[2] if len(numbers) > 2 else None
    if message_id not in (None, "--"):
        message_id = f"{int(message_id):02d}"
    return Command(device, axis, message_id, tuple(words))


def _addresses(word: str, place: int) -> bool:
    if place == 2 and word == "--":
        return True
    return word.isascii() and word.isdigit() and len(word) <= 2


def gravest(flags: set[str]) -> str:
    """Return the flag that a reply shows."""
    return next((flag for flag in FLAGS if flag in flags), "--")


@dataclass(frozen=True, slots=True)
class Reply:
    """What one device says to one command."""

    data: str = "0"
    ok: bool = True


def reply_line(command: Command, device: int, reply: Reply, state: str, with_sum: bool) -> bytes:
    """Write a reply: ``@01 1 05 OK IDLE -- 0``.

    Parameters
    ----------
    state : str
        ``"IDLE --"`` and the like.
    with_sum : bool
        Whether the device adds checksums.
    """
    message_id = "" if command.message_id is None else f"{command.message_id} "
    verdict = "OK" if reply.ok else "RJ"
    text = f"{device:02d} {command.axis} {message_id}{verdict} {state} {reply.data}"
    return _framed("@", text, with_sum=with_sum)


def alert_line(device: int, axis: int, state: str, with_sum: bool) -> bytes:
    """Write what a device says unasked when an axis has come to rest: ``!01 1 IDLE --``."""
    return _framed("!", f"{device:02d} {axis} {state}", with_sum=with_sum)


def _framed(lead: str, text: str, *, with_sum: bool) -> bytes:
    tail = f":{checksum(text)}" if with_sum else ""
    return f"{lead}{text}{tail}\r\n".encode("latin-1")
