import os
import shutil
import sqlite3
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from app.captures.capture_record import CaptureLabels, CaptureRecord, write_record
from app.captures.index_schema import VERSION
from app.captures.layout import RECORD
from app.captures.library import CaptureEntry, Query, relabel, scan_library
from app.captures.library_index import LibraryIndex, LibraryIndexError, index_place
from app.captures.library_lookup import LibraryLookup

START = datetime(2024, 3, 1, 12, tzinfo=UTC)


def make(folder, *, days=0, **labels):
    folder.mkdir(parents=True)
    record = CaptureRecord(
        created=START + timedelta(days=days),
        state="complete",
        labels=CaptureLabels(**labels),
        microscope="bench",
        objective="20x",
        na=0.4,
        magnification=20,
        sweep={},
    )
    write_record(folder, record)
    return folder


@pytest.fixture
def captures(tmp_path):
    folder = tmp_path / "captures"
    for number in range(6):
        make(folder / f"c{number}", days=number, slide=f"S-{number % 2}", notes="切削磨粒 Ölprobe")
    (make(folder / "damaged") / RECORD).write_bytes(b"{")
    return folder


@pytest.fixture
def index(captures, tmp_path):
    return LibraryIndex(captures, tmp_path / "cache" / "library")


def test_the_index_says_what_the_folders_say_and_follows_them(captures, index):
    assert index.entries() == ()
    assert index.refresh() == index.entries() == scan_library(captures)
    relabel(captures / "c1", {"operator": "李"})
    shutil.rmtree(captures / "c2")
    make(captures / "c9", days=9)
    before = index.entries()
    after = index.refresh()
    assert before != after
    assert after == index.entries() == scan_library(captures)
    assert after[1].name == "c9"


def test_only_what_has_changed_is_read_again(captures, index):
    index.refresh()
    # The same time and size: nobody can see the change.
    record = captures / "c1" / RECORD
    stat = record.stat()
    record.write_bytes(record.read_bytes().replace(b"S-1", b"S-7"))
    os.utime(record, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert {entry.labels.slide for entry in index.refresh()} == {"S-0", "S-1", ""}
    for file in index.file.parent.iterdir():
        file.unlink()
    assert {entry.labels.slide for entry in index.refresh()} == {"S-0", "S-1", "S-7", ""}


TEXTS = st.text(st.sampled_from("abcAB ßİﬁ切削磨粒齿\"'*%_-\n"), max_size=8)
LABELS = st.builds(
    CaptureLabels, slide=TEXTS, sample=TEXTS, machine=TEXTS, operator=TEXTS, notes=TEXTS
)
DAYS = st.dates(START.date() - timedelta(3), START.date() + timedelta(3))
QUERIES = st.builds(
    Query,
    words=TEXTS,
    slide=st.just("") | TEXTS,
    operator=st.just("") | TEXTS,
    since=st.none() | DAYS,
    until=st.none() | DAYS,
)


@hypothesis_settings(max_examples=30, deadline=None)
@given(labels=st.lists(LABELS, max_size=6), queries=st.lists(QUERIES, min_size=1, max_size=10))
def test_it_finds_exactly_what_a_query_finds(tmp_path_factory, labels, queries):
    captures = tmp_path_factory.mktemp("captures")
    for number, each in enumerate(labels):
        make(captures / str(number), days=number - 2, **each.model_dump())
    index = LibraryIndex(captures, captures / "index" / "library")
    entries = index.refresh()
    for query in queries:
        assert index.find(query) == {entry.folder for entry in entries if query.finds(entry)}


@pytest.mark.parametrize("words", ["磨粒", "切削磨粒", "粒", "ölprobe", "OLP", "ÖLP S-1"])
def test_chinese_and_parts_of_words_are_found(captures, index, words):
    found = index.refresh()
    wanted = {entry.folder for entry in found if Query(words).finds(entry)}
    assert index.find(Query(words)) == wanted
    assert bool(wanted) == (words != "OLP")


def test_without_a_table_to_search_in_the_same_is_found(captures, index):
    index.refresh()
    with sqlite3.connect(index.file) as db:
        for name in ("added", "gone", "changed"):
            db.execute(f"DROP TRIGGER capture_{name}")
        db.execute("DROP TABLE searched")
    db.close()
    assert len(index.find(Query("切削磨粒"))) == 6
    make(captures / "new", notes="切削磨粒")
    index.refresh()
    assert len(index.find(Query("切削磨粒"))) == 7


def test_an_index_of_version_1_is_migrated_with_what_it_knows(captures, index):
    known = index.refresh()
    with sqlite3.connect(index.file) as db:
        for name in ("added", "gone", "changed"):
            db.execute(f"DROP TRIGGER capture_{name}")
        db.execute("DROP TABLE searched")
        db.execute("PRAGMA user_version = 1")
    db.close()
    assert index.entries() == known
    assert len(index.find(Query("切削磨粒"))) == 6
    db = sqlite3.connect(index.file)
    assert db.execute("PRAGMA user_version").fetchone() == (VERSION,)
    assert db.execute("SELECT count(*) FROM searched").fetchone() == (7,)
    db.close()


def test_a_newer_index_is_left_alone_and_the_library_works(captures, index, tmp_path):
    index.refresh()
    db = sqlite3.connect(index.file)
    db.execute(f"PRAGMA user_version = {VERSION + 1}")
    db.close()
    before = index.file.read_bytes()
    with pytest.raises(LibraryIndexError, match=f"library-1.*version {VERSION + 1}"):
        index.refresh()
    lookup = LibraryLookup(captures, tmp_path / "cache" / "library")
    assert lookup.known() == ()
    assert lookup.refresh() == scan_library(captures)
    assert len(lookup.find(Query("磨粒"))) == 6
    assert index.file.read_bytes() == before


def test_a_damaged_index_is_made_anew(captures, index):
    truth = index.refresh()
    whole = index.file.read_bytes()
    draw = Random(7)
    for number in range(25):
        file = index.file
        for suffix in ("-wal", "-shm"):
            file.with_name(file.name + suffix).unlink(missing_ok=True)
        damaged = bytearray(whole)
        if number % 3 == 0:
            damaged = damaged[: draw.randrange(1, len(whole))]
        elif number % 3 == 1:
            start = draw.randrange(len(whole) - 4096)
            damaged[start : start + 4096] = draw.randbytes(4096)
        else:
            damaged = bytearray(draw.randbytes(5000))
        file.write_bytes(damaged)
        names = [entry.name for entry in index.refresh()]
        assert names == [entry.name for entry in truth]
        index.find(Query("磨粒"))
    assert index.refresh() == truth
    assert len(list(index.file.parent.glob("*.sqlite3"))) == 1


def test_a_query_that_is_no_unicode_finds_nothing_and_damages_nothing(captures, index):
    index.refresh()
    file = index.file
    assert index.find(Query(slide="\udc80")) == frozenset()
    assert index.file == file


def test_an_index_given_up_while_another_thread_looks_is_no_fault(captures, tmp_path):
    lookup = LibraryLookup(captures, tmp_path / "file" / "library")
    (tmp_path / "file").touch()
    lookup.refresh()
    assert len(lookup.find(Query("磨粒"))) == 6


def test_a_folder_that_is_no_unicode_is_listed(captures, index):
    name = os.fsdecode(b"caf\xe9")
    try:
        make(captures / name, slide="S-9")
    except OSError:
        pytest.skip("this disk keeps Unicode names only")
    index.refresh()
    assert index.find(Query(slide="S-9")) == {captures / name}
    assert index.entries() == scan_library(captures)


def test_two_programs_use_one_index_at_the_same_time(captures, index, tmp_path):
    for number in range(60):
        make(captures / f"more{number}", days=number)
    code = (
        "import os, sys; from pathlib import Path\n"
        "from app.captures.library import Query\n"
        "from app.captures.library_index import LibraryIndex\n"
        "index = LibraryIndex(Path(sys.argv[1]), Path(sys.argv[2]))\n"
        "for _ in range(8):\n"
        "    for record in Path(sys.argv[1]).glob('*/capture.json'): os.utime(record)\n"
        "    assert len(index.refresh()) == 67; index.find(Query('c1'))\n"
    )
    place = tmp_path / "cache" / "library"
    command = [sys.executable, "-c", code, str(captures), str(place)]
    programs = [subprocess.Popen(command, stderr=subprocess.PIPE) for _ in range(2)]
    for program in programs:
        _out, told = program.communicate(timeout=280)
        assert program.returncode == 0, told.decode()
    assert index.refresh() == scan_library(captures)
    assert index.file.name == "library-1.sqlite3"


def test_what_was_read_before_an_interruption_is_kept(tmp_path):
    captures = tmp_path / "captures"
    for number in range(250):
        make(captures / str(number))
    index = LibraryIndex(captures, tmp_path / "library")
    told = []

    def stop(entries):
        told.extend(entries)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        index.refresh(stop)
    assert len(told) == len(index.entries()) == 200
    assert len(index.refresh()) == 250


def test_a_captures_folder_that_is_missing_holds_nothing(tmp_path):
    assert LibraryIndex(tmp_path / "gone", tmp_path / "library").refresh() == ()


def test_each_captures_folder_has_an_index_of_its_own(tmp_path):
    assert index_place(tmp_path / "a") != index_place(tmp_path / "b")
    assert index_place(tmp_path / "a") == index_place(tmp_path / "b" / ".." / "a")


def test_ten_thousand_captures_are_listed_and_found_at_once(tmp_path):
    captures = tmp_path / "captures"
    index = LibraryIndex(captures, tmp_path / "library")
    entries = [
        CaptureEntry(
            captures / f"c{number:05d}",
            (START + timedelta(minutes=number)).astimezone(),
            "complete",
            CaptureLabels(slide=f"S-{number % 97}", operator="李", notes="切削磨粒, cutting wear"),
            frames=40,
            stamp=(number, 0, 1),
        )
        for number in range(10_000)
    ]
    index._store(entries)
    # Of this thread's own time: others use the machine as well.
    started_s = time.thread_time()
    listed = index.entries()
    assert time.thread_time() - started_s < 1
    assert len(listed) == 10_000
    assert listed[0] == entries[-1]
    started_s = time.thread_time()
    assert len(index.find(Query("切削磨粒 s-13"))) > 100
    assert time.thread_time() - started_s < 0.3
