"""Which bodies are compared as JSON, and which as bytes."""

import gzip
import zlib

import pytest

from proxy.message import Headers
from proxy.shadow.body import MAX_CONTAINERS, MAX_UNPACKED_BYTES, MAX_VALUES
from proxy.shadow.compare import Answer, compare
from proxy.shadow.rules import NO_RULES
from tests.shadow.answers import outline, sides

GZIP = (b"Content-Encoding", b"gzip")
BR = (b"content-encoding", b"br")


def _body(body: bytes, media_type: bytes = b"application/json", *headers: tuple[bytes, bytes]) -> Answer:
    return Answer(200, Headers(((b"content-type", media_type), *headers)), body)


_ORDER = b'{"a": 1, "b": 2}'
_OTHER_ORDER = b'{"b":2,"a":1}'
_LATIN = '{"a":"é"}'.encode("latin-1")


@pytest.mark.parametrize(
    ("control", "candidate", "is_equal"),
    [
        (_body(_ORDER), _body(_OTHER_ORDER), True),
        (_body(_ORDER, b"application/problem+json; x=y"), _body(_OTHER_ORDER, b"Application/JSON;charset=utf-8"), True),
        (_body(_ORDER), _body(_OTHER_ORDER, b"text/plain"), False),
        (_body(_ORDER), _body(_ORDER, b"text/plain"), True),
        (_body(_ORDER), Answer(200, Headers(), _OTHER_ORDER), False),
        (_body(b"<a/>", b"text/xml"), _body(b"<a />", b"text/xml"), False),
        (_body(b""), _body(b"{}"), False),
        (_body(b"{"), _body(b"{ "), False),
        (_body(b"\xef\xbb\xbf" + _ORDER), _body(_OTHER_ORDER), True),
        (_body(_ORDER.decode().encode("utf-16")), _body(_OTHER_ORDER), True),
        (_body(_LATIN, b"application/json; charset=iso-8859-1"), _body(_LATIN.decode("latin-1").encode()), False),
        (_body(b'{"a": 1, "a": 2}'), _body(b'{"a": 2}'), True),
        (_body(b"[NaN]"), _body(b"[NaN ]"), True),
        (_body(b"[1" + b"0" * 5000 + b"]"), _body(b"[1" + b"0" * 5000 + b" ]"), False),
        (_body(gzip.compress(_ORDER), b"application/json", GZIP), _body(_OTHER_ORDER), True),
        (_body(gzip.compress(b"a", 1), b"text/plain", GZIP), _body(gzip.compress(b"a", 9), b"text/plain", GZIP), True),
        (
            _body(gzip.compress(_ORDER[:5]) + gzip.compress(_ORDER[5:]), b"a/b+json", (b"content-encoding", b"X-GZip")),
            _body(_ORDER),
            True,
        ),
        (_body(gzip.compress(_ORDER)[:-3], b"application/json", GZIP), _body(_ORDER), False),
        (_body(gzip.compress(_ORDER) + b"x", b"application/json", GZIP), _body(_ORDER), False),
        (_body(gzip.compress(b"") * 100 + gzip.compress(_ORDER), b"application/json", GZIP), _body(_ORDER), False),
        (_body(zlib.compress(_ORDER), b"application/json", (b"content-encoding", b"deflate")), _body(_ORDER), False),
        (_body(gzip.compress(_ORDER), b"application/json", GZIP, GZIP), _body(_ORDER), False),
        (_body(b"", b"application/json", GZIP), _body(b""), True),
        # The same bytes under different codings: one of the two clients reads garbage.
        (_body(gzip.compress(_ORDER), b"application/json", GZIP), _body(gzip.compress(_ORDER)), False),
        (_body(_ORDER, b"application/json", GZIP), _body(_ORDER), False),
        (_body(b"x", b"text/plain", BR), _body(b"x", b"text/plain"), False),
        (_body(b"x", b"text/plain", (b"content-encoding", b"identity")), _body(b"x", b"text/plain"), True),
        (_body(b"x", b"text/plain", BR), _body(b"x", b"text/plain", (b"Content-Encoding", b" BR")), True),
    ],
)  # fmt: skip
def test_bodies_are_compared_as_json_if_both_are_and_else_as_bytes_without_gzip(
    control: Answer, candidate: Answer, is_equal: bool
) -> None:
    assert outline(compare(NO_RULES, control, candidate)) == ([] if is_equal else [("value", "body")])
    assert outline(compare(NO_RULES, candidate, control)) == ([] if is_equal else [("value", "body")])


@pytest.mark.parametrize(
    ("control", "candidate", "is_equal"),
    [
        (b"[1e400]", b"[1e400 ]", True),
        (b"[1e400]", b"[1e500]", False),
        (b"[1e400]", b"[-1e400]", False),
        (b"[1e400]", b"[Infinity]", False),
        (b"[1e400]", b'["1e400"]', False),
        (b"[1e400]", b"[1e308]", False),
        (b"[1e3]", b"[1000.0]", True),
    ],
)
def test_number_that_is_too_large_for_a_double_is_equal_to_itself_alone(
    control: bytes, candidate: bytes, is_equal: bool
) -> None:
    found = compare(NO_RULES, _body(control), _body(candidate))

    assert [difference.path for difference in found] == ([] if is_equal else ["$[*]"])


def test_body_that_unpacks_without_end_is_compared_as_it_came() -> None:
    bomb = gzip.compress(b" " * (MAX_UNPACKED_BYTES + 1))

    [found] = compare(NO_RULES, _body(bomb, b"application/json", GZIP), _body(b"{}"))

    assert sides([found]) == [("value", "body", bomb, b"{}")]


def test_body_nested_a_hundred_thousand_levels_is_compared_as_bytes() -> None:
    deep, deeper = b"[" * 100_000 + b"]" * 100_000, b"[" * 100_001 + b"]" * 100_001

    assert sides(compare(NO_RULES, _body(deep), _body(deeper))) == [("value", "body", deep, deeper)]


@pytest.mark.parametrize(("levels", "path"), [(100, "$" + "[*]" * 12 + "…"), (102, "body")])
def test_json_is_compared_as_json_to_a_hundred_levels(levels: int, path: str) -> None:
    one, other = (_body(b'{"a":[' * (levels // 2) + end + b"]}" * (levels // 2)) for end in (b"1", b"2"))

    expected = path if path == "body" else "$" + ".a[*]" * 6 + "…"
    assert outline(compare(NO_RULES, one, other)) == [("value", expected)]


@pytest.mark.parametrize("body", [b"[" + b"[]," * MAX_CONTAINERS + b"[]]", b"[" + b"1," * (MAX_VALUES + 1) + b"1]"])
def test_json_that_would_take_too_much_memory_is_compared_as_bytes(body: bytes) -> None:
    assert sides(compare(NO_RULES, _body(body), _body(body + b" "))) == [("value", "body", body, body + b" ")]
