"""The conversation with a request-and-reply controller: one question at a time, told by shape.

Most answers carry no number, so an answer that comes too late looks like that to the next
question. After a question without an answer the conversation is therefore in doubt: the next
answer is not taken before nothing newer of its shape has followed for a moment.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from drivers.errors import ConnectionLost, Rejected, ReplyTimeout
from drivers.line import Line
from drivers.patience import CATCH_UP_S, STOP_CATCH_UP_S, wait_for_news
from drivers.serial_stage.dialect import Framing, Shape, T

LINGER_S: Final = 0.15
"""How long a newer answer may follow a late one: the controller answers in turn, and both
questions have been asked long before."""
TURN_S: Final = 6.0
"""How long to wait for the end of somebody else's turn."""
_QUOTED: Final = 200

Guard = Callable[[], None]
"""Called when a request is next to be sent; what it raises keeps the request from being sent."""


class Conversation:
    """The only user of one port.

    Parameters
    ----------
    device : str
        The device as errors name it.
    url, baud, dtr
        As for `drivers.port.open_port`.
    framing : Framing
    refusal : callable
        `Dialect.refusal`.
    on_unasked : callable
        Gets each line that answers nothing, from the reader's or an asking thread.
    on_lost : callable
        Called once if the port goes away.
    """

    def __init__(
        self,
        device: str,
        url: str,
        baud: int,
        framing: Framing,
        *,
        dtr: bool,
        refusal: Callable[[str], str | None],
        on_unasked: Callable[[str], None],
        on_lost: Callable[[ConnectionLost], None],
    ) -> None:
        self.device = device
        self._refusal = refusal
        self._on_unasked = on_unasked
        self._on_lost = on_lost
        self._talking = threading.Lock()
        self._news = threading.Condition()
        self._waiting = False
        self._lines: deque[tuple[str, int]] = deque()
        self._lost: ConnectionLost | None = None
        self.heard: deque[str] = deque(maxlen=5)
        """The last lines that answered nothing."""
        self.answered_ns = 0
        """When the last answer arrived."""
        self.owed_since_ns: int | None = None
        """When the first question was asked whose answer may still come; None out of doubt."""
        self._line = Line(
            device,
            url,
            baud,
            dtr=dtr,
            send_end=framing.send_end,
            receive_end=framing.receive_end,
            on_line=self._hear,
            on_lost=self._lose,
        )

    def open(self) -> None:
        """Open the port; raises `ConnectionLost`."""
        self._line.open()

    def close(self) -> None:
        """Release the port and end all waiting; harmless when not open."""
        with self._news:
            self._lost = self._lost or ConnectionLost(
                self.device, "wait for an answer", "the port has been closed", "Connect again."
            )
            self._news.notify_all()
        self._line.close()

    def send_now(self, data: bytes) -> int:
        """Send bytes ahead of everything; return when they had been handed over.

        Raises
        ------
        ConnectionLost
            The port is gone.
        """
        return self._line.write_now(data)

    def quote(self) -> str:
        """Return what has been heard that answers nothing, the end of it first of all."""
        return " | ".join((*self.heard, self._line.unfinished)).strip(" |")[-_QUOTED:]

    @contextmanager
    def turn(
        self,
        *,
        guard: Guard | None = None,
        longest_s: float | None = None,
        within_s: float = TURN_S,
    ) -> Iterator[Turn]:
        """Take a turn: nobody else asks before its end.

        Parameters
        ----------
        guard : callable, optional
            Called before each request.
        longest_s : float, optional
            Waits for answers no longer, whatever patience is asked for: after a stop.
        within_s : float
            How long to wait for the turn.

        Raises
        ------
        ReplyTimeout
            Somebody else's turn does not end.
        """
        if not self._talking.acquire(timeout=within_s):
            raise ReplyTimeout(
                self.device,
                "ask",
                f"another question was not answered in {within_s:g} s",
                "Check the cable and the power.",
            )
        try:
            yield Turn(self, guard, longest_s)
        finally:
            self._talking.release()

    def tell(self, request: str, guard: Guard | None) -> None:
        """Send a request that is never answered; only within a turn."""
        self._line.write_line(request, guard)

    def ask(
        self,
        request: str,
        shape: Shape[T],
        timeout_s: float,
        guard: Guard | None,
        catch_up_s: float,
    ) -> T:
        """Send a request and wait for its answer; only within a turn."""
        with self._news:
            self._waiting = True
        try:
            return self._ask(request, shape, timeout_s, guard, catch_up_s)
        finally:
            with self._news:
                self._waiting = False
                left, self._lines = self._lines, deque()
            for text, _ in left:
                self._pass_over(text)

    def _ask(
        self,
        request: str,
        shape: Shape[T],
        timeout_s: float,
        guard: Guard | None,
        catch_up_s: float,
    ) -> T:
        asked_ns = time.monotonic_ns()
        self._line.write_line(request, guard)
        deadline_s = time.monotonic() + timeout_s
        found: list[T] = []
        passed_over: list[str] = []
        while (line := self._next_line(deadline_s, catch_up_s)) is not None:
            text, arrived_ns = line
            answer = shape(text)
            if answer is not None:
                self.answered_ns = arrived_ns
                if self.owed_since_ns is None:
                    return answer
                found = [answer]
                deadline_s = time.monotonic() + LINGER_S
                continue
            refused = self._refusal(text)
            if refused is not None:
                raise Rejected(
                    self.device,
                    f"send {request}",
                    f"{text!r} ({refused})",
                    "Look at the stage before trying again.",
                )
            passed_over.append(text)
            self._pass_over(text)
        if found:
            self.owed_since_ns = None
            return found[0]
        self.owed_since_ns = self.owed_since_ns or asked_ns
        said = f"; it said {' | '.join(passed_over)[-_QUOTED:]!r}" if passed_over else ""
        raise ReplyTimeout(
            self.device,
            f"ask {request}",
            f"no answer in {timeout_s:g} s{said}",
            "Check the cable and the power.",
        )

    def _next_line(self, deadline_s: float, catch_up_s: float) -> tuple[str, int] | None:
        with self._news:
            wait_for_news(
                self._news,
                lambda: self._lines or self._lost is not None,
                max(0.0, deadline_s - time.monotonic()),
                catch_up_s,
            )
            if self._lost is not None:
                raise self._lost.again()
            return self._lines.popleft() if self._lines else None

    def _hear(self, text: str, arrived_ns: int) -> None:
        if not text:
            return
        with self._news:
            if self._waiting:
                self._lines.append((text, arrived_ns))
                self._news.notify_all()
                return
        self._pass_over(text)

    def _pass_over(self, text: str) -> None:
        self.heard.append(text)
        self._on_unasked(text)

    def _lose(self, error: ConnectionLost) -> None:
        with self._news:
            self._lost = error
            self._news.notify_all()
        self._on_lost(error)


class Turn:
    """One turn of a `Conversation`; see `drivers.serial_stage.dialect.Talk`."""

    def __init__(
        self, conversation: Conversation, guard: Guard | None, longest_s: float | None
    ) -> None:
        self._conversation = conversation
        self._guard = guard
        self._longest_s = longest_s

    def ask(self, request: str, shape: Shape[T], *, timeout_s: float = 1.0) -> T:
        """Send a request and wait for the line that has the answer's shape."""
        if self._longest_s is None:
            return self._conversation.ask(request, shape, timeout_s, self._guard, CATCH_UP_S)
        patience_s = min(timeout_s, self._longest_s)
        return self._conversation.ask(request, shape, patience_s, self._guard, STOP_CATCH_UP_S)

    def tell(self, request: str) -> None:
        """Send a request that the controller never answers."""
        self._conversation.tell(request, self._guard)
