"""Which files of an export need libraries that are not always installed."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Final

from app.captures.export.plan import Content

_LIBRARIES: Final[dict[Content, tuple[str, ...]]] = {
    "surface": ("trimesh", "PIL"),
}
INSTALL: Final = "pip install 'wearif[exports]'"


def can_write(content: Content) -> bool:
    """Say whether all libraries that a kind of file needs are installed."""
    return all(find_spec(name) is not None for name in _LIBRARIES.get(content, ()))
