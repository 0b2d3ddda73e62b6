"""Any two pictures of a stack, one over the other, with an edge to swipe."""

from __future__ import annotations

from enum import IntEnum

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QVBoxLayout, QWidget

from app.window.colour_bar import colour_table
from app.window.overview import confidence_colours
from app.window.picture import Pixels, to_screen
from app.window.subject import Subject
from app.window.swipe_canvas import SwipeCanvas
from app.window.widgets import Translated, count_box, label

OTHER_MODEL = "published"


class Seen(IntEnum):
    """What can be set beside something else."""

    FUSED = 0
    UNPAINTED = 1
    FRAME = 2
    FIXED_FRAME = 3
    OTHER_MODEL = 4
    HEIGHTS = 5
    CONFIDENCE = 6


class CompareView(Translated, QWidget):
    """The pictures, and the choice of what they are.

    ``frame_wanted`` carries the number of a frame whose pixels are needed; ``model_wanted`` the
    model by which the frames are to be fused as well.
    """

    frame_wanted = Signal(int)
    model_wanted = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._subject: Subject | None = None
        self._shown: tuple[int, Pixels] | None = None
        self._read: dict[int, Pixels] = {}
        self._other: Pixels | None = None
        self._height_colours = colour_table("cividis")
        self._confidence_colours = confidence_colours()
        self.canvas = SwipeCanvas()
        self.sides = (QComboBox(), QComboBox())
        self.numbers = (count_box(1, 1), count_box(1, 1))
        self._titles = (label(style="muted"), label(style="muted"))
        for box, start in zip(self.sides, (Seen.FUSED, Seen.FRAME), strict=True):
            box.addItems([""] * len(Seen))
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
            box.setCurrentIndex(start)
            box.currentIndexChanged.connect(self._chosen)
        for number in self.numbers:
            number.setVisible(False)
            number.valueChanged.connect(self._chosen)
        self._lay_out()
        self.retranslate()

    def retranslate(self) -> None:
        """See `Translated`."""
        for box, title, number, text in zip(
            self.sides, self._titles, self.numbers, (self.tr("Left"), self.tr("Right")), strict=True
        ):
            title.setText(text)
            box.setAccessibleName(text)
            number.setAccessibleName(self.tr("Number of the frame"))
            number.setToolTip(number.accessibleName())
            for seen in Seen:
                box.setItemText(seen, self._words(seen))
        self.canvas.setAccessibleName(self.tr("Two pictures to compare"))
        self.canvas.setToolTip(self.tr("Drag the edge over the pictures"))
        self._show()

    def open(self, subject: Subject) -> None:
        """Show another stack."""
        self.canvas.clear_picture()
        self.canvas.pixel_um = subject.stack.pixel_um
        self._shown = None
        self._read.clear()
        self._subject = subject
        for number, value in zip(self.numbers, (1, len(subject.stack)), strict=True):
            number.setMaximum(len(subject.stack))
            number.setValue(value)
        self.fused_anew(subject)

    def fused_anew(self, subject: Subject) -> None:
        """Show a fusion of other frames; another model's of the old ones counts no more."""
        self._other = None
        if self._subject is not None and self._subject.stack is not subject.stack:
            # They lie otherwise now.
            self._shown = None
            self._read.clear()
        self.show_subject(subject)
        self._ask()

    def show_subject(self, subject: Subject) -> None:
        """Show a stack's results, or what an edit has made of them."""
        self._subject = subject
        self._show()

    def show_frame(self, index: int, pixels: Pixels) -> None:
        """Show the frame that the slider chose."""
        self._shown = (index, pixels)
        self._show()

    def take_frame(self, index: int, pixels: Pixels) -> None:
        """Take a frame that was wanted."""
        self._read = {index: pixels} | dict(list(self._read.items())[-1:])
        self._show()

    def take_other(self, fused: Pixels) -> None:
        """Take the fused image of the other model."""
        self._other = fused
        self._show()

    @Slot()
    def _chosen(self) -> None:
        for box, number in zip(self.sides, self.numbers, strict=True):
            number.setVisible(box.currentIndex() == Seen.FIXED_FRAME)
        self._ask()
        self._show()

    def _ask(self) -> None:
        """Ask for what is not at hand."""
        if self._subject is None:
            return
        for box, number in zip(self.sides, self.numbers, strict=True):
            seen = Seen(box.currentIndex())
            if seen is Seen.FIXED_FRAME and number.value() - 1 not in self._read:
                self.frame_wanted.emit(number.value() - 1)
        wants = any(box.currentIndex() == Seen.OTHER_MODEL for box in self.sides)
        if wants and self._other is None:
            self.model_wanted.emit(OTHER_MODEL)

    def _show(self) -> None:
        if self._subject is None:
            return
        pictures = [
            self._picture(Seen(box.currentIndex()), number.value() - 1)
            for box, number in zip(self.sides, self.numbers, strict=True)
        ]
        names = [
            self._name(Seen(box.currentIndex()), number.value(), known=picture is not None)
            for box, number, picture in zip(self.sides, self.numbers, pictures, strict=True)
        ]
        # What is still being computed leaves the fused image in its place.
        left, right = (self._subject.fused if each is None else each for each in pictures)
        self.canvas.show_pair(left, right)
        self.canvas.set_names(*names)

    def _picture(self, seen: Seen, index: int) -> Pixels | None:
        subject = self._subject
        if subject is None:
            return None
        pictures = {
            Seen.FUSED: lambda: subject.fused,
            Seen.UNPAINTED: lambda: to_screen(subject.base.fused, subject.bits),
            Seen.FRAME: lambda: None if self._shown is None else self._shown[1],
            Seen.FIXED_FRAME: lambda: self._read.get(index),
            Seen.OTHER_MODEL: lambda: self._other,
            Seen.HEIGHTS: lambda: self._height_colours[subject.height],
            Seen.CONFIDENCE: lambda: self._confidence_colours[subject.confidence],
        }
        return pictures[seen]()

    def _name(self, seen: Seen, number: int, *, known: bool) -> str:
        if not known:
            return self.tr("computing …")
        if seen is Seen.FRAME and self._shown is not None:
            number = self._shown[0] + 1
        if seen in (Seen.FRAME, Seen.FIXED_FRAME):
            return self.tr("Frame {n}").format(n=number)
        return self._words(seen)

    def _words(self, seen: Seen) -> str:
        return {
            Seen.FUSED: self.tr("Fused image"),
            Seen.UNPAINTED: self.tr("Fused, not retouched"),
            Seen.FRAME: self.tr("Frame of the slider"),
            Seen.FIXED_FRAME: self.tr("Frame number"),
            Seen.OTHER_MODEL: self.tr("Fused by the published model"),
            Seen.HEIGHTS: self.tr("Height map"),
            Seen.CONFIDENCE: self.tr("Confidence map"),
        }[seen]

    def _lay_out(self) -> None:
        line = QHBoxLayout()
        line.setSpacing(10)
        for side, (title, box, number) in enumerate(
            zip(self._titles, self.sides, self.numbers, strict=True)
        ):
            if side:
                line.addStretch(1)
            for each in (title, box, number):
                line.addWidget(each)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addLayout(line)
        column.addWidget(self.canvas, 1)
