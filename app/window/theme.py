"""How the window looks: calm, dark for rooms with microscopes, light for offices."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, StrEnum
from typing import Final

from PySide6.QtGui import QColor, QFont, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication

from app.window.style_sheet import STYLE


class Role(StrEnum):
    """What a colour is for."""

    BACKGROUND = "background"
    SURFACE = "surface"
    RAISED = "raised"
    HOVER = "hover"
    LINE = "line"
    TEXT = "text"
    MUTED = "muted"
    FAINT = "faint"
    ACCENT = "accent"
    ACCENT_HOVER = "accent_hover"
    ON_ACCENT = "on_accent"
    STOP = "stop"
    STOP_HOVER = "stop_hover"
    STOP_PRESSED = "stop_pressed"
    ON_STOP = "on_stop"
    WARNING = "warning"
    GOOD = "good"
    ERROR_SURFACE = "error_surface"
    QUESTION_SURFACE = "question_surface"


class Scheme(Enum):
    """The sets of colours to choose from."""

    DARK = "dark"
    LIGHT = "light"


COLOURS: Final[Mapping[Scheme, Mapping[Role, str]]] = {
    Scheme.DARK: {
        Role.BACKGROUND: "#12151a",
        Role.SURFACE: "#1a1e25",
        Role.RAISED: "#262c36",
        Role.HOVER: "#313946",
        Role.LINE: "#2e3540",
        Role.TEXT: "#e8ebf0",
        Role.MUTED: "#9aa4b2",
        Role.FAINT: "#667080",
        Role.ACCENT: "#4fb3bf",
        Role.ACCENT_HOVER: "#66c4cf",
        Role.ON_ACCENT: "#06222a",
        Role.STOP: "#d8342c",
        Role.STOP_HOVER: "#ea463d",
        Role.STOP_PRESSED: "#a8221c",
        Role.ON_STOP: "#ffffff",
        Role.WARNING: "#e3a33b",
        Role.GOOD: "#5fbf7f",
        Role.ERROR_SURFACE: "#3a1d1f",
        Role.QUESTION_SURFACE: "#16303a",
    },
    Scheme.LIGHT: {
        Role.BACKGROUND: "#eef1f4",
        Role.SURFACE: "#ffffff",
        Role.RAISED: "#e6eaee",
        Role.HOVER: "#d6dde4",
        Role.LINE: "#c5ced7",
        Role.TEXT: "#1a2027",
        Role.MUTED: "#505b67",
        Role.FAINT: "#87919c",
        Role.ACCENT: "#0b6f7b",
        Role.ACCENT_HOVER: "#0d8290",
        Role.ON_ACCENT: "#ffffff",
        Role.STOP: "#c62822",
        Role.STOP_HOVER: "#d63a33",
        Role.STOP_PRESSED: "#9e1f1a",
        Role.ON_STOP: "#ffffff",
        Role.WARNING: "#8a5a00",
        Role.GOOD: "#1b7038",
        Role.ERROR_SURFACE: "#fbe3e1",
        Role.QUESTION_SURFACE: "#dff0f3",
    },
}

CHINESE: Final = (
    "Microsoft YaHei UI",
    "PingFang SC",
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "WenQuanYi Micro Hei",
    "Droid Sans Fallback",
)
FAMILIES: Final = ("Inter", "Segoe UI", "SF Pro Text", "Noto Sans", "DejaVu Sans", *CHINESE)
DIGITS: Final = (
    *("JetBrains Mono", "Consolas", "SF Mono", "Noto Sans Mono", "DejaVu Sans Mono"),
    *CHINESE,
)
"""Fonts whose digits are all equally wide, so that read-outs do not tremble."""
_PROPERTY: Final = "wearifScheme"


def apply_theme(application: QApplication, scheme: Scheme = Scheme.DARK) -> None:
    """Give the whole application its looks; may be called again to change them."""
    # The application keeps it: there is one look for all that it shows.
    application.setProperty(_PROPERTY, scheme.value)
    if application.style().objectName() != "fusion":
        application.setStyle("Fusion")
    application.setFont(text_font())
    application.setPalette(_palette())
    application.setStyleSheet(
        STYLE.substitute({role.value: COLOURS[scheme][role] for role in Role})
    )


def scheme_in_use() -> Scheme:
    """Return the colours that the application shows; the dark ones before any were applied."""
    application = QGuiApplication.instance()
    name = application.property(_PROPERTY) if application is not None else None
    return Scheme(name) if name else Scheme.DARK


def colour(role: Role) -> QColor:
    """Return a colour of the theme in use; ask at every painting, it may have changed."""
    return QColor(COLOURS[scheme_in_use()][role])


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
    roles = {
        role.Window: Role.BACKGROUND,
        role.WindowText: Role.TEXT,
        role.Base: Role.SURFACE,
        role.AlternateBase: Role.BACKGROUND,
        role.Text: Role.TEXT,
        role.Button: Role.RAISED,
        role.ButtonText: Role.TEXT,
        role.BrightText: Role.ON_STOP,
        role.ToolTipBase: Role.RAISED,
        role.ToolTipText: Role.TEXT,
        role.PlaceholderText: Role.FAINT,
        role.Highlight: Role.ACCENT,
        role.HighlightedText: Role.ON_ACCENT,
        role.Link: Role.ACCENT,
    }
    palette = QPalette()
    for each, ours in roles.items():
        palette.setColor(each, colour(ours))
    for each in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, each, colour(Role.FAINT))
    return palette
