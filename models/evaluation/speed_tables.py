"""Tables of speed: cells for whatever draws them, Markdown for people, JSON for programs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict

import torch

from models.evaluation.machine import clock_of
from models.evaluation.speed import FINISH, Speed, StageSpeed

STACK = 32
"""Frames of the stack that totals are given for; the paper's."""

TITLES = (
    "stage", "wall ms", "from-to", "CPU ms", "share",
    "GFLOP/s", "of product", "GB/s", "of copy",
)  # fmt: skip


def heading(speed: Speed) -> str:
    """Say what was measured."""
    threads = "1 thread" if speed.threads == 1 else f"{speed.threads} threads"
    where = threads if speed.device == "cpu" else speed.device
    return f"{speed.model}, {speed.width}x{speed.height} RGB, {where}"


def cells(speed: Speed) -> list[tuple[str, ...]]:
    """Return a line of cells for each stage, as `TITLES`; shares are of a stack's CPU time."""
    return [_stage_cells(stage, speed) for stage in speed.stages]


def summary(speed: Speed) -> list[str]:
    """Return the sentences below a table."""
    machine = speed.machine
    per = "core" if clock_of(torch.device(speed.device)) == "CPU" else "device"
    finish = next(stage for stage in speed.stages if stage.stage == FINISH)
    rates = f"{machine.gflop_per_s:.1f} GFLOP/s in a float32 matrix product, "
    rates += f"{machine.gbyte_per_s:.1f} GB/s in a copy"
    total = f"{STACK} frames: {speed.cpu_s(STACK):.2f} s of CPU time"
    runs = f"medians of {speed.runs} runs of {speed.frames} frames"
    lines = [
        f"Machine, per {per}: {rates}. The network takes {speed.network_gflop:.2f} GFLOP a frame.",
        f"{total}; {runs}.",
    ]
    if speed.live_fps is not None:
        lines.append(
            f"Live: follows {speed.live_fps:.1f} frames/s; the result stands "
            f"{finish.wall.median_s * 1e3:.0f} ms after the last frame was added."
        )
    return lines


def markdown_of(speeds: Sequence[Speed]) -> str:
    """Return a table with heading and summary for each."""
    parts: list[str] = []
    for speed in speeds:
        rule = ["---", *(["---:"] * (len(TITLES) - 1))]
        rows = [TITLES, rule, *cells(speed)]
        table = "".join(f"| {' | '.join(row)} |\n" for row in rows)
        parts += [f"### {heading(speed)}\n", table, "\n\n".join(summary(speed)) + "\n"]
    return "\n".join(parts)


def json_of(speeds: Sequence[Speed]) -> str:
    """Return everything that was measured, in seconds and rates per second."""
    derived = [
        {"cpu_s_of_32_frames": speed.cpu_s(STACK), "live_fps": speed.live_fps} for speed in speeds
    ]
    return json.dumps(
        [asdict(speed) | extra for speed, extra in zip(speeds, derived, strict=True)], indent=2
    )


def _stage_cells(stage: StageSpeed, speed: Speed) -> tuple[str, ...]:
    once = stage.stage == FINISH
    share = stage.cpu.median_s * (1 if once else STACK) / speed.cpu_s(STACK)
    return (
        f"{stage.stage} (once)" if once else stage.stage,
        f"{stage.wall.median_s * 1e3:.1f}",
        f"{stage.wall.least_s * 1e3:.1f}-{stage.wall.most_s * 1e3:.1f}",
        f"{stage.cpu.median_s * 1e3:.1f}",
        f"{share:.0%}",
        *_rate(stage.gflop_per_s, speed.machine.gflop_per_s),
        *_rate(stage.gbyte_per_s, speed.machine.gbyte_per_s),
    )


def _rate(value: float | None, limit: float) -> tuple[str, str]:
    return ("", "") if value is None else (f"{value:.1f}", f"{value / limit:.0%}")
