"""The languages of the window, and the change from one to another while it runs."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from enum import Enum
from importlib.resources import files
from pathlib import Path
from typing import Final

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QObject, QTranslator
from PySide6.QtWidgets import QApplication

from app.window.phrase_book import PhraseBook

PHRASES: Final = "phrases"
"""The context of what parts of the program without Qt say."""


class Language(Enum):
    """What the window can speak, by the name of its file."""

    ENGLISH = "en"
    CHINESE = "zh_CN"


class TranslationError(Exception):
    """A translation that belongs to the program cannot be read."""


class PhraseTranslator(QTranslator):
    """Makes Qt ask a phrase book for what is in the context `PHRASES`."""

    def __init__(self, book: PhraseBook, parent: QObject) -> None:
        super().__init__(parent)
        self._book = book

    def isEmpty(self) -> bool:  # noqa: N802 - Qt's name
        """See Qt's documentation."""
        return False

    def translate(
        self,
        context: str,
        source: str,
        disambiguation: str | None = None,  # noqa: ARG002 - Qt's signature
        n: int = -1,  # noqa: ARG002
    ) -> str | None:
        """See Qt's documentation."""
        return self._book.translate(source) if context == PHRASES else None


def said(text: str) -> str:
    """Return what a part of the program without Qt has to say, in the language of the window."""
    return QCoreApplication.translate(PHRASES, text) if text else ""


def use_language(application: QApplication, language: Language) -> None:
    """Show all texts in a language; widgets get a ``LanguageChange`` event.

    Raises
    ------
    TranslationError
        Its file is missing or damaged.
    """
    for old in application.findChildren(QTranslator):
        application.removeTranslator(old)
        old.setParent(None)
    if language is Language.ENGLISH:
        QLocale.setDefault(QLocale(QLocale.Language.English))
        return
    QLocale.setDefault(QLocale(language.value))
    of_qt = QTranslator(application)
    # Qt's own dialogs; an installation without their translation shows them in English.
    place = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
    if of_qt.load(f"qtbase_{language.value}", place):
        application.installTranslator(of_qt)
    source = translation_file(language)
    application.installTranslator(PhraseTranslator(phrase_book(source), application))
    ours = QTranslator(application)
    compiled = source.with_suffix(".qm")
    if not ours.load(str(compiled)):
        raise TranslationError(f"{compiled}: cannot be read as a translation")
    # The last one is asked first.
    application.installTranslator(ours)


def translation_file(language: Language) -> Path:
    """Return the ``.ts`` file of a language."""
    return Path(str(files("resources"))) / "translations" / f"wearif_{language.value}.ts"


def phrase_book(path: Path) -> PhraseBook:
    """Read the phrases of a ``.ts`` file.

    Raises
    ------
    TranslationError
        It is not such a file.
    """
    return PhraseBook(messages(path).get(PHRASES, {}))


def messages(path: Path) -> dict[str, dict[str, str]]:
    """Return what a ``.ts`` file translates: from context to English to the translation.

    Raises
    ------
    TranslationError
        It is not such a file.
    """
    try:
        root = ET.parse(path).getroot()
    except (OSError, ET.ParseError) as error:
        raise TranslationError(f"{path}: cannot be read: {error}") from error
    return {
        context.findtext("name", ""): {
            message.findtext("source", ""): message.findtext("translation") or ""
            for message in context.iter("message")
        }
        for context in root.iter("context")
    }
