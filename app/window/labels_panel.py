"""What the laboratory says about the chosen captures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import (
    QCompleter,
    QFormLayout,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.captures.library import CaptureEntry, label_values
from app.window.library_model import cell_words, state_words
from app.window.widgets import Card, Translated, label

LINES: Final = ("slide", "sample", "machine", "operator", "field")
PICTURE_PX: Final = (270, 132)
FIXED: Final = ("recording", "interrupted", "unreadable")
"""States of captures whose records are not to be written; recovery ends the second."""


class LabelsPanel(Translated, QWidget):
    """Shows what is known about a capture, and changes the labels of all that are chosen.

    ``changed`` carries new texts by label; ``opened`` fires when the capture is to be reviewed.
    """

    changed = Signal(object)
    opened = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._chosen: tuple[CaptureEntry, ...] = ()
        self._before: dict[str, str] = {}
        self._picture = QLabel()
        self._picture.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._picture.setFixedHeight(PICTURE_PX[1])
        self._picture.hide()
        self._name = label(style="paneTitle", wraps=True)
        self._facts = label(style="muted", wraps=True)
        self.open = QPushButton()
        self.open.setObjectName("primary")
        self.open.setFixedHeight(36)
        self.lines = {key: QLineEdit() for key in LINES}
        self.notes = QPlainTextEdit()
        self.notes.setFixedHeight(64)
        self.notes.setTabChangesFocus(True)
        self.save = QPushButton()
        self._captions = {key: label(style="muted") for key in (*LINES, "notes")}
        self._about, self._labels = Card(""), Card("")
        self._lay_out()
        self.open.clicked.connect(self.opened)
        self.save.clicked.connect(self._save)
        for line in self.lines.values():
            line.textChanged.connect(self._edited)
            line.returnPressed.connect(self._save)
        self.notes.textChanged.connect(self._edited)
        self.retranslate()

    def show_chosen(self, chosen: Sequence[CaptureEntry], picture: QPixmap | None) -> None:
        """Show what is chosen; a label that differs among several captures is left empty."""
        same = {entry.folder for entry in chosen} == {entry.folder for entry in self._chosen}
        unsaved = same and self.changes()
        self._chosen = tuple(chosen)
        self._show_picture(picture)
        self._show_about()
        if unsaved:
            # What somebody is typing is not written over by news from the disk.
            return
        for key in (*LINES, "notes"):
            values = {str(getattr(entry.labels, key)) for entry in chosen}
            self._before[key] = values.pop() if len(values) == 1 else ""
        for key, line in self.lines.items():
            line.setText(self._before[key])
        self.notes.setPlainText(self._before["notes"])
        able = bool(chosen) and all(entry.state not in FIXED for entry in chosen)
        for each in (*self.lines.values(), self.notes):
            each.setEnabled(able)
        self._edited()

    def suggest(self, entries: Sequence[CaptureEntry]) -> None:
        """Offer labels that other captures have."""
        for key, line in self.lines.items():
            completer = QCompleter(label_values(entries, key), line)
            completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
            completer.setFilterMode(Qt.MatchFlag.MatchContains)
            line.setCompleter(completer)

    def changes(self) -> dict[str, str]:
        """Return the labels that were changed and not saved."""
        now = {key: line.text().strip() for key, line in self.lines.items()}
        now["notes"] = self.notes.toPlainText().strip()
        return {key: text for key, text in now.items() if text != self._before.get(key, "")}

    def retranslate(self) -> None:
        """See `Translated`."""
        self.open.setText(self.tr("Open"))
        self.open.setToolTip(self.tr("Review the chosen capture"))
        self._labels.set_title(self.tr("Labels"))
        names = {
            "slide": self.tr("Slide"),
            "sample": self.tr("Sample"),
            "machine": self.tr("Machine"),
            "operator": self.tr("Operator"),
            "field": self.tr("Field"),
            "notes": self.tr("Notes"),
        }
        for key, name in names.items():
            self._captions[key].setText(name)
            (self.notes if key == "notes" else self.lines[key]).setAccessibleName(name)
        self.save.setToolTip(self.tr("Write the labels into the captures' records"))
        self._show_about()
        self._edited()

    def _show_picture(self, picture: QPixmap | None) -> None:
        self._picture.setVisible(len(self._chosen) == 1)
        if picture is None:
            self._picture.clear()
            return
        ratio = self.devicePixelRatioF()
        width, height = (round(side * ratio) for side in PICTURE_PX)
        shown = picture.scaled(
            width,
            height,
            Qt.AspectRatioMode.KeepAspectRatio,
            Qt.TransformationMode.SmoothTransformation,
        )
        shown.setDevicePixelRatio(ratio)
        self._picture.setPixmap(shown)

    def _show_about(self) -> None:
        chosen = self._chosen
        self.open.setEnabled(len(chosen) == 1 and chosen[0].frames > 0)
        if not chosen:
            self._name.setText(self.tr("Nothing chosen"))
            self._facts.setText(self.tr("Choose a capture in the list."))
        elif len(chosen) > 1:
            self._name.setText(self.tr("{n} captures").format(n=len(chosen)))
            self._facts.setText(self.tr("Labels that you change are changed in all of them."))
        else:
            entry = chosen[0]
            self._name.setText(entry.name)
            many = self.tr("{date}, {state}\n{microscope} {objective}, {n} frames")
            one = self.tr("{date}, {state}\n{microscope} {objective}, 1 frame")
            facts = (one if entry.frames == 1 else many).format(
                date=cell_words(entry, "date"),
                state=state_words(entry),
                microscope=entry.microscope,
                objective=entry.objective,
                n=entry.frames,
            )
            self._facts.setText(entry.fault or facts)

    @Slot()
    def _edited(self) -> None:
        count = len(self._chosen)
        self.save.setEnabled(bool(self.changes()) and count > 0)
        self.save.setText(
            self.tr("Save labels of {n} captures").format(n=count)
            if count > 1
            else self.tr("Save labels")
        )

    @Slot()
    def _save(self) -> None:
        changes = self.changes()
        if changes and self._chosen:
            self._before |= changes
            self._edited()
            self.changed.emit(changes)

    def _lay_out(self) -> None:
        for each in (self._picture, self._name, self._facts, self.open):
            self._about.body.addWidget(each)
        form = QFormLayout()
        form.setContentsMargins(0, 0, 0, 0)
        form.setVerticalSpacing(6)
        form.setHorizontalSpacing(10)
        for key, line in self.lines.items():
            form.addRow(self._captions[key], line)
        self._labels.body.addLayout(form)
        self._labels.body.addWidget(self._captions["notes"])
        self._labels.body.addWidget(self.notes)
        self._labels.body.addWidget(self.save)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addWidget(self._about)
        column.addWidget(self._labels)
        column.addStretch(1)
