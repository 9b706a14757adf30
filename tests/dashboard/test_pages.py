"""What the pages say, as HTML that pure functions make."""

import re

from proxy.dashboard.markup import Html
from proxy.dashboard.pages import left, overview, parts, proof, route, routes
from proxy.dashboard.sources import Sources
from proxy.dashboard.view import Concern
from proxy.evidence.found import Counts, Path, RouteEvidence
from proxy.metrics.source import RouteNumbers, Usage
from proxy.publishing.flip import route_of
from tests.dashboard.numbers import DOCUMENT, NOON, entry, flow, point, snapshot, standing, view
from tests.publishing.evidence import known, of_code

EXAMPLE = {
    "kind": "value",
    "path": "$.total",
    "control": "12.00",
    "candidate": "<12>",
    "request": {"method": "GET", "target": "/orders/O-1?a='b"},
    "when": "2026-12-02T11:59:00Z",
}


def text(html: Html) -> str:
    """What somebody reads of it, with a space between elements."""
    return " ".join(re.sub(r"<[^>]*>", " ", html).split())


def test_overview_tells_share_rates_errors_and_p95_of_both_sides() -> None:
    numbers = {"orders.read": RouteNumbers({"legacy": flow(30, 1, 80), "migrated": flow(10, 0, 20)})}
    curve = [point(at, legacy=6, migrated=3) for at in range(0, 12, 3)]

    shown = text(overview.tiles_of(view(snapshot(numbers, curve))))

    assert shown == (
        "Traffic migrated, last 5 min 25.0 % migrated 10 legacy 30 routes arrived 1 of 3 "
        "Requests now 3.0/s migrated 1.0/s legacy 2.0/s all of the last 5 min 40 "
        "Errors, last 5 min 1 migrated 0 · 0 % legacy 1 · 3.3 % "
        "p95, last 5 min 20 ms of the migrated side migrated 20 ms legacy 80 ms"
    )


def test_overview_without_any_traffic_knows_no_share() -> None:
    shown = text(overview.tiles_of(view()))

    assert shown.startswith("Traffic migrated, last 5 min – migrated 0 legacy 0")
    assert "Requests now –" in shown


def test_empty_page_says_what_to_do() -> None:
    hint = parts.empty(view(), "http://127.0.0.1:8080")

    assert hint is not None
    assert (
        text(hint)
        == "No traffic in the last 5 min. Ask for something, and it shows here: curl -i http://127.0.0.1:8080/"
    )
    assert parts.empty(view(snapshot({"unlisted": RouteNumbers({"proxy": flow(1)})})), "") is None


def test_grid_has_numbers_to_sort_by_and_nothing_where_nothing_is_known() -> None:
    numbers = {"orders.read": RouteNumbers({"legacy": flow(3, 1, 80), "migrated": flow(1, 0, 20)})}
    row = view(snapshot(numbers), standing(entry("orders.read: shadow → canary 5 %"))).row("orders.read")

    assert row is not None
    cells = routes.cells_of(row)
    assert (cells["requests"], cells["migrated"], cells["legacy_errors"], cells["migrated_p95"]) == (4, 0.25, 1 / 3, 20)
    assert (cells["parity"], cells["bound"], cells["missing"]) == (None, None, None)
    assert (cells["flip"], cells["who"], cells["why"]) == ("shadow → canary 5 %", "ada", "half of them")


def test_stages_are_sorted_by_how_far_they_are_and_canaries_by_their_percentage() -> None:
    orders = {row.id: routes.cells_of(row)["order"] for row in view().rows}

    assert orders["orders.create"] < orders["orders.read"] < orders["customers.read"]


def test_grid_is_told_only_what_has_changed() -> None:
    sent = {"a": {"id": "a", "n": 1}, "b": {"id": "b", "n": 1}, "c": {"id": "c", "n": 1}}

    change = routes.changed(sent, {"a": {"id": "a", "n": 1}, "b": {"id": "b", "n": 2}, "d": {"id": "d", "n": 0}})

    assert change == {"add": [{"id": "d", "n": 0}], "update": [{"id": "b", "n": 2}], "remove": [{"id": "c"}]}
    assert routes.changed(sent, sent) == {}


def test_who_needs_legacy_is_told_with_stage_and_client() -> None:
    usage = [Usage("orders.create", "agent:okhttp", 7), Usage("/reports/{id}", "", 2)]

    shown = text(left.users_of(view(snapshot(usage=usage))))

    assert shown.endswith(
        "Route or path Stage Client Requests orders.create legacy agent:okhttp 7 "
        "/reports/{id} unlisted says nothing of itself 2"
    )


def test_paths_beyond_two_hundred_are_named_as_all_others() -> None:
    shown = text(left.paths_of(view(snapshot(paths={"/a": 3, "*": 9}))))

    assert shown.endswith("Path Requests /a 3 * (all others) 9")
    assert text(left.paths_of(view())).endswith("No unlisted path has been asked for in the last 5 min.")


def test_what_is_left_is_what_has_not_arrived() -> None:
    assert text(left.stages_of(view())).startswith("2 of 3 routes are left")


def test_route_tells_percentiles_of_both_sides_and_its_fallbacks() -> None:
    numbers = {"orders.read": RouteNumbers({"legacy": flow(3, 0, 80), "migrated": flow(1, 1, 20)}, fallbacks=1)}
    shown = view(snapshot(numbers))
    row = shown.row("orders.read")

    assert row is not None
    assert text(route.tiles_of(row, shown)) == (
        "Answered by the migrated side, last 5 min 25.0 % migrated 1 legacy 3 "
        "Errors 1 migrated 1 · 100 % legacy 0 · 0 % fallbacks to legacy 1 "
        "p95 of the migrated side 20 ms Side p50 p95 p99 migrated 20 ms 20 ms 20 ms legacy 80 ms 80 ms 80 ms"
    )


def test_proof_tells_the_bound_and_what_is_missing() -> None:
    evidence = known(DOCUMENT, {"orders.read": of_code(Counts(started=101, finished=100, equal=99, different=1))})
    document = route_of(DOCUMENT, "orders.read")

    shown = text(proof.proof(document, evidence("orders.read"), is_kept=True))

    assert shown.startswith(
        "Do both sides agree? 99.0 % of the comparisons were equal 100 of 400 samples; 1 difference"
    )
    assert "at least, with 95 % confidence 94.5 %" in shown
    assert "lost with their process 0 not done yet 1" in shown


def test_route_of_one_side_and_evidence_that_nobody_keeps_are_told() -> None:
    document = route_of(DOCUMENT, "orders.create")

    assert "one side only" in proof.proof(document, RouteEvidence("orders.create"), is_kept=True)
    assert "name a table with --evidence" in proof.proof(document, RouteEvidence("orders.create"), is_kept=False)


def test_differing_path_has_an_example_and_requests_that_show_it_again(sources: Sources) -> None:
    path = Path("$.total", {"value": 1200}, examples=(EXAMPLE,))
    evidence = known(DOCUMENT, {"orders.read": of_code(Counts(started=9, finished=9, different=9), path)})

    html = proof.differing(route_of(DOCUMENT, "orders.read"), evidence("orders.read"), sources)

    shown = text(html)
    assert "$.total value, 1 200 times" in shown
    assert "legacy &quot;12.00&quot; migrated &quot;&lt;12&gt;&quot;" in shown
    assert "fig override orders.read legacy | head -1" in shown
    assert "<12>" not in html


def test_requests_to_paste_are_quoted_for_a_shell(sources: Sources) -> None:
    shown = text(proof.asking(route_of(DOCUMENT, "orders.read"), sources))

    assert "curl -i http://127.0.0.1:8080/orders/ID" in shown
    assert "fig explain GET /orders/ID --published" in shown


def test_history_of_a_route_is_about_that_route_alone() -> None:
    both = entry("orders.read: legacy → shadow", "orders.list: legacy → shadow", why="<script>")

    html = parts.entries([both], NOON, "orders.read")

    assert text(html) == "flip version 2 · ada · 1 h ago &lt;script&gt; orders.read: legacy → shadow"


def test_long_change_is_cut_and_says_so() -> None:
    many = entry(*(f"r{number}: added, legacy" for number in range(9)))

    assert text(parts.entries([many], NOON, most=2)).endswith("r0: added, legacy r1: added, legacy … and 7 more")


def test_nothing_to_look_at_is_said_and_a_concern_leads_to_its_route() -> None:
    assert "Nothing to look at" in parts.concerns([])
    assert 'href="/fig/route/orders.read"' in parts.concerns([Concern("breaker open", "orders.read")])


def test_more_concerns_than_fit_are_counted() -> None:
    many = [Concern(f"trouble {number}") for number in range(11)]

    assert text(parts.concerns(many)).endswith("trouble 7 … and 3 more")


def test_source_that_refuses_shows_no_zeros() -> None:
    refused = view(snapshot(problem="cloudwatch: AccessDenied: cloudwatch:GetMetricData"))

    assert (
        text(parts.empty(refused, "") or Html("")) == "No numbers: cloudwatch: AccessDenied: cloudwatch:GetMetricData"
    )
    assert "0" not in text(overview.tiles_of(refused))
    assert "Nobody knows: see above." in text(left.users_of(refused))


def test_usage_is_told_of_the_days_that_it_is_of() -> None:
    days = view(snapshot(usage=[Usage("orders.read", "agent:okhttp", 3)], usage_days="today and yesterday (UTC)"))

    assert "Today and yesterday (UTC). " in text(left.users_of(days))
