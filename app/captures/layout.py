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
LOCK = "recording.lock"
"""Held by the program that records; the operating system lets go of it when the program dies."""

FUSED = "fused.png"
WEIGHTS = "weights.tif"
HEIGHT = "height.tif"
CONFIDENCE = "confidence.png"
FUSION = "fusion.json"
RESULT_NAMES = (FUSED, WEIGHTS, HEIGHT, CONFIDENCE, FUSION)


def default_captures_folder() -> Path:
    """``WearIF`` in the operator's documents; not created here."""
    return platformdirs.user_documents_path() / "WearIF"


def new_capture_folder(captures: Path, when: datetime) -> Path:
    """Choose the name of a new capture, ``YYYY-MM-DD_HHMMSS[_n]``; not created here.

    Parameters
    ----------
    captures : Path
        The captures folder.
    when : datetime
        The local time at which the capture starts.
    """
    name = when.strftime("%Y-%m-%d_%H%M%S")
    folder = captures / name
    number = 2
    while folder.exists():
        folder = captures / f"{name}_{number}"
        number += 1
    return folder


def frame_file(index: int) -> str:
    """Return where a frame lies in its capture, by its index, with forward slashes."""
    return f"{FRAMES}/{index:04d}.ome.tif"


def capture_folders(captures: Path) -> tuple[Path, ...]:
    """Find the captures in a folder, newest first; none where the folder is missing."""
    if not captures.is_dir():
        return ()
    found = (path.parent for path in captures.glob(f"*/{RECORD}"))
    return tuple(sorted(found, key=lambda folder: folder.name, reverse=True))
