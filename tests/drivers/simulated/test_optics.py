from itertools import pairwise

import numpy as np
import pytest

from drivers.simulated.focal_volume import FULL_SCALE, FocalVolume
from drivers.simulated.layered_slide import LayeredSlide
from drivers.simulated.optics import Optics
from drivers.simulated.slide import Slide
from drivers.simulated.texture import FloatImage

OPTICS = Optics(na=0.4, pixel_um=0.5)
SPACING = OPTICS.depth_of_field_um / 4
SHAPE = (128, 192)
LEFT = np.s_[:, :96]


def slide(
    height_um: FloatImage, colour: float | FloatImage = 1.0, glass: float | FloatImage = 0.2
) -> Slide:
    def grey(value: float | FloatImage) -> FloatImage:
        plane = np.broadcast_to(np.asarray(value, np.float32), SHAPE)
        return np.repeat(plane[..., None], 3, axis=2).astype(np.float32)

    return Slide(height_um, grey(colour), grey(glass))


def checkers(low: float, high: float, side: int = 4) -> FloatImage:
    rows, columns = np.indices(SHAPE)
    return np.where((rows // side + columns // side) % 2, high, low).astype(np.float32)


def flat(height_um: float = 0.0) -> FloatImage:
    return np.full(SHAPE, height_um, np.float32)


def block(height_um: float) -> FloatImage:
    heights = flat()
    heights[LEFT] = height_um
    return heights


def row_of(picture: FloatImage) -> FloatImage:
    """Return the profile along x in the middle, first channel."""
    return picture[SHAPE[0] // 2, :, 0]


def test_depth_of_field_matches_the_table_of_the_planner() -> None:
    # λ/NA² + e/(M·NA) for 20x/0.40 and 3.45 µm pixels: 3.44 + 0.43 µm.
    assert Optics(0.4, 3.45 / 20).depth_of_field_um == pytest.approx(3.87, abs=0.01)


def test_blur_grows_with_distance_from_focus() -> None:
    layered = LayeredSlide(slide(flat(), glass=checkers(0.1, 0.5)), OPTICS, SPACING)
    contrast = [float(layered.render(z).std()) for z in (0.0, 1.0, 2.0, 4.0, 8.0, 16.0)]
    assert contrast == sorted(contrast, reverse=True)
    assert contrast[-1] < 0.05 * contrast[0]
    below, above = layered.render(-4.0), layered.render(4.0)
    np.testing.assert_allclose(below, above, atol=1e-5)


def test_blur_has_the_width_of_the_light_cone() -> None:
    layered = LayeredSlide(slide(flat(), glass=block(1.0) * 0.5), OPTICS, SPACING)
    for defocus_um in (3.0, 12.0):
        edge = np.diff(row_of(layered.render(defocus_um))[48:144])
        centre = np.arange(edge.size) + 0.5
        weight = edge / edge.sum()
        sigma = np.sqrt(np.sum(weight * centre**2) - np.sum(weight * centre) ** 2)
        cone = defocus_um * np.tan(np.arcsin(0.4)) / 2 / 0.5
        assert sigma == pytest.approx(np.hypot(cone, OPTICS.airy_px), rel=0.06)


def test_evenly_grey_slide_stays_so_at_any_focus() -> None:
    layered = LayeredSlide(slide(block(12.0), colour=0.3, glass=0.3), OPTICS, SPACING)
    for z in (-30.0, 0.0, 3.0, 6.0, 12.0, 60.0):
        np.testing.assert_allclose(layered.render(z), 0.3, atol=0.004)


def test_near_bright_block_spills_over_the_glass_in_focus() -> None:
    row = row_of(LayeredSlide(slide(block(15.0)), OPTICS, SPACING).render(0.0))
    assert row[96] == pytest.approx(0.6, abs=0.06), "half the cone is blocked at the edge"
    assert 0.25 < row[100] < row[97]
    assert row[140] == pytest.approx(0.2, abs=0.01)


def test_glass_does_not_spill_over_a_block_in_focus() -> None:
    bright_glass = slide(block(15.0), colour=0.1, glass=1.0)
    row = row_of(LayeredSlide(bright_glass, OPTICS, SPACING).render(15.0))
    np.testing.assert_allclose(row[4:92], 0.1, atol=0.01)


def test_far_particle_does_not_spill_over_a_near_one_in_focus() -> None:
    heights, colour = flat(), flat(0.1)
    heights[:, 96:120] = 3.0
    colour[:, 96:120] = 1.0
    heights[LEFT] = 20.0
    row = row_of(LayeredSlide(slide(heights, colour), OPTICS, SPACING).render(20.0))
    np.testing.assert_allclose(row[8:92], 0.1, atol=0.01)
    # The far one's own blur is seen beside it.
    assert 0.2 < row[126] < 0.8


def test_texture_is_sharp_at_its_own_height() -> None:
    layered = LayeredSlide(slide(flat(9.6), colour=checkers(0.1, 0.5)), OPTICS, SPACING)
    contrast = {z: float(layered.render(z).std()) for z in np.arange(0.0, 20.0, 0.8).tolist()}
    assert max(contrast, key=contrast.__getitem__) == pytest.approx(9.6, abs=0.8)


def test_no_seam_shines_through_a_slope() -> None:
    ramp = np.broadcast_to(np.linspace(1, 30, SHAPE[1], dtype=np.float32), SHAPE).copy()
    layered = LayeredSlide(slide(ramp, colour=0.2, glass=1.0), OPTICS, SPACING)
    for z in (2.0, 9.3, 15.0, 29.0):
        # The slide repeats itself: the cliff at its ends is another matter.
        np.testing.assert_allclose(row_of(layered.render(z))[48:144], 0.2, atol=0.02)


def test_halved_pictures_agree_with_the_full_one() -> None:
    rng = np.random.default_rng(3)
    heights = np.where(rng.random((8, 12)) < 0.3, rng.uniform(2, 12, (8, 12)), 0)
    heights = np.kron(heights, np.ones((16, 16))).astype(np.float32)
    layered = LayeredSlide(slide(heights, 0.6, checkers(0.1, 0.3)), OPTICS, SPACING)
    full, half = layered.render(26.0), layered.render(26.0, finest=1)
    small = full.reshape(64, 2, 96, 2, 3).mean(axis=(1, 3))
    assert np.abs(small - half).mean() < 0.01


@pytest.fixture(scope="module")
def volume() -> FocalVolume:
    heights = block(10.0)
    return FocalVolume(slide(heights, checkers(0.1, 0.9), checkers(0.3, 0.5)), OPTICS)


def test_motion_blur_is_the_mean_of_static_exposures(volume: FocalVolume) -> None:
    path = np.linspace(1.3, 7.9, 9)
    moving = volume.field(10, 20, (64, 96), volume.weights(path.tolist()))
    fine = np.linspace(1.3, 7.9, 401)
    static = [volume.field(10, 20, (64, 96), volume.weights([z])) for z in fine.tolist()]
    np.testing.assert_allclose(moving, np.mean(static, axis=0), atol=2e-3 * FULL_SCALE)


def test_weights_add_up_and_keep_the_mean_height(volume: FocalVolume) -> None:
    for path in ([3.0], [0.0, 8.0], [8.0, 0.0], [1.0, 1.0, 5.0], [2.0, 30.0, 2.0]):
        weights = volume.weights(path)
        assert weights.sum() == pytest.approx(1.0)
        mean = np.mean([(a + b) / 2 for a, b in pairwise(path)] or path)
        assert weights @ volume.focus_um == pytest.approx(mean, abs=1e-4)


def test_far_from_the_slide_all_is_grey(volume: FocalVolume) -> None:
    for z in (-5000.0, 5000.0):
        far = volume.field(0, 0, (64, 96), volume.weights([z]))
        assert far.std() < 0.02 * far.mean()


def test_slide_repeats_itself_seamlessly(volume: FocalVolume) -> None:
    for z in (0.0, 30.0):
        weights = volume.weights([z])
        here = volume.field(150, 100, (64, 96), weights)
        again = volume.field(150 - 192, 100 + 3 * 128, (64, 96), weights)
        np.testing.assert_allclose(here, again, atol=1)
        whole = volume.field(0, 0, SHAPE, weights)
        rolled = np.roll(whole, (-100, -150), axis=(0, 1))[:64, :96]
        np.testing.assert_allclose(here, rolled, atol=1e-3 * FULL_SCALE)


def test_slides_of_other_sides_are_refused() -> None:
    odd = np.zeros((100, 192), np.float32)
    colour = np.zeros((100, 192, 3), np.float32)
    with pytest.raises(ValueError, match="divide by 16"):
        LayeredSlide(Slide(odd, colour, colour), OPTICS, SPACING)
