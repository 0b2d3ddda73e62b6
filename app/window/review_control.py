"""What the operator can do with a stack; knows no Qt and never makes the window wait."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from app.captures.measurement_file import read_measurements, write_measurements
from app.captures.measurements import Measurements
from app.captures.shape_history import Shapes
from app.window.export_work import ExportWish, write_export
from app.window.picture import Pixels, to_screen
from app.window.retouching import Edited, EditEvent, EditsSaved, Frames, Retouching
from app.window.subject import (
    OpeningEnded,
    Subject,
    fuse_frames,
    open_and_fuse,
    open_capture,
    prepare_frames,
)
from app.window.task_thread import TaskThread
from app.window.trouble import Trouble, describe
from app.window.weight_maps import MapsKnown, WeighedFrame, WeightMaps

if TYPE_CHECKING:
    from models.wearif.fusion import Fusion


@dataclass(frozen=True, slots=True)
class Progress:
    """Something takes its time."""

    what: str
    """``opening``, ``aligning``, ``fusing`` or ``writing``."""
    name: str
    """Of the stack or the folder."""
    done: int
    total: int


@dataclass(frozen=True, slots=True, eq=False)
class Opened:
    """A stack is ready for review."""

    subject: Subject
    measured: Shapes = ()
    """What was measured in it before."""


@dataclass(frozen=True, slots=True)
class Exported:
    """The results have been written."""

    folder: Path
    files: int


@dataclass(frozen=True, slots=True)
class Idle:
    """Nothing takes its time any more."""


@dataclass(frozen=True, slots=True, eq=False)
class OtherFusion:
    """The same frames have been fused by another model, to be compared."""

    model: str
    fused: Pixels


@dataclass(frozen=True, slots=True, eq=False)
class FrameRead:
    """A frame that was asked for only to be looked at."""

    index: int
    pixels: Pixels


ReviewEvent = (
    Progress
    | Opened
    | Edited
    | EditsSaved
    | OtherFusion
    | FrameRead
    | Exported
    | Idle
    | WeighedFrame
    | MapsKnown
    | Trouble
)


class ReviewControl:
    """Opens stacks, computes their weight maps, exports their results.

    Parameters
    ----------
    tell : callable
        Gets every `ReviewEvent`, from whatever thread it happens on; must return at once.
    """

    def __init__(self, tell: Callable[[ReviewEvent], None]) -> None:
        self._tell = tell
        self._maps: WeightMaps | None = None
        self._retouching: Retouching | None = None
        self._align = True
        self._opening = 0
        """How often a stack was opened or laid otherwise; only the last time counts."""
        self._excluding = 0
        """How often frames were excluded or taken in again; only the last time counts."""
        self._measured_in: Path | None = None
        """Whose measurements may be written; None where they could not be read."""
        self._saving = TaskThread("measurements", lambda error: self._report(error, "Measuring"))
        self._ended = threading.Event()
        self._tasks = TaskThread("review", lambda error: self._report(error, "Review"))

    @property
    def maps(self) -> WeightMaps | None:
        """The weight maps of the stack under review."""
        return self._maps

    @property
    def retouching(self) -> Retouching | None:
        """What edits the stack under review."""
        return self._retouching

    def open_capture(self, folder: Path, fusion: Fusion) -> None:
        """Review a capture that has just been made."""
        self._opening += 1
        number = self._opening
        self._tell(Progress("opening", folder.name, 0, 0))
        self._tasks.submit(lambda: self._open(folder, lambda: open_capture(folder, fusion)))
        self._tasks.submit(lambda: self._measure(number))

    def open_path(self, path: Path) -> None:
        """Open a capture, a folder or a file, and fuse it."""

        def on_progress(what: str, done: int, total: int) -> None:
            if self._ended.is_set():
                raise OpeningEnded
            self._tell(Progress(what, path.name, done, total))

        def make() -> Subject:
            return open_and_fuse(path, on_progress, align=self._align)

        self._opening += 1
        number = self._opening
        self._tell(Progress("opening", path.name, 0, 0))
        self._tasks.submit(lambda: self._open(path, make))
        self._tasks.submit(lambda: self._measure(number))

    def ask(self, index: int) -> None:
        """Ask for a frame and its weights."""
        if self._maps is not None:
            self._maps.ask(index)

    def exclude(self, excluded: frozenset[int]) -> None:
        """Fuse all frames but these; the last frame that is left cannot be excluded."""
        retouching = self._retouching
        if retouching is None or len(excluded) >= len(retouching.subject.stack):
            return
        self._excluding += 1
        number = self._excluding
        self._tasks.submit(lambda: self._fuse_without(retouching, excluded, number))

    @property
    def aligns(self) -> bool:
        """Whether frames that do not lie on one another are moved before they are fused."""
        return self._align

    def align(self, on: bool) -> None:
        """Move frames onto one another, or leave them as they are; also those of later stacks."""
        if on == self._align:
            return
        self._align = on
        self._opening += 1
        number = self._opening
        self._tasks.submit(lambda: self._lay(number))

    def fuse_with(self, model: str) -> None:
        """Fuse the same frames by another model; told as `OtherFusion`."""
        retouching = self._retouching
        if retouching is not None:
            self._tasks.submit(lambda: self._fuse_with(retouching.subject, model))

    def keep_measured(self, shapes: Shapes) -> None:
        """Write down what was measured in the stack under review, beside it."""
        source, retouching = self._measured_in, self._retouching
        if source is not None and retouching is not None:
            kept = Measurements(pixel_um=retouching.subject.stack.pixel_um, shapes=shapes)
            self._saving.submit(lambda: write_measurements(source, kept))

    def read(self, index: int) -> None:
        """Read a frame of the stack; told as `FrameRead`."""
        retouching = self._retouching
        if retouching is None:
            return
        subject = retouching.subject

        def work() -> None:
            self._tell(FrameRead(index, to_screen(subject.stack[index], subject.bits)))

        self._tasks.submit(lambda: self._attempt(f"Reading {subject.stack.name}", work))

    def export(self, wish: ExportWish) -> None:
        """Write files of the stack under review to a folder, as it was edited."""
        retouching = self._retouching
        if retouching is not None:
            self._tell(Progress("writing", wish.folder.name, 0, len(retouching.subject.used)))
            self._tasks.submit(
                lambda: self._attempt(
                    f"Export to {wish.folder}", lambda: self._export(retouching.subject, wish)
                )
            )

    def close(self, timeout_s: float) -> bool:
        """Give up what is under way; False if that took longer than allowed."""
        self._ended.set()
        saved = self._saving.close(timeout_s)
        ended = self._tasks.close(timeout_s) and saved
        maps, retouching = self._maps, self._retouching
        ended = (retouching is None or retouching.close(timeout_s)) and ended
        return (maps is None or maps.close(timeout_s)) and ended

    def _open(self, path: Path, make: Callable[[], Subject]) -> None:
        try:
            subject = make()
        except OpeningEnded:
            return
        except Exception as error:  # noqa: BLE001 - shown in the error bar
            self._report(error, f"Opening {path.name}")
            return
        finally:
            self._tell(Idle())
        if self._retouching is not None:
            self._retouching.close(5.0)
        self._retouching = Retouching(subject, self._edited)
        self._weigh(subject, Opened(subject, self._measured(path)))

    def _measured(self, source: Path) -> Shapes:
        try:
            shapes = read_measurements(source).shapes
        except Exception as error:  # noqa: BLE001 - shown in the error bar
            # What cannot be read is not written over either.
            self._measured_in = None
            self._report(error, f"Reading what was measured in {source.name}")
            return ()
        self._measured_in = source
        return shapes

    def _weigh(self, subject: Subject, event: Opened | Edited, first: int | None = None) -> None:
        if self._maps is not None:
            self._maps.close(5.0)
        maps = self._maps = WeightMaps(subject, self._weighed, first)
        # What is told of the first frame belongs to a stack that is known by then.
        self._tell(event)
        maps.start()

    def _edited(self, event: EditEvent) -> None:
        if isinstance(event, Exception):
            self._report(event, "Editing the fusion")
            return
        if isinstance(event, Edited) and self._maps is not None:
            if event.fused_anew:
                self._weigh(event.subject, event, self._maps.shown)
                return
            self._maps.follow(event.subject)
        self._tell(event)

    def _measure(self, number: int) -> None:
        """Find out how frames lie that were fused while they came in."""
        retouching = self._retouching
        if retouching is not None and self._align and not retouching.subject.measured:
            self._lay(number)

    def _lay(self, number: int) -> None:
        retouching = self._retouching
        if retouching is None or number != self._opening:
            return
        subject, before = retouching.subject, retouching.latest
        if subject.edits.choice.any():
            # What was painted belongs to the frames as they lie.
            return

        def on_progress(what: str, done: int, total: int) -> None:
            if self._ended.is_set() or number != self._opening:
                raise OpeningEnded
            self._tell(Progress(what, subject.stack.name, done, total))

        def work() -> None:
            found = prepare_frames(subject.source, subject.edits, on_progress, align=self._align)
            if found.same_frames(before.prepared):
                retouching.learn(found)
                return
            frames = Frames(found, before.excluded)
            brightness = found.brightness_of(frames.used.indices)
            fusion = fuse_frames(frames.used, on_progress, brightness=brightness)
            retouching.take_up(fusion, frames)

        self._attempt(f"Aligning the frames of {subject.stack.name}", work)

    def _fuse_without(self, retouching: Retouching, excluded: frozenset[int], number: int) -> None:
        frames = Frames(retouching.latest.prepared, excluded)
        stack, used = frames.prepared.stack, frames.used

        def on_progress(what: str, done: int, total: int) -> None:
            if self._ended.is_set() or number != self._excluding:
                raise OpeningEnded
            self._tell(Progress(what, stack.name, done, total))

        def work() -> None:
            brightness = frames.prepared.brightness_of(used.indices)
            fusion = fuse_frames(used, on_progress, brightness=brightness)
            retouching.take_up(fusion, frames)

        self._attempt(f"Fusing {stack.name} again", work)

    def _fuse_with(self, subject: Subject, model: str) -> None:
        def on_progress(what: str, done: int, total: int) -> None:
            if self._ended.is_set():
                raise OpeningEnded
            self._tell(Progress(what, subject.stack.name, done, total))

        def work() -> None:
            brightness = subject.prepared.brightness_of(subject.used.indices)
            fusion = fuse_frames(subject.used, on_progress, model, brightness)
            self._tell(OtherFusion(model, to_screen(fusion.fused, subject.bits)))

        self._attempt(f"Fusing {subject.stack.name} with {model}", work)

    def _attempt(self, what: str, work: Callable[[], None]) -> None:
        try:
            work()
        except OpeningEnded:
            return
        except Exception as error:  # noqa: BLE001 - shown in the error bar
            self._report(error, what)
        finally:
            self._tell(Idle())

    def _weighed(self, event: WeighedFrame | MapsKnown | Exception) -> None:
        if isinstance(event, Exception):
            self._report(event, "Computing a weight map")
        else:
            self._tell(event)

    def _export(self, subject: Subject, wish: ExportWish) -> None:
        def on_progress(done: int, total: int) -> None:
            if self._ended.is_set():
                raise OpeningEnded
            self._tell(Progress("writing", wish.folder.name, done, total))

        self._tell(Exported(wish.folder, write_export(subject, wish, on_progress)))

    def _report(self, error: Exception, attempted: str) -> None:
        trouble = describe(error, attempted, None)
        # The stage has nothing to do with what lies on disk.
        self._tell(Trouble(trouble.title, "", trouble.remedy, trouble.details))
