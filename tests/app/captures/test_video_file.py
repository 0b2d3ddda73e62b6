"""Stacks in video files."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from app.captures.open_stack import open_stack
from app.captures.stack import FrameFormat, StackError
from app.trials.sample_files import write_uncompressed_avi

COUNT = 60
WIDTH, HEIGHT, BAR = 256, 48, 4


def write_video(path: Path, code: str, count: int = COUNT) -> Path:
    """A video whose frames tell their number by the place of a white bar."""
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*code), 25.0, (WIDTH, HEIGHT))
    if not writer.isOpened():
        pytest.skip(f"this OpenCV has no encoder for {code}")
    for index in range(count):
        frame = np.full((HEIGHT, WIDTH, 3), 40, np.uint8)
        frame[:, BAR * index : BAR * (index + 1)] = 230
        writer.write(frame)
    writer.release()
    return path


def number_of(frame: np.ndarray) -> int:
    columns = frame.mean(axis=(0, 2)).reshape(-1, BAR).mean(axis=1)
    return int(columns.argmax())


def said_by_reader(*paths: Path) -> list[str]:
    """What a program that opens the files says, on stderr too."""
    script = (
        "import sys, pathlib\n"
        "from app.captures.open_stack import open_stack\n"
        "from app.captures.stack import StackError\n"
        "for name in sys.argv[1:]:\n"
        "    try:\n"
        "        print(sum(1 for _ in open_stack(pathlib.Path(name))))\n"
        "    except StackError as error:\n"
        "        print(error)\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", script, *map(str, paths)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=True,
        timeout=280,
    )
    return run.stdout.splitlines()


@pytest.fixture(params=[("a.avi", "MJPG"), ("a.mp4", "mp4v"), ("a.mkv", "FFV1")])
def video(request, tmp_path) -> Path:
    name, code = request.param
    return write_video(tmp_path / name, code)


def test_frames_come_in_order(video):
    stack = open_stack(video)
    assert len(stack) == COUNT
    assert stack.format == FrameFormat(HEIGHT, WIDTH, True, np.dtype(np.uint8))
    assert (stack.z_um, stack.pixel_um, stack.name) == (None, None, video.name)
    assert [number_of(frame) for frame in stack] == list(range(COUNT))


def test_colours_are_rgb(tmp_path):
    path = tmp_path / "a.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 25.0, (64, 48))
    writer.write(np.full((48, 64, 3), (10, 60, 230), np.uint8))  # BGR: orange
    writer.release()
    red, green, blue = open_stack(path)[0].mean(axis=(0, 1))
    assert red > 200 > 100 > green > blue


@pytest.mark.parametrize("shape", [(20, 31), (17, 32, 3), (48, 64, 3)])
def test_uncompressed_rows_from_the_lowest_up(shape, tmp_path, picture):
    """As ImageJ and Video for Windows write them; OpenCV 5.0 crashes on most sizes."""
    frames = [picture(index, shape) for index in range(5)]
    stack = open_stack(write_uncompressed_avi(tmp_path / "a.avi", frames))
    assert len(stack) == 5
    for index in (0, 1, 4, 2, 3):
        rgb = frames[index] if len(shape) == 3 else np.stack([frames[index]] * 3, axis=-1)
        np.testing.assert_array_equal(stack[index], rgb)


def test_a_title_may_be_in_any_encoding(tmp_path):
    path = tmp_path / "a.mkv"
    with av.open(str(path), "w") as video:
        video.metadata["title"] = "a title"
        stream = video.add_stream("mpeg4", rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for _ in range(3):
            picture = np.zeros((48, 64, 3), np.uint8)
            video.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        video.mux(stream.encode(None))
    data = path.read_bytes()
    assert b"a title" in data
    path.write_bytes(data.replace(b"a title", b"a titl\xce"))
    assert len(open_stack(path)) == 3


def test_an_unknown_codec_is_said_in_one_line(tmp_path):
    path = write_video(tmp_path / "a.avi", "MJPG", 3)
    path.write_bytes(path.read_bytes().replace(b"MJPG", b"ZZZZ"))
    with pytest.raises(StackError, match="not a video that can be decoded here"):
        open_stack(path)


def test_names_are_no_addresses(tmp_path, monkeypatch):
    """FFmpeg takes a name with a colon for a protocol."""
    write_video(tmp_path / "a.avi", "MJPG", 3).rename(tmp_path / "concat:a|b.avi")
    monkeypatch.chdir(tmp_path)
    assert len(open_stack(Path("concat:a|b.avi"))) == 3


def test_any_frame_at_any_time(video):
    stack = open_stack(video)
    order = np.random.default_rng(0).permutation(COUNT)
    assert [number_of(stack[int(i)]) for i in order] == order.tolist()
    assert number_of(stack[7]) == number_of(stack[7]) == 7


def test_a_truncated_video_has_the_frames_that_can_be_decoded(tmp_path):
    path = write_video(tmp_path / "a.avi", "MJPG")
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    count = len(open_stack(path))
    assert 0 < count < COUNT
    assert said_by_reader(path) == [str(count)]


def test_what_is_no_video_is_said_in_one_line(tmp_path):
    paths = []
    for kind in ("avi", "mp4", "mkv"):
        for content in (b"", b"no video" * 100):
            path = tmp_path / f"{len(content)}.{kind}"
            path.write_bytes(content)
            paths.append(path)
    fault = "the file is not a video that can be decoded here"
    assert said_by_reader(*paths) == [f"{path}: {fault}" for path in paths]


def test_a_video_without_frames(tmp_path):
    path = write_video(tmp_path / "a.avi", "MJPG", count=0)
    with pytest.raises(StackError) as caught:
        open_stack(path)
    assert str(caught.value) == f"{path}: the video holds no frame that can be decoded"


def test_unreadable_video(ordinary_user_folder):
    path = ordinary_user_folder / "a.avi"
    path.write_bytes(b"x")
    path.chmod(0)
    with pytest.raises(StackError, match="cannot be read: Permission denied"):
        open_stack(path)
