"""`wearif scan` from the command line."""

from typer.testing import CliRunner

from app.captures.scan_record import ScanField, ScanRecord, read_scan, write_scan
from app.cli import app


def test_a_scan_is_not_taken_up_by_another_microscope(tmp_path):
    folder = tmp_path / "slide"
    folder.mkdir()
    record = ScanRecord(
        microscope="Lab 2",
        objective="20x",
        pixel_um=0.2,
        fields=(ScanField(name="a", x_um=1.0, y_um=2.0),),
    )
    write_scan(folder, record)
    refused = CliRunner().invoke(app, ["scan", str(folder)])
    assert refused.exit_code == 2
    assert "was begun with 20x on Lab 2" in refused.stderr
    assert "home" not in refused.stdout
    assert read_scan(folder) == record
    assert [path.name for path in folder.iterdir()] == ["scan.json"]
