"""Translates sentences that the parts of the program without Qt have put together in English.

Drivers and acquisition know no languages: logs, the command line and the window of a developer
shall all say the same. What they say is made of few phrases, known beforehand, with numbers and
names put in; so a phrase book can translate it where it is shown.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Final, NamedTuple

_PLACE: Final = re.compile(r"\{(\d+)\}")
_DEEPEST: Final = 3
"""How often a phrase may be part of a phrase."""
_SENTENCE_END: Final = re.compile(r"(?<=[.!?])\s+(?=[A-Z])")


class _Reading(NamedTuple):
    """A translation, and how many letters of what was put in are in English still."""

    text: str
    left: int


class PhraseBook:
    """Known phrases and their translations.

    Parameters
    ----------
    phrases : mapping
        From English to the other language; ``{0}``, ``{1}`` … stand for what is put in, and what
        is put in may itself be a known phrase.
    """

    def __init__(self, phrases: Mapping[str, str]) -> None:
        self._exact = {
            source: text for source, text in phrases.items() if not _PLACE.search(source)
        }
        patterns = [source for source in phrases if _PLACE.search(source)]
        # The more of a phrase is given, the less can be mistaken for it.
        patterns.sort(key=lambda source: len(_PLACE.sub("", source)), reverse=True)
        self._patterns = [(_core(each), _pattern(each), phrases[each]) for each in patterns]
        self.translate = lru_cache(maxsize=512)(self._translate)

    def _translate(self, text: str) -> str | None:
        """Translate a text; None where no part of it is known."""
        # What is put in may hold full stops: whole sentences, where all are known, come first.
        sentences = self._sentences(text, 1.0)
        if text in self._exact or sentences is None:
            whole = self._whole(text, 0)
            return self._sentences(text) if whole is None else whole.text
        return sentences

    def _whole(self, text: str, depth: int) -> _Reading | None:
        """Translate what one phrase makes of a text: the one that leaves the least as it is."""
        if text in self._exact:
            return _Reading(self._exact[text], 0)
        best: _Reading | None = None
        for core, pattern, translation in self._patterns:
            # Most phrases are ruled out by this alone, a hundred times faster.
            found = pattern.fullmatch(text) if core in text else None
            if found is None:
                continue
            parts = [self._part(each, depth) for each in found.groups()]
            left = sum(part.left for part in parts)
            if best is None or left < best.left:
                best = _Reading(_filled(translation, [part.text for part in parts]), left)
            if best.left == 0:
                break
        return best

    def _part(self, text: str, depth: int) -> _Reading:
        as_it_is = _Reading(text, sum(map(str.isalpha, text)))
        if depth >= _DEEPEST:
            return as_it_is
        # An error's last words end with the full stop of the sentence that it was put in.
        bare = text.removesuffix(".")
        readings = (self._whole(each, depth + 1) for each in dict.fromkeys((text, bare)))
        return min(filter(None, readings), key=lambda each: each.left, default=as_it_is)

    def _sentences(self, text: str, least: float = 0.0) -> str | None:
        """Translate sentence by sentence; unknown ones, if so many are known, stay as they are."""
        pieces = list(self._pieces(_SENTENCE_END.split(text)))
        known = sum(translation is not None for _piece, translation in pieces)
        if len(pieces) < 2 or known == 0 or known < least * len(pieces):
            return None
        return "".join(translation or f"{piece} " for piece, translation in pieces).strip()

    def _pieces(self, sentences: list[str]) -> Iterator[tuple[str, str | None]]:
        """Find the phrases that sentences make up, some of which are more than one sentence."""
        at = 0
        while at < len(sentences):
            piece, translation, end = sentences[at], None, at + 1
            for last in range(at + 1, len(sentences) + 1):
                whole = self._whole(" ".join(sentences[at:last]), 0)
                if whole is not None:
                    piece, translation, end = " ".join(sentences[at:last]), whole.text, last
                    break
            yield piece, translation
            at = end


def _filled(translation: str, values: list[str]) -> str:
    return _PLACE.sub(lambda place: values[int(place.group(1))], translation)


def _pattern(source: str) -> re.Pattern[str]:
    """Return what a phrase looks like with something put in; its places are numbered in order."""
    return re.compile("(.+?)".join(map(re.escape, re.split(r"\{\d+\}", source))), re.DOTALL)


def _core(source: str) -> str:
    """Return the longest part of a phrase with nothing put in."""
    return max(_PLACE.split(source)[::2], key=len)
