"""Gets Qt ready; imported before anything else of Qt."""

from __future__ import annotations

import os

import cv2  # noqa: F401 - imported for what it does to the environment, which is undone here

# OpenCV brings a Qt 5 of its own and points every Qt of the process at it.
for _name in ("QT_QPA_PLATFORM_PLUGIN_PATH", "QT_QPA_FONTDIR"):
    os.environ.pop(_name, None)
