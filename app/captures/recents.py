"""What the operator opened last."""

from __future__ import annotations

from pathlib import Path
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from app.captures.whole_file import whole_file

KEPT: Final = 12


class _Recents(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    schema_version: Literal[1] = 1
    paths: tuple[Path, ...] = ()


class Recents:
    """Stacks opened last, the newest first.

    Parameters
    ----------
    file : Path
        Where they are kept. One that cannot be read counts as empty: nothing is lost with it that
        the operator could not find again.
    """

    def __init__(self, file: Path) -> None:
        self._file = file

    def paths(self) -> tuple[Path, ...]:
        """Return those that are still there."""
        return tuple(path for path in self._read() if path.exists())

    def add(self, path: Path) -> None:
        """Put a stack first.

        Raises
        ------
        OSError
            The file cannot be written.
        """
        path = path.absolute()
        kept = (path, *(other for other in self._read() if other != path))[:KEPT]
        self._file.parent.mkdir(parents=True, exist_ok=True)
        with whole_file(self._file) as part:
            part.write_text(_Recents(paths=kept).model_dump_json(indent=1), encoding="utf-8")

    def _read(self) -> tuple[Path, ...]:
        try:
            return _Recents.model_validate_json(self._file.read_bytes()).paths
        except (OSError, ValidationError):
            return ()
