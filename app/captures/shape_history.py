"""The shapes on a picture as they come and go, with the way back."""

from __future__ import annotations

from app.captures.measurements import Shape

Shapes = tuple[Shape, ...]


class ShapeHistory:
    """Shapes in the order in which they were drawn; every change can be undone and redone."""

    def __init__(self, shapes: Shapes = ()) -> None:
        self._states: list[Shapes] = [shapes]
        self._now = 0

    @property
    def shapes(self) -> Shapes:
        """As they are now."""
        return self._states[self._now]

    @property
    def can_undo(self) -> bool:
        """Whether there is a change to take back."""
        return self._now > 0

    @property
    def can_redo(self) -> bool:
        """Whether a change was taken back that nothing else has taken the place of."""
        return self._now < len(self._states) - 1

    def add(self, shape: Shape) -> int:
        """Add a shape and return its index."""
        self._change((*self.shapes, shape))
        return len(self.shapes) - 1

    def replace(self, index: int, shape: Shape) -> None:
        """Put another shape in the place of one."""
        if self.shapes[index] != shape:
            self._change((*self.shapes[:index], shape, *self.shapes[index + 1 :]))

    def remove(self, index: int) -> None:
        """Take a shape away."""
        self._change((*self.shapes[:index], *self.shapes[index + 1 :]))

    def undo(self) -> None:
        """Take the last change back, if there is one."""
        self._now = max(0, self._now - 1)

    def redo(self) -> None:
        """Make the change again that was taken back last, if there is one."""
        self._now = min(len(self._states) - 1, self._now + 1)

    def _change(self, shapes: Shapes) -> None:
        self._states[self._now + 1 :] = [shapes]
        self._now += 1
