"""Bars under the top of the window: what went wrong, and questions. STOP stays above them."""

from __future__ import annotations

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFrame, QPushButton

from app.window.language import said
from app.window.notice import details_field, lay_out_notice, notice_line
from app.window.trouble import Trouble
from app.window.widgets import Translated, label


class ErrorBar(Translated, QFrame):
    """Says what happened, what the stage is doing and what to do; details on request."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("noticeError")
        self._trouble: Trouble | None = None
        self._title = label(style="noticeTitle", wraps=True)
        self._advice = label(style="muted", wraps=True)
        for each in (self._title, self._advice):
            each.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.reconnect = QPushButton()
        self._details_button = QPushButton()
        self._details_button.setCheckable(True)
        self._copy = QPushButton()
        self.dismiss = QPushButton()
        self._copy.hide()
        self._details = details_field(120)
        buttons = (self.reconnect, self._details_button, self._copy, self.dismiss)
        lay_out_notice(self, notice_line(self._title, self._advice, *buttons), self._details)
        self._details_button.toggled.connect(self._show_details)
        self._copy.clicked.connect(self._copy_all)
        self.dismiss.clicked.connect(self.hide)
        self.reconnect.clicked.connect(self.hide)
        self.retranslate()
        self.hide()

    def retranslate(self) -> None:
        """See `Translated`."""
        self.setAccessibleName(self.tr("Error"))
        self.reconnect.setText(self.tr("Connect again"))
        self._details_button.setText(self.tr("Details"))
        self._copy.setText(self.tr("Copy"))
        self._copy.setToolTip(self.tr("Copy title and details to the clipboard"))
        self.dismiss.setText(self.tr("Dismiss"))
        self._details.setAccessibleName(self.tr("Details of the error"))
        if self._trouble is not None:
            self._write(self._trouble)

    @property
    def text(self) -> str:
        """What the operator reads."""
        return f"{self._title.text()} {self._advice.text()}"

    def show_trouble(self, trouble: Trouble) -> None:
        """Show an error in place of the last one."""
        self._trouble = trouble
        self._write(trouble)
        self._details.setPlainText(trouble.details)
        self._details_button.setChecked(False)
        self.reconnect.setVisible(trouble.can_reconnect)
        self.show()

    def _write(self, trouble: Trouble) -> None:
        self._title.setText(said(trouble.title))
        stage, remedy = said(trouble.stage), said(trouble.remedy)
        # A Chinese full stop is as wide as a stop and a space.
        space = "" if stage.endswith("。") else " "
        self._advice.setText(f"{stage}{space}{remedy}".strip())

    @Slot(bool)
    def _show_details(self, shown: bool) -> None:
        self._details.setVisible(shown)
        self._copy.setVisible(shown)

    @Slot()
    def _copy_all(self) -> None:
        QGuiApplication.clipboard().setText(f"{self.text}\n\n{self._details.toPlainText()}")


class HomingBar(Translated, QFrame):
    """Offers to home the stage, and asks before it moves."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("noticeQuestion")
        self._title = label(style="noticeTitle", wraps=True)
        self._text = label(style="muted", wraps=True)
        self.begin = QPushButton()
        self.confirm = QPushButton()
        self.refuse = QPushButton()
        buttons = (self.begin, self.confirm, self.refuse)
        lay_out_notice(self, notice_line(self._title, self._text, *buttons))
        self.begin.clicked.connect(self.ask)
        self.refuse.clicked.connect(self.offer)
        self._show_buttons(asking=False)
        self.retranslate()
        self.hide()

    def retranslate(self) -> None:
        """See `Translated`."""
        self.setAccessibleName(self.tr("Homing"))
        self.begin.setText(self.tr("Home the stage"))
        self.confirm.setText(self.tr("Yes, home now"))
        self.refuse.setText(self.tr("Not now"))
        self._write(asking=self.asking)

    @Slot()
    def offer(self) -> None:
        """Say that homing is needed."""
        self._write(asking=False)
        self._show_buttons(asking=False)

    @Slot()
    def ask(self) -> None:
        """Ask whether the way is clear."""
        self._write(asking=True)
        self._show_buttons(asking=True)
        self.show()

    @property
    def asking(self) -> bool:
        """Whether it waits for an answer."""
        return not self.confirm.isHidden()

    def _write(self, *, asking: bool) -> None:
        if asking:
            title = self.tr("The stage will move to its end switches. Is the way clear?")
            text = self.tr(
                "All axes travel, z first. Make sure that neither the objective nor the slide can "
                "touch anything. STOP or Esc halts it."
            )
        else:
            title = self.tr("The stage has not been homed.")
            text = self.tr(
                "Its position is not known, so it does not move until it has been homed."
            )
        self._title.setText(title)
        self._text.setText(text)

    def _show_buttons(self, *, asking: bool) -> None:
        self.begin.setVisible(not asking)
        self.confirm.setVisible(asking)
        self.refuse.setVisible(asking)
