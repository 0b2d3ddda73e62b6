"""Texts of operators in tables that spreadsheet programs open."""

from __future__ import annotations

_STARTS_FORMULA = ("=", "+", "-", "@", "\t", "\n")


def csv_text(text: str) -> str:
    """Return a text that no spreadsheet program takes for a formula and runs.

    An apostrophe before it says that it is a text (OWASP, "CSV Injection"). Carriage returns become
    line feeds: Python's writer does not quote them, and programs would begin a new row there.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return f"'{text}" if text.startswith(_STARTS_FORMULA) else text
