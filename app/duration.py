"""Times in words."""

from __future__ import annotations


def duration(seconds: float) -> str:
    """Return a time in words, as exactly as it matters."""
    if seconds < 100:
        return f"{seconds:.0f} s"
    if seconds < 100 * 60:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h"
