"""What can go wrong with the operator's input to an evaluation."""

from __future__ import annotations


class EvaluationError(Exception):
    """An evaluation cannot be done; the message is one line that names the file and the reason."""
