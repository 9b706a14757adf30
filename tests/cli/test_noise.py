"""`fig noise`: what legacy answers differently by itself, as rules to paste."""

import json

import yaml

from proxy.routing.reader import read
from tests.cli.person import Person
from tests.cli.seen import Seen, difference

LEARN = "    stage: shadow\n    compare: {noise: learn, ignore: [$.id], headers: [etag, x-shop], values: shown}"


def test_noise_proposes_rules_with_what_speaks_for_them(ada: Person, seen: Seen) -> None:
    ada.rewrite("    stage: shadow", LEARN)
    for _ in range(3):
        found = [difference("$.updated_at"), difference("header:etag", "header"), difference("status", "status")]
        noise = ("$.updated_at", "header:etag", "status", "$.lines")
        seen.add(ada, "orders.list", "different", *found, difference("$.lines", "order"), noise=noise)
    seen.add(ada, "orders.list", "different", difference("$.total"), noise=())

    said = seen.told(ada, "noise", "orders.list")

    assert (
        said
        == """\
orders.list: legacy got 4 requests twice, and differs from itself
put this in place of the route's compare; then it is another question, and its evidence begins anew:

    # unordered $.lines: differs in 3 of 4 comparisons, and between two answers of legacy in 3
    # ignore $.updated_at: differs in 3 of 4 comparisons, and between two answers of legacy in 3
    # headers etag: differs in 3 of 4 comparisons, and between two answers of legacy in 3
    compare:
      ignore:
      - $.id
      - $.updated_at
      headers:
      - x-shop
      values: shown
      noise: learn
      unordered:
      - $.lines

noise for which there is no rule that would not hide more than was seen:
  status
"""
    )
    # What was proposed can be pasted.
    compare = "\n".join(line for line in said.split("anew:")[1].split("\nnoise for")[0].splitlines())
    ada.rewrite(LEARN.partition("\n")[2], compare)
    route = read(ada.routes.read_text()).routes[1]
    assert (
        route.compare
        == read(
            yaml.safe_dump(
                {
                    "version": 1,
                    "routes": [
                        {
                            "id": "x",
                            "match": "GET /",
                            "compare": {
                                "ignore": ["$.id", "$.updated_at"],
                                "unordered": ["$.lines"],
                                "headers": ["x-shop"],
                                "values": "shown",
                                "noise": "learn",
                            },
                        }
                    ],
                }
            )
        )
        .routes[0]
        .compare
    )


def test_noise_tells_programs_the_same(ada: Person, seen: Seen) -> None:
    seen.add(ada, "orders.list", "different", difference("$.at"), noise=("$.at",))

    fields = json.loads(seen.told(ada, "noise", "orders.list", "--json"))

    assert fields == {
        "route": "orders.list",
        "asked_twice": 1,
        "noisy": ["$.at"],
        "proposals": [{"rule": "ignore", "path": "$.at", "raw": 1, "noise": 1, "total": 1}],
    }


def test_difference_that_is_more_frequent_than_noise_is_none(ada: Person, seen: Seen) -> None:
    for noise in (("$.total",), (), ()):
        seen.add(ada, "orders.list", "different", difference("$.total"), noise=noise)

    assert seen.told(ada, "noise", "orders.list") == "orders.list: no noise in 3 requests that legacy got twice\n"


def test_thresholds_of_the_route_decide(ada: Person, seen: Seen) -> None:
    ada.rewrite("    stage: shadow", "    stage: shadow\n    compare: {noise: {relative: 60%}}")
    for noise in (("$.total",), (), ()):
        seen.add(ada, "orders.list", "different", difference("$.total"), noise=noise)

    assert "ignore $.total: differs in 3 of 3 comparisons" in seen.told(ada, "noise", "orders.list")


def test_legacy_that_was_never_asked_twice_says_nothing_of_noise(ada: Person, seen: Seen) -> None:
    seen.add(ada, "orders.list", "different", difference("$.total"))

    for route in ("orders.list", "orders.read"):
        assert seen.told(ada, "noise", route) == (
            f"{route}: legacy was never asked twice for one request; compare: {{noise: learn}} makes it so for 10 % of "
            "them\n"
        )
