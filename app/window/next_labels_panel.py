"""What the laboratory says about the next capture, written before it."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QSignalBlocker, QSize, Qt, Signal, Slot
from PySide6.QtGui import QAction, QFocusEvent, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QComboBox, QFormLayout, QPlainTextEdit, QSizePolicy, QToolButton

from app.captures.capture_record import CaptureLabels
from app.window.control_state import ControlState
from app.window.label_work import LabelWork
from app.window.widgets import Card, Translated, label

LINES: Final = ("slide", "sample", "machine", "operator", "field")
NOTES_PX: Final = 64


class RecentBox(QComboBox):
    """A line to write in, with what was written there before to choose from."""

    def __init__(self) -> None:
        super().__init__()
        self.setEditable(True)
        self.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.setMinimumContentsLength(8)
        completer = self.completer()
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        completer.setCompletionMode(completer.CompletionMode.PopupCompletion)

    def offer(self, texts: tuple[str, ...]) -> None:
        """Offer texts; what is written stays."""
        if texts != tuple(self.itemText(n) for n in range(self.count())):
            with QSignalBlocker(self):
                written = self.currentText()
                self.clear()
                self.addItems(list(texts))
                self.setEditText(written)

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802 - Qt's name
        """Scroll the column instead of exchanging one label for another."""
        event.ignore()


class NotesBox(QPlainTextEdit):
    """A few lines to write in; ``left`` fires when the keyboard goes elsewhere."""

    left = Signal()

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: N802 - Qt's name
        """See Qt's documentation."""
        super().focusOutEvent(event)
        self.left.emit()


class NextLabelsPanel(Translated, Card):
    """A field for each label; they are remembered for the capture after the next.

    Parameters
    ----------
    labels : LabelWork
    """

    def __init__(self, labels: LabelWork) -> None:
        super().__init__("")
        self._labels = labels
        self._captions = {key: label(style="muted") for key in (*LINES, "notes")}
        self.lines = {key: RecentBox() for key in LINES}
        self.notes = NotesBox()
        self.notes.setFixedHeight(NOTES_PX)
        self.notes.setTabChangesFocus(True)
        self._hint = label(style="muted", wraps=True)
        for key, line in self.lines.items():
            line.currentTextChanged.connect(lambda text, key=key: labels.write(key, text))
            line.lineEdit().editingFinished.connect(labels.keep)
        self.notes.textChanged.connect(self._note)
        self.notes.left.connect(labels.keep)
        self._lay_out()
        self.retranslate()

    def retranslate(self) -> None:
        """See `Translated`."""
        self.set_title(self.tr("Next capture"))
        names = {
            "slide": (self.tr("Slide"), self.tr("Its number or name")),
            "sample": (self.tr("Sample"), self.tr("Which oil, taken when")),
            "machine": (self.tr("Machine"), self.tr("Where the oil comes from")),
            "operator": (self.tr("Operator"), self.tr("Who works here")),
            "field": (self.tr("Field"), self.tr("Where on the slide")),
            "notes": (self.tr("Notes"), self.tr("Anything else")),
        }
        for key, (name, hint) in names.items():
            self._captions[key].setText(name)
            box = self.notes if key == "notes" else self.lines[key].lineEdit()
            box.setPlaceholderText(hint)
            (self.notes if key == "notes" else self.lines[key]).setAccessibleName(name)
        self._hint.setText(
            self.tr("Kept with the capture. Field and notes are for one capture only.")
        )

    def show_state(self, state: ControlState) -> None:
        """Show the labels, and offer those that captures were given last."""
        self.setEnabled(not state.capturing)
        labels, used = state.settings.labels, state.settings.used_labels
        for key, line in self.lines.items():
            if line.view().isVisible() or line.completer().popup().isVisible():
                continue
            line.offer(used.get(key, ()))
            text = str(getattr(labels, key))
            if not line.lineEdit().hasFocus() and line.currentText() != text:
                with QSignalBlocker(line):
                    line.setEditText(text)
        if not self.notes.hasFocus() and self.notes.toPlainText() != labels.notes:
            with QSignalBlocker(self.notes):
                self.notes.setPlainText(labels.notes)

    def begin(self) -> None:
        """Let the operator write, where nothing is written yet."""
        empty = (line for line in self.lines.values() if not line.currentText())
        line = next(empty, self.lines["slide"])
        line.setFocus(Qt.FocusReason.ShortcutFocusReason)
        line.lineEdit().selectAll()

    @Slot()
    def _note(self) -> None:
        self._labels.write("notes", self.notes.toPlainText())

    def _lay_out(self) -> None:
        form = QFormLayout()
        form.setContentsMargins(0, 0, 0, 0)
        form.setVerticalSpacing(8)
        form.setHorizontalSpacing(10)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        for key, line in self.lines.items():
            form.addRow(self._captions[key], line)
        form.addRow(self._captions["notes"], self.notes)
        self.body.addLayout(form)
        self.body.addWidget(self._hint)
        self.body.addStretch(1)


class LabelLine(Translated, QToolButton):
    """The labels of the next capture in one line, shortened to fit; a click changes them.

    Parameters
    ----------
    action : QAction
        Brings up the labels.
    """

    def __init__(self, action: QAction) -> None:
        super().__init__()
        self.setObjectName("quiet")
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._action = action
        self._words = ""
        self.clicked.connect(action.trigger)
        self.retranslate()

    def retranslate(self) -> None:
        """See `Translated`."""
        self._write()

    def show_labels(self, labels: CaptureLabels) -> None:
        """Show labels, the more telling ones first."""
        parts = (labels.slide, labels.field, labels.sample, labels.machine, labels.operator)
        words = " · ".join(part for part in parts if part)
        if words != self._words:
            self._words = words
            self._write()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """See Qt's documentation."""
        return QSize(120, super().sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """See Qt's documentation."""
        super().resizeEvent(event)
        self._write()

    def _write(self) -> None:
        words = self._words or self.tr("No labels yet: add slide, sample …")
        room = self.width() - 16
        self.setText(self.fontMetrics().elidedText(words, Qt.TextElideMode.ElideRight, room))
        self.setToolTip(f"{words}\n{self._action.toolTip()}")
        self.setAccessibleName(self.toolTip())
