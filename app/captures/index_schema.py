"""The tables of the library's index, version by version."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

_CAPTURES: Final = (
    """
    CREATE TABLE captures (
        id INTEGER PRIMARY KEY,
        folder BLOB NOT NULL UNIQUE,
        scan TEXT NOT NULL,
        created TEXT NOT NULL,
        day TEXT NOT NULL,
        state TEXT NOT NULL,
        microscope TEXT NOT NULL,
        objective TEXT NOT NULL,
        frames INTEGER NOT NULL,
        fused INTEGER NOT NULL,
        fault TEXT NOT NULL,
        labels TEXT NOT NULL,
        slide TEXT NOT NULL,
        sample TEXT NOT NULL,
        machine TEXT NOT NULL,
        operator TEXT NOT NULL,
        words TEXT NOT NULL,
        stamp_record INTEGER NOT NULL,
        stamp_fused INTEGER NOT NULL,
        stamp_size INTEGER NOT NULL
    )
    """,
)
# Any three characters in a row are a token: finds parts of words, and Chinese, which has no spaces.
_SEARCHED: Final = (
    """
    CREATE VIRTUAL TABLE searched USING fts5 (
        words, content = 'captures', content_rowid = 'id', tokenize = 'trigram'
    )
    """,
    "INSERT INTO searched (searched) VALUES ('rebuild')",
    """
    CREATE TRIGGER capture_added AFTER INSERT ON captures BEGIN
        INSERT INTO searched (rowid, words) VALUES (new.id, new.words);
    END
    """,
    """
    CREATE TRIGGER capture_gone AFTER DELETE ON captures BEGIN
        INSERT INTO searched (searched, rowid, words) VALUES ('delete', old.id, old.words);
    END
    """,
    """
    CREATE TRIGGER capture_changed AFTER UPDATE ON captures BEGIN
        INSERT INTO searched (searched, rowid, words) VALUES ('delete', old.id, old.words);
        INSERT INTO searched (rowid, words) VALUES (new.id, new.words);
    END
    """,
)
VERSION: Final = 2
"""1 had the captures alone; 2 searches them by what they say."""


class NewerIndexError(Exception):
    """The index was written by a newer program, whose tables are not known here."""


def open_index(db: sqlite3.Connection) -> None:
    """Bring an index, or an empty file, to the present version; all of it or nothing.

    Raises
    ------
    NewerIndexError
        It is newer; it stays as it is.
    sqlite3.Error
        The file cannot be used, or is none of SQLite's.
    """
    if _version(db) == VERSION:
        return
    db.execute("PRAGMA journal_mode = WAL")
    with transaction(db):
        # Another program may have been quicker.
        version = _version(db)
        if version < 1:
            _run(db, _CAPTURES)
        if version < 2 and _can_search(db):
            _run(db, _SEARCHED)
        db.execute(f"PRAGMA user_version = {VERSION}")


def is_searched(db: sqlite3.Connection) -> bool:
    """Say whether there is a table to search in; not where SQLite came without FTS5."""
    return db.execute("SELECT 1 FROM sqlite_master WHERE name = 'searched'").fetchone() is not None


@contextmanager
def transaction(db: sqlite3.Connection) -> Iterator[None]:
    """Write what is written within as a whole, or not at all."""
    # A transaction that begins by reading cannot wait until another program has written.
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        # SQLite has rolled back by itself where the disk was full.
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise
    db.execute("COMMIT")


def _version(db: sqlite3.Connection) -> int:
    version = int(db.execute("PRAGMA user_version").fetchone()[0])
    if version > VERSION:
        raise NewerIndexError(f"it has version {version}, this program knows {VERSION}")
    return version


def _can_search(db: sqlite3.Connection) -> bool:
    """Say whether SQLite has FTS5 with trigrams (3.34 and later, unless built without)."""
    options = {name for (name,) in db.execute("PRAGMA compile_options")}
    return "ENABLE_FTS5" in options and sqlite3.sqlite_version_info >= (3, 34)


def _run(db: sqlite3.Connection, statements: tuple[str, ...]) -> None:
    for statement in statements:
        db.execute(statement)
