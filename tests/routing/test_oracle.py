"""The table against a matcher that tries every route."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.routing.oracle import BROUGHT, PATHS, ROWS, Brought, Tried, best
from tests.routing.tables import table

EXAMPLES = 150
METHODS = ("GET", "POST", "PURGE")


@settings(max_examples=EXAMPLES)
@given(st.lists(ROWS, min_size=1, max_size=14), st.lists(BROUGHT, min_size=3, max_size=3), st.randoms())
def test_match_finds_what_trying_every_route_finds(
    rows: list[dict[str, Any]], brought: list[Brought], shuffled: Any
) -> None:
    """The most specific wins, and the order in the file never matters: over 10 000 tables, paths and requests."""
    assert EXAMPLES * len(PATHS) >= 10_000
    tried = [Tried(at, row) for at, row in enumerate(rows)]
    named = [{"id": route.id, **row} for route, row in zip(tried, rows, strict=True)]
    in_order, in_another = table(*named), table(*shuffled.sample(named, len(named)))

    for at, path in enumerate(PATHS):
        method, brings = METHODS[at % 7 // 3], brought[at % 3]
        expected = best(tried, method, path, brings)
        found = in_order.match(method, path, brings.on(method, path))
        other = in_another.match(method, path, brings.on(method, path))
        assert (found and found.id) in expected, (method, path, brings)
        assert (other and other.id) in expected, (method, path, brings)
