from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.clock_map import FIRST_SIGMA_NS, ArrivalJitter, ClockMap

BOOT_NS = 86_400_000_000_000
PERIOD_NS = 33_333_333


@settings(max_examples=30, deadline=None)
@given(
    st.sampled_from([1.0, 8.0, 1000.0]),
    st.floats(-100e-6, 100e-6),
    st.integers(0, 2**53),
    st.integers(0, 2**32 - 1),
)
def test_late_frames_do_not_shift_the_clock(
    ns_per_tick: float, skew: float, first_tick: int, seed: int
) -> None:
    """30 s at 30 fps, delays of 2 ms and more, of which many are much later."""
    random = np.random.default_rng(seed)
    clock = ClockMap(ns_per_tick)
    errors = []
    for n in range(900):
        tick = first_tick + round(n * PERIOD_NS / ns_per_tick)
        truth_ns = BOOT_NS + round(n * PERIOD_NS * (1 + skew))
        clock.add(tick, truth_ns + 2_000_000 + round(random.exponential(3e6)))
        if n >= 300 and n % 50 == 0:
            t_ns, sigma_ns = clock.at(tick)
            errors.append(t_ns - truth_ns - 2_000_000)
            assert 50_000 <= sigma_ns < 1_000_000
    # Arrivals alone scatter by 3 ms.
    assert np.max(np.abs(errors)) < 1_000_000


@pytest.mark.parametrize(
    "delay_ns",
    [
        lambda random: abs(random.normal(0, 10e6)),
        lambda random: random.exponential(6e6),
        lambda random: random.uniform(0, 20e6),
    ],
    ids=["half-normal", "exponential", "uniform"],
)
@pytest.mark.parametrize(("count", "runs"), [(20, 150), (100, 80), (500, 25)])
def test_the_uncertainty_is_as_large_as_the_error(
    delay_ns: Callable[[np.random.Generator], float], count: int, runs: int
) -> None:
    errors, sigmas = [], []
    for seed in range(runs):
        random = np.random.default_rng((seed, count))
        clock = ClockMap(1.0)
        skew = sum(random.uniform(-1e-4, 1e-4, 2))
        truth_ns = 0
        for n in range(count):
            truth_ns = BOOT_NS + round(n * PERIOD_NS * (1 + skew))
            clock.add(n * PERIOD_NS, truth_ns + 2_000_000 + round(delay_ns(random)))
        t_ns, sigma_ns = clock.at((count - 1) * PERIOD_NS)
        errors.append(t_ns - truth_ns - 2_000_000)
        sigmas.append(sigma_ns)
    assert 0.6 < np.sqrt(np.mean(np.square(errors)) / np.mean(np.square(sigmas))) < 1.5


def test_a_steady_camera_is_mapped_exactly() -> None:
    clock = ClockMap(8.0)
    for n in range(20):
        clock.add(1000 + n * 4_000_000, BOOT_NS + n * 32_000_000)
    assert clock.at(1000 + 20 * 4_000_000)[0] == BOOT_NS + 20 * 32_000_000


def test_few_frames_are_uncertain() -> None:
    clock = ClockMap(1.0)
    clock.add(0, BOOT_NS)
    assert clock.at(0) == (BOOT_NS, FIRST_SIGMA_NS)


def test_a_clock_that_starts_anew_forgets_the_old() -> None:
    clock = ClockMap(1.0)
    for n in range(20):
        clock.add(10**12 + n * PERIOD_NS, BOOT_NS + n * PERIOD_NS)
    clock.add(5, BOOT_NS + 10**12)
    assert clock.at(5)[0] == BOOT_NS + 10**12


def test_a_map_of_nothing() -> None:
    with pytest.raises(ValueError, match="no frame"):
        ClockMap(1.0).at(0)
    with pytest.raises(ValueError, match="positive"):
        ClockMap(0.0)


def test_jitter_is_the_scatter_of_one_arrival() -> None:
    random = np.random.default_rng(1)
    jitter = ArrivalJitter()
    assert jitter.sigma_ns() == FIRST_SIGMA_NS
    for n in range(64):
        jitter.add(BOOT_NS + n * PERIOD_NS + round(random.normal(0, 2e6)))
    assert jitter.sigma_ns() == pytest.approx(2e6, rel=0.5)
