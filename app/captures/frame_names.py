"""What the names of image files say: their natural order, their z, which plane they hold."""

from __future__ import annotations

import re
from collections.abc import Sequence

from app.captures.part import PlaneIndex
from app.captures.scale import length_um

_NUMBER = re.compile(r"(\d+)")
_Z = re.compile(
    r"(?:^|[^a-z])z[ _=]*([+-]?\d+(?:[.,]\d+)?) ?(nm|µm|μm|um|mm)?(?![a-z])", re.IGNORECASE
)
_MICROMANAGER = re.compile(r"img_channel(\d+)_position(\d+)_time(\d+)_z(\d+)$")


def natural_key(name: str) -> tuple[tuple[int, str], ...]:
    """Sort key under which ``f9`` comes before ``f10``."""
    return tuple(
        (int(part), "") if part.isdecimal() else (-1, part.casefold())
        for part in _NUMBER.split(name)
    )


def z_of(text: str) -> float | None:
    """Return the z in µm that a name or a comment tells with its unit, such as ``z=-12.5um``."""
    found = _Z.search(text)
    if found is None or found[2] is None:
        return None
    return length_um(found[1].replace(",", "."), found[2].lower())


def z_numbers(stems: Sequence[str]) -> tuple[float, ...] | None:
    """Return what to sort names by that all tell a different z, such as ``z007``; else None.

    Numbers without a unit only give the order: nobody knows how far apart they are.
    """
    found = [_Z.search(stem) for stem in stems]
    numbers = tuple(
        # Without a unit a minus is a dash.
        abs(float(each[1].replace(",", ".")))
        for each in found
        if each is not None
    )
    return numbers if len(numbers) == len(stems) == len(set(numbers)) else None


def plane_of(stem: str) -> PlaneIndex | None:
    """Return the plane that Micro-Manager 2 writes into the names of separate image files."""
    found = _MICROMANAGER.match(stem)
    if found is None:
        return None
    channel, position, time, z = (int(number) for number in found.groups())
    return PlaneIndex(position, time, channel, z)
