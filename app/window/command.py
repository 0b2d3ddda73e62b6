"""One thing that the operator can have done."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Command:
    """One thing that the operator can have done."""

    key: str
    text: str
    tip: str
    shortcuts: tuple[str, ...] = ()
    checkable: bool = False
    pad: bool = False
    """Whether its keys also belong to text fields and sliders, which then have them first."""
    symbol: str = ""
    """What a small button shows instead of the text."""
    group: str = ""
    """Of the checkable commands of a group exactly one is checked."""
