"""Everything that is measured on one fused image of one stack, as one row of a table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from models.evaluation.levels import eight_bit, grey_levels
from models.evaluation.methods import Kind, MethodResult
from models.evaluation.metrics import fmi, q_cb, q_g, q_y, scd
from models.evaluation.stack_folder import EvaluationStack
from models.evaluation.truth_scores import height_scores, truth_scores


@dataclass(frozen=True, slots=True)
class Column:
    """One kind of value in the tables."""

    key: str
    title: str
    digits: int
    better: Literal["larger", "smaller"] | None = "larger"
    """None where neither is, as for a bias."""


TRUTH_COLUMNS = (
    Column("psnr_db", "PSNR", 2),
    Column("psnr_particles_db", "PSNR particles", 2),
    Column("psnr_rim_db", "PSNR rim", 2),
    Column("ssim", "SSIM", 3),
    Column("ssim_particles", "SSIM particles", 3),
    Column("ssim_rim", "SSIM rim", 3),
)
HEIGHT_COLUMNS = (
    Column("height_mean_um", "height error µm", 2, "smaller"),
    Column("height_p95_um", "height error 95 % µm", 2, "smaller"),
    Column("height_bias_um", "height bias µm", 2, None),
)
METRIC_COLUMNS = (
    Column("fmi", "FMI", 4),
    Column("q_g", "Q_g", 4),
    Column("q_y", "Q_y", 4),
    Column("q_cb", "Q_cb", 4),
    Column("scd", "SCD", 4),
)
COST_COLUMNS = (Column("cpu_s", "CPU s", 2, "smaller"),)
COLUMNS = (*TRUTH_COLUMNS, *HEIGHT_COLUMNS, *METRIC_COLUMNS, *COST_COLUMNS)

_METRICS: dict[str, Callable[[NDArray[np.float64], NDArray[np.float64]], float]] = {
    "fmi": fmi,
    "q_g": q_g,
    "q_y": q_y,
    "q_cb": q_cb,
    "scd": scd,
}


@dataclass(frozen=True, slots=True)
class Row:
    """What was measured of one method on one stack."""

    stack: str
    method: str
    kind: Kind
    values: dict[str, float]
    """By `Column.key`; what cannot be measured is missing."""


class Scorer:
    """Scores fused images of one stack.

    Parameters
    ----------
    stack : EvaluationStack
    metrics : bool
        Whether to compute the five metrics over the frames, which take most of the time.
    """

    def __init__(self, stack: EvaluationStack, *, metrics: bool) -> None:
        self._stack = stack
        self._sources = _sources(stack) if metrics else None

    def row(self, method: str, kind: Kind, outcome: MethodResult) -> Row:
        """Measure all that can be measured of an outcome."""
        values: dict[str, float | None] = {}
        if (truth := truth_scores(outcome.image, self._stack)) is not None:
            values |= {column.key: getattr(truth, column.key) for column in TRUTH_COLUMNS}
        if (height := height_scores(outcome.height_um, self._stack)) is not None:
            values["height_mean_um"] = height.mean_um
            values["height_p95_um"] = height.p95_um
            values["height_bias_um"] = height.bias_um
        if self._sources is not None:
            fused = grey_levels(eight_bit(outcome.image, self._stack.white))
            values |= {key: metric(self._sources, fused) for key, metric in _METRICS.items()}
        values["cpu_s"] = outcome.cpu_s
        known = {key: value for key, value in values.items() if value is not None}
        return Row(self._stack.name, method, kind, known)


def _sources(stack: EvaluationStack) -> NDArray[np.float64]:
    """Return the frames as the metrics take them: (N, H, W), luma in whole levels 0..255."""
    lumas: list[NDArray[Any]] = [grey_levels(eight_bit(f, stack.white)) for f in stack.frames]
    return np.stack(lumas)
