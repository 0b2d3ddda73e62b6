"""Finds commands by what the operator types of their names."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Entry:
    """A command as it is listed."""

    key: str
    menu: str
    text: str
    tip: str
    keys: str


def matching(entries: Iterable[Entry], typed: str) -> list[Entry]:
    """Return the entries that hold every typed word; those whose text begins with it come first.

    Parameters
    ----------
    entries : iterable of Entry
    typed : str
        Words in any order, in any case; nothing finds everything.
    """
    words = typed.casefold().split()
    found = [entry for entry in entries if all(word in _haystack(entry) for word in words)]
    return sorted(found, key=lambda entry: _rank(entry, words))


def _haystack(entry: Entry) -> str:
    return f"{entry.menu} {entry.text} {entry.tip} {entry.keys} {entry.key}".casefold()


def _rank(entry: Entry, words: list[str]) -> int:
    """How far a match is from what was most probably meant; sorting keeps the menus' order."""
    text = entry.text.casefold()
    if not words or text.startswith(words[0]):
        return 0
    return 1 if all(word in text for word in words) else 2
