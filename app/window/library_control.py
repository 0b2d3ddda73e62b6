"""What the operator can do with the captures on disk; knows no Qt and never makes them wait."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final, TypeVar

from app.captures.fusion_settings import FusionSettings
from app.captures.fusions import FusionEntry, fusion_entries, new_fusion_folder
from app.captures.layout import FUSIONS, RECENT
from app.captures.library import CaptureEntry, Query, arranged, relabel
from app.captures.library_index import index_place
from app.captures.library_lookup import LibraryLookup
from app.captures.recents import Recents
from app.captures.stack import StackError
from app.captures.thumbnail import thumbnail
from app.window.comparison import Comparison, compare
from app.window.picture import Pixels
from app.window.subject import OpeningEnded
from app.window.task_thread import TaskThread
from app.window.trouble import Trouble, describe

LIST_EVERY_S: Final = 3.0
"""How often the list grows while captures are read for the first time."""
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class LibraryKnown:
    """The captures and what was opened last, as they are now."""

    entries: tuple[CaptureEntry, ...]
    recent: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class LibraryFound:
    """What a query finds."""

    query: Query
    folders: frozenset[Path]


@dataclass(frozen=True, slots=True, eq=False)
class ThumbnailKnown:
    """A capture's small picture; None where there is none."""

    folder: Path
    pixels: Pixels | None


@dataclass(frozen=True, slots=True)
class FusionsKnown:
    """The fusions of one capture."""

    capture: Path
    fusions: tuple[FusionEntry, ...]


@dataclass(frozen=True, slots=True)
class FusingAgain:
    """A capture is being fused again."""

    capture: Path
    what: str
    """``reading``, ``aligning``, ``fusing`` or ``writing``."""
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class FusedAgain:
    """It is over; what came of it, None where nothing did."""

    capture: Path
    folder: Path | None


LibraryEvent = (
    LibraryKnown
    | LibraryFound
    | ThumbnailKnown
    | FusionsKnown
    | FusingAgain
    | FusedAgain
    | Comparison
    | Trouble
)


class LibraryControl:
    """Scans the captures folder, makes thumbnails, labels captures and fuses them again.

    Parameters
    ----------
    captures : Path
        The captures folder.
    tell : callable
        Gets every `LibraryEvent`, from whatever thread it happens on; must return at once.
    index : Path, optional
        Where the index lies; by default in this computer's cache.
    """

    def __init__(
        self,
        captures: Path,
        tell: Callable[[LibraryEvent], None],
        index: Path | None = None,
    ) -> None:
        self._tell = tell
        self._library = LibraryLookup(captures, index or index_place(captures))
        self._query = Query()
        self._listed_s = 0.0
        self._recents = Recents(captures / RECENT)
        self._wanted: list[Path] = []
        self._wanting = threading.Lock()
        self._ended = threading.Event()
        self._given_up = threading.Event()
        self._disk = TaskThread("library", lambda error: self._report(error, "The library"))
        self._searching = TaskThread("searching", lambda error: self._report(error, "A search"))
        self._pictures = TaskThread("thumbnails", lambda error: self._report(error, "A thumbnail"))
        self._fusing = TaskThread("fusing again", lambda error: self._report(error, "Fusing again"))

    def scan(self) -> None:
        """Find out what captures there are."""
        self._disk.submit(self._scan)

    def search(self, query: Query) -> None:
        """Ask what a query finds; one that another has followed by then is not answered."""
        self._query = query
        self._searching.submit(lambda: self._search(query))

    def want_thumbnail(self, folder: Path) -> None:
        """Ask for a capture's small picture; those asked for last come first."""
        with self._wanting:
            self._wanted.append(folder)
        self._pictures.submit(self._make_thumbnail)

    def relabel(self, folders: Sequence[Path], changes: Mapping[str, str]) -> None:
        """Change labels of captures in their records."""

        def act() -> None:
            for folder in folders:
                self._attempt(f"Labelling {folder.name}", partial(relabel, folder, changes))
            self._scan()

        self._disk.submit(act)

    def list_fusions(self, capture: Path) -> None:
        """Find the fusions of a capture."""

        def act() -> None:
            found = self._attempt(f"Opening {capture.name}", lambda: fusion_entries(capture))
            self._tell(FusionsKnown(capture, found or ()))

        self._disk.submit(act)

    def compare(self, left: FusionEntry, right: FusionEntry) -> None:
        """Read the pictures of two fusions."""

        def act() -> None:
            both = self._attempt("Comparing", lambda: compare(left, right))
            if both is not None:
                self._tell(both)

        self._disk.submit(act)

    def fuse_again(self, capture: Path, settings: FusionSettings) -> None:
        """Fuse a capture with other settings; the results go to a folder of their own in it."""
        self._given_up.clear()
        self._tell(FusingAgain(capture, "reading", 0, 0))
        self._fusing.submit(lambda: self._fuse_again(capture, settings))

    def give_up(self) -> None:
        """End the fusion that is under way."""
        self._given_up.set()

    def opened(self, path: Path) -> None:
        """Remember what was opened."""
        self._disk.submit(lambda: self._remember(path))

    def close(self, timeout_s: float) -> bool:
        """Give up what is under way; False if that took longer than allowed."""
        self._ended.set()
        self._given_up.set()
        with self._wanting:
            self._wanted.clear()
        threads = (self._disk, self._searching, self._pictures, self._fusing)
        ended = [each.close(timeout_s) for each in threads]
        return all(ended)

    def _scan(self) -> None:
        if not self._listed_s:
            # What there was the last time is shown at once.
            self._list(self._library.known())
        try:
            entries = self._library.refresh(self._on_some)
        except OpeningEnded:
            return
        except StackError as error:
            self._report(error, "Reading the captures folder")
        else:
            self._tell(LibraryKnown(entries, self._recents.paths()))

    def _on_some(self, entries: Iterable[CaptureEntry]) -> None:
        if self._ended.is_set():
            raise OpeningEnded
        if time.monotonic() - self._listed_s > LIST_EVERY_S:
            self._list(arranged(entries, "date", descending=True))

    def _list(self, entries: tuple[CaptureEntry, ...]) -> None:
        self._listed_s = time.monotonic()
        if entries:
            self._tell(LibraryKnown(entries, self._recents.paths()))

    def _search(self, query: Query) -> None:
        if query == self._query and not self._ended.is_set():
            self._tell(LibraryFound(query, self._library.find(query)))

    def _remember(self, path: Path) -> None:
        self._attempt("Remembering what was opened", lambda: self._recents.add(path))

    def _make_thumbnail(self) -> None:
        with self._wanting:
            folder = self._wanted.pop() if self._wanted else None
        if folder is None:
            return
        try:
            pixels = thumbnail(folder)
        except (StackError, OSError):
            # The list tells what is wrong with the capture; it has no picture.
            self._tell(ThumbnailKnown(folder, None))
        else:
            self._tell(ThumbnailKnown(folder, pixels))

    def _fuse_again(self, capture: Path, settings: FusionSettings) -> None:
        # PyTorch takes a second to load, which the window does not have when it starts.
        from app.fuse import fuse_input

        def on_progress(what: str, done: int, total: int) -> None:
            if self._ended.is_set() or self._given_up.is_set():
                raise OpeningEnded
            self._tell(FusingAgain(capture, what, done, total))

        folder = new_fusion_folder(capture, settings)
        try:
            fuse_input(capture, folder, settings, on_progress=on_progress)
        except OpeningEnded:
            self._fused_again(capture, folder, done=False)
        except Exception as error:  # noqa: BLE001 - shown in the error bar
            self._fused_again(capture, folder, done=False)
            self._report(error, f"Fusing {capture.name} again")
        else:
            self._fused_again(capture, folder, done=True)

    def _fused_again(self, capture: Path, folder: Path, *, done: bool) -> None:
        if not done and folder.is_dir() and not any(folder.iterdir()):
            # A fusion that was given up leaves no folder behind.
            folder.rmdir()
            others = capture / FUSIONS
            if not any(others.iterdir()):
                others.rmdir()
        self._tell(FusedAgain(capture, folder if done else None))

    def _attempt(self, what: str, act: Callable[[], _T]) -> _T | None:
        try:
            return act()
        except Exception as error:  # noqa: BLE001 - shown in the error bar
            self._report(error, what)
            return None

    def _report(self, error: Exception, attempted: str) -> None:
        trouble = describe(error, attempted, None)
        # The stage has nothing to do with what lies on disk.
        self._tell(Trouble(trouble.title, "", trouble.remedy, trouble.details))
