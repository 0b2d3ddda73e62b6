"""The conversation with a Grbl controller: who asked what, and which answer is whose.

Grbl's answers carry no number. A line is answered by one ``ok`` or ``error:n``, so that only one
line is unanswered at any time; a status question is answered by one report, so that only one
question is. Both run side by side.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from drivers.errors import ConnectionLost, Rejected, ReplyTimeout
from drivers.grbl_codec import (
    ASK_STATUS,
    AlarmReport,
    Banner,
    ErrorReply,
    Event,
    Feedback,
    Ok,
    Setting,
    StatusReport,
    parse,
)
from drivers.grbl_texts import error_text
from drivers.line import Line
from drivers.patience import CATCH_UP_S, wait_for_news

LINE_TIMEOUT_S: Final = 2.0
"""Grbl answers a line within milliseconds; more means that the line or its answer is lost."""
PATIENCE_S: Final = (0.2, 0.5, 1.0)
"""How long to wait for a status report, try after try: about one question in 900 stays without
an answer, three in a row do not."""


@dataclass(frozen=True, slots=True)
class TimedReport:
    """A status report with the times of its question and its arrival (`time.monotonic_ns`)."""

    report: StatusReport
    t_asked_ns: int
    t_answered_ns: int


@dataclass(slots=True)
class Exchange:
    """One line on its way and what came back."""

    line: str
    on_verdict: Callable[[Exchange], None] | None = None
    events: list[Event] = field(default_factory=list)
    verdict: Ok | ErrorReply | AlarmReport | Banner | None = None
    """What ended it: an alarm or a reset ends it without an answer."""


class GrblLink:
    """The conversation over one port.

    Parameters
    ----------
    device : str
        The device as errors name it.
    url : str
    baud : int
    dtr : bool
        As for `drivers.line.Line`.
    on_event : callable
        Gets every line that answers nothing, from the reader thread.
    on_report : callable
        Gets every status report that was asked for, from the reader thread.
    on_lost : callable
        Called once if the port goes away.
    """

    def __init__(
        self,
        device: str,
        url: str,
        baud: int,
        *,
        dtr: bool,
        on_event: Callable[[Event], None],
        on_report: Callable[[TimedReport], None],
        on_lost: Callable[[ConnectionLost], None],
    ) -> None:
        self.device = device
        self._on_event = on_event
        self._on_report = on_report
        self._on_lost = on_lost
        self._news = threading.Condition()
        self._asking = threading.Lock()
        self._asked_ns: int | None = None
        self._latest: TimedReport | None = None
        self._exchange: Exchange | None = None
        self._lost: ConnectionLost | None = None
        self._line = Line(device, url, baud, dtr=dtr, on_line=self._hear, on_lost=self._lose)

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

    @property
    def unanswered(self) -> str | None:
        """The line that still waits for its answer."""
        exchange = self._exchange
        return None if exchange is None else exchange.line

    def send_now(self, data: bytes) -> int:
        """Send real-time bytes, ahead of everything; return when they had been handed over."""
        return self._line.write_now(data)

    def ask(
        self, patience_s: Sequence[float] = PATIENCE_S, catch_up_s: float = CATCH_UP_S
    ) -> TimedReport:
        """Ask for the status and wait for the report.

        Parameters
        ----------
        patience_s : sequence of float
            How long to wait for each try.
        catch_up_s : float
            How much longer where the program was held up, see `wait_for_news`.

        Raises
        ------
        ReplyTimeout
            No try was answered, or someone else's question stood unanswered for as long.
        ConnectionLost
            The port is gone.
        """
        # Whoever asks with little patience has to act soon: it waits no longer for its turn.
        if not self._asking.acquire(timeout=sum(patience_s)):
            raise self._unheard(f"another question was not answered in {sum(patience_s):g} s")
        try:
            for timeout_s in patience_s:
                with self._news:
                    # A report may answer an earlier try: only the first time bounds its age.
                    self._asked_ns = self._asked_ns or time.monotonic_ns()
                self._line.write_now(ASK_STATUS)
                with self._news:
                    wait_for_news(
                        self._news,
                        lambda: self._reported() or self._lost,
                        timeout_s,
                        catch_up_s,
                    )
                    if self._lost is not None:
                        raise self._lost.again()
                    timed = self._reported()
                if timed is not None:
                    return timed
            with self._news:
                self._asked_ns = None
        finally:
            self._asking.release()
        raise self._unheard(f"no answer to {len(patience_s)} questions in {sum(patience_s):g} s")

    def command(
        self,
        line: str,
        *,
        timeout_s: float = LINE_TIMEOUT_S,
        guard: Callable[[], None] | None = None,
    ) -> tuple[Event, ...]:
        """Send one line and wait for its ``ok``.

        Returns
        -------
        tuple of Event
            What came between the line and its ``ok``.

        Raises
        ------
        Rejected
            The controller answered ``error:n``, raised an alarm or restarted.
        ReplyTimeout
            It answered nothing.
        ConnectionLost
            The port is gone.
        """
        exchange = self.begin(line, guard=guard)
        with self._news:
            answered = wait_for_news(
                self._news, lambda: exchange.verdict is not None or self._lost, timeout_s
            )
            if self._lost is not None:
                raise self._lost.again()
            if not answered and self._exchange is exchange:
                self._exchange = None
        match exchange.verdict:
            case Ok():
                return tuple(exchange.events)
            case None:
                raise ReplyTimeout(
                    self.device, f"send {line}", f"no answer in {timeout_s:g} s", "Check the cable."
                )
            case verdict:
                raise refusal(self.device, line, verdict)

    def begin(
        self,
        line: str,
        *,
        guard: Callable[[], None] | None = None,
        on_verdict: Callable[[Exchange], None] | None = None,
    ) -> Exchange:
        """Send one line and return at once.

        Parameters
        ----------
        line : str
        guard : callable, optional
            Called when the line is next to be sent; what it raises keeps the line from being sent.
        on_verdict : callable, optional
            Called from the reader thread when the line has been answered.

        Raises
        ------
        Rejected
            An earlier line is still unanswered, or the controller restarted before this one was
            sent.
        ConnectionLost
            The port is gone.
        """
        exchange = Exchange(line, on_verdict)
        with self._news:
            if not self._news.wait_for(lambda: self._exchange is None, LINE_TIMEOUT_S):
                raise Rejected(
                    self.device,
                    f"send {line}",
                    f"the controller has not answered {self.unanswered} yet",
                    "Wait for it, or press STOP.",
                )
            self._exchange = exchange
        try:
            if guard is not None:
                guard()
            self._require_unsettled(exchange)
            self._line.write_line(line)
        except BaseException:
            with self._news:
                if self._exchange is exchange:
                    self._exchange = None
                    self._news.notify_all()
            raise
        return exchange

    def _require_unsettled(self, exchange: Exchange) -> None:
        """Raise if the exchange has ended although its line was not sent yet.

        A stop that resets the controller has then seen the stage at rest: the line would set it
        in motion again.
        """
        with self._news:
            if self._lost is not None:
                raise self._lost.again()
            if self._exchange is not exchange:
                raise Rejected(
                    self.device,
                    f"send {exchange.line}",
                    "the controller restarted, or answered, before the line was sent",
                    "Look at the stage before trying again.",
                )

    def _unheard(self, answer: str) -> ReplyTimeout:
        return ReplyTimeout(
            self.device, "ask for the status", answer, "Check the cable and the power."
        )

    def _reported(self) -> TimedReport | None:
        """Return the answer to the last question; None while there is none."""
        return self._latest if self._asked_ns is None else None

    def _hear(self, text: str, arrived_ns: int) -> None:
        event = parse(text)
        match event:
            case StatusReport():
                self._take_report(event, arrived_ns)
            case Ok() | ErrorReply():
                self._settle(event)
            case AlarmReport() | Banner():
                # Both empty the controller's line buffer: nothing will be answered any more.
                self._on_event(event)
                self._settle(event)
            case Setting() | Feedback() if self._exchange is not None:
                self._exchange.events.append(event)
            case _ if text:
                self._on_event(event)

    def _take_report(self, report: StatusReport, arrived_ns: int) -> None:
        with self._news:
            asked_ns = self._asked_ns
            if asked_ns is None:
                return  # grblHAL reports unasked at times; nobody knows when such a one was made
            timed = TimedReport(report, asked_ns, arrived_ns)
        self._on_report(timed)
        with self._news:
            self._latest, self._asked_ns = timed, None
            self._news.notify_all()

    def _settle(self, verdict: Ok | ErrorReply | AlarmReport | Banner) -> None:
        with self._news:
            exchange, self._exchange = self._exchange, None
            if exchange is not None:
                exchange.verdict = verdict
            self._news.notify_all()
        if exchange is not None and exchange.on_verdict is not None:
            exchange.on_verdict(exchange)

    def _lose(self, error: ConnectionLost) -> None:
        with self._news:
            self._lost = error
            self._exchange = None
            self._news.notify_all()
        self._on_lost(error)


def refusal(device: str, line: str, verdict: ErrorReply | AlarmReport | Banner) -> Rejected:
    """Return the error for a line that the controller did not take."""
    match verdict:
        case ErrorReply(code):
            answer = f"error:{code} ({error_text(code)})"
        case AlarmReport(code):
            answer = f"ALARM:{code} instead of an answer"
        case Banner():
            answer = "the controller restarted instead of answering"
    return Rejected(device, f"send {line}", answer, "Look at the stage before trying again.")
