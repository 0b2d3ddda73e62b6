"""What the window remembers from one run to the next."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from platformdirs import user_config_path
from PySide6.QtCore import QByteArray, QLocale, QSettings
from PySide6.QtWidgets import QMainWindow

from app.window.language import Language
from app.window.theme import Scheme

_LAYOUT: Final = 1
"""Grows when the window's parts change so much that an old layout does not fit any more."""


class Memory:
    """Theme, language, and where the window was.

    What cannot be read any more, because an older version wrote it or a person edited the file,
    counts as never set.

    Parameters
    ----------
    path : Path, optional
        The file; by default in the user's configuration folder.
    """

    def __init__(self, path: Path | None = None) -> None:
        path = path or user_config_path("wearif", appauthor=False) / "window.ini"
        self._settings = QSettings(str(path), QSettings.Format.IniFormat)

    @property
    def scheme(self) -> Scheme:
        """The chosen colours."""
        text = self._text("scheme")
        return Scheme(text) if text in [each.value for each in Scheme] else Scheme.DARK

    @scheme.setter
    def scheme(self, scheme: Scheme) -> None:
        self._settings.setValue("scheme", scheme.value)

    @property
    def language(self) -> Language:
        """The chosen language; the system's where none was chosen and the window speaks it."""
        text = self._text("language")
        if text in [each.value for each in Language]:
            return Language(text)
        chinese = QLocale.system().language() == QLocale.Language.Chinese
        return Language.CHINESE if chinese else Language.ENGLISH

    @language.setter
    def language(self, language: Language) -> None:
        self._settings.setValue("language", language.value)

    def value(self, key: str, default: str = "") -> str:
        """Return a small thing that some part of the window has kept."""
        return self._text(f"parts/{key}") or default

    def keep(self, key: str, value: str) -> None:
        """Keep a small thing for some part of the window."""
        self._settings.setValue(f"parts/{key}", value)

    def keep_layout(self, window: QMainWindow) -> None:
        """Keep where the window is and how its parts lie."""
        self._settings.setValue("geometry", window.saveGeometry())
        self._settings.setValue("layout", window.saveState(_LAYOUT))
        self._settings.sync()

    def restore_layout(self, window: QMainWindow) -> bool:
        """Put the window where it was; False where nothing is known or its screen is gone."""
        geometry, layout = (self._settings.value(key) for key in ("geometry", "layout"))
        if not isinstance(geometry, QByteArray) or not window.restoreGeometry(geometry):
            return False
        if isinstance(layout, QByteArray):
            window.restoreState(layout, _LAYOUT)
        return True

    def _text(self, key: str) -> str:
        value = self._settings.value(key)
        return value if isinstance(value, str) else ""
