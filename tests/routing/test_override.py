"""A signed override: who may choose a side, for which route, until when; and that nobody else can."""

from dataclasses import replace
from typing import Any, get_args

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from proxy.message import Request
from proxy.routing.decide import Decision, decide
from proxy.routing.override import ANYONE, HEADER, LONGEST_S, Override, Side, chooser
from proxy.routing.table import Frozen, Route, Stage
from tests.routing.tables import asking, table

KEY = "0123456789abcdef0123456789abcdef"
NOW = 1_800_000_000
IN_TIME = NOW + 600
SIDES: tuple[Side, ...] = get_args(Side)
ROUTE = Route("orders.read", "/orders/{id}", "canary", "some.module:handler", sticky="cookie:sid")

choose = chooser(KEY, lambda: float(NOW))


def with_header(value: str | bytes, sid: str = "s-1") -> Request:
    """A request of the caller with that cookie, and the header as it came."""
    octets = value if isinstance(value, bytes) else value.encode("latin-1")
    asked = asking("GET", "/orders/7", cookie=f"sid={sid}" if sid else "")
    return replace(asked, headers=type(asked.headers)((*asked.headers.pairs, (b"X-Fig-Side", octets))))


def signed(
    side: Side = "migrated", route: str = "orders.read", subject: str = "s-1", at: int = IN_TIME, key: str = KEY
) -> str:
    return Override(side, route, subject, at).sign(key)


def test_header_is_side_expiry_subject_and_signature() -> None:
    """The signature agrees with that of `openssl dgst -sha256 -hmac KEY`."""
    assert HEADER == b"x-fig-side"
    assert signed() == ("migrated.1800000600.cy0x.98d8d94531e05b012d1c18d2b465aec68a0559939e2c69cd39f8696733cd2db1")


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("subject", ["s-1", ANYONE])
def test_tester_gets_the_side_that_was_signed(side: Side, subject: str) -> None:
    assert choose(ROUTE, with_header(signed(side, subject=subject))) == side


@given(st.sampled_from(SIDES), st.text(min_size=1, max_size=40))
def test_whatever_text_tells_a_caller_from_others_can_be_signed(side: Side, subject: str) -> None:
    claims = {"requestContext": {"authorizer": {"jwt": {"claims": {"sub": subject}}}}}
    route = ROUTE._replace(sticky="claim:sub")
    asked = replace(with_header(signed(side, subject=subject)), event=claims)

    assert choose(route, asked) == side


def test_override_for_nobody_is_neither_signed_nor_taken() -> None:
    """A caller without the sticky key is nobody: it would be good for all of them."""
    nobody = Override("migrated", "orders.read", "", IN_TIME)

    with pytest.raises(ValueError, match="got an override without a subject"):
        nobody.sign(KEY)

    assert choose(ROUTE, with_header(f"migrated.{IN_TIME}..{nobody._signature(KEY)}", sid="")) is None


def test_half_a_character_can_be_signed_as_well() -> None:
    """JSON may hold one, and so may a claim."""
    claims = {"requestContext": {"authorizer": {"jwt": {"claims": {"sub": "\ud800"}}}}}
    asked = replace(with_header(signed(subject="\ud800")), event=claims)

    assert choose(ROUTE._replace(sticky="claim:sub"), asked) == "migrated"


def test_request_without_the_header_chooses_nothing() -> None:
    assert choose(ROUTE, asking("GET", "/orders/7", cookie="sid=s-1")) is None


@pytest.mark.parametrize("subject", ["s-1", "a", "???>>>", "\u00ff\u00fe\u00fd", ANYONE])
def test_every_single_changed_octet_is_refused(subject: str) -> None:
    """Nothing a client sends can pick a side. Base64 has several spellings of one text; only the signed one counts."""
    claims = {"requestContext": {"authorizer": {"jwt": {"claims": {"sub": subject}}}}}
    route, value = ROUTE._replace(sticky="claim:sub"), signed(subject=subject).encode()

    accepted = []
    for position in range(len(value)):
        for octet in range(256):
            changed = value[:position] + bytes([octet]) + value[position + 1 :]
            if choose(route, replace(with_header(changed), event=claims)) is not None:
                accepted.append(changed)

    assert accepted == [value] * len(value)


@given(st.integers(0, 120), st.binary(min_size=1, max_size=3))
@example(0, b"+")
@example(9, b"0")
@example(9, b"+")
@example(10, b"_")
@example(23, b"=")
@example(23, b"\n")
@example(120, b"\x00")
def test_nothing_can_be_added_to_what_was_signed(position: int, added: bytes) -> None:
    """Nothing a client sends can pick a side."""
    value = signed().encode()

    assert choose(ROUTE, with_header(value[:position] + added + value[position:])) is None


@pytest.mark.parametrize(
    "value",
    [
        signed(route="orders.write"),
        signed(route=""),
        signed(subject="s-2"),
        signed(key="fedcba9876543210fedcba9876543210"),
        signed(key=""),
        signed("legacy").replace("legacy", "migrated"),
        signed().replace("migrated", "MIGRATED"),
        signed().replace("migrated", "proxy"),
        signed().upper(),
    ],
)
def test_header_that_was_signed_for_another_is_refused(value: str) -> None:
    """Nothing a client sends can pick a side."""
    assert choose(ROUTE, with_header(value)) is None


def test_route_and_subject_cannot_be_told_apart_otherwise_than_they_were_signed() -> None:
    """Their lengths are signed, too: no other pair makes the same text."""
    one = Override("migrated", "a 1:b", "c", IN_TIME)._signature(KEY)
    other = Override("migrated", "a", "b 1:c", IN_TIME)._signature(KEY)

    assert one != other


@pytest.mark.parametrize(
    ("expires_at", "side"),
    [
        (0, None),
        (-1, None),
        (NOW - 1, None),
        (NOW, "migrated"),
        (NOW + LONGEST_S, "migrated"),
        (NOW + LONGEST_S + 60, "migrated"),  # that two clocks may differ by
        (NOW + LONGEST_S + 61, None),
        (NOW + 10 * 86_400, None),
        (10**300, None),
    ],
)
def test_override_is_good_until_it_expires_and_for_an_hour_at_most(expires_at: int, side: Side | None) -> None:
    assert choose(ROUTE, with_header(signed(at=expires_at))) == side


MALFORMED = [
    b"",
    b".",
    b"...",
    b"....",
    b"migrated",
    b"migrated.1800000600.cy0x",
    signed().encode() + b".x",
    b"migrated..cy0x.aa",
    b"migrated.1e9.cy0x.aa",
    b"migrated." + b"9" * 4000 + b".cy0x.aa",
    b"migrated.1800000600.a.aa",  # one character is no base64
    b"migrated.1800000600._w.aa",  # no UTF-8
    b"migrated.1800000600.\xe9.aa",
    b"\xff\xfe\x00",
    b"migrated.1800000600.cy0x." + b"a" * 100_000,
    signed().encode() + b" " * 5000,
]


@pytest.mark.parametrize("value", MALFORMED)
def test_malformed_header_chooses_nothing_and_raises_nothing(value: bytes) -> None:
    """The proxy must never be the reason that a client is refused."""
    assert choose(ROUTE, with_header(value)) is None


@given(st.binary(max_size=200) | st.lists(st.binary(max_size=20), min_size=4, max_size=4).map(b".".join))
def test_no_header_raises(value: bytes) -> None:
    """The proxy must never be the reason that a client is refused."""
    assert choose(ROUTE, with_header(value)) is None


def test_only_the_first_of_two_headers_counts() -> None:
    asked = with_header("legacy")
    both = replace(asked, headers=type(asked.headers)((*asked.headers.pairs, (HEADER, signed().encode()))))

    assert choose(ROUTE, both) is None


@pytest.mark.parametrize(
    ("fields", "sides"),
    [
        ({"handler": ""}, {"legacy": "legacy", "migrated": None}),
        ({"handler": "", "function": "orders-prod"}, {"legacy": "legacy", "migrated": "migrated"}),
    ],
)
def test_side_that_the_route_does_not_have_cannot_be_chosen(
    fields: dict[str, str], sides: dict[Side, Side | None]
) -> None:
    route = ROUTE._replace(**fields)  # type: ignore[arg-type]  # texts, all of them

    assert {side: choose(route, with_header(signed(side))) for side in SIDES} == sides


# In a decision.


def decided(fields: dict[str, Any], side: Side, frozen: Frozen = "", path: str = "/orders/7") -> Decision:
    of = replace(
        table({"id": "orders.read", "match": "GET /orders/{id}", "sticky": "cookie:sid", **fields}), frozen=frozen
    )
    return decide(of, replace(with_header(signed(side)), path=path), choose)


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("stage", ["shadow", "canary", "live", "migrated"])
def test_side_that_was_chosen_answers_alone(stage: Stage, side: Side) -> None:
    """Whoever tests a side wants to see it fail: no fallback, no shadow."""
    decision = decided({"stage": stage, "percent": 50} if stage == "canary" else {"stage": stage}, side)

    assert decision == Decision(side, None, None, "override", decision.route)
    assert decision.route is not None


def test_route_whose_handler_is_not_in_use_yet_can_be_tested_by_override() -> None:
    decision = decided({"stage": "legacy", "handler": "some.module:handler"}, "migrated")

    assert decision == Decision("migrated", None, None, "override", decision.route)


@pytest.mark.parametrize("side", SIDES)
def test_retired_route_is_gone_for_testers_as_well(side: Side) -> None:
    decision = decided({"stage": "retired", "handler": "some.module:handler"}, side)

    assert decision == Decision("proxy", None, None, "stage", decision.route)


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("stage", ["shadow", "live"])
@pytest.mark.parametrize("frozen", ["moving", "all"])
def test_freeze_wins_over_an_override(stage: Stage, side: Side, frozen: Frozen) -> None:
    """`fig freeze`: every route that still has a living legacy goes back to it, now, whoever asks."""
    decision = decided({"stage": stage}, side, frozen)

    assert decision == Decision("legacy", None, None, "frozen", decision.route)


@pytest.mark.parametrize(("stage", "primary"), [("legacy", "legacy"), ("migrated", "migrated")])
def test_while_anything_is_frozen_testers_choose_nothing(stage: Stage, primary: Side) -> None:
    """A freeze is for when a side does harm, and a tester's write does as much as anybody's."""
    other: Side = "migrated" if primary == "legacy" else "legacy"

    decision = decided({"stage": stage, "handler": "some.module:handler"}, other, "moving")

    assert decision == Decision(primary, None, None, "stage", decision.route)


def test_path_with_two_readings_is_left_to_legacy_whatever_was_chosen() -> None:
    """Nothing a client sends can pick a side: no spelling of a path reaches a handler that another would not."""
    decision = decided({"stage": "live"}, "migrated", path="/orders/%2e%2e")

    assert decision == Decision("legacy", None, None, "ambiguous_path")


def test_override_wins_over_an_open_breaker() -> None:
    of = table({"id": "orders.read", "match": "GET /orders/{id}", "sticky": "cookie:sid", "stage": "live"})

    decision = decide(of, with_header(signed("migrated")), choose, lambda _: True)

    assert decision == Decision("migrated", None, None, "override", of.routes[0])


@pytest.mark.parametrize("value", [signed(subject="s-2"), "migrated", ""])
def test_header_that_is_refused_leaves_the_decision_as_it_was(value: str) -> None:
    """Nothing a client sends can pick a side."""
    of = table({"id": "orders.read", "match": "GET /orders/{id}", "sticky": "cookie:sid", "stage": "live"})
    asked = with_header(value)

    assert decide(of, asked, choose) == decide(of, asked)
