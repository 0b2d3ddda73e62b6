"""Translates sentences that the parts of the program without Qt have put together in English.

Drivers and acquisition know no languages: logs, the command line and the window of a developer
shall all say the same. What they say is made of few phrases, known beforehand, with numbers and
names put in; so a phrase book can translate it where it is shown.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

_PLACE: Final = re.compile(r"\{(\d+)\}")
_DEEPEST: Final = 3
"""How often a phrase may be part of a phrase."""
_SENTENCE_END: Final = re.compile(r"(?<=[.!?])\s+(?=[A-Z])")


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
        self._patterns = [(_pattern(source), phrases[source]) for source in patterns]
        self.translate = lru_cache(maxsize=512)(self._translate)

    def _translate(self, text: str) -> str | None:
        """Translate a text; None where no part of it is known."""
        exact = self._exact.get(text)
        # What is put in may hold full stops: whole sentences, where all are known, come first.
        return exact or self._sentences(text, 1.0) or self._whole(text, 0) or self._sentences(text)

    def _whole(self, text: str, depth: int) -> str | None:
        if text in self._exact:
            return self._exact[text]
        for pattern, translation in self._patterns:
            found = pattern.fullmatch(text)
            if found is not None:
                return _filled(translation, [self._part(each, depth) for each in found.groups()])
        return None

    def _part(self, text: str, depth: int) -> str:
        if depth >= _DEEPEST:
            return text
        # An error's last words end with the full stop of the sentence that it was put in.
        known = self._whole(text, depth + 1)
        return known or self._whole(text.removesuffix("."), depth + 1) or text

    def _sentences(self, text: str, least: float = 0.0) -> str | None:
        """Translate sentence by sentence; unknown ones, if so many are known, stay as they are."""
        sentences = _SENTENCE_END.split(text)
        translated = [self._whole(each, 0) for each in sentences]
        known = sum(each is not None for each in translated)
        if len(sentences) < 2 or known == 0 or known < least * len(sentences):
            return None
        pairs = zip(translated, sentences, strict=True)
        return "".join(known or f"{text} " for known, text in pairs).strip()


def _filled(translation: str, values: list[str]) -> str:
    return _PLACE.sub(lambda place: values[int(place.group(1))], translation)


def _pattern(source: str) -> re.Pattern[str]:
    """Return what a phrase looks like with something put in; its places are numbered in order."""
    return re.compile("(.+?)".join(map(re.escape, re.split(r"\{\d+\}", source))), re.DOTALL)
