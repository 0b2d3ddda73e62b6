"""Agreement with values that the metrics' own authors' code gives on real images."""

import json
from functools import cache
from pathlib import Path

import cv2
import numpy as np
import pytest

from models.evaluation.metrics import (
    fmi,
    fmi_per_source,
    q_cb,
    q_g,
    q_g_per_source,
    q_y,
    scd,
    scd_per_source,
)

FOLDER = Path(__file__).resolve().parents[4] / "../shared/metrics"
FILE = FOLDER / "reference.json"
CASES = json.loads(FILE.read_text())["cases"] if FILE.exists() else []
COMPUTED = [case for case in CASES if "n_source" in case["values"]]
PUBLISHED = [case for case in CASES if "matlab_published" in case["values"]]
SPREAD = (
    "p03_gray10_160/srcA",
    "p05",
    "p07",
    "p08_stack5_200x266/lappyr",
    "f01_gray04_flat/maxlap",
)
"""Cases for the FMI, which is too slow for all: small, flat, of two to five frames."""

DIFFERENCES = {
    "mean_meanothers": "mean_of_others",
    "mean_sumothers": "sum_of_others",
    "mean_pairwise": "each_other",
    "mean_literal_F_minus_Si": "itself",
    "mean_F_minus_meanall": "mean_of_all",
}

pytestmark = pytest.mark.skipif(not CASES, reason=f"no reference values at {FILE}")


def over(cases):
    return pytest.mark.parametrize("case", cases, ids=[case["case"] for case in cases])


@cache
def grey_image(name):
    return cv2.imread(str(FOLDER / name), cv2.IMREAD_GRAYSCALE).astype(np.float64)


def images_of(case):
    return np.stack([grey_image(name) for name in case["sources"]]), grey_image(case["fused"])


@over(COMPUTED)
def test_metrics_over_whole_images(case):
    sources, fused = images_of(case)
    values, per_source = case["values"]["n_source"], case["values"]["per_source"]
    assert q_g(sources, fused) == pytest.approx(values["Qg"], abs=1e-8)
    liu = q_g(sources, fused, variant="liu")
    assert liu == pytest.approx(values["Qg.zheng2003_local"], abs=1e-8)
    assert q_y(sources, fused) == pytest.approx(values["Qy.exact"], abs=1e-8)
    assert q_cb(sources, fused) == pytest.approx(values["Qcb"], abs=1e-8)
    np.testing.assert_allclose(q_g_per_source(sources, fused), per_source["Qg"], atol=1e-8, rtol=0)


@over(COMPUTED)
def test_correlation_of_differences(case):
    sources, fused = images_of(case)
    expected = case["values"]["n_source"]["SCD"]
    for name, difference in DIFFERENCES.items():
        if expected[name] is not None:
            value = scd(sources, fused, difference=difference)
            assert value == pytest.approx(expected[name], abs=1e-8), difference
    # The original has no value where the fused image is a source; here that source counts 0.
    known = [
        0 if value is None else value for value in case["values"]["per_source"]["SCD_meanothers"]
    ]
    np.testing.assert_allclose(scd_per_source(sources, fused), known, atol=1e-8, rtol=0)


@pytest.mark.parametrize(
    ("case", "feature"),
    [
        pytest.param(case, feature, id=f"{case['case']} {feature}")
        for case in COMPUTED
        if case["case"].startswith(SPREAD)
        for feature in case["values"]["n_source"]["FMI"]
    ],
)
def test_mutual_information(case, feature):
    values = fmi_per_source(*images_of(case), feature=feature)
    known = case["values"]["per_source"][f"FMI.{feature}_2I_over_HH"]
    np.testing.assert_allclose(values, known, atol=1e-8, rtol=0)
    expected = case["values"]["n_source"]["FMI"][feature]["mean_2I_over_HH"]
    assert values.mean() == pytest.approx(expected, abs=1e-8)


@over([case for case in COMPUTED if case["n"] == 2])
def test_two_frames_give_the_original(case):
    sources, fused = images_of(case)
    original = case["values"]["two_source_original"]
    assert q_g(sources, fused) == pytest.approx(original["Qg.corrected"], abs=1e-8)
    assert q_y(sources, fused) == pytest.approx(original["Qy.exact"], abs=1e-8)
    assert q_cb(sources, fused) == pytest.approx(original["Qcb"], abs=1e-8)
    if original["SCD.double"] is not None:
        value = scd(sources, fused, aggregation="sum")
        assert value == pytest.approx(original["SCD.double"], abs=1e-8)
    if case["case"].startswith(SPREAD):
        # The original compares some windows of its second frame wrongly, hence the tolerance.
        assert fmi(sources, fused) == pytest.approx(original["FMI.none"], abs=1.1e-3)


@over(PUBLISHED)
def test_values_that_others_published(case):
    images = images_of(case)
    measured = {
        "Qg.corrected": q_g,
        "Qcb": q_cb,
        "SCD.double": lambda *both: scd(*both, aggregation="sum"),
        "FMI.edge (file calls it FMI_pixel)": lambda *both: fmi(*both, feature="edge"),
        "FMI.dct": lambda *both: fmi(*both, feature="dct"),
        "FMI.wavelet": lambda *both: fmi(*both, feature="wavelet"),
    }
    published = case["values"]["matlab_published"]
    if published.get("Qy.raw_MATLAB_trustworthy"):
        measured["Qy.raw_MATLAB"] = q_y
    compared = measured.keys() & published.keys()
    assert compared
    for name in compared:
        assert measured[name](*images) == pytest.approx(published[name], abs=6e-7), name
