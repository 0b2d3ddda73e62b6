"""How a command ends that cannot do what it was asked."""

from __future__ import annotations

from typing import NoReturn

import typer

BAD_INPUT = 2
"""Exit status when the operator's input cannot be worked on."""


def fail(command: str, error: Exception) -> NoReturn:
    """Say why in one line on standard error, and end."""
    typer.echo(f"wearif {command}: {error}", err=True)
    raise typer.Exit(BAD_INPUT) from error
