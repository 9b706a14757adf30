"""Which headers cross the proxy, and which end at it."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.backends.headers import Crossing, to_client
from proxy.errors import LegacyBroken, LoopDetected
from proxy.message import Pair
from tests.samples import request

HOST = (b"Host", b"api.shop.example")
VOUCHED = [
    (b"X-Forwarded-For", b"203.0.113.24"),
    (b"X-Forwarded-Proto", b"https"),
    (b"X-Forwarded-Host", b"api.shop.example"),
    (b"X-Forwarded-Port", b"443"),
    (b"Forwarded", b'for=203.0.113.24;proto=https;host="api.shop.example"'),
    (b"Via", b"1.1 fig-proxy"),
]
to_legacy = Crossing().to_legacy
HOP_BY_HOP = [
    b"Connection",
    b"Keep-Alive",
    b"Proxy-Connection",
    b"Proxy-Authenticate",
    b"Proxy-Authorization",
    b"TE",
    b"Trailer",
    b"Transfer-Encoding",
    b"Upgrade",
    b"HTTP2-Settings",
]


@pytest.mark.parametrize(
    "pairs",
    [
        [],
        [(b"X-Trace", b"t-1"), (b"Accept", b"*/*"), (b"X-Trace", b"t-2")],
        [(b"tEsT-HEADeR", b"1"), (b"x_under", b"2"), (b"X-Empty", b""), (b"X-Bytes", b"\xe9\x01")],
        [(b"Upgrade-Insecure-Requests", b"1")],
        [(b"Range", b"bytes=0-1"), (b"If-Range", b'"x"'), (b"If-None-Match", b'W/"x"'), (b"If-Match", b"*")],
        [(b"Authorization", b"AWS4-HMAC-SHA256 x"), (b"Cookie", b'sid=s%3Aab; cart="1,2"'), (b"cookie", b"a")],
        [(b"Accept-Encoding", b"gzip, br"), (b"User-Agent", b"legacy-client/4.2")],
        [(b"x-figure", b"1"), (b"fig", b"2")],
    ],
)
def test_clients_own_headers_cross_in_their_order_and_case(pairs: list[Pair]) -> None:
    """Bytes in equal bytes out: repeated headers, cookies; nothing is added but what the front door vouches for."""
    assert to_legacy(request(headers=tuple(pairs)), b"api.shop.example") == [HOST, *pairs, *VOUCHED]


@pytest.mark.parametrize(
    "name",
    [
        *HOP_BY_HOP,
        b"Host",
        b"Content-Length",
        b"Expect",
        b"Forwarded",
        b"X-Real-IP",
        b"X-Forwarded-For",
        b"X-Forwarded-Proto",
        b"X-Forwarded-Host",
        b"X-Forwarded-Port",
        b"X-Amzn-Trace-Id",
        b"X-Amzn-TLS-Version",
        b"X-Amzn-TLS-Cipher-Suite",
        b"X-Amz-Cf-Id",
        b"X-Fig-Side",
        b"x-fig-",
    ],
)
def test_header_that_ends_here_does_not_reach_legacy(name: bytes) -> None:
    """Nothing a client sends can pick a side; x-fig- headers are the proxy's own."""
    for spelling in (name, name.lower(), name.upper()):
        pairs = to_legacy(request(headers=((spelling, b"evil"), (b"X", b"1"))), b"api.shop.example")
        assert pairs == [HOST, (b"X", b"1"), *VOUCHED]


@pytest.mark.parametrize(
    ("pairs", "kept"),
    [
        ([(b"Connection", b"close, X-Foo"), (b"X-Foo", b"1"), (b"X-Bar", b"2")], [(b"X-Bar", b"2")]),
        ([(b"X-Foo", b"1"), (b"connection", b" x-FOO ,, "), (b"X-Foo", b"2")], []),
        ([(b"Connection", b"a"), (b"Connection", b"b"), (b"A", b"1"), (b"B", b"2"), (b"C", b"3")], [(b"C", b"3")]),
        ([(b"Connection", b"host, content-length, x-forwarded-for")], []),
    ],
)
def test_headers_that_connection_names_end_here_but_not_the_proxys_own(pairs: list[Pair], kept: list[Pair]) -> None:
    asked = request("POST", headers=tuple(pairs), body=b"abc")

    assert to_legacy(asked, b"api.shop.example") == [HOST, *kept, (b"Content-Length", b"3"), *VOUCHED]


@pytest.mark.parametrize(
    ("method", "body", "length"),
    [
        ("GET", b"", None),
        ("HEAD", b"", None),
        ("DELETE", b"", None),
        ("OPTIONS", b"", None),
        ("POST", b"", b"0"),
        ("PUT", b"", b"0"),
        ("PATCH", b"", b"0"),
        ("post", b"", None),
        ("GET", b"abc", b"3"),
        ("DELETE", b"abc", b"3"),
        ("POST", b"x" * 70_000, b"70000"),
    ],
)
@pytest.mark.parametrize("claimed", [(), ((b"Content-Length", b"999"),), ((b"content-length", b"2, 2"),) * 2])
def test_length_is_that_of_the_body_and_stands_once(
    method: str, body: bytes, length: bytes | None, claimed: tuple[Pair, ...]
) -> None:
    pairs = to_legacy(request(method, headers=claimed, body=body), b"api.shop.example")

    assert [value for name, value in pairs if name.lower() == b"content-length"] == ([length] if length else [])


@pytest.mark.parametrize(
    ("received", "kept"),
    [
        ([], []),
        (
            [(b"Set-Cookie", b"a=1"), (b"ETag", b'W/"x"'), (b"set-cookie", b"b=2"), (b"Content-Encoding", b"gzip")],
            [(b"Set-Cookie", b"a=1"), (b"ETag", b'W/"x"'), (b"set-cookie", b"b=2"), (b"Content-Encoding", b"gzip")],
        ),
        ([(name, b"x") for name in HOP_BY_HOP], []),
        ([(b"Content-Length", b"1234"), (b"Location", b"urn:x")], [(b"Location", b"urn:x")]),
        ([(b"Connection", b"X-Foo"), (b"x-foo", b"1"), (b"Date", b"d")], [(b"Date", b"d")]),
        ([(b"WWW-Authenticate", b"Basic"), (b"WWW-Authenticate", b"Digest")],) * 2,
    ],
)
def test_answer_loses_only_what_ends_at_this_hop(received: list[Pair], kept: list[Pair]) -> None:
    assert to_client(received).pairs == tuple(kept)


NAMES = st.sampled_from(
    [*HOP_BY_HOP, b"Host", b"X-Fig-Side", b"X-A", b"x-a", b"Cookie", b"Content-Length", b"Forwarded"]
)


@given(st.lists(st.tuples(NAMES, st.binary(max_size=9))), st.binary(max_size=5))
def test_whatever_a_client_sends_legacy_gets_one_host_one_length_and_no_framing(pairs: list[Pair], body: bytes) -> None:
    """Nothing a client sends can choose a host, pick a side, or inject a header."""
    sent = to_legacy(request("POST", headers=tuple(pairs), body=body), b"api.shop.example")

    names = [name.lower() for name, _ in sent]
    assert sent[0] == HOST
    assert (names.count(b"host"), names.count(b"content-length")) == (1, 1)
    assert not {b"transfer-encoding", b"connection", b"x-fig-side"} & set(names)
    assert sent[-len(VOUCHED) :] == VOUCHED


def test_proxy_adds_its_name_behind_those_of_the_proxies_before() -> None:
    asked = request(headers=((b"Via", b"1.0 fred"), (b"via", b"1.1 example.com (Apache)")))

    vias = [value for name, value in to_legacy(asked, b"api.shop.example") if name.lower() == b"via"]

    assert vias == [b"1.0 fred", b"1.1 example.com (Apache)", b"1.1 fig-proxy"]


@pytest.mark.parametrize("via", [b"1.1 fig-proxy", b"1.0 fred, HTTP/1.1 fig-proxy (comment)", b"1.1 fig-proxy,1.0 x"])
def test_request_that_was_here_before_is_a_loop(via: bytes) -> None:
    with pytest.raises(LoopDetected):
        to_legacy(request(headers=((b"Via", via),)), b"api.shop.example")


@pytest.mark.parametrize("via", [b"1.1 fig-proxy2", b"1.1 other (fig-proxy)", b"fig-proxy", b""])
def test_request_that_was_at_another_proxy_is_none(via: bytes) -> None:
    assert (b"Via", via) in to_legacy(request(headers=((b"Via", via),)), b"api.shop.example")


def test_without_a_name_no_via_is_sent_and_no_loop_is_seen() -> None:
    pairs = Crossing(via=b"").to_legacy(request(headers=((b"Via", b"1.1 fig-proxy"),)), b"api.shop.example")

    assert [value for name, value in pairs if name == b"Via"] == [b"1.1 fig-proxy"]


@pytest.mark.parametrize(
    ("changes", "forwarded", "port"),
    [
        ({}, b'for=203.0.113.24;proto=https;host="api.shop.example"', b"443"),
        ({"client_ip": "2001:db8::1"}, b'for="[2001:db8::1]";proto=https;host="api.shop.example"', b"443"),
        (
            {"scheme": "http", "host": "127.0.0.1:8080"},
            b'for=203.0.113.24;proto=http;host="127.0.0.1:8080"',
            b"8080",
        ),
        ({"scheme": "http", "host": "[::1]"}, b'for=203.0.113.24;proto=http;host="[::1]"', b"80"),
        ({"host": 'a";for=evil'}, b"for=203.0.113.24;proto=https", b"443"),
        ({"host": ""}, b"for=203.0.113.24;proto=https", b"443"),
    ],
)
def test_way_of_the_client_is_told_as_the_front_door_vouches_for_it(
    changes: dict[str, Any], forwarded: bytes, port: bytes
) -> None:
    pairs = dict(to_legacy(replace(request(), **changes), b"x"))

    assert (pairs[b"Forwarded"], pairs[b"X-Forwarded-Port"]) == (forwarded, port)


def test_headers_of_front_doors_reach_legacy_only_if_they_are_to_be_kept() -> None:
    added = ((b"CloudFront-Viewer-Country", b"DE"), (b"X-Amzn-Trace-Id", b"Root=1"), (b"X-Amz-Cf-Id", b"x"))
    asked = request(headers=added)

    kept = Crossing(kept=frozenset({b"cloudfront-viewer-country", b"x-amzn-trace-id"})).to_legacy(asked, b"x")

    assert set(added) & set(to_legacy(asked, b"x")) == set()
    assert set(added) & set(kept) == set(added[:2])


@pytest.mark.parametrize(
    ("method", "value", "forwarded"),
    [
        ("OPTIONS", b"5", b"4"),
        ("OPTIONS", b"1", b"0"),
        ("OPTIONS", b"many", b"many"),
        ("GET", b"5", b"5"),
        ("GET", b"0", b"0"),
    ],
)
def test_options_is_forwarded_one_time_less(method: str, value: bytes, forwarded: bytes) -> None:
    pairs = to_legacy(request(method, headers=((b"Max-Forwards", value),)), b"x")

    assert dict(pairs)[b"Max-Forwards"] == forwarded


@pytest.mark.parametrize("name", [b"Alt-Svc", b"alt-svc"])
def test_answer_cannot_lead_clients_around_the_proxy(name: bytes) -> None:
    assert to_client([(name, b'h2="legacy.internal:443"'), (b"Age", b"1")]).pairs == ((b"Age", b"1"),)


def test_answer_with_two_framings_is_refused() -> None:
    with pytest.raises(LegacyBroken):
        to_client([(b"Content-Length", b"2"), (b"transfer-encoding", b"chunked")])
