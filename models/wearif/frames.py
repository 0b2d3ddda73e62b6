"""What is fused, and the refusal to."""

from __future__ import annotations

from typing import Any, Protocol

from numpy.typing import NDArray


class FusionError(Exception):
    """Frames cannot be fused; the message is one line that names the frame and the reason."""


class Frames(Protocol):
    """A stack of frames, read one at a time."""

    def __len__(self) -> int:
        """How many there are."""
        ...

    def __getitem__(self, index: int) -> NDArray[Any]:
        """Return one frame: (H, W) or (H, W, 3) RGB, uint8 or uint16."""
        ...
