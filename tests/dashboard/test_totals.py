"""All routes added up: counts are exact, and percentiles are those of all answers together."""

from hypothesis import given
from hypothesis import strategies as st

from proxy.dashboard.totals import added, by_side, error_share, failing, migrated_share, now, percentile
from proxy.metrics.source import Bucket, Flow, RouteNumbers
from tests.dashboard.numbers import flow, point


def test_percentiles_of_several_routes_are_those_of_all_answers() -> None:
    """An average of percentiles is none: of 99 fast answers and one slow one, p95 is fast."""
    assert added([flow(99, p95_ms=10.0), flow(1, p95_ms=900.0)]) == Flow(
        100, 0, 10.0, 10.0, 10.0, (Bucket(10.0, 99), Bucket(900.0, 1))
    )


@given(st.lists(st.tuples(st.integers(1, 50), st.sampled_from([1.0, 5.0, 20.0, 80.0])), min_size=1, max_size=8))
def test_percentile_is_the_bound_of_the_answer_of_that_rank(parts: list[tuple[int, float]]) -> None:
    answers = sorted(ms for number, ms in parts for _ in range(number))
    total = added([flow(number, p95_ms=ms) for number, ms in parts])

    for wanted in (50, 95, 99):
        assert percentile(total.latency, wanted) == answers[max(0, -(-len(answers) * wanted // 100) - 1)]


def test_where_no_distribution_is_known_the_newest_of_the_curve_stands_for_all() -> None:
    curve = [point(0)._replace(p95_ms={"legacy": 40.0}), point(3)._replace(p95_ms={"legacy": 70.0}), point(6)]
    routes = [RouteNumbers({"legacy": Flow(10, 1, None, 30.0)}), RouteNumbers({"legacy": Flow(5, 0, None, 90.0)})]

    assert by_side(routes, curve)["legacy"] == Flow(15, 1, None, 70.0)
    assert by_side([], curve)["legacy"] == Flow()


def test_routes_that_the_source_does_not_tell_are_in_the_totals_all_the_same() -> None:
    """CloudWatch tells 500 curves of a search, and the curve by side has all."""
    curve = [point(0, legacy=40, errors=3), point(3, legacy=20)]

    assert by_side([RouteNumbers({"legacy": Flow(10, 1, None, 30.0)})], curve)["legacy"] == Flow(60, 3)
    # Where every answer is known, the curve may end earlier or later.
    assert by_side([RouteNumbers({"legacy": flow(10)})], curve)["legacy"].requests == 10


def test_shares_of_nothing_are_not_known() -> None:
    assert (migrated_share(0, 0), error_share(Flow())) == (None, None)
    assert (migrated_share(1, 3), error_share(Flow(4, 1))) == (0.25, 0.25)


def test_now_is_the_last_whole_moments_and_not_the_one_under_way() -> None:
    curve = [point(at, legacy=30, migrated=15) for at in range(0, 30, 3)] + [point(30, legacy=1)]

    assert (now(curve).rate("legacy"), now(curve).rate("migrated")) == (10.0, 5.0)
    assert now([]).rate("legacy") is None


def test_failures_of_the_moment_under_way_count_at_once() -> None:
    """Who is on call need not wait until the moment is over."""
    assert failing([point(0, legacy=3), point(3, legacy=4, errors=2)], "legacy") == (2, 7)
    assert failing([point(0, legacy=3), point(3, migrated=4)], "legacy") is None
    assert failing([], "legacy") is None
