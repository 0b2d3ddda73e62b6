"""What captures there are: an index of the captures folder that can be searched and sorted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Literal

from app.captures.capture_record import (
    CaptureLabels,
    CaptureState,
    read_record,
    stored_record,
    write_record,
)
from app.captures.layout import FRAMES_LOG, FUSED, LOCK, RECORD, SCAN
from app.captures.reason import reason
from app.captures.stack import StackError

Order = Literal["date", "name", "slide", "sample", "machine", "operator", "frames", "state"]
Stamp = tuple[int, int, int]
"""Tells one state of a capture's files from another."""
EntryState = CaptureState | Literal["unreadable"]
"""``unreadable`` where the record is damaged."""


@dataclass(frozen=True, slots=True)
class CaptureEntry:
    """A capture as the library lists it."""

    folder: Path
    created: datetime
    """In the time zone of this computer."""
    state: EntryState
    labels: CaptureLabels = field(default_factory=CaptureLabels)
    microscope: str = ""
    objective: str = ""
    frames: int = 0
    """In the stack."""
    scan: str = ""
    """The slide scan that it is a field of; empty for a capture by itself."""
    fused: bool = False
    fault: str = ""
    """Why its record cannot be read."""
    stamp: Stamp = (0, 0, 0)

    @property
    def name(self) -> str:
        """The folder's name, after the scan's."""
        return f"{self.scan}/{self.folder.name}" if self.scan else self.folder.name

    @property
    def words(self) -> str:
        """All that a search looks at, in lower case."""
        labels = self.labels
        parts = (
            self.name,
            self.created.strftime("%Y-%m-%d"),
            self.state,
            self.microscope,
            self.objective,
            *(labels.slide, labels.sample, labels.machine, labels.operator, labels.field),
            labels.notes,
        )
        return "\n".join(parts).casefold()


@dataclass(frozen=True, slots=True)
class Query:
    """What the operator looks for; an empty one finds everything."""

    words: str = ""
    """All of them have to be somewhere."""
    slide: str = ""
    sample: str = ""
    machine: str = ""
    operator: str = ""
    since: date | None = None
    until: date | None = None
    """The last day, included."""

    def finds(self, entry: CaptureEntry) -> bool:
        """Say whether an entry is what is looked for."""
        labels = entry.labels
        chosen = (
            (self.slide, labels.slide),
            (self.sample, labels.sample),
            (self.machine, labels.machine),
            (self.operator, labels.operator),
        )
        if any(wanted and wanted != found for wanted, found in chosen):
            return False
        day = entry.created.date()
        if (self.since and day < self.since) or (self.until and day > self.until):
            return False
        text = entry.words
        return all(word in text for word in self.words.casefold().split())


def scan_library(
    captures: Path, known: Mapping[Path, CaptureEntry] | None = None
) -> tuple[CaptureEntry, ...]:
    """Find the captures in a folder and the fields of its slide scans, newest first.

    A capture whose record is damaged is listed with what is wrong with it.

    Parameters
    ----------
    captures : Path
        The captures folder; there are none where it is missing.
    known : mapping, optional
        What an earlier scan found, by folder; only what has changed since is read again.

    Raises
    ------
    StackError
        The captures folder cannot be listed.
    """
    known = known or {}
    entries = []
    for folder, scan in listed_folders(captures):
        stamp = capture_stamp(folder)
        before = known.get(folder)
        if before is None or before.stamp != stamp:
            before = entry_of(folder, scan, stamp)
        entries.append(before)
    return arranged(entries, "date", descending=True)


def arranged(
    entries: Iterable[CaptureEntry], order: Order, *, descending: bool = False
) -> tuple[CaptureEntry, ...]:
    """Sort entries; those that do not tell come last, equal ones newest first."""
    newest_first = sorted(entries, key=lambda e: (e.created, e.name), reverse=True)
    if order == "date":
        return tuple(newest_first if descending else reversed(newest_first))
    told = [entry for entry in newest_first if _key(entry, order)]
    silent = [entry for entry in newest_first if not _key(entry, order)]
    told.sort(key=lambda entry: _key(entry, order), reverse=descending)
    return (*told, *silent)


def label_values(entries: Iterable[CaptureEntry], label: str) -> tuple[str, ...]:
    """Return what a label, such as ``slide``, is anywhere, sorted and without the empty one."""
    found = {str(getattr(entry.labels, label)) for entry in entries} - {""}
    return tuple(sorted(found, key=str.casefold))


def relabel(folder: Path, changes: Mapping[str, str]) -> CaptureLabels:
    """Change some of a capture's labels in its record.

    Parameters
    ----------
    folder : Path
        The capture's.
    changes : mapping
        New texts by label.

    Returns
    -------
    CaptureLabels
        As they are now.

    Raises
    ------
    StackError
        The record cannot be read or written, or the capture is still being recorded.
    """
    record = stored_record(folder)
    if record.state == "recording":
        raise StackError(
            f"{folder}: is being recorded, or was when its program died; "
            "label it when it is complete or recovered"
        )
    labels = CaptureLabels(**{**record.labels.model_dump(), **changes})
    if labels == record.labels:
        return labels
    try:
        write_record(folder, record.model_copy(update={"labels": labels}))
    except OSError as error:
        raise StackError(f"{folder / RECORD}: cannot be written: {reason(error)}") from error
    return labels


def listed_folders(captures: Path) -> list[tuple[Path, str]]:
    """Return the captures and, for fields of a scan, the scan's name; else that is empty.

    Raises
    ------
    StackError
        The captures folder cannot be listed.
    """
    if not captures.is_dir():
        return []
    try:
        found = [(path.parent, "") for path in captures.glob(f"*/{RECORD}")]
        for scan in captures.glob(f"*/{SCAN}"):
            folder = scan.parent
            found += [(path.parent, folder.name) for path in folder.glob(f"*/{RECORD}")]
    except OSError as error:
        raise StackError(f"{captures}: cannot be read: {reason(error)}") from error
    return found


def entry_of(folder: Path, scan: str, stamp: Stamp) -> CaptureEntry:
    """Read what the library lists of a capture; one whose record is damaged says so."""
    try:
        record = read_record(folder)
    except StackError as error:
        created = datetime.fromtimestamp(stamp[0] / 1e9, UTC).astimezone()
        return CaptureEntry(folder, created, "unreadable", scan=scan, fault=str(error), stamp=stamp)
    held = record.state == "interrupted" and (folder / LOCK).exists()
    return CaptureEntry(
        folder,
        record.created.astimezone(),
        "recording" if held else record.state,
        record.labels,
        record.microscope,
        record.objective,
        sum(entry.used for entry in record.frames),
        scan,
        (folder / FUSED).is_file(),
        stamp=stamp,
    )


def capture_stamp(folder: Path) -> Stamp:
    """Return times and sizes of the files that an entry depends on."""
    record, fused, log = (_stat(folder / name) for name in (RECORD, FUSED, FRAMES_LOG))
    return record[0], fused[0], record[1] + log[1]


def _stat(path: Path) -> tuple[int, int]:
    try:
        found = path.stat()
    except OSError:
        # It is not there, or gone since it was listed; reading says more where it matters.
        return 0, 0
    return found.st_mtime_ns, found.st_size


def _key(entry: CaptureEntry, order: Order) -> str | int:
    match order:
        case "frames":
            return entry.frames
        case "name":
            return entry.name.casefold()
        case "state":
            return entry.state
        case _:
            return str(getattr(entry.labels, order)).casefold()
