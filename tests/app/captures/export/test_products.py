"""Every exported file, opened by the libraries that others use."""

from __future__ import annotations

import csv
import io
import os
import re
import sys
from pathlib import Path

import av
import numpy as np
import ome_types
import pytest
import skimage.io
import tifffile
import trimesh
import xmlschema
import yaozarrs
import zarr

from app.captures.export.exportable import open_results
from app.captures.export.plan import KINDS, PRESETS, plan_export
from app.captures.export.products import Taste, export_files
from app.captures.export.read_recipe import read_recipe
from app.captures.export.weights_zarr import write_weights_zarr
from app.captures.image_file import read_image
from app.captures.layout import COMPANION
from app.captures.measurements import height_profile
from app.captures.open_stack import open_stack
from app.captures.png_file import png_chunks
from app.captures.results import ResultError
from app.captures.stack import FrameFormat, StackError

COUNT, SHAPE = 4, (48, 65)
SCHEMA = Path(ome_types.__file__).parent / "ome-2016-06.xsd"


def mark(exported):
    marked = exported.picture.copy()
    marked[:5, :5] = 255
    return marked


@pytest.fixture(scope="session")
def folder(exported, tmp_path_factory):
    """Everything, exported once."""
    folder = tmp_path_factory.mktemp("everything")
    export_files(exported, folder, KINDS, Taste(mark))
    return folder


@pytest.fixture(scope="session")
def ome_schema():
    return xmlschema.XMLSchema(str(SCHEMA))


def test_the_plan_names_exactly_what_is_written(folder, exported):
    image = FrameFormat.of(exported.fused)
    planned = {file.path.name for file in plan_export(folder, KINDS, image, COUNT, 1).files}
    assert {path.name for path in folder.iterdir()} == planned
    assert {kind for kinds in PRESETS.values() for kind in kinds} <= set(KINDS)


def test_every_file_tells_how_it_was_made(folder, exported):
    for path in folder.iterdir():
        if path.name.startswith("measurements."):
            # Shapes that somebody has drawn, and nothing that was fused.
            continue
        assert read_recipe(path) == exported.recipe, path.name


def test_a_later_export_leaves_other_files_their_recipe(exported, tmp_path, record):
    export_files(exported, tmp_path, {"surface", "video"}, Taste(mark))
    other = open_results(record(tmp_path / "c").folder)
    export_files(other, tmp_path, {"surface"}, Taste(mark))
    assert read_recipe(tmp_path / "sweep.mp4") == exported.recipe
    for name in ("surface.glb", "surface.ply"):
        assert read_recipe(tmp_path / name) == other.recipe != exported.recipe


def test_a_file_that_was_not_replaced_has_no_recipe_of_another(exported, tmp_path, monkeypatch):
    export_files(exported, tmp_path, {"surface"}, Taste(mark))
    monkeypatch.setitem(sys.modules, "trimesh", None)
    with pytest.raises(ResultError, match=r"surface.glb"):
        export_files(exported, tmp_path, {"surface"}, Taste(mark))
    with pytest.raises(StackError, match="does not tell how it was made"):
        read_recipe(tmp_path / "surface.glb")


def test_lossless_pictures_are_the_fused_image(folder, exported):
    np.testing.assert_array_equal(skimage.io.imread(folder / "fused.png"), exported.fused)
    np.testing.assert_array_equal(skimage.io.imread(folder / "fused.ome.tif"), exported.fused)
    sixteen = skimage.io.imread(folder / "fused.tif")
    assert sixteen.dtype == np.uint16
    np.testing.assert_array_equal(sixteen, exported.fused.astype(np.uint16) * 257)
    jpeg = skimage.io.imread(folder / "fused.jpg").astype(int)
    assert np.abs(jpeg - exported.fused).mean() < 6
    assert (skimage.io.imread(folder / "fused_marked.png")[:5, :5] == 255).all()


@pytest.mark.parametrize("name", ["fused.ome.tif", "weights.tif"])
def test_ome_tiffs_obey_the_schema_and_tell_their_scale(folder, name, ome_schema):
    with tifffile.TiffFile(folder / name) as tiff:
        assert tiff.is_ome
        xml = tiff.ome_metadata
    assert list(ome_schema.iter_errors(xml)) == []
    ome = ome_types.from_tiff(folder / name)
    image = ome.images[0]
    assert image.pixels.physical_size_x == pytest.approx(0.4945)
    assert image.pixels.physical_size_x_unit.value == "µm"
    assert ome.instruments[0].objectives[0].lens_na == 0.4
    assert image.pixels.physical_size_z == (2.0 if name == "weights.tif" else None)
    assert ome.experimenters[0].user_name == "李"
    assert (image.pixels.size_y, image.pixels.size_x) == SHAPE


def test_a_capture_s_companion_obeys_the_schema(capture, ome_schema):
    xml = (capture.folder / COMPANION).read_text(encoding="utf-8")
    assert list(ome_schema.iter_errors(xml)) == []
    first = tifffile.TiffFile(capture.folder / capture.entries[0].file)
    with first:
        assert list(ome_schema.iter_errors(first.pages.first.description)) == []


def test_weights_are_the_same_in_both_formats_and_add_up(folder, exported):
    weights = tifffile.imread(folder / "weights.tif")
    assert weights.shape == (COUNT, *SHAPE)
    assert np.abs(weights.astype(int).sum(axis=0) - 65535).max() <= COUNT
    group = zarr.open_group(str(folder / "weights.ome.zarr"), mode="r")
    np.testing.assert_array_equal(group["0"][:], weights)
    yaozarrs.validate_zarr_store(str(folder / "weights.ome.zarr"))
    axes = group.attrs["multiscales"][0]["axes"]
    assert [(axis["name"], axis["unit"]) for axis in axes] == [(n, "micrometer") for n in "zyx"]
    again = open_stack(folder / "weights.tif")
    assert again.z_um == (0.0, 2.0, 4.0, 6.0)
    assert again.pixel_um == pytest.approx(0.4945)


def test_large_weights_lie_in_pieces_and_levels(exported, tmp_path):
    shape = (1030, 2100)
    pages = np.random.default_rng(0).integers(0, 65535, (COUNT, *shape), np.uint16)
    write_weights_zarr(tmp_path / "w.zarr", iter(pages), shape, exported.recipe)
    group = zarr.open_group(str(tmp_path / "w.zarr"), mode="r")
    np.testing.assert_array_equal(group["0"][:], pages)
    assert [group[level].shape[1:] for level in "0123"] == [
        *(shape, (515, 1050), (257, 525), (128, 262))
    ]
    yaozarrs.validate_zarr_store(str(tmp_path / "w.zarr"))


def test_pixels_have_a_side_for_who_reads_no_ome_xml(folder, capture):
    """ImageJ by itself reads pixels per cm (ij.io.TiffDecoder) and shows µm."""
    frame = capture.folder / capture.entries[0].file
    for path in (folder / "fused.ome.tif", folder / "weights.tif", frame):
        with tifffile.TiffFile(path, is_ome=False) as tiff:
            for page in tiff.pages:
                assert page.tags["ResolutionUnit"].value == 3
                pixels, units = page.tags["XResolution"].value
                assert 1e4 * units / pixels == pytest.approx(0.4945, rel=1e-6)


def test_height_maps_are_not_compressed(folder):
    """Gwyddion 2.62 reads floats in TIFF files so, and no deflated ones."""
    with tifffile.TiffFile(folder / "height.tif") as tiff:
        assert tiff.pages.first.compression == tifffile.COMPRESSION.NONE


@pytest.mark.parametrize("name", ["fused.tif", "height.tif"])
def test_imagej_finds_scale_and_infos(folder, name):
    """As ij.io.TiffDecoder reads: the description's unit, pixels per unit in the resolution."""
    with tifffile.TiffFile(folder / name) as tiff:
        page = tiff.pages.first
        assert tiff.is_imagej
        assert page.description.startswith("ImageJ=")
        assert tiff.imagej_metadata["unit"] == "um"
        pixels, units = page.tags["XResolution"].value
        assert units / pixels == pytest.approx(0.4945, rel=1e-6)
        assert page.tags["ResolutionUnit"].value == 1


def test_heights_are_exact_or_within_half_a_grey(folder, exported):
    np.testing.assert_array_equal(tifffile.imread(folder / "height.tif"), exported.height)
    chunk = dict(png_chunks((folder / "height_16bit.png").read_bytes()))[b"pCAL"]
    unit, low, span = chunk[len(b"value\0") + 10 :].split(b"\0")
    assert unit == b"um"
    grey = skimage.io.imread(folder / "height_16bit.png")
    heights = float(low) + float(span) * grey / 65535
    assert np.abs(heights - exported.height).max() <= float(span) / 131070 * 1.01


def test_surfaces_have_the_size_of_the_field(folder, exported):
    ply = trimesh.load(folder / "surface.ply")
    low, high = ply.bounds
    size_um = np.array(SHAPE[::-1]) * 0.4945
    np.testing.assert_allclose((high - low)[:2], size_um, rtol=0.05)
    assert low[2] == pytest.approx(exported.height.min())
    assert high[2] == pytest.approx(exported.height.max())
    # Seen from above, triangles turn counter-clockwise.
    assert (ply.face_normals[:, 2] > 0).all()
    # The picture's first pixel is its upper left one: smallest x, largest y.
    corner = np.argmin(ply.vertices[:, 0] - ply.vertices[:, 1])
    np.testing.assert_array_equal(ply.visual.vertex_colors[corner][:3], exported.picture[0, 0])
    glb = trimesh.load(folder / "surface.glb").to_geometry()
    assert glb.visual.material.baseColorTexture.size == SHAPE[::-1]
    np.testing.assert_allclose(glb.extents[[0, 2]], (high - low)[:2] / 1000, rtol=1e-5)


def test_a_profile_is_a_table(folder, exported):
    rows = list(csv.DictReader(io.StringIO((folder / "profile_1.csv").read_text())))
    profile = height_profile(exported.shapes[0], exported.pixel_um, exported.heights)
    assert list(rows[0]) == ["along_um", "height_um"]
    read = np.array([[float(value) for value in row.values()] for row in rows])
    np.testing.assert_allclose(read.T, (profile.along, profile.heights), atol=5.1e-5)


def test_the_video_plays_as_h264(folder):
    with av.open(str(folder / "sweep.mp4")) as video:
        stream = video.streams.video[0]
        assert (stream.codec_context.name, stream.pix_fmt) == ("h264", "yuv420p")
        frames = [frame.to_ndarray(format="rgb24") for frame in video.decode(stream)]
    assert len(frames) == COUNT
    # 4:2:0 needs even sides.
    assert frames[0].shape == (48, 64, 3)
    # The index before the data: browsers begin to play at once.
    data = (folder / "sweep.mp4").read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_the_report_holds_everything_itself(exported, tmp_path, language):
    export_files(exported, tmp_path, {"report"}, Taste(mark, language))
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    # Nothing is loaded from elsewhere.
    assert set(re.findall(r'(?:href|src)="([a-z:/]+)', page)) == {"data:image/jpeg"}
    for word in (
        "破碎机",
        "李",
        "20x/0.40",
        exported.recipe.fusion.weights_sha256[:16],
        "30.0 µm/s",
    ):
        assert word in page
    # What the operator typed stays text.
    assert "7 &lt;script&gt;" in page
    assert page.count("<script") == 1
    assert "a &lt;b&gt; &amp; 铁" in page
    assert ("操作员" in page) == (language == "zh_CN")


@pytest.mark.parametrize(("dtype", "colour"), [(np.uint16, True), (np.uint16, False)])
def test_16_bit_and_grey_stay_so(tmp_path, record, dtype, colour, ome_schema):
    exported = open_results(record(tmp_path / "c", dtype, colour).folder)
    out = tmp_path / "out"
    export_files(exported, out, {"png", "tiff", "ome", "jpeg", "video", "report"}, Taste(mark))
    for name in ("fused.png", "fused.tif", "fused.ome.tif"):
        image = read_image(out / name)
        assert image.dtype == np.uint16
        np.testing.assert_array_equal(image, exported.fused)
    with tifffile.TiffFile(out / "fused.ome.tif") as tiff:
        assert list(ome_schema.iter_errors(tiff.ome_metadata)) == []


def test_a_full_disk_leaves_whole_files_only(exported, tiny_disk):
    old = tiny_disk / "weights.ome.zarr" / "old"
    old.parent.mkdir()
    old.touch()
    with pytest.raises(OSError, match="No space"):
        (tiny_disk / "fill").write_bytes(b"x" * 2**21)
    os.truncate(tiny_disk / "fill", (tiny_disk / "fill").stat().st_size - 4096)
    before = {path.name for path in tiny_disk.iterdir()}
    for kind in ("surface", "zarr", "weights", "video", "report", "tiff", "ome", "jpeg", "marked"):
        with pytest.raises(ResultError, match=rf"^{tiny_disk}/\S+: cannot be written: "):
            export_files(exported, tiny_disk, {kind}, Taste(mark))
        assert {path.name for path in tiny_disk.iterdir()} == before
    assert old.exists()


def test_what_is_not_installed_is_named(exported, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "trimesh", None)
    with pytest.raises(ResultError, match=r"pip install 'wearif\[exports\]'"):
        export_files(exported, tmp_path, {"surface"}, Taste(mark))
    assert list(tmp_path.iterdir()) == []


def test_changed_results_are_not_exported(tmp_path, record):
    folder = record(tmp_path / "c").folder
    data = (folder / "fused.png").read_bytes()
    (folder / "fused.png").write_bytes(data.replace(b"WearIF recipe", b"SomeOther one"))
    with pytest.raises(StackError, match=r"fused.png"):
        open_results(folder)


@pytest.mark.parametrize("name", ["height.tif", "weights.tif"])
def test_changed_maps_are_not_exported(tmp_path, record, name):
    folder = record(tmp_path / "c").folder
    data = bytearray((folder / name).read_bytes())
    data[len(data) // 2] ^= 1
    (folder / name).write_bytes(data)
    with pytest.raises(StackError, match=rf"{name}: was changed"):
        list(open_results(folder).weights())
    (folder / name).unlink()
    with pytest.raises(StackError, match=rf"{name}: cannot be read"):
        list(open_results(folder).weights())
