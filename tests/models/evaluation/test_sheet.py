import numpy as np
import pytest

from models.evaluation.places import telling_places
from models.evaluation.scores import Row
from models.evaluation.sheet import caption, sheet
from models.evaluation.stack_folder import EvaluationStack

SIZE = (200, 300)


@pytest.fixture
def images():
    rng = np.random.default_rng(0)
    one = rng.integers(0, 256, (*SIZE, 3), dtype=np.uint8)
    other = one.copy()
    other[150:170, 20:40] ^= 255  # where the two disagree
    return {"one": one, "other": other}


@pytest.fixture
def stack(images):
    labels = np.zeros(SIZE, np.uint16)
    labels[20:80, 180:260] = 3
    labels[100:110, 100:110] = 4
    height = np.zeros(SIZE, np.float32)
    height[labels == 3], height[labels == 4] = 2, 30
    return EvaluationStack("s", (images["one"],), height_um=height, labels=labels)


def contains(place, row, column):
    inside_rows = place.row <= row < place.row + place.rows
    return inside_rows and place.column <= column < place.column + place.columns


def test_places_are_what_they_say(stack, images):
    places = {place.what: place for place in telling_places(stack, images, side=50)}
    assert list(places) == ["biggest particle", "background", "highest rim", "largest difference"]
    assert contains(places["biggest particle"], 50, 220)
    assert not places["background"].cut(stack.labels).any()
    assert (places["highest rim"].cut(stack.labels) == 4).any()
    assert contains(places["largest difference"], 160, 30)
    assert {(place.rows, place.columns) for place in places.values()} == {(50, 50)}


def test_without_truth_the_disagreement_decides(images):
    blind = EvaluationStack("s", (images["one"],))
    places = telling_places(blind, images, side=50)
    assert [place.what for place in places] == ["largest difference"] * 4
    assert contains(places[0], 160, 30)
    corners = [(place.row, place.column) for place in places]
    for i, (row, column) in enumerate(corners):  # no two overlap
        assert all(max(abs(row - r), abs(column - c)) >= 50 for r, c in corners[:i])
    assert corners == [(p.row, p.column) for p in telling_places(blind, images, side=50)]


@pytest.mark.parametrize("size", [(1, 1), (7, 400), (192, 192), (193, 500)], ids=str)
def test_places_lie_inside_frames_of_any_size(size):
    image = np.random.default_rng(0).integers(0, 256, size, dtype=np.uint8)
    stack = EvaluationStack("s", (image,), labels=np.ones(size, np.uint8))
    places = telling_places(stack, {"m": image})
    assert 1 <= len(places) <= 4
    for place in places:
        assert place.cut(image).shape == (min(192, size[0]), min(192, size[1]))


def test_a_sheet_shows_the_pixels_at_1_to_1_under_their_captions(stack, images):
    places = telling_places(stack, images, side=50)
    drawn = sheet({"one: 1": images["one"], "other: 2": images["other"]}, places, 255)
    assert drawn.dtype == np.uint8
    assert drawn.shape[2] == 3
    found = 0
    for image in images.values():
        for place in places:
            crop = place.cut(image)
            rows, columns = np.nonzero((drawn == crop[0, 0]).all(axis=2))
            found += any(
                np.array_equal(drawn[r : r + 50, c : c + 50], crop)
                for r, c in zip(rows, columns, strict=True)
            )
    assert found == 8
    assert (drawn == 0).all(axis=2).any()  # ink


def test_grey_and_16_bit_images_have_a_sheet_too():
    image = np.full((20, 30), 40000, np.uint16)
    stack = EvaluationStack("s", (image,))
    places = telling_places(stack, {"µ": image})
    drawn = sheet({"µ": image}, places, stack.white)
    assert (drawn == round(40000 / 65535 * 255)).any()


def test_captions_tell_the_method_and_its_scores():
    row = Row("s", "soft-focus", "baseline", {"psnr_db": 33.7, "psnr_particles_db": 32.456})
    assert caption(row) == "soft-focus: PSNR 33.70, on particles 32.46"
    assert caption(Row("s", "mean", "baseline", {})) == "mean"
