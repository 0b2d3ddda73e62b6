"""What the next sweep shall be, and what will come of it."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Slot
from PySide6.QtWidgets import (
    QButtonGroup,
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QSizePolicy,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.acquisition.sweep_plan import MAX_BLUR_FRACTION, SweepPlan
from app.acquisition.sweep_setup import COARSE_STEP, FINE_STEP, RangeMode, SweepPreview
from app.window.commands import Actions
from app.window.control_state import ControlState, Link
from app.window.language import said
from app.window.sweep_diagram import SweepDiagram
from app.window.sweep_work import SweepWork
from app.window.theme import Role, colour
from app.window.widgets import (
    ActionButton,
    Card,
    Translated,
    label,
    micrometres,
    number_box,
    readout,
    size_text,
)

FACTS = ("step", "frames", "time", "disk", "blur", "speed")


class SweepPanel(Translated, Card):
    """Objective, range, step, and the plan that follows from them.

    Parameters
    ----------
    actions : Actions
    sweep : SweepWork
    """

    def __init__(self, actions: Actions, sweep: SweepWork) -> None:
        super().__init__("")
        self._sweep = sweep
        self.objective = QComboBox()
        self.objective.currentTextChanged.connect(sweep.choose_objective)
        self.save_preset = ActionButton(actions["save_preset"])
        self.modes = {mode: self._mode(mode) for mode in RangeMode}
        self._ends = label(style="muted", wraps=True)
        self.half = number_box(1)
        self.half.setRange(1, 5000)
        self.half.valueChanged.connect(sweep.set_half)
        self.step = number_box(0)
        self.step.setRange(5, 100)
        self.step.valueChanged.connect(self._step_chosen)
        self._auto = label(style="muted", wraps=True)
        self._ranges = self._range_pages(actions)
        self.diagram = SweepDiagram()
        self._names = {key: label(style="muted") for key in (*FACTS, "objective", "fraction")}
        self.facts = {key: readout(points=9) for key in FACTS}
        self._estimate = label(style="muted", wraps=True)
        self.reason = label(style="problem", wraps=True)
        self.notes = label(style="muted", wraps=True)
        for each in (self.reason, self._estimate, self.notes):
            each.hide()
        self._texts: tuple[object, ...] = ()
        self._lay_out()
        self.retranslate()

    def retranslate(self) -> None:
        """Write all texts anew."""
        self.set_title(self.tr("Next sweep"))
        self.modes[RangeMode.AUTO].setText(self.tr("Auto"))
        self.modes[RangeMode.AUTO].setToolTip(self.tr("The autofocus finds the range"))
        self.modes[RangeMode.ENDS].setText(self.tr("Set ends"))
        self.modes[RangeMode.ENDS].setToolTip(self.tr("Focus on both ends and set them"))
        self.modes[RangeMode.AROUND].setText(self.tr("Around z"))
        self.modes[RangeMode.AROUND].setToolTip(
            self.tr("As far below as above the z at which the capture starts")
        )
        self._auto.setText(self.tr("The autofocus finds glass and particles, then sweeps them."))
        self.half.setPrefix("± ")
        self.half.setSuffix(" µm")
        self.half.setAccessibleName(self.tr("How far below and above to sweep, in µm"))
        self.half.setToolTip(self.half.accessibleName())
        self.step.setSuffix(" %")
        self.step.setAccessibleName(self.tr("Step as a share of the depth of field"))
        self.step.setToolTip(
            self.tr(
                "Distance between frames, as a share of the depth of field; 50 % or less is fine"
            )
        )
        self.objective.setAccessibleName(self.tr("Objective in use"))
        self.objective.setToolTip(
            self.tr("The objective on the microscope; choosing one sets its preset, nothing moves")
        )
        names = {
            "objective": self.tr("Objective"),
            "fraction": self.tr("Step, of the depth of field"),
            "step": self.tr("Step"),
            "frames": self.tr("Frames"),
            "time": self.tr("Time"),
            "disk": self.tr("Disk"),
            "blur": self.tr("Blur in z"),
            "speed": self.tr("Speed"),
        }
        for key, text in names.items():
            self._names[key].setText(text)
        self._texts = ()

    def show_state(self, state: ControlState, preview: SweepPreview) -> None:
        """Show what is chosen and what would come of it."""
        ready = state.link is Link.READY and not state.capturing
        self.setEnabled(ready)
        self._show_choices(state)
        if (state.z_range, preview) == self._texts:
            return
        self._texts = (state.z_range, preview)
        bottom, top = state.z_range.bottom_um, state.z_range.top_um
        self._ends.setText(
            self.tr("Bottom {low} · top {high}").format(
                low="—" if bottom is None else f"{micrometres(bottom)} µm",
                high="—" if top is None else f"{micrometres(top)} µm",
            )
        )
        self._show_plan(preview)

    def _show_choices(self, state: ControlState) -> None:
        profile = state.profile
        if profile is not None:
            names = [each.name for each in profile.objectives]
            with QSignalBlocker(self.objective):
                if names != [self.objective.itemText(n) for n in range(self.objective.count())]:
                    self.objective.clear()
                    self.objective.addItems(names)
                self.objective.setCurrentText(state.objective)
            if not self.step.hasFocus():
                with QSignalBlocker(self.step):
                    self.step.setValue(100 * profile.step_fraction)
        self.modes[state.z_range.mode].setChecked(True)
        self._ranges.setCurrentIndex(list(RangeMode).index(state.z_range.mode))
        if not self.half.hasFocus():
            with QSignalBlocker(self.half):
                self.half.setValue(state.z_range.half_um)

    def _show_plan(self, preview: SweepPreview) -> None:
        plan = preview.plan
        self.diagram.show_plan(plan)
        self.diagram.setVisible(plan is not None)
        self.reason.setText(said(preview.reason))
        self.reason.setVisible(bool(preview.reason))
        self._estimate.setVisible(preview.estimated and plan is not None)
        if plan is None:
            for value in self.facts.values():
                value.setText("—")
                value.setStyleSheet("")
            self.notes.setText("")
        else:
            self._estimate.setText(
                self.tr("Estimated for particles up to {um} µm; the autofocus decides.").format(
                    um=micrometres(plan.z_to_um - plan.z_from_um, 0)
                )
            )
            self._show_facts(plan, preview)
            self.notes.setText("\n".join(f"• {said(note)}" for note in plan.notes))
        self.notes.setVisible(bool(self.notes.text()))

    def _show_facts(self, plan: SweepPlan, preview: SweepPreview) -> None:
        dof = micrometres(plan.depth_of_field_um)
        free = preview.free_bytes
        texts = {
            "step": self.tr("{step} µm · depth of field {dof} µm").format(
                step=micrometres(plan.step_um, 2), dof=dof
            ),
            "frames": self.tr("{n} at {fps:.1f}/s").format(n=plan.expected_frames, fps=plan.fps),
            "time": f"{plan.duration_s:.1f} s",
            "disk": size_text(plan.size_bytes)
            if free is None
            else self.tr("{size} of {free} free").format(
                size=size_text(plan.size_bytes), free=size_text(free)
            ),
            "blur": self.tr("{blur} µm per exposure").format(
                blur=micrometres(plan.motion_blur_um, 2)
            ),
            "speed": f"{micrometres(plan.speed_um_per_s)} µm/s",
        }
        for key, text in texts.items():
            self.facts[key].setText(text)
        step, blur = preview.step_share or 0.0, preview.blur_share or 0.0
        self.facts["step"].setStyleSheet(_verdict(step, FINE_STEP, COARSE_STEP))
        self.facts["blur"].setStyleSheet(_verdict(blur, MAX_BLUR_FRACTION, 2 * MAX_BLUR_FRACTION))

    @Slot(float)
    def _step_chosen(self, percent: float) -> None:
        self._sweep.set_step(percent / 100)

    def _mode(self, mode: RangeMode) -> QToolButton:
        button = QToolButton()
        button.setCheckable(True)
        button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        button.clicked.connect(lambda: self._sweep.set_mode(mode))
        return button

    def _range_pages(self, actions: Actions) -> QStackedWidget:
        pages = QStackedWidget()
        buttons = QHBoxLayout()
        buttons.setSpacing(6)
        for key in ("set_bottom", "set_top", "clear_range"):
            buttons.addWidget(ActionButton(actions[key]), 1)
        buttons.addStretch(1)
        ends = QVBoxLayout()
        ends.setContentsMargins(0, 0, 0, 0)
        ends.addWidget(self._ends)
        ends.addLayout(buttons)
        around = QVBoxLayout()
        around.setContentsMargins(0, 0, 0, 0)
        around.addWidget(self.half)
        around.addStretch(1)
        auto = QVBoxLayout()
        auto.setContentsMargins(0, 0, 0, 0)
        auto.addWidget(self._auto)
        auto.addStretch(1)
        for layout in (auto, ends, around):
            page = QWidget()
            page.setLayout(layout)
            pages.addWidget(page)
        pages.setFixedHeight(64)
        return pages

    def _lay_out(self) -> None:
        objective = QHBoxLayout()
        objective.addWidget(self._names["objective"])
        objective.addWidget(self.objective, 1)
        objective.addWidget(self.save_preset)
        modes = QHBoxLayout()
        modes.setSpacing(4)
        self._group = QButtonGroup(self)
        for button in self.modes.values():
            self._group.addButton(button)
            modes.addWidget(button, 1)
        step = QHBoxLayout()
        step.addWidget(self._names["fraction"], 1)
        step.addWidget(self.step)
        facts = QGridLayout()
        facts.setHorizontalSpacing(10)
        facts.setVerticalSpacing(3)
        for row, key in enumerate(FACTS):
            facts.addWidget(self._names[key], row, 0)
            facts.addWidget(self.facts[key], row, 1)
        facts.setColumnStretch(1, 1)
        for part in (objective, modes):
            self.body.addLayout(part)
        self.body.addWidget(self._ranges)
        self.body.addLayout(step)
        self.body.addWidget(self.diagram)
        self.body.addLayout(facts)
        for widget in (self.reason, self._estimate, self.notes):
            self.body.addWidget(widget)
        self.body.addStretch(1)


def _verdict(share: float, good: float, fair: float) -> str:
    role = Role.GOOD if share <= good * 1.001 else Role.WARNING if share <= fair else Role.STOP
    return f"color: {colour(role).name()};"
