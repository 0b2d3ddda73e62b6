"""Under which headings `wearif --help` lists the commands."""

from __future__ import annotations

from typing import Final

MICROSCOPE: Final = "At the microscope"
ON_DISK: Final = "Captures and stacks on disk"
MODELS: Final = "Models and methods"
TRYING: Final = "On the simulated microscope"
