"""The slide scans in the captures folder."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path

from app.captures.layout import SCAN
from app.captures.scan_record import ScanRecord, read_scan
from app.captures.stack import StackError

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class UnfinishedScan:
    """A scan that was stopped, or whose program died, before all fields were captured."""

    folder: Path
    record: ScanRecord

    @property
    def finished(self) -> int:
        """How many fields are over."""
        return len(self.record.fields) - len(self.record.pending)


def unfinished_scans(captures: Path) -> tuple[UnfinishedScan, ...]:
    """Find the scans that can be taken up, newest first; damaged ones are logged and left out.

    Parameters
    ----------
    captures : Path
        The captures folder; need not exist.
    """
    found: list[UnfinishedScan] = []
    for path in captures.glob(f"*/{SCAN}"):
        try:
            record = read_scan(path.parent)
        except StackError as error:
            _log.warning("%s", error)
            continue
        if record.pending:
            found.append(UnfinishedScan(path.parent, record))
    return tuple(sorted(found, key=lambda scan: scan.record.created, reverse=True))
