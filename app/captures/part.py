"""Which frames of a file make up the stack: one scene, one channel, one time."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from app.captures.stack import StackError

MOST_FRAMES = 100_000
"""More than any sweep has: a file that announces more is damaged."""


class PlaneIndex(NamedTuple):
    """Which plane of a file of several dimensions a frame is; each counted from 0.

    Plane is what OME calls it (OME schema 2016-06, ``Plane``).
    """

    scene: int = 0
    """Position, series, field: whatever the file's makers call it."""
    time: int = 0
    channel: int = 0
    slice: int = 0


@dataclass(frozen=True, slots=True)
class Part:
    """What the operator wants of a file that holds several stacks; None: there is only one."""

    scene: int | None = None
    channel: int | None = None
    time: int | None = None


WHOLE = Part()
"""Nothing chosen: enough for a file that holds one stack."""


@dataclass(frozen=True, slots=True)
class Names:
    """What scenes and channels are called, where that is known."""

    scene: Mapping[int, str] = field(default_factory=dict)
    channel: Mapping[int, str] = field(default_factory=dict)


UNNAMED = Names()


def select(
    planes: Collection[PlaneIndex], part: Part, path: Path, names: Names = UNNAMED
) -> tuple[PlaneIndex, ...]:
    """Choose the frames of one stack, in the order of z.

    Where there is one slice for each of several times, the sweep was saved as a series in time.

    Parameters
    ----------
    planes : collection of PlaneIndex
        All frames there are.
    part : Part
        What the operator wants.
    path : Path
        The file, for whoever has to choose.
    names : Names, optional
        What scenes and channels are called.

    Raises
    ------
    StackError
        There are several scenes, channels or stacks and nobody chose one; or what was chosen is
        not there.
    """
    if not planes:
        raise StackError(f"{path}: holds no frames")
    left = _one(planes, "scene", part.scene, path, names.scene)
    left = _one(left, "channel", part.channel, path, names.channel)
    if part.time is not None or len({plane.slice for plane in left}) > 1:
        left = _one(left, "time", part.time, path, {})
    return tuple(sorted(left))


def grid(path: Path, scenes: int, times: int, channels: int, slices: int) -> tuple[PlaneIndex, ...]:
    """Return all planes of a file whose dimensions are complete.

    Raises
    ------
    StackError
        There is none, or more than any microscope takes.
    """
    sizes = (scenes, times, channels, slices)
    count = scenes * times * channels * slices
    if min(sizes) < 1:
        raise StackError(f"{path}: holds no frames")
    check_count(count, path)
    return tuple(
        PlaneIndex(scene, time, channel, z)
        for scene in range(scenes)
        for time in range(times)
        for channel in range(channels)
        for z in range(slices)
    )


def check_count(count: int, path: Path) -> None:
    """Make sure that a file announces no more frames than any microscope takes.

    Raises
    ------
    StackError
        It does.
    """
    if count > MOST_FRAMES:
        raise StackError(f"{path}: announces {count} frames; more than {MOST_FRAMES} cannot be")


def _one(
    planes: Iterable[PlaneIndex],
    axis: str,
    wanted: int | None,
    path: Path,
    names: Mapping[int, str],
) -> list[PlaneIndex]:
    planes = list(planes)
    numbers = sorted({getattr(plane, axis) for plane in planes})
    if wanted is None and len(numbers) > 1:
        raise StackError(
            f"{path}: holds {len(numbers)} {axis}s ({_listed(numbers, names)}); "
            f"choose one with --{axis}"
        )
    if wanted is not None and wanted not in numbers:
        raise StackError(f"{path}: has no {axis} {wanted}, only {_listed(numbers, names)}")
    return [plane for plane in planes if wanted is None or getattr(plane, axis) == wanted]


def _listed(numbers: list[int], names: Mapping[int, str]) -> str:
    shown = [f"{number} {_word(names.get(number, ''))}".rstrip() for number in numbers[:6]]
    return ", ".join(shown) + (", …" if len(numbers) > 6 else "")


def _word(name: str) -> str:
    return " ".join(name.split())[:40]
