"""What the laboratory says about the next capture; knows no Qt."""

from __future__ import annotations

from app.captures.capture_record import CaptureLabels
from app.window.shared_control import SharedControl
from app.window.stage_work import StageWork


class LabelWork:
    """The labels of the next capture, and those that earlier ones were given.

    Parameters
    ----------
    shared : SharedControl
    stage : StageWork
        Keeps the operator's settings, these among them.
    """

    def __init__(self, shared: SharedControl, stage: StageWork) -> None:
        self._shared = shared
        self._stage = stage
        self._kept: CaptureLabels | None = None

    @property
    def labels(self) -> CaptureLabels:
        """Of the next capture."""
        return self._shared.state().settings.labels

    def write(self, label: str, text: str) -> None:
        """Change one label, with every letter that is typed; `keep` keeps it."""
        settings = self._shared.state().settings
        changed = settings.with_label(label, text)
        if changed != settings:
            self._shared.change(settings=changed)

    def keep(self) -> None:
        """Keep the labels for the next run of the program."""
        if self.labels != self._kept:
            self._kept = self.labels
            self._stage.write_settings(self._shared.state().settings)

    def used(self) -> None:
        """Offer the labels again from now on: a capture has got them."""
        settings = self._shared.state().settings.after_capture()
        self._kept = settings.labels
        self._stage.write_settings(settings)
