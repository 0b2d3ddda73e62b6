"""Tables of an evaluation: CSV for programs, Markdown for people."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable, Sequence

from models.evaluation.ranks import MeanRank, mean_ranks
from models.evaluation.scores import COLUMNS, METRIC_COLUMNS, TRUTH_COLUMNS, Column, Row

_NOTES = """\
PSNR in dB over the 8-bit colour values, SSIM on their luma (11x11 Gaussian window of sigma 1.5);
*particles* are the pixels of a particle, the *rim* is the glass within 10 pixels of one. Height
errors are absolute, on particles; no common offset is taken off, the bias is the median error.
CPU time is user and system time of all threads, without reading the frames. The best are bold.
"""

_RANK_NOTES = """\
On every stack the methods are ranked by every measure, 1 being the best; the table gives the means
over the stacks that a method was measured on.
"""


def csv_table(rows: Sequence[Row]) -> str:
    """Return one line per method and stack, values in full; what was not measured is empty."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["stack", "method", "kind", *(column.key for column in COLUMNS)])
    for row in rows:
        values = (row.values.get(column.key, "") for column in COLUMNS)
        writer.writerow([row.stack, row.method, row.kind, *values])
    return text.getvalue()


def markdown_report(rows: Sequence[Row]) -> str:
    """Return a table per stack and, where there is more than one method, a table of mean ranks."""
    stacks = dict.fromkeys(row.stack for row in rows)
    parts = ["# Evaluation", _NOTES]
    for stack in stacks:
        parts += [f"## {stack}", stack_table([row for row in rows if row.stack == stack])]
    ranks = mean_ranks(rows)
    if len(ranks) > 1 and any(rank.by_column for rank in ranks):
        parts += [f"## Mean ranks over {_counted(len(stacks))}", _RANK_NOTES, rank_table(ranks)]
    return "\n".join(part if part.endswith("\n") else f"{part}\n" for part in parts)


def stack_table(rows: Sequence[Row]) -> str:
    """Return the Markdown table of one stack, without columns that nothing was measured for."""
    columns = [column for column in COLUMNS if any(column.key in row.values for row in rows)]
    best = {column.key: _best(rows, column) for column in columns if column.better}
    lines = [
        [row.method, *(_cell(row.values.get(c.key), c.digits, best.get(c.key)) for c in columns)]
        for row in rows
    ]
    return _markdown(["method", *(column.title for column in columns)], lines)


def rank_table(ranks: Sequence[MeanRank]) -> str:
    """Return the Markdown table of mean ranks."""
    values = {
        "truth, all": [rank.truth for rank in ranks],
        "five metrics": [rank.metrics for rank in ranks],
        **{
            column.title: [rank.by_column.get(column.key) for rank in ranks]
            for column in (*TRUTH_COLUMNS, *METRIC_COLUMNS)
        },
    }
    shown = {title: column for title, column in values.items() if any(column)}
    best = [min(filter(None, column)) for column in shown.values()]
    lines = [
        [
            rank.method,
            *(_cell(column[i], 2, top) for column, top in zip(shown.values(), best, strict=True)),
        ]
        for i, rank in enumerate(ranks)
    ]
    return _markdown(["method", *shown], lines)


def _best(rows: Iterable[Row], column: Column) -> float | None:
    values = [row.values[column.key] for row in rows if column.key in row.values]
    numbers = [value for value in values if not math.isnan(value)]
    choose = max if column.better == "larger" else min
    return choose(numbers, default=None)


def _cell(value: float | None, digits: int, best: float | None) -> str:
    if value is None:
        return ""
    text = f"{value:.{digits}f}"
    return f"**{text}**" if best is not None and text == f"{best:.{digits}f}" else text


def _markdown(titles: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    rule = ["---", *(["---:"] * (len(titles) - 1))]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in (titles, rule, *lines))


def _counted(stacks: int) -> str:
    return "1 stack" if stacks == 1 else f"{stacks} stacks"
