"""Keys that work wherever the focus is: STOP always, the stage's keys unless somebody types."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLineEdit,
    QMenu,
    QPlainTextEdit,
    QTextEdit,
    QWidget,
)

from app.window.jog import COARSE, FINE

SAME_KEY_S: Final = 0.05
"""Qt shows one key press to several objects in a row."""
KEY_USERS: Final = (
    QAbstractSlider,
    QAbstractSpinBox,
    QComboBox,
    QLineEdit,
    QMenu,
    QPlainTextEdit,
)
"""Widgets that need the arrow keys themselves."""
TEXT_FIELDS: Final = (QAbstractSpinBox, QLineEdit, QPlainTextEdit, QTextEdit)
"""Widgets in which Space is a letter."""
ENTER_KEYS: Final = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
PLAIN: Final = (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier)
STAGE_KEYS: Final = (
    Qt.Key.Key_Left,
    Qt.Key.Key_Right,
    Qt.Key.Key_Up,
    Qt.Key.Key_Down,
    Qt.Key.Key_PageUp,
    Qt.Key.Key_PageDown,
)


def step_factor(modifiers: Qt.KeyboardModifier) -> float:
    """Return what Shift and Ctrl make of a step."""
    if modifiers & Qt.KeyboardModifier.ShiftModifier:
        return COARSE
    if modifiers & Qt.KeyboardModifier.ControlModifier:
        return FINE
    return 1.0


class KeyFilter(QObject):
    """Sees every key of the application before any widget does.

    Parameters
    ----------
    stop : callable
        Called for Escape, also from text fields, menus and dialogs, where the key still does
        what it always does; and for Space outside text fields, which then does nothing else.
        Buttons are clicked by Enter instead.
    jog : callable
        Called for a stage key with the key, the factor of the step, and whether the key is held;
        returns whether it made use of it.
    window : QWidget
        The stage's keys work while this window is the active one.
    """

    def __init__(
        self,
        stop: Callable[[], None],
        jog: Callable[[Qt.Key, float, bool], bool],
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self._stop = stop
        self._jog = jog
        self._window = window
        self._t_stop_s = 0.0
        self._application().installEventFilter(self)

    def close(self) -> None:
        """See no more keys."""
        self._application().removeEventFilter(self)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """See Qt's documentation."""
        if event.type() != QEvent.Type.KeyPress or not isinstance(event, QKeyEvent):
            return False
        if event.key() == Qt.Key.Key_Escape:
            self._stop_once()
            return False
        if event.key() == Qt.Key.Key_Space:
            return self._space()
        if event.key() in ENTER_KEYS and event.modifiers() in PLAIN:
            return self._click_focused(repeated=event.isAutoRepeat())
        return event.key() in STAGE_KEYS and self._stage_key(event)

    def _space(self) -> bool:
        focus = QApplication.focusWidget()
        if isinstance(focus, TEXT_FIELDS) and not focus.isReadOnly():
            return False
        if isinstance(focus, QComboBox) and focus.isEditable():
            return False
        self._stop_once()
        return True

    @staticmethod
    def _click_focused(*, repeated: bool) -> bool:
        focus = QApplication.focusWidget()
        if not isinstance(focus, QAbstractButton) or QApplication.activePopupWidget() is not None:
            return False
        if not repeated:
            focus.animateClick()
        return True

    def _stop_once(self) -> None:
        now_s = time.monotonic()
        if now_s - self._t_stop_s > SAME_KEY_S:
            self._t_stop_s = now_s
            self._stop()

    def _stage_key(self, event: QKeyEvent) -> bool:
        focus = QApplication.focusWidget()
        if isinstance(focus, KEY_USERS) or QApplication.activePopupWidget() is not None:
            return False
        if focus is not None and focus.window() is not self._window:
            return False
        if event.modifiers() & Qt.KeyboardModifier.AltModifier:
            return False
        factor = step_factor(event.modifiers())
        return self._jog(Qt.Key(event.key()), factor, event.isAutoRepeat())

    @staticmethod
    def _application() -> QApplication:
        application = QApplication.instance()
        if not isinstance(application, QApplication):
            raise TypeError(f"a QApplication is needed, not {application!r}")
        return application
