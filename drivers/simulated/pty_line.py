"""A pseudo-terminal that programs open like a serial port; Linux only.

Some clients take no URL, and pyserial's own serial code, with its locks and modem lines, is only
exercised by something that looks like a terminal.
"""

from __future__ import annotations

import os
import select
import shutil
import socket
import tempfile
import tty
from contextlib import suppress
from pathlib import Path
from typing import Final

from drivers.simulated.served_line import Conversation

_CHUNK: Final = 4096
_LOOK_EVERY_S: Final = 0.01


class PtyLine:
    """A pty behind a name that stays the same, as udev keeps one for a USB adapter.

    After the line has been cut a new pty takes its place, as when the cable is plugged in again.
    """

    def __init__(self) -> None:
        self._folder: Path | None = None
        self._master: int | None = None

    @property
    def url(self) -> str:
        """The path that a driver opens.

        Raises
        ------
        RuntimeError
            It is not open.
        """
        if self._folder is None:
            raise RuntimeError("the simulated stage has not been started")
        return str(self._folder / "stage")

    def open(self) -> None:
        """Make the pty."""
        self._folder = Path(tempfile.mkdtemp(prefix="wearif-stage-"))
        self._plug_in()

    def wait(self, rouse: socket.socket, timeout_s: float) -> Conversation | None:
        """Wait until some program has opened the pty."""
        if self._master is None:
            self._plug_in()
        assert self._master is not None
        # Nothing but asking tells when a pty is opened: it hangs up for as long as nobody has it.
        for _ in range(max(1, round(timeout_s / _LOOK_EVERY_S))):
            poll = select.poll()
            poll.register(self._master, select.POLLIN)
            if not any(event & select.POLLHUP for _, event in poll.poll(0)):
                return PtyConversation(self, self._master)
            if select.select([rouse], [], [], _LOOK_EVERY_S)[0]:
                return None
        return None

    def unplug(self) -> None:
        """Hang up on whoever has it open, and let its name vanish."""
        if self._master is not None:
            os.close(self._master)
            self._master = None
        if self._folder is not None:
            (self._folder / "stage").unlink(missing_ok=True)

    def close(self) -> None:
        """Remove it."""
        self.unplug()
        if self._folder is not None:
            shutil.rmtree(self._folder)
            self._folder = None

    def _plug_in(self) -> None:
        assert self._folder is not None
        self._master, slave = os.openpty()
        tty.setraw(slave)
        (self._folder / "stage").symlink_to(os.ttyname(slave))
        os.close(slave)
        os.set_blocking(self._master, False)


class PtyConversation:
    """Some program that has the pty open."""

    def __init__(self, line: PtyLine, master: int) -> None:
        self._line = line
        self._master = master

    def fileno(self) -> int:
        """Return the descriptor to wait on for bytes."""
        return self._master

    def receive(self) -> bytes:
        """Take what has arrived; empty when nobody has the pty open any more."""
        with suppress(OSError):
            return os.read(self._master, _CHUNK)
        return b""

    def send(self, data: bytes) -> None:
        """Send what the line takes."""
        with suppress(BlockingIOError):
            os.write(self._master, data)

    def cut(self) -> None:
        """Pull the cable."""
        self._line.unplug()

    def end(self) -> None:
        """Leave the pty as it is, for the next program to open."""
