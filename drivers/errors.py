"""Errors of devices.

DeviceError
├── ConnectionLost     the device does not answer any more, or never did
├── ReplyTimeout       one request got no answer in time
├── BadReply           something answered, but not what the protocol says
├── Rejected           the device understood and refused
├── LimitExceeded      a wish outside the known limits; nothing was sent
├── NotReferenced      the position is not trusted yet: home first
├── Alarm              the device stopped itself and waits for a person
└── MoveStopped        a move ended early because STOP was called

Every message names the device, what was attempted, what came back, and what to do.
"""

from __future__ import annotations

from typing import Self


class DeviceError(Exception):
    """Something went wrong with a device.

    Parameters
    ----------
    device : str
        The device as the operator knows it, such as ``"stage GRBL on COM3"``.
    attempted : str
        What was asked of it: a command, or a few words.
    answer : str
        What came back, verbatim where there was a reply.
    remedy : str
        What the operator can do; may be empty.
    """

    def __init__(self, device: str, attempted: str, answer: str, remedy: str = "") -> None:
        self.device = device
        self.attempted = attempted
        self.answer = answer
        self.remedy = remedy
        text = f"{device}: {attempted}: {answer}"
        super().__init__(f"{text}. {remedy}" if remedy else text)

    def again(self) -> Self:
        """Return it to be raised once more, without the trace of the times before.

        A lost connection is told to everybody who asks, and each raising would make it longer.
        """
        return self.with_traceback(None)


class ConnectionLost(DeviceError):
    """The device does not answer any more, or could not be reached at all."""


class ReplyTimeout(DeviceError):
    """One request got no answer in time."""


class BadReply(DeviceError):
    """The device answered, but not with what its protocol says."""


class Rejected(DeviceError):
    """The device understood the request and refused it."""


class LimitExceeded(DeviceError):
    """The request lies outside the known limits; nothing was sent to the device."""


class NotReferenced(DeviceError):
    """The position is not known yet, so that no absolute move is allowed."""


class Alarm(DeviceError):
    """The device stopped itself; a person has to look before it moves again."""


class MoveStopped(DeviceError):
    """The move ended before its target because STOP was called."""
