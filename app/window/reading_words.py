"""Values of measurements as the operator reads them."""

from __future__ import annotations

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication

from app.captures.measurements import Kind, Reading, ReadingName, Shape
from app.window.widgets import micrometres

_T = QT_TRANSLATE_NOOP
_KINDS: dict[Kind, str] = {
    "ruler": _T("measurements", "Ruler"),
    "circle": _T("measurements", "Circle"),
    "polygon": _T("measurements", "Outline"),
    "profile": _T("measurements", "Height profile"),
    "text": _T("measurements", "Text"),
    "arrow": _T("measurements", "Arrow"),
}
_NAMES: dict[ReadingName, str] = {
    "length": _T("measurements", "Length"),
    "angle": _T("measurements", "Angle"),
    "diameter": _T("measurements", "Diameter"),
    "area": _T("measurements", "Area"),
    "perimeter": _T("measurements", "Perimeter"),
    "equivalent_diameter": _T("measurements", "Equivalent diameter"),
    "longest": _T("measurements", "Longest extent"),
    "lowest": _T("measurements", "Lowest"),
    "highest": _T("measurements", "Highest"),
    "rise": _T("measurements", "Height difference"),
}
_SIGNS: dict[ReadingName, str] = {
    "diameter": "⌀ ",
    "equivalent_diameter": "⌀ ",
    "rise": "Δh ",
    "longest": "↔ ",
}


def kind_words(kind: Kind) -> str:
    """Return what a kind of shape is called."""
    return QCoreApplication.translate("measurements", _KINDS[kind])


def name_words(name: ReadingName) -> str:
    """Return what a value is called."""
    return QCoreApplication.translate("measurements", _NAMES[name])


def value_words(reading: Reading) -> str:
    """Return a value and its unit, with about three significant digits."""
    size = abs(reading.value)
    number = micrometres(reading.value, 2 if size < 10 else 1 if size < 1000 else 0)
    unit = QCoreApplication.translate("measurements", reading.unit)
    return f"{number}{unit}" if reading.unit == "°" else f"{number} {unit}"


def short_words(readings: tuple[Reading, ...]) -> str:
    """Return the value that says most, with a sign for what it is."""
    if not readings:
        return ""
    return _SIGNS.get(readings[0].name, "") + value_words(readings[0])


def caption(shape: Shape, readings: tuple[Reading, ...]) -> str:
    """Return what is written beside a shape on the picture."""
    parts = (shape.label, short_words(readings))
    return "  ".join(part for part in parts if part)
