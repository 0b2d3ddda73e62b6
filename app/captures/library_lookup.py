"""The captures of one folder: by the index where it can be used, else by reading them."""

from __future__ import annotations

import logging
from pathlib import Path

from app.captures.library import CaptureEntry, Query, scan_library
from app.captures.library_index import LibraryIndex, LibraryIndexError, OnSome

_LOG = logging.getLogger(__name__)


class LibraryLookup:
    """Lists and finds captures; an index that cannot be used makes it slower and nothing else.

    One thread may list while another finds.

    Parameters
    ----------
    captures : Path
        The captures folder.
    place : Path
        Of the index, see `LibraryIndex`.
    """

    def __init__(self, captures: Path, place: Path) -> None:
        self._captures = captures
        self._index: LibraryIndex | None = LibraryIndex(captures, place)
        self._entries: tuple[CaptureEntry, ...] = ()

    def known(self) -> tuple[CaptureEntry, ...]:
        """Return what earlier looks have found, newest first, without a look at the folders."""
        index = self._index
        if index is not None and not self._entries:
            try:
                self._entries = index.entries()
            except LibraryIndexError as error:
                self._do_without(error)
        return self._entries

    def refresh(self, on_some: OnSome | None = None) -> tuple[CaptureEntry, ...]:
        """Look at the folders, and return what is in them, newest first.

        Parameters
        ----------
        on_some : callable, optional
            See `LibraryIndex.refresh`.

        Returns
        -------
        tuple of CaptureEntry
            The very same as before where nothing has changed.

        Raises
        ------
        StackError
            The captures folder cannot be listed.
        """
        entries = self._look(on_some)
        if entries != self._entries:
            self._entries = entries
        return self._entries

    def find(self, query: Query) -> frozenset[Path]:
        """Return the folders of what a query finds among what was found by the last look."""
        # Once: the other thread may give the index up meanwhile.
        index = self._index
        if index is not None:
            try:
                return index.find(query)
            except LibraryIndexError as error:
                self._do_without(error)
        return frozenset(entry.folder for entry in self._entries if query.finds(entry))

    def _look(self, on_some: OnSome | None) -> tuple[CaptureEntry, ...]:
        index = self._index
        if index is not None:
            try:
                return index.refresh(on_some)
            except LibraryIndexError as error:
                self._do_without(error)
        return scan_library(self._captures, {entry.folder: entry for entry in self._entries})

    def _do_without(self, error: LibraryIndexError) -> None:
        _LOG.warning("The library does without its index: %s", error)
        self._index = None
