"""What a request has under a name, and whether that is what a route asks for."""

from dataclasses import replace
from typing import Any

import pytest

from proxy.message import Headers, Request
from proxy.routing.source import Condition, all_hold, values
from tests.routing.tables import asking


def headers(*pairs: tuple[bytes, bytes]) -> Request:
    return replace(asking(), headers=Headers(pairs))


def claims(authorizer: Any) -> Request:  # Any: JSON
    return asking(event={"requestContext": {"authorizer": authorizer}})


@pytest.mark.parametrize(
    ("request_", "source", "name", "found"),
    [
        (headers((b"X-A", b"1"), (b"x-a", b""), (b"X-AB", b"3")), "header", "x-a", ["1", ""]),
        (headers((b"x-a", b"caf\xe9\xff")), "header", "x-a", ["caf\u00e9\u00ff"]),
        (headers(), "header", "x-a", []),
        (asking(query="a=1&b=2&a=3"), "query", "a", ["1", "3"]),
        (asking(query="a"), "query", "a", [""]),
        (asking(query="a=&&=&b"), "query", "a", [""]),
        (asking(query="a=b=c"), "query", "a", ["b=c"]),
        (asking(query="A=1&%61=2&aa=3"), "query", "a", []),
        (asking(query="a=%C3%A9+x"), "query", "a", ["%C3%A9+x"]),
        (asking(query=""), "query", "a", []),
        (asking(cookie="a=1; b=2;a=3 ;\ta=4"), "cookie", "a", ["1", "3", "4"]),
        (asking(cookie="a"), "cookie", "a", [""]),
        (asking(cookie="a=b=c; A=1"), "cookie", "a", ["b=c"]),
        (asking(cookie='a="1"'), "cookie", "a", ['"1"']),
        (headers((b"Cookie", b"a=1"), (b"cookie", b"a=2; b=3")), "cookie", "a", ["1", "2"]),
        # What Python takes for white space, and no server does: neither is the cookie "a".
        (headers((b"cookie", b"\xa0a=1; \x85a=2; a=3\xa0")), "cookie", "a", ["3\u00a0"]),
        (headers((b"cookie", b"a=\xff")), "cookie", "a", ["\u00ff"]),
        (headers(), "cookie", "a", []),
        (asking(host="A.example"), "host", "", ["a.example"]),
        (asking(host="a.example:8443"), "host", "", ["a.example"]),
        (asking(host="[::1]:80"), "host", "", ["[::1]"]),
        (asking(host="a.example:"), "host", "", ["a.example:"]),
        (asking(host=""), "host", "", []),
        (asking(ip="203.0.113.9"), "ip", "", ["203.0.113.9"]),
        (asking(ip=""), "ip", "", []),
        (claims({"jwt": {"claims": {"sub": "u"}, "scopes": None}}), "claim", "sub", ["u"]),
        (claims({"jwt": {"claims": {"sub": "u"}}}), "claim", "aud", []),
        (claims({"lambda": {"sub": "u", "n": 0}}), "claim", "n", ["0"]),
        (claims({"claims": {"sub": "u"}}), "claim", "sub", ["u"]),
        (claims({"principalId": "p", "sub": True}), "claim", "sub", ["True"]),
        (claims({"lambda": None, "sub": "u"}), "claim", "sub", ["u"]),
        (claims({"jwt": {"claims": {"sub": None}}}), "claim", "sub", []),
        (claims({"jwt": "odd", "lambda": [], "claims": 7}), "claim", "sub", []),
        (claims(None), "claim", "sub", []),
        (claims("odd"), "claim", "sub", []),
        (asking(event={"requestContext": None}), "claim", "sub", []),
        (asking(event={}), "claim", "sub", []),
        (asking(), "claim", "sub", []),
    ],
)
def test_values_are_the_raw_text_under_a_name_in_order(
    request_: Request, source: str, name: str, found: list[str]
) -> None:
    assert values(request_, source, name) == found


@pytest.mark.parametrize(
    ("wanted", "query", "holds"),
    [
        ("1", "v=1", True),
        ("1", "v=1&v=1", True),
        ("1", "v=1&v=2", False),
        ("1", "v=2&v=1", False),
        ("1", "v", False),
        ("1", "", False),
        ("", "v=", True),
        ("", "v", True),
        ("", "", False),
        ("*", "v", True),
        ("*", "v=1&v=2", True),
        ("*", "w=1", False),
        ("*", "v=*", True),
    ],
)
def test_condition_holds_when_all_values_are_the_one_that_is_asked_for(wanted: str, query: str, holds: bool) -> None:
    """Of ?v=1&v=2 one server reads the first and another the last."""
    condition = Condition("query", "v", wanted)

    assert condition.holds(asking(query=query)) is holds
    assert all_hold([condition], asking(query=query), {}) is holds


@pytest.mark.parametrize(("query", "hold"), [("v=1&w=2", True), ("v=1", False), ("w=2", False), ("v=1&w=3", False)])
def test_all_conditions_must_hold(query: str, hold: bool) -> None:
    asked = [Condition("query", "v", "1"), Condition("query", "w", "2")]

    assert all_hold(asked, asking(query=query), {}) is hold


def test_without_a_request_only_no_condition_is_met() -> None:
    assert all_hold([], None, {})
    assert not all_hold([Condition("query", "v", "*")], None, {})


def test_name_that_several_conditions_ask_for_is_read_once() -> None:
    readings: dict[tuple[str, str], list[str]] = {}

    all_hold([Condition("query", "v", "2"), Condition("query", "w", "*")], asking(query="v=1"), readings)

    assert readings == {("query", "v"): ["1"]}
    # What was read is what counts: the same request is never read again.
    assert all_hold([Condition("query", "v", "1")], asking(query=""), readings)
