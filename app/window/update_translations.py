"""Brings the translations up to date with the texts in the code.

python -m app.window.update_translations

New texts come in unfinished, those that are gone go out; then Qt Linguist, or any editor, is the
place to translate them. Run it again afterwards: it compiles the ``.qm`` files.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

import PySide6

from app.window.language import PHRASES, Language, translation_file
from app.window.phrases import phrases_of

ROOT: Final = Path(__file__).parents[2]
SPEAKING: Final = ("drivers", "app/acquisition", "app/captures", "app/window")
"""Rooms without Qt whose phrases the window shows."""


class ToolFailed(Exception):
    """One of Qt's tools did not do what it should; the message is its own."""


def update(path: Path, language: Language, root: Path = ROOT) -> None:
    """Bring one ``.ts`` file up to date, or make it.

    Parameters
    ----------
    path : Path
    language : Language
    root : Path
        Of the source code.

    Raises
    ------
    ToolFailed
    """
    phrases = sorted(phrases_of(root / room for room in SPEAKING))
    with tempfile.TemporaryDirectory() as folder:
        # lupdate reads the marks that a program would carry; these phrases carry none.
        marked = Path(folder) / "phrases.py"
        lines = [
            f"QT_TRANSLATE_NOOP({json.dumps(PHRASES)}, {json.dumps(text, ensure_ascii=False)})"
            for text in phrases
        ]
        marked.write_text("\n".join(lines) + "\n", encoding="utf-8")
        _run(
            "lupdate",
            *(str(each) for each in sorted((root / "app" / "window").glob("*.py"))),
            str(marked),
            *("-tr-function-alias", "QT_TRANSLATE_NOOP+=_T"),
            *("-locations", "none", "-no-obsolete", "-silent"),
            # A translation of something similar is a wrong one until somebody has looked at it.
            *("-disable-heuristic", "similartext", "-disable-heuristic", "sametext"),
            *("-source-language", "en", "-target-language", language.value),
            *("-ts", str(path)),
        )


def compile_translation(path: Path) -> Path:
    """Make the ``.qm`` file that Qt reads, beside a ``.ts`` file.

    Raises
    ------
    ToolFailed
    """
    compiled = path.with_suffix(".qm")
    _run("lrelease", "-silent", str(path), "-qm", str(compiled))
    return compiled


def _run(tool: str, *arguments: str) -> None:
    place = Path(PySide6.__file__).parent
    found = [each for each in (place / tool, place / f"{tool}.exe") if each.exists()]
    if not found:
        raise ToolFailed(f"{tool}: not found in {place}; PySide6-Essentials brings it")
    done = subprocess.run(
        [str(found[0]), *arguments], capture_output=True, text=True, check=False, timeout=120
    )
    if done.returncode != 0:
        raise ToolFailed(f"{tool}: {done.stderr.strip() or done.stdout.strip()}")


def main() -> None:
    """Entry point of ``python -m app.window.update_translations``."""
    for language in Language:
        if language is Language.ENGLISH:
            continue
        path = translation_file(language)
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            update(path, language)
            compile_translation(path)
        except ToolFailed as error:
            sys.exit(str(error))
        left = path.read_text(encoding="utf-8").count('type="unfinished"')
        print(f"{path}: {left} texts to be translated")


if __name__ == "__main__":
    main()
