"""Finds the phrases that parts of the program without Qt say to the operator."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from itertools import count
from pathlib import Path
from typing import Final

SAYING: Final = frozenset(
    {
        *("Notice", "Trouble", "describe", "report", "_report", "notice", "_notice", "_sentence"),
        "_measure",
        # What was attempted and what came back, from which `describe` makes a title.
        *("DeviceError", "ConnectionLost", "ReplyTimeout", "BadReply", "Rejected"),
        *("LimitExceeded", "NotReferenced", "Alarm", "MoveStopped"),
        *("RecorderError", "ResultError", "StackError", "FieldsError", "SettingsError"),
        *("RecoveryError", "MeshError", "VideoError"),
    }
)
"""Calls whose texts are shown."""
SENTENCE: Final = re.compile(r"(?:[A-Z]|\{0\}: ).* .*\S[.:!?]", re.DOTALL)
"""What tells the operator what to do or what happened: errors' remedies are such."""
WORDS: Final = re.compile(r"[^\W\d_]{3,}")


def phrases_in(source: str) -> set[str]:
    """Return the phrases in a module, with ``{0}``, ``{1}`` … for what is put in.

    Parameters
    ----------
    source : str
        Python code.
    """
    tree = ast.parse(source)
    left_out = {id(node) for node in _not_said(tree)}
    shown = {id(node) for node in _shown(tree)}
    found = set()
    for node in ast.walk(tree):
        text = _text(node)
        if text is None or id(node) in left_out or not WORDS.search(re.sub(r"\{\d+\}", "", text)):
            continue
        if SENTENCE.fullmatch(text.strip()) or id(node) in shown:
            found.add(text)
    return found


def phrases_of(folders: Iterable[Path]) -> set[str]:
    """Return the phrases of all modules below some folders that do not import Qt."""
    found: set[str] = set()
    for folder in folders:
        for path in sorted(folder.rglob("*.py")):
            source = path.read_text(encoding="utf-8")
            if "PySide6" not in source and "simulated" not in path.parts:
                found |= phrases_in(source)
    return found


def _text(node: ast.AST) -> str | None:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if not isinstance(node, ast.JoinedStr):
        return None
    places = count()
    return "".join(
        str(value.value) if isinstance(value, ast.Constant) else f"{{{next(places)}}}"
        for value in node.values
    )


def _shown(tree: ast.AST) -> Iterator[ast.AST]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        if _name(node.func) in SAYING:
            yield from node.args
            yield from (keyword.value for keyword in node.keywords)


def _not_said(tree: ast.AST) -> Iterator[ast.AST]:
    """Return docstrings, the pieces of f-strings, and what is raised as a fault of the program."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            yield node.value
        elif isinstance(node, ast.JoinedStr):
            yield from (part for value in node.values for part in ast.walk(value))
        elif isinstance(node, ast.Call) and _name(node.func) in {"Annotated", "Field", "Option"}:
            yield from (part for value in node.keywords for part in ast.walk(value))


def _name(node: ast.AST) -> str:
    return node.id if isinstance(node, ast.Name) else getattr(node, "attr", "")
