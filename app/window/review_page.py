"""Review: which frame won where, how high the particles are, and the fused image."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Qt, Slot
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QSlider,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.window.commands import Actions
from app.window.compare_view import CompareView
from app.window.filmstrip import Filmstrip
from app.window.frame_side import FrameSide
from app.window.measure_panel import MeasurePanel
from app.window.measuring import ground_of
from app.window.overview import Overview
from app.window.picture_canvas import PictureCanvas
from app.window.retouch_panel import RetouchPanel
from app.window.retouch_view import RetouchView
from app.window.retouching import Edited
from app.window.review_commands import VIEWS
from app.window.review_control import (
    FrameRead,
    Idle,
    Opened,
    OtherFusion,
    Progress,
    ReviewControl,
    ReviewEvent,
)
from app.window.side_tabs import SideTabs
from app.window.subject import Subject
from app.window.surface_view import SurfacePage
from app.window.weight_maps import MapsKnown, WeighedFrame
from app.window.widgets import ActionButton, Translated, label


class ReviewPage(Translated, QWidget):
    """Several views of one stack, a strip of its frames, and read-outs.

    Parameters
    ----------
    control : ReviewControl
    actions : Actions
    """

    def __init__(self, control: ReviewControl, actions: Actions) -> None:
        super().__init__()
        self._control = control
        self._actions = actions
        self._subject: Subject | None = None
        self._pixel: tuple[int, int] | None = None
        self.shown_index: int | None = None
        self.overview = Overview()
        self.compare = CompareView()
        self.surface = SurfacePage()
        self.retouch = RetouchView()
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.strip = Filmstrip()
        self.side = FrameSide(actions)
        self.retouch_panel = RetouchPanel(actions)
        self.measure = MeasurePanel(actions)
        self.sides = SideTabs()
        self._pages = QStackedWidget()
        self._views = QStackedWidget()
        self._captions: dict[str, QLabel] = {}
        self._lay_out()
        self._connect()
        self.show_view("review_overview")
        self.retranslate()

    def retranslate(self) -> None:
        """See `Translated`."""
        self.slider.setAccessibleName(self.tr("Frame"))
        self.slider.setToolTip(self.tr("Frame of the stack, from the lowest z to the highest"))
        self._captions["nothing"].setText(self.tr("No stack to review yet"))
        self._captions["hint"].setText(
            self.tr("Capture one at the microscope, or open a capture from disk.")
        )

    @property
    def subject(self) -> Subject | None:
        """What is under review, with its latest edits."""
        return self._subject

    @property
    def canvases(self) -> tuple[PictureCanvas, ...]:
        """The pictures of the view that is shown; of the surface those of the overview."""
        view = self._views.currentWidget()
        if view is self.compare:
            return (self.compare.canvas,)
        return self.retouch.canvases if view is self.retouch else self.overview.canvases

    def show_event(self, event: ReviewEvent) -> None:
        """Show what the control has to tell."""
        match event:
            case Opened(subject, measured):
                self._open(subject)
                self.measure.open(ground_of(subject), measured)
            case Edited():
                self._show_edit(event)
            case WeighedFrame():
                self._show_frame(event)
            case MapsKnown():
                self._show_known()
            case FrameRead(index, pixels):
                self.compare.take_frame(index, pixels)
            case OtherFusion(_model, fused):
                self.compare.take_other(fused)
            case Progress():
                self.side.show_busy(event)
            case Idle():
                self.side.show_busy(None)

    def show_view(self, key: str) -> None:
        """Show one of the views, by the key of its command."""
        views = (self.overview, self.compare, self.surface, self.retouch)
        self._views.setCurrentWidget(views[VIEWS.index(key)])
        self._actions.check(key)
        # Painting has its tools beside it; measuring is done in the overview.
        if key == "review_retouch":
            self.sides.turn_to("retouch")
        elif self.sides.shown == "retouch" or (
            key != "review_overview" and self.sides.shown == "measure"
        ):
            self.sides.turn_to("frames")

    def step(self, by: int) -> None:
        """Show the next frame or the one before."""
        self.slider.setValue(self.slider.value() + by)

    def exclude_shown(self) -> None:
        """Leave the shown frame out of the fusion, or take it in again."""
        retouching = self._control.retouching
        if retouching is not None:
            self._control.exclude(retouching.subject.edits.excluded ^ {self.slider.value()})

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

    def clear_retouch(self) -> None:
        """Take back all that was painted."""
        if self._control.retouching is not None:
            self._control.retouching.clear()

    def fit(self) -> None:
        """Show whole pictures."""
        if self._views.currentWidget() is self.surface:
            self.surface.canvas.reset()
        for canvas in self.canvases:
            canvas.fit()

    @Slot(str)
    def _side_turned(self, key: str) -> None:
        if key != "measure":
            self.measure.take("look")
        elif self.measure.measuring.tool == "look":
            self.measure.take("select")
        wanted = "review_retouch" if key == "retouch" else "review_overview"
        away = self._views.currentWidget() is self.retouch or key != "frames"
        if away and not self._actions[wanted].isChecked():
            self.show_view(wanted)

    def _open(self, subject: Subject) -> None:
        self._subject = subject
        self._pixel = None
        self.shown_index = None
        self.side.show_subject(subject)
        for view in (self.overview, self.compare, self.retouch):
            view.open(subject)
        self.surface.show_subject(subject)
        self.retouch_panel.show_state(subject)
        count = len(subject.stack)
        self.strip.open(count)
        self._pages.setCurrentIndex(1)
        with QSignalBlocker(self.slider):
            self.slider.setRange(0, count - 1)
            self.slider.setValue(count // 2)
        self._frame_chosen(self.slider.value())
        self.fit()
        self.side.show_busy(None)

    def _show_edit(self, event: Edited) -> None:
        subject = self._subject = event.subject
        self.side.show_subject(subject)
        self.side.show_frame(self.slider.value())
        self.overview.show_subject(subject)
        self.retouch.show_subject(subject)
        self.surface.show_subject(subject)
        if event.fused_anew:
            self.compare.fused_anew(subject)
        else:
            self.compare.show_subject(subject)
        self.measure.measuring.follow(ground_of(subject))
        self.retouch_panel.show_state(subject, event.can_undo, event.can_redo)
        self._mark_strip()
        self._show_known()

    @Slot(int)
    def _frame_chosen(self, index: int) -> None:
        if self._subject is None:
            return
        self.side.show_frame(index)
        self._mark_strip()
        self._control.ask(index)
        self._show_known()

    @Slot(bool)
    def _left_out(self, _out: bool) -> None:
        self.exclude_shown()

    def _mark_strip(self) -> None:
        subject, index = self._subject, self.slider.value()
        if subject is not None:
            excluded = subject.edits.excluded
            self.strip.mark(index, excluded)
            self.retouch_panel.show_frame(index, excluded=index in excluded)

    def _show_frame(self, weighed: WeighedFrame) -> None:
        maps, subject = self._control.maps, self._subject
        if maps is None or subject is None or maps.subject.stack is not subject.stack:
            return
        excluded = weighed.index in subject.edits.excluded
        self.overview.show_frame(weighed, excluded=excluded)
        self.compare.show_frame(weighed.index, weighed.frame)
        self.retouch.show_frame(weighed.index, weighed.frame, excluded=excluded)
        self.shown_index = weighed.index if weighed.weights is not None else None
        self._show_known()

    def _show_known(self) -> None:
        maps = self._control.maps
        self.side.show_curve(self._pixel, self.slider.value(), maps)
        if maps is not None:
            self.strip.show_sketches(maps.sketches)

    @Slot(object)
    def _hovered(self, pixel: tuple[int, int] | None) -> None:
        self.side.show_pixel(pixel, self.slider.value(), self._control.maps)

    @Slot(object)
    def _clicked(self, pixel: tuple[int, int]) -> None:
        self._pixel = pixel
        self.overview.set_mark(*pixel)
        self.compare.canvas.set_mark(*pixel)
        self._show_known()

    @Slot(object)
    def _painted(self, path: tuple[tuple[float, float], ...]) -> None:
        retouching, panel = self._control.retouching, self.retouch_panel
        if retouching is not None:
            index = None if panel.erases else self.slider.value()
            retouching.paint(index, path, panel.radius)

    @Slot()
    def _lifted(self) -> None:
        if self._control.retouching is not None:
            self._control.retouching.end_stroke()

    @Slot()
    def _brush_changed(self) -> None:
        self.retouch.set_brush(self.retouch_panel.radius, erases=self.retouch_panel.erases)

    def _connect(self) -> None:
        self.slider.valueChanged.connect(self._frame_chosen)
        self.strip.chosen.connect(self.slider.setValue)
        for view in (self.overview, self.retouch, self.compare.canvas):
            view.hovered.connect(self._hovered)
        for view in (self.overview, self.compare.canvas):
            view.clicked.connect(self._clicked)
        self.side.left_out.connect(self._left_out)
        self.side.align_wanted.connect(self._control.align)
        self.compare.frame_wanted.connect(self._control.read)
        self.compare.model_wanted.connect(self._control.fuse_with)
        self.retouch.painted.connect(self._painted)
        self.retouch.lifted.connect(self._lifted)
        self.retouch_panel.changed.connect(self._brush_changed)
        self.retouch_panel.shown_toggled.connect(self.retouch.set_painted_shown)
        for canvas in self.overview.canvases:
            self.measure.attach(canvas)
        self.measure.edited.connect(self._control.keep_measured)
        self.sides.turned.connect(self._side_turned)
        self._brush_changed()

    def _lay_out(self) -> None:
        for view in (self.overview, self.compare, self.surface, self.retouch):
            self._views.addWidget(view)
        left = QVBoxLayout()
        left.setContentsMargins(0, 0, 0, 0)
        left.setSpacing(8)
        left.addLayout(self._switch())
        left.addWidget(self._views, 1)
        left.addLayout(self._frames_line())
        pictures = QWidget()
        pictures.setLayout(left)
        self._pages.addWidget(self._nothing_yet())
        self._pages.addWidget(pictures)
        self.sides.add("frames", lambda: self.tr("Frames"), self.side, self.side.foot)
        self.sides.add("retouch", lambda: self.tr("Retouch"), self.retouch_panel)
        self.sides.add("measure", lambda: self.tr("Measure"), self.measure)
        line = QHBoxLayout(self)
        line.setContentsMargins(14, 8, 4, 10)
        line.setSpacing(14)
        line.addWidget(self._pages, 1)
        line.addWidget(self.sides)

    def _switch(self) -> QHBoxLayout:
        line = QHBoxLayout()
        line.setSpacing(4)
        for key in VIEWS:
            line.addWidget(ActionButton(self._actions[key], "page"))
        line.addStretch(1)
        for key in ("fit", "one_to_one"):
            line.addWidget(ActionButton(self._actions[key], "quiet"))
        return line

    def _frames_line(self) -> QHBoxLayout:
        frames = QVBoxLayout()
        frames.setSpacing(4)
        frames.addWidget(self.strip)
        frames.addWidget(self.slider)
        line = QHBoxLayout()
        line.setSpacing(10)
        before = ActionButton(self._actions["previous_frame"], "pad", "◀")
        after = ActionButton(self._actions["next_frame"], "pad", "▶")
        for button in (before, after):
            button.setFixedSize(32, 44)
        line.addWidget(before)
        line.addLayout(frames, 1)
        line.addWidget(after)
        return line

    def _nothing_yet(self) -> QWidget:
        words = self._captions["nothing"] = label(style="headline")
        words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        hint = self._captions["hint"] = label(style="muted")
        hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        for key in ("open_folder", "open_file"):
            buttons.addWidget(ActionButton(self._actions[key]))
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
