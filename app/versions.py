"""What the program is built on, for whoever has to find the cause of a fault."""

from __future__ import annotations

import platform
import sys
from importlib.metadata import PackageNotFoundError, version
from typing import Final

LIBRARIES: Final = (
    *("PySide6-Essentials", "pyqtgraph", "numpy", "scipy", "opencv-python", "torch"),
    *("tifffile", "pyserial", "pypylon", "pymmcore"),
)


def program_version() -> str:
    """Return the program's own version."""
    return _version("wearif")


def versions() -> dict[str, str]:
    """Return the versions of the program, of Python, of the system and of the libraries."""
    return {
        "WearIF": program_version(),
        "Python": sys.version.split()[0],
        "System": f"{platform.system()} {platform.release()} ({platform.machine()})",
        **{name: _version(name) for name in LIBRARIES},
    }


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"
