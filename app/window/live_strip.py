"""Under the live picture: how it is exposed, and how sharp it is."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.acquisition.focus_hold import FocusHold
from app.acquisition.frame_report import FrameReport
from app.window.commands import Actions
from app.window.focus_meter import FocusMeter
from app.window.histogram_view import HistogramView
from app.window.widgets import ActionButton, Translated, label, micrometres, readout
from drivers.auto_exposure import TARGET, TOLERANCE

WELL = (TARGET - 0.3, TARGET + 2 * TOLERANCE)
"""Between these the bright part of a picture is well exposed."""


class LiveStrip(Translated, QWidget):
    """Histogram with advice in words, focus meter with peak hold.

    Parameters
    ----------
    actions : Actions
    """

    def __init__(self, actions: Actions) -> None:
        super().__init__()
        self.hold = FocusHold()
        self._report: FrameReport | None = None
        self.histogram = HistogramView()
        self.meter = FocusMeter()
        self.exposure = label(style="muted", wraps=True)
        self.focus = readout(points=8.5)
        self._focus_title = label(style="muted")
        reset = ActionButton(actions["reset_peak"], "quiet")
        top = QHBoxLayout()
        top.addWidget(self._focus_title)
        top.addStretch(1)
        top.addWidget(self.focus)
        top.addWidget(reset)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addLayout(top)
        words.addWidget(self.meter)
        words.addWidget(self.exposure, 1)
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(14)
        line.addWidget(self.histogram, 1)
        line.addLayout(words, 1)
        self.setFixedHeight(84)
        self.retranslate()

    def retranslate(self) -> None:
        """Write all texts anew."""
        self._focus_title.setText(self.tr("Sharpness"))
        self._write()

    def show_report(self, report: FrameReport, z_um: float | None, *, stretched: bool) -> None:
        """Show what a frame says, taken at a z."""
        self._report = report
        self.hold = self.hold.after(report.focus, z_um)
        self.histogram.show_report(report, stretched=stretched)
        self.meter.show_focus(self.hold)
        self._write()

    def reset_peak(self) -> None:
        """Look for the sharpest picture anew."""
        self.hold = FocusHold()
        self.meter.show_focus(self.hold)
        self._write()

    def _write(self) -> None:
        if self._report is not None:
            self.exposure.setText(self._exposure_words(self._report))
        share, z_um = self.hold.share, self.hold.peak_z_um
        if share is None:
            self.focus.setText("—")
        elif z_um is None:
            self.focus.setText(self.tr("{share:.0f} % of the peak").format(share=100 * share))
        else:
            self.focus.setText(
                self.tr("{share:.0f} % of the peak at z {z} µm").format(
                    share=100 * share, z=micrometres(z_um)
                )
            )

    def _exposure_words(self, report: FrameReport) -> str:
        if report.is_clipped:
            return self.tr(
                "Overexposed: {share:.1f} % clipped. Expose for less than {ms:.3g} ms."
            ).format(share=100 * report.clipped, ms=report.exposure_ms)
        if report.advised_exposure_ms is None:
            return self.tr("Black: check the lamp and the exposure.")
        if WELL[0] <= report.bright <= WELL[1]:
            return self.tr(
                "Well exposed: the bright part is at {level:.0f} % of the scale."
            ).format(level=100 * report.bright)
        dark = report.bright < WELL[0]
        words = (
            self.tr("Dark: the bright part is at {level:.0f} %; about {ms:.3g} ms would do.")
            if dark
            else self.tr("Bright: at {level:.0f} % of the scale; about {ms:.3g} ms would do.")
        )
        return words.format(level=100 * report.bright, ms=report.advised_exposure_ms)
