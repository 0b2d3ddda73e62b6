"""What other programs save: pixels come back exactly, and what the metadata tell."""

from __future__ import annotations

import numpy as np
import pytest

from app.captures.open_stack import open_stack
from app.captures.part import Part
from app.captures.stack import StackError
from app.trials import sample_files
from app.trials.sample_files import EXPOSURE_MS, FIRST_UM, PIXEL_UM, STEP_UM

COUNT = 4
EVEN_Z = tuple(STEP_UM * index for index in range(COUNT))
TOLD_Z = tuple(FIRST_UM + z for z in EVEN_Z)


@pytest.fixture(params=[np.uint8, np.uint16], ids=["8bit", "16bit"])
def frames(request, picture):
    return [picture(index, (20, 31), request.param) for index in range(COUNT)]


def check_exact(stack, frames):
    assert len(stack) == len(frames)
    for read, frame in zip(stack, frames, strict=True):
        assert read.dtype == frame.dtype
        np.testing.assert_array_equal(read, frame)


def error_of(path, part=None):
    with pytest.raises(StackError) as caught:
        open_stack(path, part or Part())
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(
    ("write", "name", "library", "z_um", "exposure_ms"),
    [
        (sample_files.write_ome_tiff, "a.ome.tif", "tifffile", TOLD_Z, (EXPOSURE_MS,) * COUNT),
        (sample_files.write_zarr, "a.ome.zarr", "zarr", EVEN_Z, None),
        (sample_files.write_lif, "a.lif", "liffile", EVEN_Z, None),
        (sample_files.write_nd2, "a.nd2", "nd2", EVEN_Z, None),
        (sample_files.write_czi, "a.czi", "pylibCZIrw", EVEN_Z, None),
    ],
    ids=["ome-tiff", "ome-zarr", "lif", "nd2", "czi"],
)
@pytest.mark.parametrize("shape", [(20, 31), (20, 31, 3)], ids=["grey", "rgb"])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_pixels_and_scale(shape, dtype, write, name, library, z_um, exposure_ms, tmp_path, picture):
    pytest.importorskip(library)
    written = [picture(index, shape, dtype) for index in range(COUNT)]
    given = written
    if library == "pylibCZIrw":
        given = {(0, 0, z): frame for z, frame in enumerate(written)}
    if library == "liffile":
        given = {"series": written}
    stack = open_stack(write(tmp_path / name, given))
    check_exact(stack, written)
    assert stack.name == name
    assert stack.z_um == pytest.approx(z_um)
    assert stack.pixel_um == pytest.approx(PIXEL_UM)
    assert stack.exposure_ms == pytest.approx(exposure_ms)


def test_older_ome_zarr(tmp_path, frames):
    pytest.importorskip("zarr")
    stack = open_stack(sample_files.write_zarr(tmp_path / "a.zarr", frames, "0.4"))
    check_exact(stack, frames)
    assert stack.z_um == pytest.approx(EVEN_Z)


def test_a_zarr_folder_without_an_image(tmp_path):
    zarr = pytest.importorskip("zarr")
    zarr.open_group(str(tmp_path / "a.zarr"), mode="w")
    path = tmp_path / "a.zarr"
    assert error_of(path) == f"{path}: is no OME-Zarr image; open the image in it that is meant"


def test_scenes_and_channels_of_czi(tmp_path, picture):
    pytest.importorskip("pylibCZIrw")
    frames = {
        (scene, channel, z): picture(scene * 9 + channel * 3 + z, (8, 10), np.uint16)
        for scene in range(2)
        for channel in range(2)
        for z in range(3)
    }
    path = sample_files.write_czi(tmp_path / "a.czi", frames)
    assert error_of(path) == f"{path}: holds 2 scenes (0, 1); choose one with --scene"
    said = error_of(path, Part(scene=1))
    assert said.startswith(f"{path}: holds 2 channels (0")
    assert said.endswith("choose one with --channel")
    assert error_of(path, Part(scene=5)) == f"{path}: has no scene 5, only 0, 1"
    stack = open_stack(path, Part(scene=1, channel=1))
    check_exact(stack, [frames[1, 1, z] for z in range(3)])


def test_images_of_a_lif(tmp_path, picture):
    pytest.importorskip("liffile")
    images = {
        "overview": [picture(0, (8, 10))] * 2,
        "particle": [picture(index, (9, 12)) for index in range(3)],
    }
    path = sample_files.write_lif(tmp_path / "a.lif", images)
    assert error_of(path) == (
        f"{path}: holds 2 scenes (0 overview, 1 particle); choose one with --scene"
    )
    check_exact(open_stack(path, Part(scene=1)), images["particle"])


@pytest.mark.parametrize("size", ["one slice", "several"])
def test_micromanager_stack(tmp_path, frames, size):
    given = {(0, z, 0, 0): frame for z, frame in enumerate(frames)}
    if size == "one slice":
        given = {(0, 0, time, 0): frame for time, frame in enumerate(frames)}
    stack = open_stack(sample_files.write_micromanager(tmp_path / "a_MMStack_Pos0.ome.tif", given))
    check_exact(stack, frames)
    assert stack.pixel_um == PIXEL_UM
    assert stack.exposure_ms == (EXPOSURE_MS,) * COUNT
    assert stack.z_um == (EVEN_Z if size == "one slice" else TOLD_Z)


def test_channels_times_and_files_of_micromanager(tmp_path, picture):
    frames = {
        (channel, z, time, 0): picture(channel * 100 + z * 10 + time, (12, 16), np.uint16)
        for time in range(2)
        for z in range(3)
        for channel in range(2)
    }
    path = tmp_path / "a_MMStack_Pos0.ome.tif"
    halves = [{k: f for k, f in frames.items() if k[2] == time} for time in range(2)]
    sample_files.write_micromanager(path, halves[0])
    sample_files.write_micromanager(tmp_path / "a_MMStack_Pos0_1.ome.tif", halves[1])
    assert error_of(path) == (
        f"{path}: holds 2 channels (0 Channel 0, 1 Channel 1); choose one with --channel"
    )
    assert error_of(path, Part(channel=1)) == (
        f"{path}: holds 2 times (0, 1); choose one with --time"
    )
    stack = open_stack(path, Part(channel=1, time=1))
    check_exact(stack, [frames[1, z, 1, 0] for z in range(3)])
    assert stack.z_um == TOLD_Z[:3]


def test_micromanager_separate_files(tmp_path, picture, save):
    for channel in range(2):
        for z in range(3):
            name = f"img_channel00{channel}_position000_time000000000_z00{z}.tif"
            save(tmp_path / name, picture(channel * 3 + z))
    assert "choose one with --channel" in error_of(tmp_path)
    check_exact(open_stack(tmp_path, Part(channel=1)), [picture(3 + z) for z in range(3)])


def ndtiff(folder, frames, **more):
    ndstorage = pytest.importorskip("ndstorage")
    data = ndstorage.NDTiffDataset(str(folder), summary_metadata={}, writable=True)
    for z, frame in enumerate(frames):
        known = {"ZPositionUm": FIRST_UM + STEP_UM * z, "PixelSizeUm": PIXEL_UM, "Exposure": 5}
        data.put_image({"z": z, **more}, frame, known)
    data.finish()
    data.close()
    return folder


@pytest.mark.filterwarnings("ignore")
def test_stacks_written_by_micromanagers_own_library(tmp_path, frames):
    stack = open_stack(ndtiff(tmp_path / "a", frames, channel="bright"))
    check_exact(stack, frames)
    assert stack.z_um == TOLD_Z
    assert stack.pixel_um == PIXEL_UM
    assert stack.exposure_ms == (5.0,) * COUNT


@pytest.mark.filterwarnings("ignore")
def test_an_ndtiff_index_that_leads_out_of_its_folder(tmp_path, frames):
    folder = ndtiff(tmp_path / "a", frames)
    index = folder / "NDTiff.index"
    name = next(folder.glob("*.tif")).name.encode()
    index.write_bytes(index.read_bytes().replace(name, (b"../" + name)[: len(name)]))
    assert error_of(folder).startswith(str(index))


def test_imagej_hyperstack(tmp_path, picture):
    stack = np.stack([picture(i, (6, 8), np.uint16) for i in range(2 * 3 * 2)]).reshape(
        2, 3, 2, 6, 8
    )
    path = sample_files.write_imagej(tmp_path / "a.tif", stack, "TZCYX")
    assert error_of(path) == f"{path}: holds 2 channels (0, 1); choose one with --channel"
    assert error_of(path, Part(channel=0)) == (
        f"{path}: holds 2 times (0, 1); choose one with --time"
    )
    one = open_stack(path, Part(channel=1, time=1))
    check_exact(one, list(stack[1, :, 1]))
    assert one.z_um == EVEN_Z[:3]


def test_ome_tiff_of_several_channels_times_and_images(tmp_path, picture):
    import tifffile

    path = tmp_path / "a.ome.tif"
    stack = np.stack([picture(i, (6, 8)) for i in range(12)]).reshape(2, 2, 3, 6, 8)
    with tifffile.TiffWriter(path, ome=True) as tiff:
        for _image in range(2):
            tiff.write(
                stack,
                photometric="minisblack",
                metadata={"axes": "TCZYX", "Channel": {"Name": ["white", "uv"]}},
            )
    assert "holds 2 scenes" in error_of(path)
    assert error_of(path, Part(scene=1)) == (
        f"{path}: holds 2 channels (0 white, 1 uv); choose one with --channel"
    )
    check_exact(open_stack(path, Part(scene=1, channel=1, time=0)), list(stack[0, 1]))


def test_a_file_is_not_asked_for_what_it_cannot_have(tmp_path, frames):
    folder = sample_files.write_images(tmp_path / "images", frames)
    assert error_of(folder, Part(channel=1)) == (
        f"{folder}: the folder holds one stack; there is nothing to choose"
    )


@pytest.mark.parametrize("suffix", [".czi", ".nd2", ".lif"])
def test_damaged_files_are_named(tmp_path, suffix):
    path = tmp_path / f"a{suffix}"
    path.write_bytes(b"not at all" * 50)
    assert error_of(path).startswith(f"{path}: ")
