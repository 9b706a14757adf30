"""What the table says of each front door, proved by sending it through models of the front doors and our codecs."""

import json
from collections.abc import Callable, Iterable
from typing import get_args

import pytest

from proxy.errors import BadRequest
from proxy.events import losses
from proxy.events.losses import Capability, Carried, FrontDoor, Row
from proxy.message import Headers, Pair, Request, Response
from tests.events.doors import DOORS, PEER, Door, Got, Sent

Probe = Callable[[Door], Carried]
ALL_BYTES = bytes(range(256))
LAMBDA_JSON_BYTES, ALB_JSON_BYTES = 6_291_556, 1_000_000


def decoded(door: Door, sent: Sent) -> Request | None:
    """The request that arrives, or None if it is refused."""
    try:
        return door.codec.decode(json.loads(json.dumps(door.event(sent))), 0.0, None)
    except BadRequest:
        return None


def answered(door: Door, *pairs: Pair, body: bytes = b"", status: int = 200) -> Got:
    """What the client gets of a response."""
    return door.answer(json.loads(json.dumps(door.codec.encode(Response(status, Headers(pairs), body)))))


def whether(carried: bool) -> Carried:
    return "yes" if carried else "no"


def target(written: str) -> Probe:
    def probe(door: Door) -> Carried:
        request = decoded(door, Sent(written))
        return whether(request is not None and request.target == written)

    return probe


def told_apart(one: Sent, other: Sent) -> Probe:
    def probe(door: Door) -> Carried:
        first, second = decoded(door, one), decoded(door, other)
        assert first is not None
        assert second is not None
        return whether((first.target, first.headers) != (second.target, second.headers))

    return probe


def repeated(name: str, values: tuple[str, str], joined: bytes) -> Probe:
    def probe(door: Door) -> Carried:
        request = decoded(door, Sent(headers=tuple((name, value) for value in values)))
        assert request is not None
        arrived = request.headers.all(name.lower().encode())
        return whether(arrived == [value.encode() for value in values]) if arrived != [joined] else "partly"

    return probe


def client_ip(door: Door) -> Carried:
    request = decoded(door, Sent(headers=(("X-Forwarded-For", "127.0.0.1"),)))
    return whether(request is not None and request.client_ip == PEER)


def binary_request(door: Door) -> Carried:
    request = decoded(door, Sent("/", (("Content-Type", "image/png"),), ALL_BYTES, "POST"))
    return whether(request is not None and request.body == ALL_BYTES)


def binary_response(door: Door) -> Carried:
    return whether(answered(door, (b"Content-Type", b"image/png"), body=ALL_BYTES).body == ALL_BYTES)


def large(size: int) -> Probe:
    def probe(door: Door) -> Carried:
        if size > door.codec.max_body_bytes:
            return "no"  # the app answers 502 in its place
        result = door.codec.encode(Response(200, Headers(((b"X", b"x" * 8000),)), b"\xff" * size))
        assert len(json.dumps(result)) <= (ALB_JSON_BYTES if "alb" in door.codec.name else LAMBDA_JSON_BYTES)
        return "yes"

    return probe


def in_pieces(door: Door) -> Carried:
    body = door.codec.encode(Response(200, Headers(), b"first second"))["body"]
    return whether(not isinstance(body, str))


def returned(name: str, *values: str, joined: str = "") -> Probe:
    def probe(door: Door) -> Carried:
        got = answered(door, *((name.encode(), value.encode()) for value in values)).values(name.lower())
        return whether(got == list(values)) if got != [joined] else "partly"

    return probe


def no_type(door: Door) -> Carried:
    return whether(answered(door, body=b"x").values("content-type") == [])


def reason(status: int, phrase: str) -> Probe:
    return lambda door: whether(answered(door, status=status).reason == phrase)


PROBES: dict[Capability, tuple[Probe, ...]] = {
    "raw-path": tuple(
        map(target, ("/a%2Fb", "/caf%C3%A9%20x", "/%c3%a9", "/%61", "/%FF", "/a%", "//a", "/a//b", "/a/../b", "/x/"))
    ),
    "raw-query": tuple(map(target, ("/?q=x%20y", "/?q=x+y", "/?flag", "/?sig=a%2Bb%3D", "/?a=%7E", "/?a=%c3%a9"))),
    "bare-question-mark": (told_apart(Sent("/x"), Sent("/x?")),),
    "query-order": (target("/?b=1&a=2&b=3"),),
    "repeated-query": (target("/?tag=a&tag=b"), target("/?tag=b&tag=a")),
    "repeated-request-headers": (repeated("X-Trace", ("t-1", "t-2"), b"t-1,t-2"),),
    "request-header-case": (
        told_apart(Sent(headers=(("tEsT-HEADeR", "1"),)), Sent(headers=(("Test-Header", "1"),))),
        told_apart(Sent(headers=(("authorization", "1"),)), Sent(headers=(("Authorization", "1"),))),
    ),
    "request-cookies": (repeated("Cookie", ("sid=s%3A1; theme=x", 'c="1,2"'), b'sid=s%3A1; theme=x; c="1,2"'),),
    "client-ip": (client_ip,),
    "binary-request-body": (binary_request,),
    "binary-response-body": (binary_response,),
    "large-body": tuple(map(large, (1_000_000, 4_690_000, 4_690_001, 6_000_000))),
    "streaming": (in_pieces,),
    "multiple-cookies": (
        returned("Set-Cookie", "a=1; Expires=Wed, 21 Oct 2099 07:28:00 GMT", "b=2; Path=/"),
        returned("Set-Cookie", "a=1", "a=2"),
    ),
    "repeated-response-headers": (returned("Vary", "Accept", "Origin", joined="Accept, Origin"),),
    "www-authenticate": (returned("WWW-Authenticate", 'Basic realm="x"'),),
    "date-and-server": (returned("Date", "Sun, 06 Nov 1994 08:49:37 GMT"), returned("Server", "legacy/1")),
    "absent-content-type": (no_type,),
    "reason-phrase": (reason(200, "OK"), reason(404, "Not Found"), reason(200, "Totally Fine")),
}


def summed_up(found: Iterable[Carried]) -> Carried:
    kinds = set(found)
    return kinds.pop() if len(kinds) == 1 else "partly"


@pytest.mark.parametrize("row", losses.TABLE, ids=lambda row: f"{row.front_door}-{row.capability}")
def test_table_says_what_the_codecs_show(row: Row) -> None:
    """Within what the front door can carry, bytes in equal bytes out; what it cannot is said and never passed over."""
    doors = [door for door in DOORS if door.codec.name == row.front_door]

    found = summed_up(probe(door) for door in doors for probe in PROBES[row.capability])

    assert found == row.carried


def test_table_has_one_row_for_each_front_door_and_capability() -> None:
    places = [(row.front_door, row.capability) for row in losses.TABLE]

    assert sorted(places) == sorted((door, what) for door in get_args(FrontDoor) for what in get_args(Capability))


def test_rows_name_codecs_and_say_where_they_know_it_from() -> None:
    assert {row.front_door for row in losses.TABLE} == {door.codec.name for door in DOORS}
    assert all(row.says and row.source for row in losses.TABLE)


def test_rows_of_one_front_door_come_in_the_order_of_the_table() -> None:
    rows = losses.of("function-url")

    assert [row.capability for row in rows] == list(get_args(Capability))
    assert {row.front_door for row in rows} == {"function-url"}


def test_limits_in_the_sentences_are_those_of_the_codecs() -> None:
    limits = {door.codec.name: f"up to {door.codec.max_body_bytes:,} bytes" for door in DOORS}

    assert all(limits[row.front_door] in row.says for row in losses.TABLE if row.capability == "large-body")
