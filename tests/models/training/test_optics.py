import math

import cv2
import numpy as np
import pytest

from models.training.optics import BlurredLayer, Optics


def test_depth_of_field_is_wave_plus_pixel_term() -> None:
    optics = Optics(na=0.4, pixel_um=0.5, wavelength_um=0.54)
    assert optics.dof_um == pytest.approx(0.54 / 0.16 + 0.5 / 0.4)


def test_blur_grows_with_the_tangent_of_the_aperture_angle() -> None:
    optics = Optics(na=0.6, pixel_um=0.5)
    assert optics.radius_px(-10) == pytest.approx(10 * 0.75 / 0.5)


@pytest.mark.parametrize("softness", [0.0, 0.2, 0.5])
def test_softness_changes_the_shape_and_not_the_amount_of_blur(softness: float) -> None:
    optics = Optics(na=0.4, pixel_um=0.5, softness=softness)
    kernel = optics.kernel(10.0)
    axis = np.arange(len(kernel)) - len(kernel) // 2
    variance = (kernel.sum(axis=0) * axis**2).sum()
    assert kernel.sum() == pytest.approx(1, abs=1e-5)
    assert variance == pytest.approx(10**2 / 4 + optics.focus_sigma_px**2, rel=0.05)


def test_a_disc_is_flat_and_a_gaussian_is_not() -> None:
    def flatness(softness: float) -> float:
        kernel = Optics(na=0.4, pixel_um=0.5, softness=softness).kernel(12.0)
        centre = len(kernel) // 2
        return float(kernel[centre, centre + 6] / kernel[centre, centre])

    assert flatness(0.0) == pytest.approx(1, abs=0.01)
    assert flatness(0.5) == pytest.approx(math.exp(-0.5), abs=0.05)


@pytest.mark.parametrize("radius_px", [2.0, 5.0, 11.0, 23.0])
def test_wide_blurs_on_reduced_copies_equal_the_direct_filter(radius_px: float) -> None:
    optics = Optics(na=0.4, pixel_um=0.5, softness=0.25)
    scene = np.random.default_rng(3).random((120, 151)).astype(np.float32)
    scene[:, 70:] += 1
    blurred = BlurredLayer(scene, optics).at(radius_px / optics.radius_px_per_um)
    direct = cv2.filter2D(scene, -1, optics.kernel(radius_px), borderType=cv2.BORDER_REFLECT_101)
    inner = (slice(30, -30), slice(30, -30))
    assert np.abs(blurred - direct)[inner].max() < 0.04
    assert np.abs(blurred - direct)[inner].mean() < 0.01


def test_a_defocus_of_its_own_at_every_pixel_agrees_with_one_for_all() -> None:
    optics = Optics(na=0.4, pixel_um=0.5, softness=0.25)
    scene = np.random.default_rng(4).random((60, 90, 2)).astype(np.float32)
    layer = BlurredLayer(scene, optics)
    for defocus_um in (0.0, 0.4, 1.5, 4.0, 12.0, 30.0):
        same = np.full(scene.shape[:2], -defocus_um, np.float32)
        np.testing.assert_allclose(layer.varying(same), layer.at(defocus_um), atol=0.02)
        np.testing.assert_allclose(
            BlurredLayer(scene[..., 0], optics).varying(same),
            layer.varying(same)[..., 0],
            atol=1e-5,
        )


def test_blur_ends_where_it_is_said_to_reach() -> None:
    optics = Optics(na=0.4, pixel_um=0.5, softness=0.3)
    assert optics.kernel(optics.radius_px(20.0)).shape[0] <= 2 * optics.reach_px(20.0) + 1


@pytest.mark.parametrize("wrong", [{"na": 1.2}, {"na": 0.0}, {"pixel_um": 0.0}, {"softness": 0.6}])
def test_impossible_optics_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=r"NA|pixel size|softness"):
        Optics(**({"na": 0.4, "pixel_um": 0.5} | wrong))
