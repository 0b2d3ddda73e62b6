import csv
import io
import math

import pytest

from models.evaluation.ranks import mean_ranks
from models.evaluation.scores import Row
from models.evaluation.tables import csv_table, markdown_report


@pytest.fixture
def rows():
    """Two stacks, one without truth; the peer has no picture of the second."""
    return [
        Row("a", "good", "model", {"psnr_db": 33.333, "q_g": 0.5, "cpu_s": 2, "height_mean_um": 1}),
        Row("a", "fair", "baseline", {"psnr_db": 32.0, "q_g": 0.6, "cpu_s": 1}),
        Row("a", "peer", "picture", {"psnr_db": 30.0, "q_g": 0.4}),
        Row("b", "good", "model", {"q_g": 0.7, "cpu_s": 2}),
        Row("b", "fair", "baseline", {"q_g": 0.7, "cpu_s": 1}),
    ]


def test_ranks_by_hand(rows):
    good, fair, peer = mean_ranks(rows)
    assert [rank.method for rank in (good, fair, peer)] == ["good", "fair", "peer"]
    assert good.by_column == {"psnr_db": 1, "q_g": (2 + 1.5) / 2}
    assert fair.by_column == {"psnr_db": 2, "q_g": (1 + 1.5) / 2}
    assert peer.by_column == {"psnr_db": 3, "q_g": 3}
    assert (good.truth, good.metrics) == (1, 1.75)


def test_what_is_no_number_ranks_last_and_infinity_first():
    values = {"copy": math.inf, "fused": 40.0, "broken": math.nan}
    ranks = mean_ranks([Row("a", name, "picture", {"psnr_db": v}) for name, v in values.items()])
    assert {rank.method: rank.truth for rank in ranks} == {"copy": 1, "fused": 2, "broken": 3}


def test_without_truth_the_metrics_decide(rows):
    ranks = mean_ranks([Row(r.stack, r.method, r.kind, {"q_g": r.values["q_g"]}) for r in rows])
    assert [rank.method for rank in ranks] == ["fair", "good", "peer"]
    assert ranks[0].truth is None


def test_csv_has_a_line_per_method_and_stack(rows):
    lines = list(csv.DictReader(io.StringIO(csv_table(rows))))
    assert [(line["stack"], line["method"]) for line in lines] == [
        (r.stack, r.method) for r in rows
    ]
    assert float(lines[0]["psnr_db"]) == 33.333
    assert lines[2]["cpu_s"] == lines[0]["fmi"] == ""
    assert lines[2]["kind"] == "picture"


def test_markdown_by_hand(rows):
    report = markdown_report(rows)
    assert "## a\n\n| method | PSNR | height error µm | Q_g | CPU s |\n" in report
    assert "| good | **33.33** | **1.00** | 0.5000 | 2.00 |\n" in report
    assert "| peer | 30.00 |  | 0.4000 |  |\n" in report
    assert (
        "## b\n\n| method | Q_g | CPU s |\n| --- | ---: | ---: |\n| good | **0.7000** |" in report
    )
    assert "## Mean ranks over 2 stacks\n" in report
    assert "| method | truth, all | five metrics | PSNR | Q_g |\n" in report
    assert "| good | **1.00** | 1.75 | **1.00** | 1.75 |\n" in report


def test_a_bias_has_no_best():
    report = markdown_report([Row("a", "m", "model", {"height_bias_um": -0.5, "psnr_db": 30.0})])
    assert "| m | **30.00** | -0.50 |" in report


def test_a_single_method_has_no_rank(rows):
    assert "ranks" not in markdown_report(rows[:1])
