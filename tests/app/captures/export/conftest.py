from __future__ import annotations

import cv2
import numpy as np
import pytest

from app.captures.capture import Capture
from app.captures.capture_record import CaptureLabels, CaptureRecord
from app.captures.export.exportable import open_results
from app.captures.measurement_file import write_measurements
from app.captures.measurements import Measurements, Shape
from app.captures.recorder import FrameTag, Recorder
from app.captures.results import write_results
from drivers.camera import Frame
from models.wearif.fusion import fuse
from models.wearif.weights import load_model

COUNT, SHAPE = 4, (48, 65)
LINE = Shape(kind="profile", points=((4.0, 10.0), (60.0, 40.0)))
SHAPES = (
    LINE,
    Shape(kind="ruler", points=((5.0, 5.0), (25.0, 5.0)), label="a <b> & 铁"),
    Shape(kind="circle", points=((30.0, 20.0), (36.0, 20.0))),
    Shape(kind="polygon", points=((1.0, 1.0), (9.0, 1.0), (9.0, 9.0))),
    Shape(kind="text", points=((20.0, 30.0),), label="sphere"),
)


def record_capture(folder, dtype=np.uint8, colour=True):
    record = CaptureRecord(
        microscope="bench",
        objective="20x/0.40",
        na=0.4,
        magnification=20.0,
        pixel_um=0.4945,
        sweep={"z_from_um": 0.0, "z_to_um": 6.0, "step_um": 2.0, "speed_um_per_s": 30.0},
        labels=CaptureLabels(slide="7 <script>", machine="破碎机", operator="李"),
    )
    recorder = Recorder(folder, record)
    most = np.iinfo(dtype).max
    shape = (*SHAPE, 3) if colour else SHAPE
    sharp = np.random.default_rng(3).integers(0, most, shape, dtype, endpoint=True)
    for index in range(COUNT):
        image = cv2.GaussianBlur(sharp, (0, 0), 2)
        columns = slice(index * SHAPE[1] // COUNT, (index + 1) * SHAPE[1] // COUNT)
        image[:, columns] = sharp[:, columns]
        recorder.record(Frame(image, index, 0, 1_000_000 * index, 500, "camera", 2.5))
    recorder.close({index: FrameTag(2.0 * index, 0.1, used=True) for index in range(COUNT)})
    capture = Capture(folder)
    write_results(folder, fuse(capture, load_model(), capture.z_um), capture)
    return capture


@pytest.fixture
def record():
    """Records a capture with its results: a folder, a type of pixels, and whether in colour."""
    return record_capture


@pytest.fixture(scope="session")
def capture(tmp_path_factory):
    """A capture with results and with something drawn on it; tests only read it."""
    capture = record_capture(tmp_path_factory.mktemp("export") / "one")
    write_measurements(capture.folder, Measurements(pixel_um=0.4945, shapes=SHAPES))
    return capture


@pytest.fixture(scope="session")
def exported(capture):
    return open_results(capture.folder)
