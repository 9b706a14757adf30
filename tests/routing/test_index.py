"""The walk through the trees: what it compares, and what it never looks at."""

import pytest

from proxy.routing.index import Branches, Tree
from proxy.routing.table import Route

ROUTES = {
    at: Route(f"r{at}", template)
    for at, template in enumerate(
        ["/", "/a/", "/a/{x}", "/{x}/b", "/{p+}", "/{x}/{p+}", "/a/{p+}", "/a/b/c/{p+}", "/{x}/b/d/{p+}"]
    )
}
BRANCHES = Branches.of(
    {
        "0/": 0,
        "1/": {"a": 1},
        "2": {"a": {"/": 2}, "/": {"b": 3}},
        "0+": 4,
        "1+": {"/": 5, "a": 6},
        "3+": {"a": {"b": {"c": 7}}, "/": {"b": {"d": 8}}},
    }
)


def found(path: str) -> str | None:
    route = BRANCHES.find(path, ROUTES, None)
    return route and route.template


def test_branches_are_kept_by_depth_and_rests_from_the_deepest() -> None:
    assert (set(BRANCHES.exact), set(BRANCHES.slashed), BRANCHES.deepest) == ({2}, {0, 1}, 3)
    assert [depth for depth, _ in BRANCHES.rest] == [3, 1, 0]
    assert Branches.of({}).deepest == 0


@pytest.mark.parametrize(
    ("path", "template"),
    [
        ("/", "/"),
        ("/a/", "/a/"),
        ("/a/b", "/a/{x}"),
        ("/z/b", "/{x}/b"),
        ("/z/z", "/{x}/{p+}"),
        ("/a/z/", "/a/{p+}"),
        ("/a", "/{p+}"),
        ("/a/b/c", "/a/{p+}"),
        ("/a/b/c/z", "/a/b/c/{p+}"),
        ("/z/b/d/z", "/{x}/b/d/{p+}"),
        # A literal on the left outweighs any number of them behind a parameter.
        ("/a/b/d/z", "/a/{p+}"),
        ("/a/b/c/", "/a/{p+}"),
        ("//", "/{p+}"),
        ("//b", "/{p+}"),
        ("/a//", "/a/{p+}"),
        ("/a//c/z", "/a/{p+}"),
        ("/a/b//z", "/a/{p+}"),
        ("/z/b/d//", "/{x}/b/d/{p+}"),
    ],
)
def test_rest_is_taken_where_it_is_more_specific(path: str, template: str) -> None:
    assert found(path) == template


def test_literal_before_a_rest_outweighs_a_parameter_before_a_literal() -> None:
    routes = {0: Route("a", "/{x}/b"), 1: Route("b", "/a/{p+}")}
    branches = Branches.of({"2": {"/": {"b": 0}}, "1+": {"a": 1}})

    assert branches.find("/a/b", routes, None) == routes[1]
    assert branches.find("/z/b", routes, None) == routes[0]


@pytest.mark.parametrize("path", ["/a//", "//a", "/a//b", "//", "///"])
def test_parameter_is_never_empty(path: str) -> None:
    routes = {0: Route("a", "/{x}/{y}"), 1: Route("b", "/{x}/"), 2: Route("c", "/{x}/{y}/{z}")}
    branches = Branches.of({"2": {"/": {"/": 0}}, "1/": {"/": 1}, "3": {"/": {"/": {"/": 2}}}})

    assert branches.find(path, routes, None) is None


def test_literal_that_leads_nowhere_gives_way_to_the_parameter_beside_it() -> None:
    routes = {0: Route("a", "/a/b/c"), 1: Route("b", "/a/{y}/d"), 2: Route("c", "/{x}/b/e")}
    branches = Branches.of({"3": {"a": {"b": {"c": 0}, "/": {"d": 1}}, "/": {"b": {"e": 2}}}})

    answers = [branches.find(f"/a/b/{last}", routes, None) for last in "cdef"]

    assert answers == [routes[0], routes[1], routes[2], None]


class NotWalked(dict[str, Tree]):
    """A tree that no look-up may come to."""

    def get(self, segment: str, default: Tree = None) -> Tree:
        raise AssertionError(f"looked up {segment!r}")


@pytest.mark.parametrize(
    ("branches", "template", "path"),
    [
        # What was found has literals up to where the rest would begin.
        ({"2": {"a": {"/": 0}}, "1+": NotWalked()}, "/a/{x}", "/a/b"),
        ({"2": {"a": {"b": 0}}, "1+": NotWalked()}, "/a/b", "/a/b"),
        ({"2/": {"a": {"b": 0}}, "1+": NotWalked()}, "/a/b/", "/a/b/"),
        ({"2+": {"a": {"b": 0}}, "1+": NotWalked()}, "/a/b/{p+}", "/a/b/c"),
        # The path has nothing left for the rest.
        ({"1": {"/": 0}, "1+": NotWalked()}, "/{x}", "/a"),
        ({"1/": {"/": 0}, "1+": NotWalked()}, "/{x}/", "/a/"),
    ],
)
def test_tree_of_a_rest_that_cannot_be_more_specific_is_not_walked(
    branches: dict[str, Tree], template: str, path: str
) -> None:
    route = Route("a", template)

    assert Branches.of(branches).find(path, {0: route}, None) == route
