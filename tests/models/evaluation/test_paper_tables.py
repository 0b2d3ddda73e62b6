import csv
import re
from pathlib import Path

import cv2
import numpy as np
import pytest

from models.evaluation.paper_tables import main
from models.evaluation.paper_variants import AS_SHIPPED, TABLES
from models.wearif.weights import load_model

# Seconds of work, but the first training also loads torch's compiler: minutes where others work.
pytestmark = pytest.mark.timeout(400)

TINY = [
    *("--iterations", "2", "--height", "48", "--width", "64", "--frames", "3"),
    *("--test-stacks", "1", "--test-frames", "3"),
]


@pytest.fixture(scope="module")
def begun(tmp_path_factory):
    """A folder in which Table 5 has been run."""
    out = tmp_path_factory.mktemp("tables")
    assert main(["--out", str(out), "--table", "5", *TINY]) == 0
    return out


@pytest.fixture
def stack(tmp_path):
    """Frames of colour with truth, larger than what is scored of them."""
    rng = np.random.default_rng(4)
    folder = tmp_path / "mine"
    folder.mkdir()
    for name in ("000", "001", "002", "truth_na"):
        pixels = rng.integers(0, 256, (50, 70, 3), dtype=np.uint8)
        assert cv2.imwrite(str(folder / f"{name}.png"), pixels)
    return folder


def rows_of(out):
    with (out / "tables.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def test_each_variant_is_trained_and_scored(begun):
    rows = rows_of(begun)
    assert {row["variant"] for row in rows} == {
        "shipped",
        "no-mean-image",
        "no-gradient",
        "no-content",
        "mean",
        "soft-focus",
    }
    for row in rows:
        assert 0 < float(row["Qg"]) < 1
        assert 5 < float(row["PSNR"]) < 60


def test_the_page_shows_ours_and_the_papers_numbers(begun):
    page = (begun / "tables.md").read_text()
    assert re.search(r"Table 5: loss terms; synthetic stacks\n\n\|.*PSNR on particles", page)
    assert "| without L_con | 0.2332 | 0.3027 | 0.3134 | 0.3012 | 0.0127 |" in page
    assert re.search(r"\(soft-focus\) \| 0\.", page)
    assert "Table 6" not in page
    # With one training each there is nothing to tell chance by.
    assert "in the paper's order" not in page


def test_a_second_call_adds_and_trains_nothing_again(begun, stack):
    weights = {path: path.read_bytes() for path in begun.glob("runs/*/*.safetensors")}
    assert main(["--out", str(begun), "--table", "5", "--stacks", str(stack), *TINY]) == 0
    assert {path: path.read_bytes() for path in begun.glob("runs/*/*.safetensors")} == weights
    scored = [(row["variant"], row["stacks"]) for row in rows_of(begun)]
    assert ("no-content", "synthetic") in scored
    assert ("no-content", "mine") in scored
    assert "Table 5: loss terms; mine stacks" in (begun / "tables.md").read_text()


def test_the_weights_kept_are_those_of_the_variant(begun):
    assert load_model(str(begun / "runs/no-content-0/published-last.safetensors"))
    card = (begun / "runs/no-content-0/published.md").read_text()
    assert "published" in card


def test_another_scale_needs_another_folder(begun, capsys):
    longer = ["3" if word == "2" else word for word in TINY]
    assert main(["--out", str(begun), "--table", "5", *longer]) == 2
    assert "begun with iterations 2" in capsys.readouterr().err


def test_a_folder_without_stacks_is_named(tmp_path, capsys):
    empty = tmp_path / "empty"
    empty.mkdir()
    assert main(["--out", str(tmp_path / "out"), "--stacks", str(empty), *TINY]) == 2
    assert f"{empty}: holds neither" in capsys.readouterr().err


@pytest.mark.parametrize("wrong", [["--height", "8"], ["--test-frames", "2"]])
def test_stacks_that_cannot_be_are_refused(tmp_path, capsys, wrong):
    assert main(["--out", str(tmp_path), *TINY, *wrong]) == 2
    assert "paper_tables: frames" in capsys.readouterr().err


def test_no_training_at_all_is_refused(tmp_path, capsys):
    with pytest.raises(SystemExit):
        main(["--out", str(tmp_path), "--seeds", "0"])
    assert "give 1 or more" in capsys.readouterr().err


def test_a_key_stands_for_one_training():
    variants = [variant for table in TABLES for variant in table.variants]
    assert len({variant.key for variant in variants}) == len(set(variants))
    trained = {(variant.picks, variant.loss_terms) for variant in variants}
    assert len(trained) == len(set(variants))


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_every_table_compares_with_what_is_shipped(table):
    assert AS_SHIPPED in table.variants


def test_the_papers_best_row_is_its_own_network_in_every_metric():
    """Tables 4-6 print WearIF last, and highest in all columns."""
    for table in TABLES:
        printed = [numbers for _, numbers in table.rows if numbers is not None]
        for column in zip(*printed, strict=True):
            assert max(column) == column[-1]


PAPER = Path(__file__).resolve().parents[3] / "../shared/paper"


@pytest.mark.skipif(not PAPER.is_dir(), reason="the paper's text is not here")
def test_printed_numbers_are_the_papers():
    (text,) = (path.read_text() for path in PAPER.glob("*.txt"))
    for table in TABLES:
        for _, printed in table.rows:
            if printed is not None:
                line = r"\*?\s+".join(f"{number:.4f}" for number in printed)
                assert re.search(line, text)
