"""Review: which frame won where, how high the particles are, and the fused image."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QRectF, QSignalBlocker, Qt, Slot
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QSlider,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.window.colour_bar import ColourBar, colour_table
from app.window.commands import Actions
from app.window.measure_panel import MeasurePanel
from app.window.measuring import ground_of
from app.window.pane import Pane
from app.window.picture_canvas import PictureCanvas
from app.window.review_control import Idle, Opened, Progress, ReviewControl, ReviewEvent
from app.window.side_tabs import SideTabs
from app.window.subject import Subject
from app.window.weight_curve import WeightCurve
from app.window.weight_maps import MapsKnown, WeighedFrame
from app.window.widgets import (
    ActionButton,
    Card,
    CommandButton,
    Translated,
    label,
    micrometres,
    readout,
)

OPACITY = 65
"""Of the weights over the frame, in %; what a review starts with."""


class ReviewPage(Translated, QWidget):
    """Four linked pictures, a slider over the frames, and read-outs.

    Parameters
    ----------
    control : ReviewControl
    actions : Actions
    """

    def __init__(self, control: ReviewControl, actions: Actions) -> None:
        super().__init__()
        self._control = control
        self._subject: Subject | None = None
        self._pixel: tuple[int, int] | None = None
        self.shown_index: int | None = None
        self._linking = False
        self._weight_colours = colour_table("viridis")
        self._height_colours = colour_table("cividis")
        self._make_panes()
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.valueChanged.connect(self._frame_chosen)
        self.opacity = QSlider(Qt.Orientation.Horizontal)
        self.opacity.setRange(0, 100)
        self.opacity.valueChanged.connect(self._opacity_chosen)
        self.opacity.setValue(OPACITY)
        self.curve = WeightCurve()
        self._frame_words = readout(points=11)
        self._values = {key: readout("—") for key in ("x", "y", "height", "weight")}
        self.export = CommandButton(actions["export"])
        self.export.setMinimumHeight(38)
        self._busy = label(style="muted", wraps=True)
        self._busy_bar = QProgressBar()
        self._busy_bar.setTextVisible(False)
        self._busy_bar.setFixedHeight(6)
        self._name = label(style="paneTitle", wraps=True)
        self._about = label(style="muted", wraps=True)
        self._pages = QStackedWidget()
        self.sides = SideTabs()
        self.measure = MeasurePanel(actions)
        for canvas in self.canvases:
            self.measure.attach(canvas)
        self.measure.edited.connect(control.keep_measured)
        self.sides.turned.connect(self._side_turned)
        self._captions: dict[str, QLabel] = {}
        self._cards: dict[str, Card] = {}
        self._lay_out(actions)
        self._show_busy(None)
        self.retranslate()

    def retranslate(self) -> None:
        """See `Translated`."""
        self.slider.setAccessibleName(self.tr("Frame"))
        self.slider.setToolTip(self.tr("Frame of the stack, from the lowest z to the highest"))
        self.opacity.setAccessibleName(self.tr("Opacity of the weights in %"))
        self.opacity.setToolTip(self.opacity.accessibleName())
        self.weights_bar.set_name(self.tr("Focus weight, 0 to 1"))
        self.height_bar.set_name(self.tr("Height"))
        self.frame.set_title(self.tr("Frame"))
        self.weights.set_title(self.tr("Focus weights of this frame"))
        self.fused.set_title(self.tr("Fused image"))
        self.heights.set_title(self.tr("Height map"))
        self._captions["nothing"].setText(self.tr("No stack to review yet"))
        self._captions["hint"].setText(
            self.tr("Capture one at the microscope, or open a capture from disk.")
        )
        self._captions["opacity"].setText(self.tr("Weights"))
        self._cards["frame"].set_title(self.tr("Frame"))
        self._cards["pixel"].set_title(self.tr("Under the mouse"))
        self._cards["curve"].set_title(self.tr("Weight over z at the clicked pixel"))
        for key, name in (
            ("height", self.tr("Height")),
            ("weight", self.tr("Weight of this frame")),
        ):
            self._captions[key].setText(name)
            self._values[key].setAccessibleName(name)
        self._write_about()

    @property
    def subject(self) -> Subject | None:
        """What is under review."""
        return self._subject

    @property
    def canvases(self) -> tuple[PictureCanvas, ...]:
        """The four pictures: frame, weights, fused, height."""
        return tuple(pane.canvas for pane in self.panes)

    def show_event(self, event: ReviewEvent) -> None:
        """Show what the control has to tell."""
        match event:
            case Opened(subject, measured):
                self._open(subject)
                self.measure.open(ground_of(subject), measured)
            case WeighedFrame():
                self._show_frame(event)
            case MapsKnown():
                self._show_curve()
            case Progress():
                self._show_busy(event)
            case Idle():
                self._show_busy(None)

    def step(self, by: int) -> None:
        """Show the next frame or the one before."""
        self.slider.setValue(self.slider.value() + by)

    def undo(self) -> None:
        """Take back the last change of what is at the side."""
        if self.sides.shown == "measure":
            self.measure.measuring.undo()
        elif self._control.retouching is not None:
            self._control.retouching.undo()

    def redo(self) -> None:
        """Make the change again that was taken back last."""
        if self.sides.shown == "measure":
            self.measure.measuring.redo()
        elif self._control.retouching is not None:
            self._control.retouching.redo()

    @Slot(str)
    def _side_turned(self, key: str) -> None:
        if key != "measure":
            self.measure.take("look")
        elif self.measure.measuring.tool == "look":
            self.measure.take("select")

    def fit(self) -> None:
        """Show whole pictures."""
        for canvas in self.canvases:
            canvas.fit()

    def _make_panes(self) -> None:
        self.weights_bar = ColourBar(self._weight_colours, "")
        self.height_bar = ColourBar(self._height_colours, "")
        self.frame = Pane("", PictureCanvas())
        self.weights = Pane("", PictureCanvas())
        self.fused = Pane("", PictureCanvas())
        self.heights = Pane("", PictureCanvas())
        self.panes = (self.frame, self.weights, self.fused, self.heights)
        for pane in self.panes:
            pane.canvas.hovered.connect(self._hovered)
            pane.canvas.clicked.connect(self._clicked)
            # The canvas is a QObject of this thread, and so is the page.
            pane.canvas.ranged.connect(partial(self._link, pane.canvas))

    def _open(self, subject: Subject) -> None:
        self._subject = subject
        self._pixel = None
        self.shown_index = None
        for canvas in self.canvases:
            canvas.clear_picture()
            canvas.pixel_um = subject.stack.pixel_um
        self.fused.canvas.show_picture(subject.fused)
        self.heights.canvas.show_mapped(subject.height, self._height_colours)
        unit = "µm" if subject.fusion.height_unit == "µm" else self.tr("frame")
        self.height_bar.set_span(*subject.span, unit)
        self._name.setText(subject.stack.name)
        self._write_about()
        count = len(subject.stack)
        self.curve.show_curve([], None, unit)
        self._pages.setCurrentIndex(1)
        with QSignalBlocker(self.slider):
            self.slider.setRange(0, count - 1)
            self.slider.setValue(count // 2)
        self._frame_chosen(self.slider.value())
        self.fit()
        self._show_busy(None)

    def _write_about(self) -> None:
        subject = self._subject
        if subject is None:
            return
        low, high = subject.span
        self._about.setText(
            self.tr("{n} frames, {format}\nHeights {low} to {high} {unit}").format(
                n=len(subject.stack),
                format=subject.stack.format,
                low=micrometres(low),
                high=micrometres(high),
                unit="µm" if subject.fusion.height_unit == "µm" else self.tr("frame"),
            )
        )

    @Slot(int)
    def _frame_chosen(self, index: int) -> None:
        if self._subject is None:
            return
        count = len(self._subject.stack)
        z = self._subject.z_words(index)
        self._frame_words.setText(f"{index + 1} / {count}" + (f"   {z}" if z else ""))
        self._control.ask(index)
        self._show_curve()

    @Slot(int)
    def _opacity_chosen(self, percent: int) -> None:
        self.weights.canvas.set_overlay_opacity(percent / 100)

    def _show_frame(self, weighed: WeighedFrame) -> None:
        maps = self._control.maps
        if maps is None or maps.subject is not self._subject:
            return
        number = self.tr("frame {n}").format(n=weighed.index + 1)
        self.frame.canvas.show_picture(weighed.frame)
        self.frame.remark.setText(number)
        self.weights.canvas.show_picture(weighed.frame)
        self.weights.canvas.show_overlay(weighed.weights, self._weight_colours)
        known = weighed.weights is not None
        self.weights.remark.setText(number if known else self.tr("computing …"))
        self.shown_index = weighed.index if known else None
        self._show_curve()

    def _show_curve(self) -> None:
        maps = self._control.maps
        if self._pixel is None or maps is None or self._subject is None:
            return
        z_um, index = self._subject.stack.z_um, self.slider.value()
        here = z_um[index] if z_um is not None else float(index)
        unit = "µm" if z_um is not None else self.tr("frame")
        self.curve.show_curve(maps.curve(*self._pixel), here, unit)

    @Slot(object)
    def _hovered(self, pixel: tuple[int, int] | None) -> None:
        subject, maps = self._subject, self._control.maps
        if pixel is None or subject is None or maps is None:
            for value in self._values.values():
                value.setText("—")
            return
        column, row = pixel
        scale, unit = subject.stack.pixel_um, "µm"
        if scale is None:
            scale, unit = 1.0, "px"
        self._values["x"].setText(f"{micrometres((column + 0.5) * scale)} {unit}")
        self._values["y"].setText(f"{micrometres((row + 0.5) * scale)} {unit}")
        height = micrometres(float(subject.heights[row, column]), 2)
        self._values["height"].setText(f"{height} {subject.fusion.height_unit}")
        weight = maps.weight(self.slider.value(), column, row)
        self._values["weight"].setText("—" if weight is None else f"{100 * weight:.1f} %")

    @Slot(object)
    def _clicked(self, pixel: tuple[int, int]) -> None:
        self._pixel = pixel
        for canvas in self.canvases:
            canvas.set_mark(*pixel)
        self._show_curve()

    def _link(self, source: PictureCanvas, rect: QRectF) -> None:
        if self._linking:
            return
        self._linking = True
        for canvas in self.canvases:
            if canvas is not source:
                canvas.show_range(rect)
        self._linking = False

    def _show_busy(self, progress: Progress | None) -> None:
        for each in (self._busy, self._busy_bar):
            each.setVisible(progress is not None)
        self.export.setEnabled(progress is None and self._subject is not None)
        if progress is None:
            return
        what = {
            "opening": self.tr("Opening {name} …"),
            "fusing": self.tr("Fusing {name} … {done} of {total}"),
            "writing": self.tr("Writing to {name} … {done} of {total}"),
        }[progress.what]
        self._busy.setText(
            what.format(name=progress.name, done=progress.done, total=progress.total)
        )
        self._busy_bar.setRange(0, progress.total)
        self._busy_bar.setValue(progress.done)

    def _lay_out(self, actions: Actions) -> None:
        grid = QGridLayout()
        grid.setHorizontalSpacing(14)
        grid.setVerticalSpacing(8)
        for number, pane in enumerate(self.panes):
            grid.addWidget(pane, number // 2, number % 2)
            grid.setRowStretch(number // 2, 1)
            grid.setColumnStretch(number % 2, 1)
        # Beside the panes, not in them: linked pictures have to be of the same size.
        for row, bar in enumerate((self.weights_bar, self.height_bar)):
            grid.addWidget(bar, row, 2)
        slider_line = QHBoxLayout()
        slider_line.setSpacing(12)
        slider_line.addWidget(ActionButton(actions["previous_frame"], "pad", "◀"))
        slider_line.addWidget(self.slider, 1)
        slider_line.addWidget(ActionButton(actions["next_frame"], "pad", "▶"))
        for index in (0, 2):
            slider_line.itemAt(index).widget().setFixedSize(36, 30)
        left = QVBoxLayout()
        left.setSpacing(10)
        left.addLayout(grid, 1)
        left.addLayout(slider_line)
        pictures = QWidget()
        pictures.setLayout(left)
        left.setContentsMargins(0, 0, 0, 0)
        self._pages.addWidget(self._nothing_yet(actions))
        self._pages.addWidget(pictures)
        line = QHBoxLayout(self)
        line.setContentsMargins(14, 12, 4, 14)
        line.setSpacing(14)
        line.addWidget(self._pages, 1)
        self.sides.add("frames", lambda: self.tr("Frames"), self._side())
        self.sides.add("measure", lambda: self.tr("Measure"), self.measure)
        line.addWidget(self.sides)

    def _nothing_yet(self, actions: Actions) -> QWidget:
        words = self._captions["nothing"] = label(style="headline")
        words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        hint = self._captions["hint"] = label(style="muted")
        hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        for key in ("open_folder", "open_file"):
            buttons.addWidget(ActionButton(actions[key]))
        buttons.addStretch(1)
        holder = QWidget()
        column = QVBoxLayout(holder)
        column.setSpacing(12)
        column.addStretch(1)
        column.addWidget(words)
        column.addWidget(hint)
        column.addLayout(buttons)
        column.addStretch(1)
        return holder

    def _side(self) -> QWidget:
        about = Card("")
        about.body.addWidget(self._name)
        about.body.addWidget(self._about)
        frame = self._cards["frame"] = Card("")
        frame.body.addWidget(self._frame_words)
        opacity = QHBoxLayout()
        opacity.setSpacing(10)
        self._captions["opacity"] = label(style="muted")
        opacity.addWidget(self._captions["opacity"])
        opacity.addWidget(self.opacity, 1)
        frame.body.addLayout(opacity)
        pixel = self._cards["pixel"] = Card("")
        pixel.body.addLayout(self._value_grid())
        chosen = self._cards["curve"] = Card("")
        chosen.body.addWidget(self.curve, 1)
        side = QWidget()
        column = QVBoxLayout(side)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        for card in (about, frame, pixel):
            column.addWidget(card)
        column.addWidget(chosen, 1)
        column.addWidget(self._busy)
        column.addWidget(self._busy_bar)
        column.addWidget(self.export)
        return side

    def _value_grid(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setVerticalSpacing(4)
        for row, key in enumerate(self._values):
            self._captions[key] = label(key, style="muted")
            grid.addWidget(self._captions[key], row, 0)
            self._values[key].setAlignment(Qt.AlignmentFlag.AlignRight)
            self._values[key].setAccessibleName(key)
            grid.addWidget(self._values[key], row, 1)
        grid.setColumnStretch(1, 1)
        return grid
