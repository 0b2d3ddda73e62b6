"""Where things lie on disk: the captures folder, one capture, its results."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import platformdirs

RECORD = "capture.json"
FRAMES_LOG = "frames.jsonl"
POSITIONS_LOG = "positions.jsonl"
FRAMES = "frames"
COMPANION = f"{FRAMES}/stack.companion.ome"
"""Makes one OME-TIFF of the frames."""
RECENT = "recent.json"
"""In the captures folder: what was opened last."""
SCAN = "scan.json"
OVERVIEW = "overview.png"
LOCK = "recording.lock"
"""Held by the program that records; the operating system lets go of it when the program dies."""

MEASUREMENTS = "measurements.json"
THUMBNAIL = "thumbnail.jpg"
FUSIONS = "fusions"
"""Holds a folder of results for each fusion with other settings than the first."""

RETOUCH = "retouch.json"
"""What the operator changed about the fusion."""
RETOUCH_MASK = "retouch_{}.png"
"""Named by its content; the record says which one counts."""

FUSED = "fused.png"
WEIGHTS = "weights.tif"
HEIGHT = "height.tif"
CONFIDENCE = "confidence.png"
FUSION = "fusion.json"
RESULT_NAMES = (FUSED, WEIGHTS, HEIGHT, CONFIDENCE, FUSION)


def default_captures_folder() -> Path:
    """``WearIF`` in the operator's documents; not created here."""
    return platformdirs.user_documents_path() / "WearIF"


def capture_name(when: datetime) -> str:
    """Return how a capture is called that starts at a local time: ``YYYY-MM-DD_HHMMSS``."""
    return when.strftime("%Y-%m-%d_%H%M%S")


def new_capture_folder(captures: Path, name: str) -> Path:
    """Choose the folder of a new capture, ``NAME[_n]``; not created here.

    Parameters
    ----------
    captures : Path
        The captures folder.
    name : str
        What the capture is called; a number is added where there is one of the name.
    """
    folder = captures / name
    number = 2
    while folder.exists():
        folder = captures / f"{name}_{number}"
        number += 1
    return folder


def recipe_file(name: str) -> str:
    """Return what lies beside an exported file that cannot hold its recipe itself."""
    return f"{name}.recipe.json"


def frame_file(index: int) -> str:
    """Return where a frame lies in its capture, by its index, with forward slashes."""
    return f"{FRAMES}/{index:04d}.ome.tif"


def capture_folders(captures: Path) -> tuple[Path, ...]:
    """Find the captures in a folder, newest first; none where the folder is missing."""
    if not captures.is_dir():
        return ()
    found = (path.parent for path in captures.glob(f"*/{RECORD}"))
    return tuple(sorted(found, key=lambda folder: folder.name, reverse=True))
