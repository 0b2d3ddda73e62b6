"""What goes wrong with results on disk; in a file of its own, since results need torch."""

from __future__ import annotations


class ResultError(Exception):
    """Results cannot be written; the message is one line that names the file and the reason."""
