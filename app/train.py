"""`wearif train`: settings from options, real stacks from a folder."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from rich.console import Console

from app.captures.frame_names import natural_key
from app.captures.open_stack import TIFF_SUFFIXES, open_stack
from app.captures.reason import reason
from app.captures.stack import StackError
from app.captures.video_file import VIDEO_SUFFIXES
from app.train_view import TrainView
from models.training.progress import TrainReport
from models.training.real_stacks import RealStack
from models.training.settings import TrainSettings
from models.training.train import train

_FILE_SUFFIXES = VIDEO_SUFFIXES | TIFF_SUFFIXES


class TrainInputError(Exception):
    """What the operator asked for cannot be trained; the message is one line that names it."""


def train_model(options: Mapping[str, Any], stacks: Path | None, console: Console) -> TrainReport:
    """Train with options from the command line.

    Parameters
    ----------
    options : mapping
        Fields of `TrainSettings`.
    stacks : Path, optional
        Folder of real stacks.
    console : Console
        Where to show progress.

    Raises
    ------
    TrainInputError
        An option is out of range, or there are no stacks in the folder.
    StackError, UnfitStackError
        A stack cannot be read, or not be learned from.
    """
    try:
        settings = TrainSettings.model_validate(dict(options))
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(map(str, first["loc"])) or "settings"
        raise TrainInputError(f"{field}: {first['msg']}") from error
    real = [] if stacks is None else find_stacks(stacks)
    for stack in real:
        stack.check()
    with TrainView(console) as view:
        return train(settings, view.show, real)


def find_stacks(folder: Path) -> list[RealStack]:
    """List the stacks in a folder: each sub-folder, multi-page TIFF and video is one.

    Raises
    ------
    TrainInputError
        There are none.
    StackError
        The folder cannot be read.
    """
    try:
        entries = sorted(folder.iterdir(), key=lambda path: natural_key(path.name))
    except OSError as error:
        raise StackError(f"{folder}: cannot be read: {reason(error)}") from error
    found = [path for path in entries if _may_be_stack(path)]
    if not found:
        raise TrainInputError(
            f"{folder}: holds no stacks; give the folder that holds sub-folders of images, "
            "multi-page TIFFs or videos"
        )
    return [RealStack(path.name, partial(open_stack, path)) for path in found]


def speaks() -> bool:
    """Whether this process reports: of those that torchrun starts, the first alone does."""
    return os.environ.get("RANK", "0") == "0"


def _may_be_stack(path: Path) -> bool:
    if path.name.startswith("."):
        return False
    return path.is_dir() or path.suffix.lower() in _FILE_SUFFIXES
