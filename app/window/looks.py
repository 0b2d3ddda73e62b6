"""Theme and language: chosen in the menu, kept for the next run."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtWidgets import QApplication

from app.window.commands import Actions
from app.window.language import Language, use_language
from app.window.memory import Memory
from app.window.theme import Scheme, apply_theme


class Looks:
    """Applies what the operator chooses.

    Parameters
    ----------
    memory : Memory, optional
        Where choices are kept; without one they hold for this run.
    """

    def __init__(self, memory: Memory | None) -> None:
        self._memory = memory

    def callbacks(self) -> dict[str, Callable[[], None]]:
        """Return what the commands do, by their keys."""
        schemes = {f"theme_{each.value}": partial(self._use_scheme, each) for each in Scheme}
        languages = {
            f"language_{each.value}": partial(self._use_language, each) for each in Language
        }
        return {**schemes, **languages}

    def begin(self, actions: Actions) -> None:
        """Apply what was chosen last time."""
        scheme = self._memory.scheme if self._memory is not None else Scheme.DARK
        language = self._memory.language if self._memory is not None else Language.ENGLISH
        actions[f"theme_{scheme.value}"].setChecked(True)
        actions[f"language_{language.value}"].setChecked(True)

    def _use_scheme(self, scheme: Scheme) -> None:
        apply_theme(_application(), scheme)
        if self._memory is not None:
            self._memory.scheme = scheme

    def _use_language(self, language: Language) -> None:
        use_language(_application(), language)
        if self._memory is not None:
            self._memory.language = language


def _application() -> QApplication:
    application = QApplication.instance()
    if not isinstance(application, QApplication):
        raise TypeError(f"a QApplication is needed, not {application!r}")
    return application
