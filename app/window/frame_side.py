"""Beside the pictures of the review: the stack, the frame, a pixel, and what is under way."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QGridLayout,
    QLabel,
    QProgressBar,
    QVBoxLayout,
    QWidget,
)

from app.window.commands import Actions
from app.window.review_control import Progress
from app.window.subject import Subject
from app.window.weight_curve import WeightCurve
from app.window.weight_maps import WeightMaps
from app.window.widgets import Card, CommandButton, Translated, label, micrometres, readout

Pixel = tuple[int, int]


class FrameSide(Translated, QWidget):
    """Read-outs of a stack under review.

    ``left_out`` says whether the operator wants to leave the shown frame out, ``align_wanted``
    whether frames shall be moved onto one another. ``foot``, the export and what is under way,
    belongs below it and does not scroll with it.
    """

    left_out = Signal(bool)
    align_wanted = Signal(bool)

    def __init__(self, actions: Actions) -> None:
        super().__init__()
        self._subject: Subject | None = None
        self._curve_of: tuple[Pixel | None, int, WeightMaps | None] = (None, 0, None)
        self._name = label(style="paneTitle", wraps=True)
        self._about = label(style="muted", wraps=True)
        self.aligns = QCheckBox()
        self.aligns.setChecked(True)
        self.aligns.clicked.connect(self.align_wanted)
        self._frame_words = readout(points=11)
        self.leaves_out = QCheckBox()
        self.leaves_out.clicked.connect(self.left_out)
        self.values = {key: readout("—") for key in ("place", "height", "confidence", "weight")}
        self.curve = WeightCurve()
        self.curve.setMaximumHeight(240)
        # Higher, on a tall screen, it would tell no more.
        self._taken = readout(points=9)
        self._taken.setWordWrap(True)
        self.export = CommandButton(actions["export"])
        self.export.setMinimumHeight(38)
        self.foot = QWidget()
        self._busy = label(style="muted", wraps=True)
        self._busy_bar = QProgressBar()
        self._busy_bar.setTextVisible(False)
        self._busy_bar.setFixedHeight(6)
        self._captions: dict[str, QLabel] = {}
        self._cards = {key: Card("") for key in ("about", "frame", "pixel", "curve")}
        self._exclude_tip = actions["exclude"]
        self._lay_out()
        self.show_busy(None)
        self.retranslate()

    def retranslate(self) -> None:
        """See `Translated`."""
        self.leaves_out.setText(self.tr("Leave this frame out"))
        self.leaves_out.setToolTip(self._exclude_tip.toolTip())
        self.aligns.setText(self.tr("Align frames"))
        self._cards["frame"].set_title(self.tr("Frame"))
        self._cards["pixel"].set_title(self.tr("Under the mouse"))
        self._cards["curve"].set_title(self.tr("Weight over z at the clicked pixel"))
        self.show_curve(*self._curve_of)
        for key, name in (
            ("place", "x, y"),
            ("height", self.tr("Height")),
            ("confidence", self.tr("Confidence")),
            ("weight", self.tr("Weight of this frame")),
        ):
            self._captions[key].setText(name)
            self.values[key].setAccessibleName(name)
        self._write_about()

    @property
    def taken(self) -> str:
        """From which frame, at which z, the clicked pixel was taken."""
        return self._taken.text()

    @property
    def about(self) -> str:
        """What is said of the stack."""
        return self._about.text()

    def show_subject(self, subject: Subject) -> None:
        """Show what is known of a stack."""
        self._subject = subject
        self._write_about()

    def show_frame(self, index: int) -> None:
        """Say which frame is shown."""
        subject = self._subject
        if subject is None:
            return
        z = subject.z_words(index)
        self._frame_words.setText(f"{index + 1} / {len(subject.stack)}" + (f"   {z}" if z else ""))
        excluded = index in subject.edits.excluded
        with QSignalBlocker(self.leaves_out):
            self.leaves_out.setChecked(excluded)
        # There has to be a frame left to fuse.
        self.leaves_out.setEnabled(excluded or len(subject.used) > 1)

    def show_pixel(self, pixel: Pixel | None, index: int, maps: WeightMaps | None) -> None:
        """Show what lies under the mouse."""
        subject = self._subject
        if pixel is None or subject is None or maps is None:
            for value in self.values.values():
                value.setText("—")
            return
        column, row = pixel
        scale, unit = subject.stack.pixel_um, "µm"
        if scale is None:
            scale, unit = 1.0, "px"
        x, y = (micrometres((each + 0.5) * scale) for each in pixel)
        self.values["place"].setText(f"{x}, {y} {unit}")
        height = micrometres(float(subject.heights[row, column]), 2)
        self.values["height"].setText(f"{height} {self._unit()}")
        confidence = float(subject.fusion.confidence[row, column])
        never = self.tr("never in focus")
        self.values["confidence"].setText(never if confidence <= 0 else f"{100 * confidence:.0f} %")
        weight = maps.weight(index, column, row)
        self.values["weight"].setText("—" if weight is None else f"{100 * weight:.1f} %")

    def show_curve(self, pixel: Pixel | None, index: int, maps: WeightMaps | None) -> None:
        """Show each frame's share of a pixel over z, and from where most of it was taken."""
        self._curve_of = (pixel, index, maps)
        subject = self._subject
        if pixel is None or maps is None or subject is None:
            self.curve.show_curve([], None, "µm")
            self._taken.setText("")
            return
        z_um = subject.stack.z_um
        here = z_um[index] if z_um is not None else float(index)
        points = maps.curve(*pixel)
        self.curve.show_curve(points, here, "µm" if z_um is not None else self.tr("frame"))
        if not points:
            return
        z, share = max(points, key=lambda point: point[1])
        number = int(z) if z_um is None else z_um.index(z)
        words = self.tr("Mostly from frame {n} ({share:.0f} %)").format(
            n=number + 1, share=100 * share
        )
        if z_um is not None:
            words += "\n" + self.tr("taken at z {z} µm").format(z=micrometres(z, 2))
        self._taken.setText(words)

    def show_busy(self, progress: Progress | None) -> None:
        """Show how far something has got; None when nothing is under way."""
        for each in (self._busy, self._busy_bar):
            each.setVisible(progress is not None)
        self.export.setEnabled(progress is None and self._subject is not None)
        if progress is None:
            return
        what = {
            "opening": self.tr("Opening {name} …"),
            "aligning": self.tr("Aligning {name} … {done} of {total}"),
            "fusing": self.tr("Fusing {name} … {done} of {total}"),
            "writing": self.tr("Writing to {name} … {done} of {total}"),
        }[progress.what]
        self._busy.setText(
            what.format(name=progress.name, done=progress.done, total=progress.total)
        )
        self._busy_bar.setRange(0, progress.total)
        self._busy_bar.setValue(progress.done)

    def _unit(self) -> str:
        in_um = self._subject is not None and self._subject.fusion.height_unit == "µm"
        return "µm" if in_um else self.tr("frames")

    def _write_about(self) -> None:
        subject = self._subject
        if subject is None:
            return
        self._name.setText(subject.stack.name)
        low, high = subject.span
        frames = subject.stack.format
        words = (
            self.tr(
                "{n} frames, {width} × {height} RGB, {bits} bits\nHeights {low} to {high} {unit}"
            )
            if frames.colour
            else self.tr(
                "{n} frames, {width} × {height} grey, {bits} bits\nHeights {low} to {high} {unit}"
            )
        )
        lines = [
            words.format(
                n=len(subject.stack),
                width=frames.width,
                height=frames.height,
                bits=frames.dtype.itemsize * 8,
                low=micrometres(low),
                high=micrometres(high),
                unit=self._unit(),
            )
        ]
        if subject.fusion.height_unit == "frame":
            lines.append(self.tr("z is not known: heights count frames"))
        if subject.edits.excluded:
            left_out = ", ".join(str(index + 1) for index in sorted(subject.edits.excluded))
            lines.append(self.tr("Left out: {frames}").format(frames=left_out))
        if subject.retouched.given:
            lines.append(self.tr("Retouched by hand"))
        self._about.setText("\n".join(lines + self._found(subject)))
        painted = bool(subject.edits.choice.any())
        self.aligns.setEnabled(not painted)
        self.aligns.setToolTip(
            self.tr("Parts were painted on the frames as they lie; clear the retouching first")
            if painted
            else self.tr("Move frames that drift, grow or turn onto one another before fusing")
        )

    def _found(self, subject: Subject) -> list[str]:
        """Say what was found out about the frames before they were fused."""
        prepared, lines = subject.prepared, []
        moved_px = prepared.moved_px
        if prepared.warps is not None:
            lines.append(self.tr("Frames moved by up to {px:.1f} px").format(px=moved_px))
        elif moved_px is not None:
            within = self.tr("Frames lie within {px:.1f} px of each other")
            lines.append(within.format(px=max(moved_px, 0.1)))
        moved = prepared.warps is not None and prepared.alignment is not None
        # Where nothing was moved it worries without cause: far from focus all frames are alike.
        if moved and prepared.alignment.doubtful:
            after = ", ".join(str(index + 1) for index in prepared.alignment.doubtful)
            lines.append(self.tr("Alignment in doubt after frame {n}").format(n=after))
        if prepared.brightness is not None:
            low, high = min(prepared.brightness), max(prepared.brightness)
            evened = self.tr("Light evened out: {low:.2f} to {high:.2f}")
            lines.append(evened.format(low=low, high=high))
        return lines

    def _lay_out(self) -> None:
        cards = self._cards
        cards["about"].body.addWidget(self._name)
        cards["about"].body.addWidget(self._about)
        cards["about"].body.addWidget(self.aligns)
        frame = cards["frame"].body
        frame.addWidget(self._frame_words)
        frame.addWidget(self.leaves_out)
        cards["pixel"].body.addLayout(self._value_grid())
        # On a high screen the room that is left belongs below the words, not around them.
        cards["curve"].body.addWidget(self.curve, 100)
        cards["curve"].body.addWidget(self._taken)
        cards["curve"].body.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        for key in ("about", "frame", "pixel"):
            column.addWidget(cards[key])
        column.addWidget(cards["curve"], 1)
        below = QVBoxLayout(self.foot)
        below.setContentsMargins(0, 0, 0, 0)
        below.setSpacing(8)
        for each in (self._busy, self._busy_bar, self.export):
            below.addWidget(each)

    def _value_grid(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setVerticalSpacing(3)
        for row, key in enumerate(self.values):
            self._captions[key] = label(style="muted")
            grid.addWidget(self._captions[key], row, 0)
            self.values[key].setAlignment(Qt.AlignmentFlag.AlignRight)
            grid.addWidget(self.values[key], row, 1)
        grid.setColumnStretch(1, 1)
        return grid
