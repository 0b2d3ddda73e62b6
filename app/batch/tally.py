"""How far a batch is, and what came of it."""

from __future__ import annotations

import csv
import io
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import fields

from app.batch.job import Outcome
from app.batch.location import Location
from app.captures.csv_text import csv_text
from app.duration import duration

SUMMARY = "summary.csv"
FAILURES = "failures.txt"


class Tally:
    """Counts outcomes as they come, and estimates what is left.

    Parameters
    ----------
    total : int
        How many there will be.
    clock : callable, optional
        Seconds.
    """

    def __init__(self, total: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.total = total
        self._clock = clock
        self._started_s = clock()
        self._outcomes: list[Outcome] = []
        self._states: Counter[str] = Counter()

    @property
    def outcomes(self) -> tuple[Outcome, ...]:
        """In the order in which they came."""
        return tuple(self._outcomes)

    @property
    def seconds(self) -> float:
        """How long it has taken."""
        return self._clock() - self._started_s

    @property
    def done(self) -> int:
        """How many have come."""
        return len(self._outcomes)

    def of(self, state: str) -> int:
        """How many ended in a state."""
        return self._states[state]

    def add(self, outcome: Outcome) -> None:
        """Count one."""
        self._outcomes.append(outcome)
        self._states[outcome.state] += 1

    @property
    def left_s(self) -> float | None:
        """Seconds until the end, as if all that is left had to be fused; None at first."""
        worked = self.done - self.of("there")
        if not worked:
            return None
        return self.seconds / worked * (self.total - self.done)

    def __str__(self) -> str:
        parts = f"{self.of('fused')} fused, {self.of('there')} there before"
        if self.of("failed"):
            parts += f", {self.of('failed')} failed"
        left = "" if self.left_s is None else f"; {duration(self.left_s)} left"
        return f"{self.done} of {self.total}: {parts}{left}"


def write_tally(out: Location, outcomes: Sequence[Outcome]) -> None:
    """Write the table of all outcomes, and the list of what failed, if anything did.

    Raises
    ------
    LocationError
        They cannot be written.
    """
    ordered = sorted(outcomes, key=lambda outcome: outcome.source)
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\n")
    names = [each.name for each in fields(Outcome)]
    writer.writerow(names)
    writer.writerows([_cell(getattr(o, name)) for name in names] for o in ordered)
    out.write(SUMMARY, _bytes(table.getvalue()))
    lines = [f"{o.source}\t{o.reason}\n" for o in ordered if o.state == "failed"]
    if lines:
        out.write(FAILURES, _bytes("".join(lines)))
    else:
        out.remove(FAILURES)


def _cell(value: object) -> object:
    if isinstance(value, str):
        return csv_text(value)
    return f"{value:.2f}" if isinstance(value, float) else value


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
