"""What earlier looks at the captures folder have found, so that the next one is quick.

The folders are the truth. The index may be deleted at any time, and is made anew where it is
damaged.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, TypeVar, get_args

import platformdirs

from app.captures.capture_record import CaptureLabels
from app.captures.index_schema import NewerIndexError, is_searched, open_index, transaction
from app.captures.library import (
    CaptureEntry,
    EntryState,
    Query,
    arranged,
    capture_stamp,
    entry_of,
    listed_folders,
)
from app.captures.reason import reason

BUSY_S: Final = 10.0
"""How long one program waits until another has written."""
CHUNK: Final = 200
"""Captures written at once: what has been read by then is kept, and nobody waits for long."""
SHORTEST_TOKEN: Final = 3
"""Characters; trigrams find nothing shorter (sqlite.org/fts5.html, section 4.3.4)."""

_COLUMNS: Final = (
    *("folder", "scan", "created", "state", "microscope", "objective", "frames", "fused"),
    *("fault", "labels", "stamp_record", "stamp_fused", "stamp_size"),
    *("day", "slide", "sample", "machine", "operator", "words"),
)
_READ_COLUMNS: Final = _COLUMNS[: _COLUMNS.index("day")]
_STORE: Final = (
    f"INSERT INTO captures ({', '.join(_COLUMNS)}) VALUES ({', '.join('?' * len(_COLUMNS))}) "
    "ON CONFLICT (folder) DO UPDATE SET "
    + ", ".join(f"{name} = excluded.{name}" for name in _COLUMNS[1:])
)
_READ: Final = f"SELECT {', '.join(_READ_COLUMNS)} FROM captures"
_STATES: Final = frozenset(value for kind in get_args(EntryState) for value in get_args(kind))
_NOT_DAMAGE: Final = frozenset(
    {
        *(sqlite3.SQLITE_BUSY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR),
        *(sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_NOMEM, sqlite3.SQLITE_PERM),
        sqlite3.SQLITE_READONLY,
    }
)
_T = TypeVar("_T")
OnSome = Callable[[Iterable[CaptureEntry]], None]


class LibraryIndexError(Exception):
    """The index cannot be used; the message is one line that names its file and the reason."""


def index_place(captures: Path) -> Path:
    """Return where the index of a captures folder lies, without number and suffix.

    In this computer's cache, not in the captures folder, which may be on a network drive: SQLite's
    write-ahead log needs memory that all its users share (sqlite.org/wal.html, section 1).
    """
    key = hashlib.sha256(os.fsencode(captures.resolve())).hexdigest()[:16]
    return platformdirs.user_cache_path("WearIF", appauthor=False) / f"library-{key}"


class LibraryIndex:
    """The captures of one folder, in a file of SQLite.

    Any number of programs and threads may use it at the same time: each look opens the file anew,
    writes are short transactions, and wait for one another.

    Parameters
    ----------
    captures : Path
        The captures folder.
    place : Path
        Where the index lies, without its number and suffix. A damaged file is followed by one of
        the next number: taking the name of a file that another program has open would let SQLite
        take the one's write-ahead log for the other's.
    """

    def __init__(self, captures: Path, place: Path) -> None:
        self._captures = captures
        self._place = place

    @property
    def file(self) -> Path:
        """The index, whether it is there yet or not."""
        there = self._place.parent.glob(f"{self._place.name}-*.sqlite3")
        return max(there, key=_number, default=self._numbered(1))

    def entries(self) -> tuple[CaptureEntry, ...]:
        """Return what is known without a look at the folders, newest first.

        Raises
        ------
        LibraryIndexError
            The index can neither be read nor made anew.
        """
        return arranged(self._known().values(), "date", descending=True)

    def refresh(self, on_some: OnSome | None = None) -> tuple[CaptureEntry, ...]:
        """Bring the index in line with the folders, and return what is in them, newest first.

        Only captures that have changed since are read.

        Parameters
        ----------
        on_some : callable, optional
            Called with what is known by then whenever some more captures have been read; what it
            raises ends the work, and what was done until then is kept.

        Raises
        ------
        StackError
            The captures folder cannot be listed.
        LibraryIndexError
            The index can neither be read or written, nor made anew.
        """
        self._ask(_check)
        known = self._known()
        found: dict[Path, CaptureEntry] = {}
        fresh: list[CaptureEntry] = []
        for folder, scan in listed_folders(self._captures):
            stamp = capture_stamp(folder)
            entry = known.get(folder)
            if entry is None or entry.stamp != stamp or entry.state == "recording":
                entry = entry_of(folder, scan, stamp)
                fresh.append(entry)
            found[folder] = entry
            if len(fresh) == CHUNK:
                self._store(fresh)
                fresh = []
                if on_some is not None:
                    on_some({**known, **found}.values())
        self._store(fresh)
        self._forget([folder for folder in known if folder not in found])
        return arranged(found.values(), "date", descending=True)

    def find(self, query: Query) -> frozenset[Path]:
        """Return the folders of what a query finds; the same as `Query.finds` says.

        Raises
        ------
        LibraryIndexError
            The index can neither be read nor made anew.
        """

        def act(db: sqlite3.Connection) -> frozenset[Path]:
            where, values = _condition(query, searched=is_searched(db))
            rows = db.execute(f"SELECT folder FROM captures WHERE {where}", values)
            return frozenset(self._path(key) for (key,) in rows)

        return self._ask(act)

    def _known(self) -> dict[Path, CaptureEntry]:
        def act(db: sqlite3.Connection) -> dict[Path, CaptureEntry]:
            entries = (self._entry(row) for row in db.execute(_READ))
            return {entry.folder: entry for entry in entries}

        return self._ask(act)

    def _store(self, entries: Sequence[CaptureEntry]) -> None:
        self._write(_STORE, [self._row(entry) for entry in entries])

    def _forget(self, folders: Sequence[Path]) -> None:
        self._write("DELETE FROM captures WHERE folder = ?", [(self._key(f),) for f in folders])

    def _write(self, statement: str, rows: Sequence[tuple[Any, ...]]) -> None:
        def act(db: sqlite3.Connection) -> None:
            with transaction(db):
                db.executemany(statement, rows)

        if rows:
            self._ask(act)

    def _ask(self, act: Callable[[sqlite3.Connection], _T]) -> _T:
        """Do something with the index; once more with a new one where the old one is damaged."""
        file = self.file
        try:
            with _naming(file):
                return _with(file, act)
        except _DamagedError:
            new = self._numbered(_number(file) + 1)
        try:
            with _naming(new):
                result = _with(new, act)
        except _DamagedError as error:
            raise LibraryIndexError(f"{new}: cannot be made anew: {reason(error)}") from error
        for name in (file.name, f"{file.name}-wal", f"{file.name}-shm"):
            # Where another program still has it open, Windows keeps it; nobody looks at it.
            with suppress(OSError):
                file.with_name(name).unlink()
        return result

    def _numbered(self, number: int) -> Path:
        return self._place.with_name(f"{self._place.name}-{number}.sqlite3")

    def _key(self, folder: Path) -> bytes:
        # Names of folders need not be Unicode.
        return os.fsencode(folder.relative_to(self._captures).as_posix())

    def _path(self, key: bytes) -> Path:
        return self._captures / os.fsdecode(key)

    def _row(self, entry: CaptureEntry) -> tuple[Any, ...]:
        labels = entry.labels
        return (
            *(
                self._key(entry.folder),
                _text(entry.scan),
                entry.created.astimezone(UTC).isoformat(),
            ),
            *(entry.state, entry.microscope, entry.objective, entry.frames, entry.fused),
            *(_text(entry.fault), labels.model_dump_json(), *entry.stamp),
            *(entry.created.date().isoformat(), labels.slide, labels.sample, labels.machine),
            *(labels.operator, _text(entry.words)),
        )

    def _entry(self, row: tuple[Any, ...]) -> CaptureEntry:
        """Invert `_row`; a ValueError where it does not hold what it should."""
        key, scan, created, state, microscope, objective, frames, fused, fault, labels = row[:10]
        if state not in _STATES:
            raise ValueError(f"there is no state {state!r}")
        return CaptureEntry(
            self._path(key),
            datetime.fromisoformat(created).astimezone(),
            state,
            CaptureLabels.model_validate_json(labels),
            microscope,
            objective,
            frames,
            scan,
            bool(fused),
            fault,
            row[10:13],
        )


class _DamagedError(Exception):
    """The file is there but no index."""


def _with(file: Path, act: Callable[[sqlite3.Connection], _T]) -> _T:
    file.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(file, timeout=BUSY_S, isolation_level=None)) as db:
        # A power cut may cost the last captures; the folders still have them.
        db.execute("PRAGMA synchronous = NORMAL")
        open_index(db)
        return act(db)


@contextmanager
def _naming(file: Path) -> Iterator[None]:
    """Tell damage from what cannot be helped, and name the file."""
    try:
        yield
    except (OSError, NewerIndexError) as error:
        raise LibraryIndexError(f"{file}: cannot be used: {reason(error)}") from error
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT) & 0xFF
        if code in _NOT_DAMAGE:
            raise LibraryIndexError(f"{file}: cannot be used: {reason(error)}") from error
        raise _DamagedError(reason(error)) from error
    except ValueError as error:
        raise _DamagedError(reason(error)) from error


def _check(db: sqlite3.Connection) -> None:
    """Make sure that the whole file can be read."""
    (told,) = db.execute("PRAGMA quick_check(1)").fetchone()
    if told != "ok":
        raise ValueError(told)


def _condition(query: Query, *, searched: bool) -> tuple[str, list[str]]:
    """Return a query as what follows WHERE, and its values."""
    parts: list[tuple[str, str]] = [
        (f"{label} = ?", value)
        for label in ("slide", "sample", "machine", "operator")
        if (value := _text(getattr(query, label)))
    ]
    if query.since:
        parts.append(("day >= ?", query.since.isoformat()))
    if query.until:
        parts.append(("day <= ?", query.until.isoformat()))
    words = _text(query.words.casefold()).split()
    tokens = [word for word in words if len(word) >= SHORTEST_TOKEN]
    if searched and tokens:
        phrases = " ".join('"{}"'.format(word.replace('"', '""')) for word in tokens)
        parts.append(("id IN (SELECT rowid FROM searched WHERE searched MATCH ?)", phrases))
    # Trigrams fold a few letters more than Python does, and say nothing about shorter words.
    parts += [("instr(words, ?) > 0", word) for word in words]
    return " AND ".join(part for part, _ in parts) or "1", [value for _, value in parts]


def _text(text: str) -> str:
    """Return what SQLite can keep of a text: no halves of characters, no end in the middle."""
    return text.encode("utf-8", "replace").decode().replace("\0", " ")


def _number(file: Path) -> int:
    digits = file.stem.rpartition("-")[2]
    return int(digits) if digits.isdecimal() else 0
