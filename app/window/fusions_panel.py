"""The fusions of the chosen capture: list them, fuse once more, see two of them."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QComboBox,
    QFormLayout,
    QHBoxLayout,
    QListWidget,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.captures.fusion_settings import FusionSettings
from app.captures.fusions import FusionEntry
from app.captures.library import CaptureEntry
from app.window.library_control import FusedAgain, FusingAgain, FusionsKnown
from app.window.widgets import Card, Translated, count_box, label

MODELS = ("wearif", "published")
ROW_PX = 48
"""Two lines, also in scripts that are higher than the font of the digits."""


class FusionsPanel(Translated, QWidget):
    """Lists fusions and makes new ones.

    ``wanted`` carries the settings of a new fusion, ``compared`` two fusions to be seen side by
    side; ``given_up`` fires when a fusion under way is to end.
    """

    wanted = Signal(object)
    compared = Signal(object, object)
    given_up = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._capture: CaptureEntry | None = None
        self._fusing: Path | None = None
        self._fusions: tuple[FusionEntry, ...] = ()
        self._title = label(style="paneTitle", wraps=True)
        self.list = QListWidget()
        self.list.setSelectionMode(QAbstractItemView.SelectionMode.MultiSelection)
        self.list.setFixedHeight(150)
        self._hint = label(style="muted", wraps=True)
        self.compare = QPushButton()
        self.model = QComboBox()
        self.frames = count_box(0, 9999)
        self.align = QCheckBox()
        self.fuse = QPushButton()
        self.stop = QPushButton()
        self._busy = label(style="muted", wraps=True)
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setFixedHeight(6)
        self._captions = {key: label(style="muted") for key in ("model", "frames")}
        self._have, self._again = Card(""), Card("")
        self.model.addItems(MODELS)
        self._lay_out()
        self.list.itemSelectionChanged.connect(self._chosen)
        self.compare.clicked.connect(self._compare)
        self.fuse.clicked.connect(self._fuse)
        self.stop.clicked.connect(self.given_up)
        self.retranslate()
        self.show_capture(None)

    @property
    def settings(self) -> FusionSettings:
        """As chosen for a new fusion."""
        return FusionSettings(
            model=self.model.currentText(),
            frames=self.frames.value(),
            align=self.align.isChecked(),
        )

    def show_capture(self, entry: CaptureEntry | None) -> None:
        """Show another capture; its fusions follow."""
        if entry is None or self._capture is None or entry.folder != self._capture.folder:
            self._show_fusions(())
        self._capture = entry
        self._title.setText(self.tr("Choose one capture.") if entry is None else entry.name)
        if entry is not None:
            self.frames.setMaximum(max(1, entry.frames))
        self._show_able()

    def show_known(self, known: FusionsKnown) -> None:
        """Show the fusions of the capture, if they are of the one that is chosen."""
        if self._capture is not None and known.capture == self._capture.folder:
            self._show_fusions(known.fusions)

    def show_progress(self, event: FusingAgain | FusedAgain) -> None:
        """Show how far a new fusion is."""
        if isinstance(event, FusedAgain):
            self._fusing = None
        else:
            self._fusing = event.capture
            what = {
                "reading": self.tr("Reading {name} …"),
                "aligning": self.tr("Aligning {name} …"),
                "fusing": self.tr("Fusing {name} …"),
                "writing": self.tr("Writing {name} …"),
            }[event.what]
            self._busy.setText(what.format(name=event.capture.name))
            self._bar.setRange(0, event.total)
            self._bar.setValue(event.done)
        self._show_able()

    def retranslate(self) -> None:
        """See `Translated`."""
        self._have.set_title(self.tr("Fusions of this capture"))
        self._again.set_title(self.tr("Fuse again"))
        self._captions["model"].setText(self.tr("Model"))
        self._captions["frames"].setText(self.tr("Sharpest frames"))
        self.model.setAccessibleName(self._captions["model"].text())
        self.frames.setAccessibleName(self._captions["frames"].text())
        self.frames.setToolTip(self.tr("How many of the frames to fuse, the sharpest first"))
        self.frames.setSpecialValueText(self.tr("all"))
        self.align.setText(self.tr("Align the frames first"))
        self.fuse.setText(self.tr("Fuse again"))
        self.fuse.setToolTip(self.tr("The earlier results stay as they are"))
        self.stop.setText(self.tr("Give up"))
        self.compare.setText(self.tr("Compare two"))
        self._hint.setText(self.tr("Choose two to see them side by side."))
        if self._capture is None:
            self._title.setText(self.tr("Choose one capture."))
        self.list.setAccessibleName(self.tr("Fusions of this capture"))
        self._show_fusions(self._fusions)

    def _show_fusions(self, fusions: tuple[FusionEntry, ...]) -> None:
        self._fusions = fusions
        self.list.clear()
        for row, fusion in enumerate(fusions):
            self.list.addItem(self.words(fusion))
            self.list.item(row).setSizeHint(QSize(0, ROW_PX))
        if len(fusions) > 1:
            # The first and the newest: what somebody who has just fused again wants to see.
            for row in (0, len(fusions) - 1):
                self.list.item(row).setSelected(True)
        self._chosen()

    def words(self, fusion: FusionEntry) -> str:
        """Say how a fusion was made."""
        settings = fusion.record.settings
        parts = [
            Path(settings.model).stem,
            self.tr("{n} frames").format(n=len(fusion.record.frames)),
        ]
        if settings.align:
            parts.append(self.tr("aligned"))
        made = fusion.record.created.astimezone().strftime("%Y-%m-%d %H:%M")
        return f"{', '.join(parts)}\n{made}"

    def _show_able(self) -> None:
        busy = self._fusing is not None
        known = self._capture is not None and self._capture.frames > 0
        self.fuse.setEnabled(known and not busy)
        for each in (self._busy, self._bar, self.stop):
            each.setVisible(busy)

    @Slot()
    def _chosen(self) -> None:
        self.compare.setEnabled(len(self.list.selectedItems()) == 2)

    @Slot()
    def _compare(self) -> None:
        rows = sorted(self.list.row(item) for item in self.list.selectedItems())
        self.compared.emit(*(self._fusions[row] for row in rows))

    @Slot()
    def _fuse(self) -> None:
        self.wanted.emit(self.settings)

    def _lay_out(self) -> None:
        for each in (self._title, self.list, self._hint, self.compare):
            self._have.body.addWidget(each)
        form = QFormLayout()
        form.setContentsMargins(0, 0, 0, 0)
        form.setVerticalSpacing(6)
        form.addRow(self._captions["model"], self.model)
        form.addRow(self._captions["frames"], self.frames)
        self._again.body.addLayout(form)
        self._again.body.addWidget(self.align)
        line = QHBoxLayout()
        line.addWidget(self.fuse, 1)
        line.addWidget(self.stop)
        self._again.body.addLayout(line)
        self._again.body.addWidget(self._busy)
        self._again.body.addWidget(self._bar)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addWidget(self._have)
        column.addWidget(self._again)
        column.addStretch(1)
        column.setAlignment(Qt.AlignmentFlag.AlignTop)
