"""Who reads new also writes new: a group tells its callers apart in one way."""

import pytest

from proxy.errors import BadDocument
from proxy.routing.groups import split_groups
from proxy.routing.reader import read
from tests.routing.tables import Row, document

FIRST = {"id": "read", "match": "GET /orders/{id}", "group": "orders", "sticky": "cookie:sid"}
OTHER = {"id": "create", "match": "POST /orders/{order}", "group": "orders"}


@pytest.mark.parametrize(
    ("first", "other", "says"),
    [
        ("cookie:sid", "cookie:sid", None),
        ("header:X-User", "header:x-user", None),
        ("path:id", "path:order", None),  # one and the same, by the names of two templates
        ("ip", "ip", None),
        ("cookie:sid", "cookie:SID", "got 'cookie:SID', expected 'cookie:sid', as read of its group orders has"),
        ("cookie:sid", "ip", "got 'ip', expected 'cookie:sid', as read of its group orders has"),
        ("path:id", "query:id", "got 'query:id', expected 'path:id', as read of its group orders has"),
        ("claim:sub", "header:sub", "got 'header:sub', expected 'claim:sub', as read of its group orders has"),
    ],
)
def test_routes_of_one_group_tell_callers_apart_alike(first: str, other: str, says: str | None) -> None:
    routes = document({**FIRST, "sticky": first}, {**OTHER, "sticky": other}).routes

    told = list(split_groups(routes))

    found = [(problem.position, problem.field, problem.message.partition(", or no group")[0]) for problem in told]
    assert found == ([(1, "sticky", says)] if says else [])


def test_groups_and_what_is_in_none_know_nothing_of_each_other() -> None:
    others: list[Row] = [
        {**OTHER, "group": "customers"},
        {**OTHER, "id": "plain", "group": None},
        {**OTHER, "stage": "retired"},
    ]

    assert [list(split_groups(document(FIRST, other).routes)) for other in others] == [[], [], []]


def test_group_that_is_split_is_told_where_it_stands_in_the_file() -> None:
    text = """version: 1
routes:
  - {id: read, match: GET /orders, group: orders, sticky: "cookie:sid"}
  - {id: create, match: POST /orders, group: orders, sticky: ip}
"""

    with pytest.raises(BadDocument) as refused:
        read(text)

    assert str(refused.value) == (
        "routes.yaml:4:62 create sticky: got 'ip', expected 'cookie:sid', as read of its group orders has, or no "
        "group: one that tells callers apart otherwise takes other callers"
    )
