from __future__ import annotations

import pytest
from pydantic import TypeAdapter, ValidationError

from app.captures.inner_path import InnerPath
from app.captures.scan_record import ScanField

ADAPTER: TypeAdapter[str] = TypeAdapter(InnerPath)


@pytest.mark.parametrize("path", ["0.tif", "frames/0000.ome.tif", "./a..b", "磨粒/1 (2).png"])
def test_paths_inside_stay_as_they_are(path):
    assert ADAPTER.validate_python(path) == path


@pytest.mark.parametrize(
    "path",
    [
        *("", ".", "..", "../0.tif", "frames/../../0.tif", "/etc/passwd", "C:/0.tif", "C:0.tif"),
        *("..\\0.tif", "frames\\..\\..\\0.tif", "\\0.tif", "//server/share/0.tif"),
    ],
)
def test_paths_that_lead_out_are_refused(path):
    with pytest.raises(ValidationError, match="no path inside the folder"):
        ADAPTER.validate_python(path)


@pytest.mark.parametrize("update", [{"name": "../../field"}, {"folder": "/elsewhere"}])
def test_no_field_of_a_scan_lies_outside_of_it(update):
    with pytest.raises(ValidationError, match="no path inside the folder"):
        ScanField.model_validate({"name": "field", "x_um": 0, "y_um": 0, **update})
