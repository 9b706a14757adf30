"""The body of an event <-> bytes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.errors import BadRequest
from proxy.events import body


@pytest.mark.parametrize(
    ("text", "is_base64", "octets"),
    [
        (None, False, b""),
        (None, True, b""),
        ("", False, b""),
        ("", True, b""),
        ("bmFtZT1hK2I=", True, b"name=a+b"),
        ("bmFtZT1hK2I=", False, b"bmFtZT1hK2I="),
        ("bmFtZT1hK2I=", None, b"bmFtZT1hK2I="),
        ('{"b":1.0,"a":1e3,"a":2,"n":123456789012345678}', False, b'{"b":1.0,"a":1e3,"a":2,"n":123456789012345678}'),
        ("\ufeff\r\n\x00\u2028😀", False, b"\xef\xbb\xbf\r\n\x00\xe2\x80\xa8\xf0\x9f\x98\x80"),
    ],
)
def test_body_of_an_event_is_the_clients_octets(text: str | None, is_base64: bool | None, octets: bytes) -> None:
    assert body.decode(text, is_base64) == octets


@pytest.mark.parametrize(
    ("value", "is_base64", "says"),
    [
        ("bmFt ZT0=", True, "the body is not valid base64 or UTF-8"),
        ("bmFtZT0", True, "the body is not valid base64 or UTF-8"),
        ("bm-_", True, "the body is not valid base64 or UTF-8"),
        ("é", True, "the body is not valid base64 or UTF-8"),
        ("\ud800", False, "the body is not valid base64 or UTF-8"),
        ({"a": 1}, False, "the body is not text"),
        (7, False, "the body is not text"),
        (["a"], True, "the body is not text"),
    ],
)
def test_body_that_no_front_door_would_deliver_is_refused(value: object, is_base64: bool, says: str) -> None:
    with pytest.raises(BadRequest) as refused:
        body.decode(value, is_base64)

    assert (refused.value.code, refused.value.says) == ("bad_body", says)


@pytest.mark.parametrize(
    ("octets", "encoded"),
    [
        (b"", ("", False)),
        (b"plain text", ("cGxhaW4gdGV4dA==", True)),
        (b"\x1f\x8b\xff\x00", ("H4v/AA==", True)),
    ],
)
def test_every_body_that_has_bytes_goes_back_as_base64(octets: bytes, encoded: tuple[str, bool]) -> None:
    assert body.encode(octets) == encoded


@given(st.binary())
def test_any_bytes_survive_both_ways(octets: bytes) -> None:
    """Bytes in equal bytes out."""
    assert body.decode(*body.encode(octets)) == octets
