"""The lower bound of a share: known values, and the laws that a bound keeps."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.evidence.wilson import lower_bound, more_successes

_totals = st.integers(1, 5000)


@pytest.mark.parametrize(
    ("successes", "total", "bound"),
    [
        (0, 0, 0.0),
        (0, 10, 0.0),
        (400, 400, 0.990488),
        (399, 400, 0.985977),
        (562, 563, 0.990008),
        # Source: Newcombe, "Two-sided confidence intervals for the single proportion", Statistics in Medicine 17
        # (1998), table I, method 3.
        (81, 263, 0.2553),
        (15, 148, 0.0624),
        (0, 20, 0.0),
        (1, 29, 0.0061),
    ],
)
def test_bound_of_known_samples(successes: int, total: int, bound: float) -> None:
    assert lower_bound(successes, total) == pytest.approx(bound, abs=5e-5)


@pytest.mark.parametrize(
    ("differences", "samples"),
    # How many samples show that 99 % are equal.
    [(0, 381), (1, 563), (2, 726)],
)
def test_samples_that_a_target_takes_are_computed(differences: int, samples: int) -> None:
    assert more_successes(0, differences, 0.99) + differences == samples
    assert lower_bound(samples - differences, samples) >= 0.99 > lower_bound(samples - differences - 1, samples - 1)


def test_four_hundred_equal_samples_pass_a_gate_of_99_percent() -> None:
    assert lower_bound(400, 400) >= 0.99
    assert more_successes(400, 400, 0.99) == 0


@given(total=_totals, data=st.data())
def test_bound_is_below_the_share_and_grows_with_it(total: int, data: st.DataObject) -> None:
    successes = data.draw(st.integers(0, total - 1))

    assert 0.0 <= lower_bound(successes, total) <= lower_bound(successes + 1, total) <= 1.0
    assert lower_bound(successes, total) <= successes / total


@given(total=_totals, data=st.data())
def test_one_more_success_never_lowers_the_bound_and_a_failure_never_raises_it(total: int, data: st.DataObject) -> None:
    successes = data.draw(st.integers(0, total))
    bound = lower_bound(successes, total)

    assert lower_bound(successes + 1, total + 1) >= bound
    assert lower_bound(successes, total + 1) <= bound


@given(total=st.integers(0, 5000), data=st.data(), target=st.floats(0.5, 0.9999))
def test_what_is_missing_is_exactly_enough(total: int, data: st.DataObject, target: float) -> None:
    successes = data.draw(st.integers(0, total))

    more = more_successes(successes, total, target)

    assert lower_bound(successes + more, total + more) >= target
    assert more == 0 or lower_bound(successes + more - 1, total + more - 1) < target
