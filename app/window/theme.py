"""How the window looks: calm and dark, for rooms in which people look into microscopes."""

from __future__ import annotations

from string import Template
from typing import Final

from PySide6.QtGui import QColor, QFont, QPalette
from PySide6.QtWidgets import QApplication

BACKGROUND: Final = "#12151a"
SURFACE: Final = "#1a1e25"
RAISED: Final = "#262c36"
HOVER: Final = "#313946"
LINE: Final = "#2e3540"
TEXT: Final = "#e8ebf0"
MUTED: Final = "#9aa4b2"
FAINT: Final = "#667080"
ACCENT: Final = "#4fb3bf"
ON_ACCENT: Final = "#06222a"
STOP: Final = "#d8342c"
WARNING: Final = "#e3a33b"
GOOD: Final = "#5fbf7f"

FAMILIES: Final = ("Inter", "Segoe UI", "SF Pro Text", "Noto Sans", "DejaVu Sans")
DIGITS: Final = ("JetBrains Mono", "Consolas", "SF Mono", "Noto Sans Mono", "DejaVu Sans Mono")
"""Fonts whose digits are all equally wide, so that read-outs do not tremble."""

_STYLE: Final = Template("""
* { outline: none; }
QToolTip { background: $raised; color: $text; border: 1px solid $line; padding: 5px 7px; }
#topBar, #card { background: $surface; }
#topBar { border-bottom: 1px solid $line; }
#card { border: 1px solid $line; border-radius: 8px; }
#cardTitle { color: $muted; font-weight: 600; }
#muted { color: $muted; }
#headline { font-size: 15pt; font-weight: 600; }
#readout { font-size: 13pt; }
#paneTitle { font-weight: 600; }

QMenuBar { background: transparent; }
QMenuBar::item { padding: 6px 10px; border-radius: 5px; }
QMenuBar::item:selected { background: $raised; }
QMenu { background: $raised; border: 1px solid $line; padding: 5px; }
QMenu::item { padding: 6px 28px 6px 14px; border-radius: 4px; }
QMenu::item:selected { background: $hover; }
QMenu::item:disabled { color: $faint; }
QMenu::separator { height: 1px; background: $line; margin: 5px 8px; }

QPushButton, QToolButton {
    background: $raised; color: $text; border: 1px solid $line; border-radius: 6px;
    padding: 6px 12px;
}
QPushButton:hover, QToolButton:hover { background: $hover; }
QPushButton:pressed, QToolButton:pressed { background: $line; }
QPushButton:focus, QToolButton:focus, QComboBox:focus, QLineEdit:focus { border-color: $accent; }
QPushButton:disabled, QToolButton:disabled { color: $faint; background: $surface; }
QToolButton:checked { color: $accent; border-color: $accent; }
QToolButton#quiet { background: transparent; border-color: transparent; padding: 3px 7px; }
QToolButton#quiet:hover { background: $raised; }
QToolButton#quiet:checked { color: $accent; }
QToolButton#quiet:focus { border-color: $accent; }
QToolButton#pad { padding: 0; font-size: 12pt; }
QToolButton#page { background: transparent; border: none; border-radius: 6px; padding: 7px 16px;
    color: $muted; font-weight: 600; }
QToolButton#page:hover { background: $raised; }
QToolButton#page:checked { background: $raised; color: $text; }
QToolButton#page:focus { border: 1px solid $accent; padding: 6px 15px; }
QPushButton#primary { background: $accent; color: $on_accent; border: none; font-size: 13pt;
    font-weight: 700; border-radius: 8px; }
QPushButton#primary:hover { background: #66c4cf; }
QPushButton#primary:focus { border: 2px solid $text; }
QPushButton#primary:disabled { background: $raised; color: $faint; }
QPushButton#stop { background: $stop; color: white; border: 2px solid $stop; font-size: 15pt;
    font-weight: 800; border-radius: 8px; padding: 0 18px; }
QPushButton#stop:hover { background: #ea463d; }
QPushButton#stop:pressed { background: #a8221c; }
QPushButton#stop:focus { border-color: white; }

QComboBox, QLineEdit { background: $background; color: $text; border: 1px solid $line;
    border-radius: 6px; padding: 4px 8px; }
QComboBox::drop-down { border: none; width: 18px; }
QComboBox QAbstractItemView { background: $raised; border: 1px solid $line;
    selection-background-color: $hover; }
QPlainTextEdit { background: $background; border: 1px solid $line; border-radius: 6px; }
QSlider::groove:horizontal { height: 4px; background: $line; border-radius: 2px; }
QSlider::sub-page:horizontal { background: $accent; border-radius: 2px; }
QSlider::sub-page:horizontal:disabled { background: $line; }
QSlider::handle:horizontal { background: $text; width: 14px; margin: -5px 0; border-radius: 7px; }
QSlider::handle:horizontal:focus { background: $accent; }
QSlider::handle:horizontal:disabled { background: $faint; }
QProgressBar { background: $background; border: none; border-radius: 3px; height: 6px; }
QProgressBar::chunk { background: $accent; border-radius: 3px; }
QScrollBar:vertical { background: transparent; width: 10px; }
QScrollBar::handle:vertical { background: $hover; border-radius: 5px; min-height: 30px; }
QScrollBar::add-line, QScrollBar::sub-line { height: 0; }

#noticeError { background: #3a1d1f; border-bottom: 1px solid $stop; }
#noticeQuestion { background: #16303a; border-bottom: 1px solid $accent; }
#noticeTitle { font-weight: 600; }
""")


def apply_theme(application: QApplication) -> None:
    """Give the whole application its looks."""
    application.setStyle("Fusion")
    application.setFont(text_font())
    application.setPalette(_palette())
    application.setStyleSheet(
        _STYLE.substitute(
            background=BACKGROUND,
            surface=SURFACE,
            raised=RAISED,
            hover=HOVER,
            line=LINE,
            text=TEXT,
            muted=MUTED,
            faint=FAINT,
            accent=ACCENT,
            on_accent=ON_ACCENT,
            stop=STOP,
        )
    )


def text_font() -> QFont:
    """Return the font of all text."""
    font = QFont()
    font.setFamilies(list(FAMILIES))
    font.setPointSizeF(9.5)
    return font


def digits_font(points: float) -> QFont:
    """Return the font of read-outs."""
    font = QFont()
    font.setFamilies(list(DIGITS))
    font.setPointSizeF(points)
    return font


def _palette() -> QPalette:
    role = QPalette.ColorRole
    colours = {
        role.Window: BACKGROUND,
        role.WindowText: TEXT,
        role.Base: BACKGROUND,
        role.AlternateBase: SURFACE,
        role.Text: TEXT,
        role.Button: RAISED,
        role.ButtonText: TEXT,
        role.BrightText: "#ffffff",
        role.ToolTipBase: RAISED,
        role.ToolTipText: TEXT,
        role.PlaceholderText: FAINT,
        role.Highlight: ACCENT,
        role.HighlightedText: ON_ACCENT,
        role.Link: ACCENT,
    }
    palette = QPalette()
    for each, colour in colours.items():
        palette.setColor(each, QColor(colour))
    for each in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, each, QColor(FAINT))
    return palette
