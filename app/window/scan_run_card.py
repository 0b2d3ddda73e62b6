"""The button that starts a scan, what it would take, and how far the scan is."""

from __future__ import annotations

import time
from datetime import datetime, timedelta

from PySide6.QtCore import QSignalBlocker
from PySide6.QtWidgets import QComboBox, QProgressBar, QVBoxLayout, QWidget

from app.acquisition.events import Phase
from app.acquisition.scan_setup import ScanPreview
from app.captures.scans import UnfinishedScan
from app.window.commands import Actions
from app.window.control_state import ControlState, Link
from app.window.language import said
from app.window.next_labels_panel import LabelLine
from app.window.scan_progress import FieldStage, ScanProgress
from app.window.scan_words import stage_words, time_words
from app.window.widgets import Card, CommandButton, Translated, label, size_text


class ScanRunCard(Translated, Card):
    """Shows what a scan would be, how far it is, or what it has come to.

    Parameters
    ----------
    actions : Actions
    """

    def __init__(self, actions: Actions) -> None:
        super().__init__("")
        self.start = _large(CommandButton(actions["scan_start"]))
        self.labels = LabelLine(actions["labels"])
        self.amount = label(style="muted", wraps=True)
        self.problem = label(style="problem", wraps=True)
        self._left_over = label(style="muted")
        self.unfinished = QComboBox()
        self.take_up = CommandButton(actions["scan_resume"])
        self.headline = label(style="headline", wraps=True)
        self.doing = label(wraps=True)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setFixedHeight(6)
        self.left = label(style="muted", wraps=True)
        self.stop = CommandButton(actions["scan_stop"])
        self.stop.setMinimumHeight(38)
        self.ended = label(style="headline", wraps=True)
        self.result = label(wraps=True)
        self.resume = _large(CommandButton(actions["scan_resume"]))
        self.new = CommandButton(actions["scan_new"])
        self.new.setMinimumHeight(38)
        self._taken_up = _column(self._left_over, self.unfinished, self.take_up)
        self._plan = _column(self.start, self.labels, self.amount, self.problem, self._taken_up)
        self._run = _column(self.headline, self.doing, self.bar, self.left, self.stop)
        self._over = _column(self.ended, self.result, self.resume, self.new)
        for part in (self._plan, self._run, self._over):
            self.body.addWidget(part)
        # What is not there at first must not take room in the first layout either.
        for each in (self._run, self._over, self.problem, self._taken_up):
            each.hide()
        self._offered: tuple[UnfinishedScan, ...] | None = None
        self.retranslate()

    def retranslate(self) -> None:
        """See `Translated`."""
        self.bar.setAccessibleName(self.tr("Progress of the scan"))
        self._left_over.setText(self.tr("Not finished yet"))
        self.unfinished.setAccessibleName(self._left_over.text())
        self._offered = None

    def show_plan(
        self, state: ControlState, preview: ScanPreview, unfinished: tuple[UnfinishedScan, ...]
    ) -> None:
        """Show what the next scan would be, and which ones can be taken up."""
        self._show_part(self._plan)
        ready = state.link is Link.READY and not state.capturing
        self.start.setEnabled(ready and not preview.reason)
        self.take_up.setEnabled(ready)
        self.labels.show_labels(state.settings.labels)
        self.amount.setText(self._amount_words(preview))
        self.amount.setVisible(bool(self.amount.text()))
        self.problem.setText(said(preview.reason) if ready else "")
        self.problem.setVisible(bool(self.problem.text()))
        self._taken_up.setVisible(bool(unfinished))
        if unfinished != self._offered:
            self._offered = unfinished
            with QSignalBlocker(self.unfinished):
                self.unfinished.clear()
                for scan in unfinished:
                    total = len(scan.record.fields)
                    when = scan.record.created.astimezone().strftime("%Y-%m-%d %H:%M")
                    words = self.tr("{when} · {n} of {total} done")
                    text = words.format(when=when, n=scan.finished, total=total)
                    self.unfinished.addItem(text, scan.folder)

    def show_progress(self, progress: ScanProgress) -> None:
        """Show how far a scan is, or what it has come to."""
        if not progress.running:
            self._show_result(progress)
            return
        self._show_part(self._run)
        rows, current = progress.rows, progress.current
        at = progress.finished + 1 if current is None else current + 1
        self.headline.setText(
            self.tr("Field {n} of {total}").format(n=min(at, progress.total), total=progress.total)
        )
        doing = self.tr("Starting …") if current is None else stage_words(rows[current])
        self.doing.setText(doing)
        self.bar.setRange(0, progress.total)
        self.bar.setValue(progress.finished)
        left_s = progress.seconds_left(time.monotonic())
        self.left.setText("" if left_s is None else self._left_words(left_s))

    def _show_result(self, progress: ScanProgress) -> None:
        self._show_part(self._over)
        lines = [self.tr("{n} of {total} fields fused.")]
        stages = [row.stage for row in progress.rows]
        empty, failed = stages.count(FieldStage.EMPTY), stages.count(FieldStage.FAILED)
        if empty:
            lines.append(self.tr("{empty} with nothing to focus on."))
        if failed:
            lines.append(self.tr("{failed} failed; the list says why."))
        if progress.can_resume:
            lines.append(self.tr("{left} left to capture."))
        self.ended.setText(self._ended_words(progress.ended))
        self.result.setText(
            "\n".join(lines).format(
                n=progress.fused,
                total=progress.total,
                empty=empty,
                failed=failed,
                left=progress.total - progress.finished,
            )
        )
        self.resume.setVisible(progress.can_resume)

    def _ended_words(self, ended: Phase | None) -> str:
        if ended is Phase.DONE:
            return self.tr("Scan finished")
        if ended is Phase.FAILED:
            return self.tr("Scan broken off")
        return self.tr("Scan stopped")

    def _amount_words(self, preview: ScanPreview) -> str:
        if not preview.duration_s:
            return ""
        size = size_text(preview.size_bytes)
        if preview.free_bytes is not None:
            size = self.tr("{size} of {free} free").format(
                size=size, free=size_text(preview.free_bytes)
            )
        return self.tr("{n} fields · about {time}\n{size}").format(
            n=len(preview.fields), time=time_words(preview.duration_s), size=size
        )

    def _left_words(self, left_s: float) -> str:
        end = datetime.now().astimezone() + timedelta(seconds=left_s)
        return self.tr("About {time} left, done at {end}").format(
            time=time_words(left_s), end=end.strftime("%H:%M")
        )

    def _show_part(self, part: QWidget) -> None:
        for each in (self._plan, self._run, self._over):
            each.setVisible(each is part)


def _large(button: CommandButton) -> CommandButton:
    button.setObjectName("primary")
    button.setMinimumHeight(52)
    return button


def _column(*parts: QWidget) -> QWidget:
    holder = QWidget()
    column = QVBoxLayout(holder)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(10)
    for part in parts:
        column.addWidget(part)
    return holder
