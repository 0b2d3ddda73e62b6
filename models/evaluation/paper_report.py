"""The reruns as tables: ours beside the paper's, and whether the order is the same."""

from __future__ import annotations

import csv
import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from statistics import fmean, variance

from models.evaluation.frame_counts import FrameCountScore
from models.evaluation.paper_scores import COLUMNS, Scores, mean_scores
from models.evaluation.paper_variants import (
    AS_SHIPPED,
    PAPER_METRICS,
    REFERENCES,
    TABLES,
    PaperTable,
)

_TIE = 2.0
"""Differences below this many standard errors are ties: about 95 % if chance is normal."""

_HEADING = """# The paper's tables, run again

Each variant was trained for {iterations} iterations. PSNR in dB. The row "± seed" is the standard
deviation between trainings that differ in their seed alone, pooled over all variants. Rows in
brackets are methods without a network."""


@dataclass(frozen=True, slots=True)
class Run:
    """One variant, trained once.

    Parameters
    ----------
    variant : str
        Its key.
    seed : int
    scores : dict of str to Scores
        Mean scores by test set.
    """

    variant: str
    seed: int
    scores: dict[str, Scores]


def write_report(
    folder: Path, runs: Sequence[Run], iterations: int, counts: Sequence[FrameCountScore]
) -> Path:
    """Write ``tables.md`` and ``tables.csv`` of what has been run; return the former."""
    _write_csv(folder / "tables.csv", runs)
    test_sets = list(dict.fromkeys(name for run in runs for name in run.scores))
    done = {run.variant for run in runs}
    tables = [t for t in TABLES if done & {v.key for v in t.variants if v is not AS_SHIPPED}]
    parts = [_HEADING.format(iterations=iterations)]
    for test_set in test_sets:
        evidence = Evidence.of(runs, test_set)
        for table in tables:
            parts.append(f"## {table.title}; {test_set} stacks\n\n{_ours(table, evidence)}")
            if table.is_printed and evidence.noise:
                parts.append(_agreement(table, evidence))
    parts += [
        f"## {table.title}; as the paper prints it\n\n{_printed(table)}"
        for table in tables
        if table.is_printed
    ]
    if counts:
        parts.append(f"## Fig. 11: number of frames\n\n{_counts(counts)}")
    path = folder / "tables.md"
    path.write_text("\n\n".join(parts) + "\n", encoding="utf-8")
    return path


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known on one test set: mean scores, how many trainings, and the seeds' spread."""

    means: dict[str, Scores]
    seeds: dict[str, int]
    noise: Scores
    """Standard deviation between trainings that differ in seed alone; empty for one seed."""

    @classmethod
    def of(cls, runs: Sequence[Run], test_set: str) -> Evidence:
        """Gather the runs."""
        by_variant: dict[str, list[Scores]] = {}
        for run in runs:
            if test_set in run.scores:
                by_variant.setdefault(run.variant, []).append(run.scores[test_set])
        repeated = [scores for scores in by_variant.values() if len(scores) > 1]
        # Variances of equal degrees of freedom are simply averaged.
        noise = {
            column: math.sqrt(fmean(variance(each[column] for each in s) for s in repeated))
            for column in COLUMNS
            if repeated and all(column in each for s in repeated for each in s)
        }
        return cls(
            {key: mean_scores(scores) for key, scores in by_variant.items()},
            {key: len(scores) for key, scores in by_variant.items()},
            noise,
        )

    def order(self, first: str, second: str, column: str) -> int:
        """Return 1 where the first variant scores higher, -1 where lower, 0 for a tie.

        Only where there is a `noise` to measure the difference by.
        """
        difference = self.means[first][column] - self.means[second][column]
        spread = math.sqrt(1 / self.seeds[first] + 1 / self.seeds[second])
        if abs(difference) <= _TIE * self.noise[column] * spread:
            return 0
        return 1 if difference > 0 else -1


def _ours(table: PaperTable, evidence: Evidence) -> str:
    columns = [c for c in COLUMNS if all(c in scores for scores in evidence.means.values())]
    rows = [
        [variant.label, *_formatted(evidence.means[variant.key], columns)]
        for variant in table.variants
        if variant.key in evidence.means
    ]
    rows += [
        [f"({name})", *_formatted(evidence.means[name], columns)]
        for name in REFERENCES
        if name in evidence.means
    ]
    if evidence.noise:
        rows.append(["± seed", *_formatted(evidence.noise, columns)])
    return _markdown(["", *columns], rows)


def _printed(table: PaperTable) -> str:
    rows = [
        [variant.label, *(f"{value:.4f}" for value in printed)]
        for variant, printed in table.rows
        if printed is not None
    ]
    return _markdown(["", *PAPER_METRICS], rows)


def _agreement(table: PaperTable, evidence: Evidence) -> str:
    """Count, for every metric, the pairs of rows that stand as in the paper."""
    known = [
        (variant.key, printed)
        for variant, printed in table.rows
        if printed is not None and variant.key in evidence.means
    ]
    rows = []
    for index, metric in enumerate(PAPER_METRICS):
        outcomes = [
            evidence.order(first, second, metric) * (1 if a[index] > b[index] else -1)
            for (first, a), (second, b) in combinations(known, 2)
            if a[index] != b[index]
        ]
        rows.append([metric, *(str(outcomes.count(outcome)) for outcome in (1, 0, -1))])
    return _markdown(["pairs of rows", "in the paper's order", "tied", "reversed"], rows)


def _counts(counts: Sequence[FrameCountScore]) -> str:
    rows = [[each.model, each.frames, *_formatted(each.scores, COLUMNS)] for each in counts]
    return _markdown(["model", "frames", *COLUMNS], rows)


def _formatted(scores: Scores, columns: Sequence[str]) -> list[str]:
    return [
        f"{scores[column]:.4f}" if column in PAPER_METRICS else f"{scores[column]:.2f}"
        for column in columns
    ]


def _markdown(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _write_csv(path: Path, runs: Sequence[Run]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(["variant", "seed", "stacks", *COLUMNS])
        for run in runs:
            for test_set, scores in run.scores.items():
                values = [f"{scores[c]:.6f}" if c in scores else "" for c in COLUMNS]
                table.writerow([run.variant, run.seed, test_set, *values])
