"""Why something failed, in one line."""

from __future__ import annotations


def reason(error: BaseException) -> str:
    """Return the operating system's own words, or the exception's text, on one line."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return " ".join(str(error).split()) or type(error).__name__
