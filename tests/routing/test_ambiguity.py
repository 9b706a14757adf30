"""Everything that is wrong with routes that are each right by themselves, at once."""

from proxy.routing.ambiguity import problems
from tests.routing.tables import document


def test_ties_and_hidden_routes_are_told_together() -> None:
    rows = ["GET /{p+}", "GET /{a}", "GET /{a}/", "GET /{a}/{b+}", "GET,PUT /{c}", "GET /other"]

    found = [(problem.position, problem.field, problem.message) for problem in problems(document(*rows).routes)]

    assert found == [
        (
            4,
            "match",
            "got 'GET,PUT /{c}', which ties with r1 ('GET /{a}') on GET /x, "
            "expected one of them to go or to ask for more with when:",
        ),
        (
            0,
            "match",
            "got 'GET /{p+}', which no request can reach, expected it to go or to match more than "
            "r1 ('GET /{a}'), r2 ('GET /{a}/'), r3 ('GET /{a}/{b+}')",
        ),
    ]


def test_route_that_ties_is_not_told_to_be_hidden_by_the_other() -> None:
    found = [
        (problem.position, problem.message.split(",")[1]) for problem in problems(document("GET /a", "GET /a").routes)
    ]

    assert found == [(1, " which ties with r0 ('GET /a') on GET /a")]


def test_hidden_routes_are_told_once_lookups_are_fast() -> None:
    hidden = ["GET /{p+}", "GET /{a}", "GET /{a}/", "GET /{a}/{b+}"]

    slow = [problem.message for problem in problems(document("PUT " + "/a" * 151, *hidden).routes)]
    fast = [problem.message for problem in problems(document("PUT " + "/a" * 150, *hidden).routes)]

    assert [message.split(",")[1] for message in slow] == [" with which a look-up of PUT may take 151 steps"]
    assert [message.split(",")[1] for message in fast] == [" which no request can reach"]


def test_routes_of_a_whole_shop_have_no_problems() -> None:
    endpoints = [
        f"{method} /v{version}/domain{domain}{path}"
        for version in (1, 2)
        for domain in range(100)
        for method, path in (
            ("GET,POST", "/orders"),
            ("GET,PUT,DELETE", "/orders/{id}"),
            ("GET", "/orders/new"),
            ("ANY", "/orders/{id}/lines/{line}"),
            ("GET", "/orders/{id}/files/{path+}"),
            ("GET", "/{other+}"),
        )
    ]

    assert list(problems(document(*endpoints).routes)) == []
