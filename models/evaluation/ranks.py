"""Which method is best over many stacks and measures: mean ranks."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean

import numpy as np
from scipy.stats import rankdata

from models.evaluation.scores import METRIC_COLUMNS, TRUTH_COLUMNS, Column, Row


@dataclass(frozen=True, slots=True)
class MeanRank:
    """Ranks of one method, averaged over the stacks that it was measured on; 1 is best."""

    method: str
    by_column: dict[str, float]
    """By `Column.key`."""
    metrics: float | None
    """Mean over the five metrics; None where none was computed."""
    truth: float | None
    """Mean over the scores against the truth; None where no stack has one."""


def mean_ranks(rows: Sequence[Row]) -> list[MeanRank]:
    """Rank the methods on every stack by every measure, and average over the stacks.

    Equal values share the mean of their ranks; a value that is not a number comes last. A method
    is ranked among those that have a value on the same stack, so that one without a picture of
    some stacks is neither punished nor favoured there.

    Returns
    -------
    list of MeanRank
        Best first: by the truth where there is one, else by the metrics, else as they came.
    """
    ranks: dict[str, dict[str, list[float]]] = {row.method: {} for row in rows}
    for column in (*TRUTH_COLUMNS, *METRIC_COLUMNS):
        for stack in dict.fromkeys(row.stack for row in rows):
            measured = [row for row in rows if row.stack == stack and column.key in row.values]
            for row, rank in zip(measured, _ranks(measured, column), strict=True):
                ranks[row.method].setdefault(column.key, []).append(rank)
    result = []
    for method, lists in ranks.items():
        by_column = {key: fmean(values) for key, values in lists.items()}
        truth, metrics = _mean(by_column, TRUTH_COLUMNS), _mean(by_column, METRIC_COLUMNS)
        result.append(MeanRank(method, by_column, metrics, truth))
    return sorted(result, key=_standing)


def _ranks(rows: Sequence[Row], column: Column) -> list[float]:
    values = np.array([row.values[column.key] for row in rows], dtype=np.float64)
    badness = values if column.better == "smaller" else -values
    ranks: list[float] = rankdata(np.where(np.isnan(badness), np.inf, badness)).tolist()
    return ranks


def _mean(by_column: dict[str, float], columns: Iterable[Column]) -> float | None:
    known = [by_column[column.key] for column in columns if column.key in by_column]
    return fmean(known) if known else None


def _standing(rank: MeanRank) -> tuple[float, float]:
    truth, metrics = rank.truth, rank.metrics
    return (math.inf if truth is None else truth, math.inf if metrics is None else metrics)
