"""The top of the window: menus, pages, what the microscope is doing, and STOP."""

from __future__ import annotations

from html import escape

from PySide6.QtCore import QCoreApplication, Qt, QTimer, Slot
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QMenuBar,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
)

from app.window.commands import MENUS, Actions
from app.window.control_state import ControlState, Link
from app.window.theme import Role, colour
from app.window.widgets import ActionButton, Translated, label
from drivers.stage import StagePhase, StageState

MESSAGE_MS = 8000
PAGES = ("page_live", "page_scan", "page_review", "page_library")


class TopBar(Translated, QFrame):
    """Always there, on every page."""

    def __init__(self, actions: Actions) -> None:
        super().__init__()
        self.setObjectName("topBar")
        self.setFixedHeight(66)
        self._actions = actions
        self.stop = QPushButton()
        self.stop.setObjectName("stop")
        self.stop.setFixedSize(150, 48)
        # On the way down, not on the way up: it counts in milliseconds.
        self.stop.pressed.connect(actions["stop"].trigger)
        self._name = label(style="paneTitle")
        self._doing = QLabel()
        self._doing.setTextFormat(Qt.TextFormat.RichText)
        self._message = label(style="paneTitle", wraps=True)
        self._message.setMaximumHeight(2 * self._message.fontMetrics().lineSpacing())
        self._message.hide()
        self._fading = QTimer(self)
        self._fading.setSingleShot(True)
        self._fading.timeout.connect(self.clear_message)
        self._pages = {key: self._page(actions, key) for key in PAGES}
        self._menus = _menus(actions)
        self._lay_out(self._menus)
        self.retranslate()

    def retranslate(self) -> None:
        """See `Translated`."""
        # What was said in another language cannot be said again in this one.
        self.clear_message()
        self.stop.setText(self.tr("STOP"))
        self.stop.setToolTip(self._actions["stop"].toolTip())
        self.stop.setAccessibleName(self.tr("STOP: halt all motion"))
        self._doing.setAccessibleName(self.tr("State of the microscope"))
        self._message.setAccessibleName(self.tr("Last message"))
        for menu, (title, _keys) in zip(self._menus.actions(), MENUS, strict=True):
            menu.setText(QCoreApplication.translate("commands", title))

    @property
    def message(self) -> str:
        """What is being said instead of the microscope's name."""
        return self._message.text()

    def say(self, text: str) -> None:
        """Say something for a while."""
        self._message.setText(text)
        self._message.setToolTip(text)
        self._message.setVisible(bool(text))
        self._name.setVisible(not text)
        self._fading.start(MESSAGE_MS)

    @property
    def pages(self) -> tuple[str, ...]:
        """The keys of all pages' commands."""
        return tuple(self._pages)

    @property
    def page(self) -> str:
        """The key of the page that is open."""
        return next(key for key, button in self._pages.items() if button.isChecked())

    def mark_page(self, key: str) -> None:
        """Show which page is open."""
        for name, button in self._pages.items():
            button.setChecked(name == key)

    def show_state(self, state: ControlState, stage: StageState | None) -> None:
        """Show what the microscope is doing."""
        self._name.setText(state.microscope or self.tr("No microscope"))
        role, words = self._words(state, stage)
        dot = colour(role).name()
        objective = f"&nbsp;· {escape(state.objective)}" if state.objective else ""
        self._doing.setText(f'<span style="color:{dot}">●</span>&nbsp; {words}{objective}')

    def _words(self, state: ControlState, stage: StageState | None) -> tuple[Role, str]:
        links = {
            Link.CONNECTING: (Role.WARNING, self.tr("connecting …")),
            Link.HOMING: (Role.WARNING, self.tr("homing …")),
            Link.LOST: (Role.STOP, self.tr("not connected")),
            Link.CLOSING: (Role.WARNING, self.tr("shutting down …")),
        }
        if state.link in links:
            return links[state.link]
        if state.capturing:
            return Role.ACCENT, self.tr("capturing …")
        if stage is None:
            return Role.FAINT, self.tr("no stage")
        phases = {
            StagePhase.DISCONNECTED: (Role.STOP, self.tr("stage does not answer")),
            StagePhase.IDLE: (Role.GOOD, self.tr("ready")),
            StagePhase.MOVING: (Role.WARNING, self.tr("stage is moving")),
            StagePhase.HOMING: (Role.WARNING, self.tr("homing …")),
            StagePhase.STOPPING: (Role.WARNING, self.tr("stopping …")),
            StagePhase.ALARM: (Role.STOP, self.tr("alarm: home again")),
        }
        return phases[stage.phase]

    def _page(self, actions: Actions, key: str) -> ActionButton:
        actions[key].setCheckable(True)
        return ActionButton(actions[key], "page")

    def _lay_out(self, menus: QMenuBar) -> None:
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addStretch(1)
        words.addWidget(self._name)
        words.addWidget(self._message)
        words.addWidget(self._doing)
        words.addStretch(1)
        line = QHBoxLayout(self)
        line.setContentsMargins(10, 8, 12, 8)
        line.setSpacing(6)
        line.addWidget(menus, 0, Qt.AlignmentFlag.AlignVCenter)
        line.addSpacing(14)
        for button in self._pages.values():
            line.addWidget(button)
        line.addSpacing(12)
        line.addLayout(words, 1)
        # Long names of microscopes give way before the window grows wider than a small screen.
        for each in (self._name, self._message, self._doing):
            each.setMinimumWidth(110)
        line.addSpacing(10)
        line.addWidget(self.stop)

    @Slot()
    def clear_message(self) -> None:
        """Say nothing any more."""
        self._fading.stop()
        self._message.clear()
        self._message.hide()
        self._name.show()


def _menus(actions: Actions) -> QMenuBar:
    bar = QMenuBar()
    # A menu bar elsewhere on the screen would be none of the window's own.
    bar.setNativeMenuBar(False)
    bar.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)
    for title, keys in MENUS:
        menu = bar.addMenu(title)
        menu.setToolTipsVisible(True)
        for key in keys:
            if key:
                menu.addAction(actions[key])
            else:
                menu.addSeparator()
    return bar
