"""The operator's hand in the review: strokes, undo, exclusion; kept with the capture."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from numpy.typing import NDArray

from app.captures.capture import Capture
from app.captures.choice_map import ChoiceMap
from app.captures.prepared import Prepared
from app.captures.retouch_record import Edits, save_edits
from app.captures.selection import Selection
from app.window.subject import Subject
from app.window.task_thread import TaskThread

if TYPE_CHECKING:
    from models.wearif.box import Box
    from models.wearif.fusion import Fusion

FRAMES_KEPT: Final = 3
"""Decoded frames at hand, so that painting with one does not read it again and again."""


@dataclass(frozen=True, slots=True, eq=False)
class Edited:
    """The results have changed."""

    subject: Subject
    can_undo: bool
    can_redo: bool
    fused_anew: bool = False
    """Whether other frames were fused, so that all weights have changed."""


@dataclass(frozen=True, slots=True)
class EditsSaved:
    """What was edited lies in the capture's folder."""

    folder: str


@dataclass(frozen=True, slots=True, eq=False)
class Frames:
    """What is fused."""

    prepared: Prepared
    excluded: frozenset[int]

    @property
    def used(self) -> Selection:
        """The frames that are not left out."""
        count = len(self.prepared.stack)
        kept = tuple(index for index in range(count) if index not in self.excluded)
        return Selection(self.prepared.stack, kept)


EditEvent = Edited | EditsSaved | Exception
Step = Callable[[], "Box | None"]
"""Changes the choice; returns where results change."""


class Retouching:
    """Edits one subject on a thread of its own; what comes in while it is busy is done together.

    Parameters
    ----------
    subject : Subject
        As it was opened.
    tell : callable
        Gets each `EditEvent`, from the thread.
    """

    def __init__(self, subject: Subject, tell: Callable[[EditEvent], None]) -> None:
        self._subject = subject
        self._tell = tell
        self._latest = Frames(subject.prepared, subject.edits.excluded)
        self._choice = ChoiceMap(subject.edits.choice)
        self._frames = RecentFrames(subject.used)
        self._guidance = _guidance(subject)
        self._steps: list[Step] = []
        self._lock = threading.Lock()
        self._mid_stroke = False
        self._tasks = TaskThread("retouch", tell)

    @property
    def subject(self) -> Subject:
        """The latest."""
        return self._subject

    @property
    def can_undo(self) -> bool:
        """Whether there is a step to take back."""
        return self._choice.can_undo

    @property
    def can_redo(self) -> bool:
        """Whether there is a step that was taken back."""
        return self._choice.can_redo

    def paint(self, index: int | None, path: Sequence[tuple[float, float]], radius: float) -> None:
        """Paint a part of a stroke; see `ChoiceMap.paint`. A frame that is excluded is no paint."""
        if index in self._subject.edits.excluded:
            return
        way = tuple(path)

        def step() -> Box | None:
            self._mid_stroke = True
            return self._choice.paint(index, way, radius)

        self._do(step)

    def end_stroke(self) -> None:
        """Make what was painted one step."""

        def step() -> None:
            self._choice.end_stroke()
            self._mid_stroke = False

        self._do(step)

    def undo(self) -> None:
        """Take the last step back."""
        self._do(self._choice.undo)

    def redo(self) -> None:
        """Do again what was taken back."""
        self._do(self._choice.redo)

    def clear(self) -> None:
        """Give everything back to the fusion."""
        self._do(self._choice.clear)

    @property
    def latest(self) -> Frames:
        """Of which frames the latest fusion is, also one that has yet to be taken up."""
        return self._latest

    def take_up(self, fusion: Fusion, frames: Frames) -> None:
        """Go on with a fusion of other frames; what was painted is worked into it.

        Frames that were moved otherwise are not taken up when somebody has painted on the old ones.
        """
        self._latest = frames
        self._tasks.submit(lambda: self._take_up(fusion, frames))

    def learn(self, prepared: Prepared) -> None:
        """Take note of what was found out about the frames, which lie well as they are."""
        self._tasks.submit(lambda: self._learn(prepared))

    def close(self, timeout_s: float) -> bool:
        """Do and save what is left; False if that took longer than allowed."""
        return self._tasks.close(timeout_s)

    def _do(self, step: Step) -> None:
        with self._lock:
            self._steps.append(step)
        self._tasks.submit(self._catch_up)

    def _catch_up(self) -> None:
        with self._lock:
            steps, self._steps = self._steps, []
        if not steps:
            return
        box: Box | None = None
        for step in steps:
            changed = step()
            if changed is not None:
                box = changed.joined(box)
        if box is not None:
            self._refresh(box)
        if not self._mid_stroke:
            # Also when nothing changed: whether there is something to undo may have.
            self._tell_edited()
            self._save()

    def _refresh(self, box: Box) -> None:
        before = self._subject
        edits = Edits(self._choice.choice.copy(), before.edits.excluded, before.prepared.warps)
        retouched = before.retouched.changed(
            self._frames,
            edits.choice_among(before.used.indices),
            before.used.z_um,
            self._guidance,
            box,
        )
        self._subject = before.edited(edits, retouched, box)
        if self._mid_stroke:
            self._tell_edited()

    def _take_up(self, fusion: Fusion, frames: Frames) -> None:
        choice, before = self._choice.choice.copy(), self._subject
        if choice.any() and frames.prepared.warps != before.prepared.warps:
            self._latest = Frames(before.prepared, before.edits.excluded)
            self._tell_edited()
            return
        edits = Edits(choice, frames.excluded, frames.prepared.warps)
        used = frames.used
        self._subject = Subject.of(frames.prepared, fusion, edits, used, before.path)
        self._frames = RecentFrames(used)
        self._guidance = _guidance(self._subject)
        self._tell_edited(fused_anew=True)
        self._save()

    def _learn(self, prepared: Prepared) -> None:
        known = replace(prepared, stack=self._subject.stack)
        self._subject = replace(self._subject, prepared=known, measured=True)
        self._tell_edited()

    def _tell_edited(self, *, fused_anew: bool = False) -> None:
        choice = self._choice
        self._tell(Edited(self._subject, choice.can_undo, choice.can_redo, fused_anew))

    def _save(self) -> None:
        stack = self._subject.source
        if isinstance(stack, Capture):
            save_edits(stack, self._subject.edits)
            self._tell(EditsSaved(stack.name))


class RecentFrames:
    """A stack's frames, the last few of them at hand."""

    def __init__(self, stack: Selection) -> None:
        self._stack = stack
        self._kept: OrderedDict[int, NDArray[Any]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._stack)

    def __getitem__(self, index: int) -> NDArray[Any]:
        """Read one frame, unless it is at hand."""
        if index not in self._kept:
            self._kept[index] = self._stack[index]
            if len(self._kept) > FRAMES_KEPT:
                self._kept.popitem(last=False)
        self._kept.move_to_end(index)
        return self._kept[index]


def _guidance(subject: Subject) -> NDArray[Any]:
    from models.wearif.retouch import guidance_of

    return guidance_of(subject.base)
