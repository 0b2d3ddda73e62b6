"""`wearif evaluate`: from test stacks on disk to tables and pictures on disk."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
from numpy.typing import NDArray
from rich.markup import escape

from app.captures.quiet_opencv import quiet_opencv
from app.captures.reason import reason
from app.captures.results import ResultError
from app.captures.whole_file import whole_file
from models.evaluation.baselines import BASELINES
from models.evaluation.errors import EvaluationError
from models.evaluation.methods import (
    Method,
    MethodResult,
    PictureMethod,
    baseline_method,
    model_method,
)
from models.evaluation.places import telling_places
from models.evaluation.scores import Row, Scorer
from models.evaluation.sheet import caption, sheet
from models.evaluation.stack_folder import EvaluationStack, read_stack
from models.evaluation.tables import csv_table, markdown_report
from models.wearif.weights import DEFAULT_MODEL

CSV, REPORT, SHEET = "results.csv", "results.md", "sheet.png"
ALL = "all"
"""Stands for every baseline."""

OnProgress = Callable[[str, int, int], None]
"""Called with what is done, the steps done and the steps in all."""


@dataclass(frozen=True, slots=True)
class EvaluateReport:
    """What `evaluate` has done."""

    rows: tuple[Row, ...]
    files: tuple[Path, ...]
    """The tables and the sheets."""

    def __str__(self) -> str:
        methods = dict.fromkeys(row.method for row in self.rows)
        stacks = dict.fromkeys(row.stack for row in self.rows)
        done = f"Stacks: {', '.join(stacks)}\nMethods: {', '.join(methods)}"
        return "\n".join((done, *map(str, self.files)))

    def __rich__(self) -> str:
        return escape(str(self))


def evaluate(
    folders: Sequence[Path],
    out_dir: Path,
    *,
    models: Sequence[str] = (),
    methods: Sequence[str] = (),
    compare_with: Sequence[str] = (),
    metrics: bool = True,
    on_progress: OnProgress | None = None,
) -> EvaluateReport:
    """Fuse every stack by every method, score the images, write tables and pictures.

    Parameters
    ----------
    folders : sequence of Path
        Stacks, as `read_stack` reads them.
    out_dir : Path
        Gets ``results.csv`` and ``results.md``, and per stack a folder of its name with
        ``METHOD.png`` and ``sheet.png``. Made if it is missing; the tables are written again
        after each stack, so that what is done is not lost.
    models : sequence of str
        Shipped models or .safetensors files.
    methods : sequence of str
        Baselines, or ``all``. With neither models nor methods, the default model and all baselines.
    compare_with : sequence of str
        ``NAME=PATH``, PATH being an image or a folder as in `PictureMethod`.
    metrics : bool
        Whether to compute the five metrics over the frames.
    on_progress : callable, optional
        Called before each method and at the end.

    Raises
    ------
    EvaluationError
        Something of the input is missing, cannot be read or does not fit.
    WeightsError
        There is no such model.
    ResultError
        Something cannot be written.
    """
    tell = on_progress or _say_nothing
    names = _stack_names(folders)
    chosen = _methods(models, methods, compare_with, names)
    _make(out_dir)
    rows: list[Row] = []
    files = [out_dir / CSV, out_dir / REPORT]
    total = len(folders) * len(chosen)
    for index, folder in enumerate(folders):
        with quiet_opencv():
            stack = read_stack(folder)
        stack_dir = out_dir / stack.name
        _make(stack_dir)
        run = _StackRun(stack, stack_dir, metrics=metrics)
        for done, method in enumerate(chosen, start=index * len(chosen)):
            tell(f"{stack.name}: {method.name}", done, total)
            run.add(method)
        rows += run.rows
        files.append(run.write_sheet())
        _write_text(files[0], csv_table(rows))
        _write_text(files[1], markdown_report(rows))
    tell("done", total, total)
    return EvaluateReport(tuple(rows), tuple(files))


class _StackRun:
    """The methods' turn at one stack."""

    def __init__(self, stack: EvaluationStack, stack_dir: Path, *, metrics: bool) -> None:
        self._stack, self._dir = stack, stack_dir
        self._scorer = Scorer(stack, metrics=metrics)
        self._outcomes: dict[str, MethodResult] = {}
        self.rows: list[Row] = []

    def add(self, method: Method) -> None:
        """Fuse, write and score; a method that has no picture of the stack is passed over."""
        with quiet_opencv():
            outcome = method.apply(self._stack)
        if outcome is None:
            return
        self._outcomes[method.name] = outcome
        _write_png(self._dir / f"{method.name}.png", outcome.image)
        self.rows.append(self._scorer.row(method.name, method.kind, outcome))

    def write_sheet(self) -> Path:
        """Draw what the methods made of the most telling places."""
        images = {name: outcome.image for name, outcome in self._outcomes.items()}
        places = telling_places(self._stack, images)
        captioned = {caption(row): images[row.method] for row in self.rows}
        if self._stack.truth is not None:
            captioned = {"truth": self._stack.truth, **captioned}
        path = self._dir / SHEET
        _write_png(path, sheet(captioned, places, self._stack.white))
        return path


def _stack_names(folders: Iterable[Path]) -> list[str]:
    names = []
    for folder in folders:
        if not folder.is_dir():
            raise EvaluationError(f"{folder}: is no folder; give folders of numbered frames")
        names.append(folder.resolve().name)
    if twice := _twice(names):
        raise EvaluationError(f"{twice}: two stacks have this name; rename one")
    return names


def _methods(
    models: Sequence[str],
    methods: Sequence[str],
    compare_with: Iterable[str],
    stacks: Sequence[str],
) -> list[Method]:
    if not models and not methods:
        models, methods = (DEFAULT_MODEL,), (ALL,)
    baselines = list(BASELINES) if ALL in methods else methods
    chosen: list[Method] = [
        *(model_method(name) for name in models),
        *(baseline_method(name) for name in baselines),
        *(_pictures(option, stacks) for option in compare_with),
    ]
    names = [method.name for method in chosen]
    if twice := _twice(names):
        raise EvaluationError(f"{twice}: two methods have this name")
    if Path(SHEET).stem in names:
        raise EvaluationError(f"{Path(SHEET).stem}: no method can have this name; {SHEET} has it")
    return chosen


def _pictures(option: str, stacks: Sequence[str]) -> PictureMethod:
    name, equals, path = option.partition("=")
    if not equals or not path or not re.fullmatch(r"[\w.+-]+", name):
        raise EvaluationError(f"{option}: write NAME=FOLDER or NAME=IMAGE")
    method = PictureMethod(name, Path(path))
    if method.path.is_file() and len(stacks) > 1:
        raise EvaluationError(f"{path}: one image for {len(stacks)} stacks; give a folder")
    if not any(method.picture_of(stack) for stack in stacks):
        looked_for = ", ".join(f"{stack}.png" for stack in stacks)
        raise EvaluationError(f"{path}: no picture of any stack there; looked for {looked_for}")
    return method


def _twice(names: Sequence[str]) -> str | None:
    return next((name for name in names if names.count(name) > 1), None)


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ResultError(f"{folder}: cannot be made: {reason(error)}") from error


def _write_png(path: Path, image: NDArray[Any]) -> None:
    bgr = image if image.ndim == 2 else cv2.cvtColor(image, cv2.COLOR_RGB2BGR)
    _written, data = cv2.imencode(".png", bgr)
    _write(path, data.tobytes())


def _write_text(path: Path, text: str) -> None:
    _write(path, text.encode())


def _write(path: Path, data: bytes) -> None:
    try:
        with whole_file(path) as part:
            part.write_bytes(data)
    except OSError as error:
        raise ResultError(f"{path}: cannot be written: {reason(error)}") from error


def _say_nothing(_what: str, _done: int, _total: int) -> None:
    """Stand in for a listener."""
