"""The one big button, what it would do, and how far a capture is."""

from __future__ import annotations

import time

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QProgressBar, QVBoxLayout, QWidget

from app.acquisition.events import Phase
from app.acquisition.sweep_setup import RangeMode, SweepPreview
from app.window.capture_progress import CaptureProgress
from app.window.commands import Actions
from app.window.control_state import ControlState, Link
from app.window.language import said
from app.window.next_labels_panel import LabelLine
from app.window.widgets import (
    Card,
    CommandButton,
    Translated,
    label,
    micrometres,
    readout,
    size_text,
)
from drivers.stage import StagePhase, StageState


class CapturePanel(Translated, Card):
    """Shows the button and the range, or, while a capture runs, its progress.

    Parameters
    ----------
    actions : Actions
    """

    def __init__(self, actions: Actions) -> None:
        super().__init__("")
        self.capture = CommandButton(actions["capture"])
        self.capture.setObjectName("primary")
        self.capture.setMinimumHeight(52)
        self.capture.setEnabled(False)
        self.cancel = CommandButton(actions["cancel"])
        self.cancel.setMinimumHeight(38)
        self.labels = LabelLine(actions["labels"])
        self._range = label(style="muted", wraps=True)
        # Two lines in most languages: what lies below must not jump when it is one.
        self._range.setMinimumHeight(2 * self._range.fontMetrics().lineSpacing())
        self._range.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.problem = label(style="problem", wraps=True)
        self._phase = label(style="headline")
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setFixedHeight(6)
        self._counts = readout(points=9)
        self._left = label(style="muted", wraps=True)
        self.problem.hide()
        self._idle = self._idle_part()
        self._busy = self._busy_part()
        self.body.addWidget(self._idle)
        self.body.addWidget(self._busy)
        self._busy.hide()
        self.retranslate()

    def retranslate(self) -> None:
        """See `Translated`."""
        self._bar.setAccessibleName(self.tr("Progress of the capture"))

    def show_state(
        self,
        state: ControlState,
        stage: StageState | None,
        preview: SweepPreview,
        *,
        explained: bool,
    ) -> None:
        """Show whether a capture can be started, and what it would be.

        Parameters
        ----------
        explained : bool
            Whether it can be read elsewhere why it cannot.
        """
        self.labels.show_labels(state.settings.labels)
        self._idle.setVisible(not state.capturing)
        self._busy.setVisible(state.capturing)
        referenced = (
            stage is not None and stage.referenced and stage.phase is not StagePhase.DISCONNECTED
        )
        possible = preview.plan is not None or preview.estimated
        self.capture.setEnabled(
            state.link is Link.READY and referenced and possible and not state.capturing
        )
        self._range.setText(self._range_words(state, preview))
        self._range.setVisible(bool(self._range.text()))
        self.problem.setText(said(preview.reason) if referenced and not explained else "")
        self.problem.setVisible(bool(self.problem.text()))

    def show_progress(self, progress: CaptureProgress) -> None:
        """Show how far the capture is."""
        fraction = progress.fraction
        self._phase.setText(self._phase_words(progress.phase))
        self._bar.setRange(0, 0 if fraction is None else 1000)
        if fraction is not None:
            self._bar.setValue(round(1000 * fraction))
        self._counts.setText(self._count_words(progress))
        self._left.setText(self._time_words(progress))

    def _idle_part(self) -> QWidget:
        column = _column()
        column.addWidget(self.capture)
        column.addWidget(self.labels)
        column.addWidget(self._range)
        column.addWidget(self.problem)
        return _holding(column)

    def _busy_part(self) -> QWidget:
        column = _column()
        column.addWidget(self._phase)
        column.addWidget(self._bar)
        column.addWidget(self._counts)
        column.addWidget(self._left)
        column.addWidget(self.cancel)
        return _holding(column)

    def _range_words(self, state: ControlState, preview: SweepPreview) -> str:
        plan = preview.plan
        if plan is None:
            return ""
        amount = self.tr("{n} frames · {s:.0f} s · {size}").format(
            n=plan.expected_frames, s=plan.duration_s, size=size_text(plan.size_bytes)
        )
        if state.z_range.mode is RangeMode.AUTO:
            return self.tr("The autofocus finds the range · about {amount}").format(amount=amount)
        return self.tr("{low} to {high} µm, no autofocus · {amount}").format(
            low=micrometres(plan.z_from_um), high=micrometres(plan.z_to_um), amount=amount
        )

    def _phase_words(self, phase: Phase | None) -> str:
        return {
            None: self.tr("Starting …"),
            Phase.AUTOFOCUS: self.tr("Focusing …"),
            Phase.APPROACH: self.tr("Approaching …"),
            Phase.SWEEP: self.tr("Sweeping …"),
            Phase.CATCH_UP: self.tr("Fusing …"),
            Phase.EXPORT: self.tr("Saving …"),
            Phase.DONE: self.tr("Done"),
            Phase.CANCELLED: self.tr("Cancelled"),
            Phase.FAILED: self.tr("Failed"),
        }[phase]

    def _count_words(self, progress: CaptureProgress) -> str:
        if progress.expected == 0:
            return self.tr("No frames yet")
        text = self.tr("Frame {n} of {total}\nFused {fused}").format(
            n=progress.recorded,
            total=max(progress.expected, progress.recorded),
            fused=progress.fused,
        )
        behind = self.tr(", {n} behind").format(n=progress.waiting) if progress.waiting else ""
        lost = (
            self.tr("Lost {n}").format(n=progress.lost) if progress.lost else self.tr("None lost")
        )
        return f"{text}{behind} · {lost}"

    def _time_words(self, progress: CaptureProgress) -> str:
        left_s = progress.seconds_left(time.monotonic())
        plan = progress.plan
        words = []
        if left_s is not None:
            words.append(self.tr("{s:.0f} s left").format(s=left_s))
        if plan is not None:
            words.append(
                self.tr("z {low} to {high} µm, every {step} µm").format(
                    low=micrometres(plan.z_from_um, 0),
                    high=micrometres(plan.z_to_um, 0),
                    step=micrometres(plan.step_um, 2),
                )
            )
        return " · ".join(words) or self.tr("Looking for the particles along z")


def _column() -> QVBoxLayout:
    column = QVBoxLayout()
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(10)
    return column


def _holding(layout: QVBoxLayout) -> QWidget:
    holder = QWidget()
    holder.setLayout(layout)
    return holder
