"""Which fields the operator wants scanned, and what would come of it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import pairwise
from typing import Final

from app.acquisition.fields import (
    FERROGRAM_MM,
    Direction,
    Field,
    FieldsError,
    check_reachable,
    ferrogram_fields,
    folder_name,
    grid_fields,
)
from app.acquisition.operator_settings import Place
from app.acquisition.sweep_plan import SweepPlan
from app.acquisition.sweep_setup import SweepPreview
from drivers.stage import StageCaps

FOCUS_S: Final = 4.0
"""Roughly what autofocus, range and the rest of the fusion take on a computer that has nothing
else to do; what the fields of a scan have taken replaces it."""
MOST_FIELDS: Final = 2000
"""More take weeks; a slip of a finger is likelier."""


class FieldSource(Enum):
    """Where the fields come from."""

    GRID = "grid"
    """Side by side around a point."""
    FERROGRAM = "ferrogram"
    """The usual distances from the entry of the deposit."""
    PLACES = "places"
    """Stored positions of the stage."""
    LIST = "list"
    """A file."""


@dataclass(frozen=True, slots=True)
class ScanSetup:
    """The fields of the next scan, as the operator has set them."""

    source: FieldSource = FieldSource.GRID
    columns: int = 3
    rows: int = 3
    overlap: float = 0.1
    """Of neighbours in the grid, as a share of the field."""
    direction: Direction = "+x"
    """Of the flow along the ferrogram."""
    positions_mm: tuple[float, ...] = FERROGRAM_MM
    """Distances from the entry."""
    left_out: frozenset[str] = frozenset()
    """Names of stored positions that are not wanted."""
    listed: tuple[Field, ...] = ()
    """From a file."""
    anchor_um: tuple[float, float] | None = None
    """x and y of the grid's middle or of the entry; None: wherever the stage is."""

    def fields(
        self,
        *,
        here_um: tuple[float, float],
        field_um: tuple[float, float],
        places: Sequence[Place],
    ) -> tuple[Field, ...]:
        """Return the fields.

        Parameters
        ----------
        here_um : tuple of float
            x and y of the stage.
        field_um : tuple of float
            Width and height of a field.
        places : sequence of Place
            All stored positions.

        Raises
        ------
        FieldsError
            There are none, or unreasonably many.
        """
        anchor_um = self.anchor_um or here_um
        match self.source:
            case FieldSource.GRID:
                if self.columns * self.rows > MOST_FIELDS:
                    raise FieldsError(
                        f"Too many fields, {self.columns} x {self.rows}: choose {MOST_FIELDS} at "
                        "most."
                    )
                step_um = field_um[0] * (1 - self.overlap), field_um[1] * (1 - self.overlap)
                return grid_fields(anchor_um, self.columns, self.rows, step_um)
            case FieldSource.FERROGRAM:
                return ferrogram_fields(anchor_um, self.direction, self.positions_mm)
            case FieldSource.PLACES:
                return _of_places([each for each in places if each.name not in self.left_out])
            case FieldSource.LIST:
                if not self.listed:
                    raise FieldsError("No list is read yet: choose a file.")
                return self.listed


@dataclass(frozen=True, slots=True)
class ScanPreview:
    """What a scan would be, or why there cannot be one."""

    fields: tuple[Field, ...] = ()
    """Also where the scan is not possible, as far as they are known."""
    reason: str = ""
    """Why it is not possible and what to change; empty where it is."""
    duration_s: float = 0.0
    size_bytes: int = 0
    free_bytes: int | None = None


def preview_scan(
    setup: ScanSetup,
    sweep: SweepPreview,
    caps: StageCaps,
    *,
    here_um: tuple[float, float] | None,
    field_um: tuple[float, float],
    places: Sequence[Place],
    field_s: float | None = None,
) -> ScanPreview:
    """Plan a scan without asking any device.

    Parameters
    ----------
    setup : ScanSetup
    sweep : SweepPreview
        Of a typical field, with the space on the disk.
    caps : StageCaps
    here_um : tuple of float, optional
        x and y of the stage; None where nobody knows.
    field_um : tuple of float
        Width and height of a field.
    places : sequence of Place
        All stored positions.
    field_s : float, optional
        How long a field has taken on average, if any has.
    """
    if here_um is None:
        return ScanPreview(reason="The position of the stage is not known: home the stage.")
    try:
        fields = setup.fields(here_um=here_um, field_um=field_um, places=places)
    except FieldsError as error:
        return ScanPreview(reason=str(error))
    plan = sweep.plan
    if plan is None:
        return ScanPreview(fields, sweep.reason)
    size_bytes = plan.size_bytes * len(fields)
    duration_s = _duration_s(fields, plan, caps, here_um, field_s)
    seen = ScanPreview(fields, "", duration_s, size_bytes, sweep.free_bytes)
    return ScanPreview(
        fields, _hindrance(seen, caps), duration_s, size_bytes, free_bytes=sweep.free_bytes
    )


def positions_of(text: str) -> tuple[float, ...]:
    """Read distances in mm, separated by commas, semicolons or blanks.

    Raises
    ------
    ValueError
        One of them is no number.
    """
    for mark in ",;，；、":
        text = text.replace(mark, " ")
    found = tuple(float(each) for each in text.split())
    if not all(math.isfinite(each) for each in found):
        raise ValueError(f"{text}: not all are finite")
    return found


def _of_places(places: Sequence[Place]) -> tuple[Field, ...]:
    if not places:
        raise FieldsError("No stored position is chosen: store some on the live page, or choose.")
    fields: list[Field] = []
    taken: set[str] = set()
    for number, place in enumerate(places, 1):
        name = folder_name(place.name, number)
        if name in taken:
            name = f"{name}_{number}"
        taken.add(name)
        fields.append(Field(name, place.x_um, place.y_um))
    return tuple(fields)


def _duration_s(
    fields: Sequence[Field],
    plan: SweepPlan,
    caps: StageCaps,
    here_um: tuple[float, float],
    field_s: float | None,
) -> float:
    if field_s is not None:
        return field_s * len(fields)
    way = [here_um, *((field.x_um, field.y_um) for field in fields)]
    travel_s = sum(_travel_s(start, end, caps) for start, end in pairwise(way))
    return travel_s + len(fields) * (plan.duration_s + FOCUS_S)


def _travel_s(start: tuple[float, float], end: tuple[float, float], caps: StageCaps) -> float:
    """Return how long the slower axis needs, speeding up and slowing down included."""
    return max(
        abs(b - a) / axis.max_speed_um_per_s + axis.max_speed_um_per_s / axis.acceleration_um_per_s2
        for a, b, axis in zip(start, end, (caps.x, caps.y), strict=True)
    )


def _hindrance(seen: ScanPreview, caps: StageCaps) -> str:
    outside = [
        field
        for field in seen.fields
        if not (caps.x.contains(field.x_um) and caps.y.contains(field.y_um))
    ]
    if outside:
        try:
            check_reachable(outside[:1], caps)
        except FieldsError as error:
            others = len(outside) - 1
            also = [f"The same holds for {others} others."] if others else []
            return " ".join([str(error), *also])
    if seen.free_bytes is not None and seen.size_bytes > seen.free_bytes:
        return (
            f"The frames need about {seen.size_bytes / 1e9:.1f} GB and the disk has "
            f"{seen.free_bytes / 1e9:.1f} GB: choose fewer fields or free some space."
        )
    return ""
