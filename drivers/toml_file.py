"""Reads the TOML files that operators write: of microscopes, of controllers."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any


class TomlError(Exception):
    """There is nothing to be read; the message is one line: file, reason."""


def read_toml(path: Path) -> dict[str, Any]:
    """Return what a TOML file says.

    Raises
    ------
    TomlError
        It cannot be read, or is no TOML in UTF-8.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise TomlError(f"{path}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise TomlError(f"{path}: is not UTF-8 text: {error.reason}") from error
    except tomllib.TOMLDecodeError as error:
        raise TomlError(f"{path}: is not TOML: {error}") from error
