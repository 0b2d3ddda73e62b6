"""Tells at the start that the last run ended badly, and shows why."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QUrl, Slot
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QFrame, QPushButton

from app.crash_reports import CrashReports
from app.window.notice import details_field, lay_out_notice, notice_line
from app.window.widgets import Translated, label

MOST = 200_000
"""Characters of a report that are shown."""


class CrashBar(Translated, QFrame):
    """Offers the reports that nobody has seen; hidden while there are none.

    Parameters
    ----------
    reports : CrashReports, optional
        Where they are found; without it none are looked for.
    """

    def __init__(self, reports: CrashReports | None) -> None:
        super().__init__()
        self.setObjectName("noticeQuestion")
        self._reports = reports
        self._paths: list[Path] = []
        self._title = label(style="noticeTitle", wraps=True)
        self._advice = label(style="muted", wraps=True)
        self.details_button = QPushButton()
        self.details_button.setCheckable(True)
        self._copy = QPushButton()
        self._folder = QPushButton()
        self.dismiss = QPushButton()
        self.details = details_field(160)
        buttons = (self.details_button, self._copy, self._folder, self.dismiss)
        lay_out_notice(self, notice_line(self._title, self._advice, *buttons), self.details)
        self.details_button.toggled.connect(self.details.setVisible)
        self._copy.clicked.connect(self._copy_all)
        self._folder.clicked.connect(self._open_folder)
        self.dismiss.clicked.connect(self._dismiss)
        self.retranslate()
        self.hide()

    def retranslate(self) -> None:
        """See `Translated`."""
        self.setAccessibleName(self.tr("Report of a crash"))
        self._title.setText(self.tr("WearIF did not end well the last time."))
        self._advice.setText(
            self.tr(
                "Captures are safe: what was interrupted is recovered by itself. Please send the "
                "report to whoever looks after the program."
            )
        )
        self.details_button.setText(self.tr("Show the report"))
        self._copy.setText(self.tr("Copy"))
        self._folder.setText(self.tr("Open the folder"))
        self.dismiss.setText(self.tr("Dismiss"))
        self.details.setAccessibleName(self.tr("Report of a crash"))

    def look(self) -> None:
        """Show itself if there are reports that nobody has seen."""
        self._paths = self._reports.unseen() if self._reports is not None else []
        if not self._paths:
            return
        texts = [path.read_text(encoding="utf-8", errors="replace") for path in self._paths]
        self.details.setPlainText("\n\n".join(texts)[-MOST:])
        self.show()

    @Slot()
    def _dismiss(self) -> None:
        if self._reports is not None:
            self._reports.mark_seen()
        self.details_button.setChecked(False)
        self.hide()

    @Slot()
    def _copy_all(self) -> None:
        QGuiApplication.clipboard().setText(self.details.toPlainText())

    @Slot()
    def _open_folder(self) -> None:
        if self._paths:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._paths[0].parent)))
