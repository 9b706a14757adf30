"""Charts are JSON; their colours are the page's, and an update sends no function."""

import json

from proxy.dashboard import charts
from proxy.dashboard.standing import Moment
from proxy.metrics.source import Bucket, Flow
from tests.dashboard.numbers import flow, point


def points(options: charts.Options) -> dict[str, list[list[float | None]]]:
    return {series["name"]: series["data"] for series in options["series"]}


def test_shares_of_both_sides_are_all_of_the_traffic_and_nothing_where_there_is_none() -> None:
    made = charts.shares([point(1, legacy=3, migrated=1), point(4), point(7, legacy=9)])

    # The last moment is under way and not drawn.
    assert points(made) == {"migrated": [[1000, 25.0], [4000, None]], "legacy": [[1000, 75.0], [4000, None]]}


def test_rate_is_by_the_second_and_the_proxy_is_drawn_only_where_it_answers() -> None:
    made = charts.rates([point(0, legacy=30, migrated=6), point(3)])

    assert points(made) == {"migrated": [[0, 2.0]], "legacy": [[0, 10.0]], "proxy": [[0, None]]}


def test_errors_of_the_moment_under_way_are_drawn_at_once() -> None:
    assert points(charts.errors([point(0, legacy=3, errors=2)]))["legacy"] == [[0, 2]]


def test_burn_down_goes_from_the_first_version_to_now() -> None:
    moments = [Moment(10.0, {"legacy": 3}), Moment(20.0, {"legacy": 1, "shadow": 1, "migrated": 1})]

    assert points(charts.burn_down(moments, until=30.0)) == {
        "arrived": [[10_000, 0], [20_000, 1], [30_000, 1]],
        "on the way": [[10_000, 0], [20_000, 1], [30_000, 1]],
        "on legacy": [[10_000, 3], [20_000, 1], [30_000, 1]],
    }
    assert points(charts.burn_down([], until=30.0))["on legacy"] == []


def test_distributions_are_shares_of_each_side_in_the_bars_of_their_bounds() -> None:
    legacy = Flow(4, 0, None, None, None, (Bucket(1.0, 1), Bucket(1.9, 3)))
    made = charts.distribution(legacy, flow(10, p95_ms=2.0))

    labels = made["xAxis"]["data"]
    bars = {name: dict(zip(labels, data, strict=True)) for name, data in points(made).items()}
    assert {name: {label: bar for label, bar in one.items() if bar} for name, one in bars.items()} == {
        "legacy": {"1 ms": 25.0, "2 ms": 75.0},
        "migrated": {"2 ms": 100.0},
    }


def test_distribution_of_nothing_says_so() -> None:
    assert charts.distribution(Flow(), Flow())["title"]["show"]


def test_promised_time_is_marked_where_it_is_in_the_picture() -> None:
    answers = flow(10, p95_ms=256.0)

    (mark,) = charts.distribution(answers, Flow(), promised_ms=300.0)["series"][0]["markLine"]["data"]
    assert mark["name"] == "p95 promised"
    assert charts.distribution(answers, Flow(), promised_ms=60_000.0)["series"][0]["markLine"]["data"] == []


def test_update_is_json_without_functions_and_without_a_colour_of_its_own() -> None:
    """A function would be text there; a fixed colour could not be read in light or in dark."""
    for made in (
        charts.shares([point(0)]),
        charts.rates([point(0)]),
        charts.errors([point(0)]),
        charts.latencies([point(0)]),
        charts.distribution(flow(3), flow(3)),
        charts.burn_down([], 0),
        charts.legacy_rates([]),
    ):
        sent = json.dumps(charts.of_update(made))
        assert '":' not in sent.replace('": ', "").replace('":[', "")
        assert "#" not in json.dumps(made)
        assert "rgb" not in json.dumps(made)
