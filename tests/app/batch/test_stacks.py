import fsspec
import pytest

from app.batch.location import Item, Location, LocationError, stamp_of
from app.batch.receipt import RECEIPT
from app.batch.stacks import find_stacks, input_files
from app.captures.layout import FUSED, FUSIONS, LOCK, RECORD, SCAN


def touch(folder, *names):
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(name.encode())


def results(found):
    return [stack.result for stack in found]


def test_stacks_are_found_at_any_depth_and_results_are_none(tmp_path):
    touch(tmp_path, f"one/{RECORD}", "one/frames/0.ome.tif", f"one/{FUSED}", "one/fusions/x/0.png")
    touch(tmp_path, f"slide/{SCAN}", "slide/overview.png", f"slide/f1/{RECORD}", "slide/f1/x.png")
    touch(tmp_path, "rig/day/000.png", "rig/day/001.png", "rig/b.avi", "rig/c.czi", "rig/d.tif")
    touch(tmp_path, f"old/{RECEIPT}", f"old/{FUSED}", "old/1.png", "old/2.png")
    touch(tmp_path, "zarr/a.zarr/zarr.json", ".hidden/1.png", ".hidden/2.png", "readme.txt")
    found = find_stacks([str(tmp_path)])
    assert sorted(results(found)) == [
        *("one", "rig/b.avi", "rig/c.czi", "rig/d.tif", "rig/day", "slide/f1", "zarr/a.zarr")
    ]
    assert not any(stack.fault for stack in found)
    assert find_stacks([str(tmp_path), str(tmp_path / "one"), str(tmp_path)]) == found


def test_a_file_a_pattern_and_a_stack_by_itself_can_be_named(tmp_path):
    touch(tmp_path, "a/1.png", "a/2.png", "b/1.png", "b/2.png", "c.tif")
    assert results(find_stacks([str(tmp_path / "a")])) == ["a"]
    assert results(find_stacks([str(tmp_path / "c.tif")])) == ["c.tif"]
    assert results(find_stacks([str(tmp_path / "[ab]")])) == ["a", "b"]


def test_a_name_with_the_marks_of_a_pattern_is_a_name_where_there_is_one(tmp_path):
    touch(tmp_path, "slide [3]/1.png", "slide [3]/2.png", "slide 3/1.png", "slide 3/2.png")
    assert results(find_stacks([str(tmp_path / "slide [3]")])) == ["slide [3]"]


def test_stacks_of_one_name_are_told_apart_whatever_else_is_named(tmp_path):
    touch(tmp_path, "x/s/1.png", "x/s/2.png", "y/s/1.png", "y/s/2.png")
    x, y = results(find_stacks([str(tmp_path / "x"), str(tmp_path / "y")]))
    assert x != y
    assert x.startswith("s-")
    assert results(find_stacks([str(tmp_path / "y"), str(tmp_path / "x")])) == [y, x]


def test_what_is_no_stack_is_told_and_the_rest_is_found(tmp_path):
    touch(tmp_path, "a/1.png", "a/2.png", "empty/readme.txt")
    named = [str(tmp_path / name) for name in ("gone", "empty", "no*", "a")]
    found = find_stacks([*named, "nonsense://x"])
    assert [bool(stack.fault) for stack in found] == [True, True, True, False, True]
    assert all(stack.source in stack.fault for stack in found if stack.fault)


def test_links_in_circles_end(tmp_path):
    touch(tmp_path, "a/1.png", "a/2.png")
    (tmp_path / "a2").mkdir()
    (tmp_path / "a2" / "back").symlink_to(tmp_path, target_is_directory=True)
    assert len(find_stacks([str(tmp_path)])) < 20


def test_the_stamp_follows_what_is_fused_and_not_its_results(tmp_path):
    touch(tmp_path, RECORD, "frames/1.tif")
    location = Location(str(tmp_path))
    before = stamp_of(input_files(location))
    touch(tmp_path, FUSED, f"{FUSIONS}/x/{FUSED}", LOCK, "thumbnail.jpg", "x.part")
    assert stamp_of(input_files(location)) == before
    (tmp_path / "frames/1.tif").write_bytes(b"longer than before")
    assert stamp_of(input_files(location)) != before


@pytest.mark.parametrize("root", ["memory://locations/{}", "{}"])
def test_locations_are_written_listed_read_and_copied(tmp_path, root):
    location = Location(root.format(str(tmp_path / "far"))) / "folder"
    assert location.items() == ()
    location.write("a.txt", b"1")
    location.write("a.txt", b"22")
    (location / "below").write("b.txt", b"333")
    assert [(item.name, item.folder) for item in location.items()] == [
        *(("a.txt", False), ("below", True))
    ]
    assert [(item.name, item.size) for item in location.files()] == [
        ("a.txt", 2),
        ("below/b.txt", 3),
    ]
    assert location.read("a.txt") == b"22"
    assert location.read("gone") is None
    location.fetch(location.files(), tmp_path / "near")
    assert (tmp_path / "near/below/b.txt").read_bytes() == b"333"
    other = Location(root.format(str(tmp_path / "far"))) / "other"
    other.deliver([tmp_path / "near/a.txt"])
    assert other.read("a.txt") == b"22"
    other.remove("a.txt")
    other.remove("a.txt")
    assert other.read("a.txt") is None
    assert Location(location.url).read("a.txt") == b"22"
    fsspec.filesystem("memory").store.clear()


def test_a_server_cannot_have_files_put_elsewhere(tmp_path):
    fs = fsspec.filesystem("memory")
    fs.pipe_file("/far/stack/0.tif", b"1")
    fs.store["/far/stack/../../evil.tif"] = fs.store["/far/stack/0.tif"]
    stack = Location("memory://far/stack")
    with pytest.raises(LocationError, match=r"lists \.\./\.\./evil\.tif"):
        stack.files()
    with pytest.raises(LocationError, match="outside"):
        stack.fetch([Item("../evil.tif", folder=False, size=1, version="")], tmp_path / "near")
    assert not list(tmp_path.rglob("evil.tif"))
    fs.store.clear()


def test_a_place_that_cannot_be_is_named(tmp_path):
    with pytest.raises(LocationError, match="nonsense://x"):
        Location("nonsense://x")
    with pytest.raises(LocationError, match="gone"):
        Location(str(tmp_path / "gone")).is_folder()
    (tmp_path / "file").touch()
    with pytest.raises(LocationError, match="file/below/a"):
        Location(str(tmp_path / "file" / "below")).write("a", b"")
