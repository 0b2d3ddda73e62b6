import numpy as np

from drivers.simulated.slide import make_slide


def test_same_seed_same_slide() -> None:
    one, same, other = (make_slide(seed, (160, 240), 0.5) for seed in (3, 3, 4))
    np.testing.assert_array_equal(one.height_um, same.height_um)
    np.testing.assert_array_equal(one.sharp, same.sharp)
    assert not np.array_equal(one.height_um, other.height_um)


def test_ferrogram_has_bare_glass_low_chains_and_tall_particles() -> None:
    slide = make_slide(1, (672, 1360), 0.4945, max_height_um=40.0)
    bare = float((slide.height_um == 0).mean())
    assert 0.55 < bare < 0.9
    assert 25.0 < slide.height_um.max() <= 40.0
    assert float((slide.height_um > 15).mean()) > 0.01
    # Reflected light: pale glass, particles on average darker and far more varied.
    glass, wear = slide.glass[slide.height_um == 0], slide.colour[slide.height_um > 0]
    assert 0.4 < glass.mean() < 0.5
    assert wear.mean() < glass.mean()
    assert wear.std() > 5 * glass.std()
    red = (wear[:, 0] > 2 * wear[:, 2]) & (wear[:, 0] > 0.1)
    assert 0.005 < red.mean() < 0.2
    assert 0.01 < (wear.max(axis=1) < 0.05).mean() < 0.3


def test_chains_run_along_y() -> None:
    slide = make_slide(2, (480, 480), 0.5)
    chains = (slide.height_um > 0) & (slide.height_um < 6)
    assert chains.mean(axis=0).std() > 1.3 * chains.mean(axis=1).std()


def test_height_limit_holds_for_high_magnifications() -> None:
    assert make_slide(1, (320, 480), 0.07, max_height_um=9.0).height_um.max() <= 9.0
