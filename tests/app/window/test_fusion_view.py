"""The four pictures of a growing fusion."""

import numpy as np
import pytest
from PySide6.QtCore import QObject

from app.acquisition.events import Phase
from app.window.capture_progress import CaptureProgress
from app.window.commands import COMMANDS, Actions
from app.window.fusion_pictures import FusionPictures
from app.window.fusion_view import FusionView
from app.window.language import Language, use_language


@pytest.fixture
def view(qapp, qtbot):
    parent = QObject()
    view = FusionView(Actions({each.key: lambda: None for each in COMMANDS}, parent))
    qtbot.addWidget(view)
    yield view
    parent.deleteLater()


def grown(count=7):
    picture, map_ = np.full((6, 8, 3), 90, np.uint8), np.zeros((6, 8), np.uint8)
    return FusionPictures(picture, picture + 1, map_, map_, (0.0, 5.0), count, 12.0)


def shown(view):
    return int(view.frame.canvas._image.image[0, 0, 0])


def test_the_live_picture_goes_on_while_the_sweep_is_fused(view):
    sweeping = CaptureProgress(phase=Phase.SWEEP)
    live = np.full((6, 8, 3), 30, np.uint8)
    view.show_live(live)
    view.show_pictures(grown(), sweeping, 0.5)
    assert shown(view) == 30
    assert view.frame.title.text() == "Live"
    assert view.weights.remark.text() == "frame 7, z 12.0 µm"


def test_after_the_sweep_the_newest_frame_that_was_fused_is_seen(view):
    view.show_live(np.full((6, 8, 3), 30, np.uint8))
    view.show_pictures(grown(1), CaptureProgress(phase=Phase.CATCH_UP), 0.5)
    assert shown(view) == 91
    assert view.frame.title.text() == "Newest frame"
    assert view.fused.remark.text() == "1 frame fused"


def test_what_is_said_of_the_pictures_follows_the_language(view, qapp):
    view.show_pictures(grown(7), CaptureProgress(phase=Phase.CATCH_UP), 0.5)
    assert view.fused.remark.text() == "7 frames fused"
    use_language(qapp, Language.CHINESE)
    try:
        view.retranslate()
        assert view.fused.remark.text() == "已融合 7 帧"
        assert "帧" in view.weights.remark.text()
    finally:
        use_language(qapp, Language.ENGLISH)
