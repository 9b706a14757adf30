"""Checks and small repairs of paths, queries, methods and headers."""

from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.errors import BadRequest
from proxy.events import fields

NO_SLASH = "the path does not start with a slash"
CONTROL = "the path holds a control character"


@pytest.mark.parametrize(
    ("decoded", "encoded"),
    [
        ("/", "/"),
        ("/orders/O-5001", "/orders/O-5001"),
        ("/capture/space value", "/capture/space%20value"),
        ("/caf\u00e9", "/caf%C3%A9"),
        ("/\U0001f600", "/%F0%9F%98%80"),
        ("/a%2Fb", "/a%252Fb"),
        ("/a?b#c", "/a%3Fb%23c"),
        ('/a{b}"<>`^|[]\\', "/a%7Bb%7D%22%3C%3E%60%5E%7C%5B%5D%5C"),
        ("/a;v=1/b", "/a;v=1/b"),
        ("/a:b@c+d'(e)*!$&,=-._~", "/a:b@c+d'(e)*!$&,=-._~"),
        ("//evil.example/../x//y/", "//evil.example/../x//y/"),
        ("/\u0080", "/%C2%80"),
    ],
)
def test_decoded_path_is_encoded_again(decoded: str, encoded: str) -> None:
    assert fields.path_from_decoded(decoded) == encoded


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("", NO_SLASH),
        ("*", NO_SLASH),
        ("http://evil.example/x", NO_SLASH),
        ("@evil.example/x", NO_SLASH),
        (":80@evil.example/", NO_SLASH),
        (".evil.example/", NO_SLASH),
        ("/a\tb", CONTROL),
        ("/a\r\nX: 1", CONTROL),
        ("/a\x00", CONTROL),
        ("/a\x7f", CONTROL),
        ("/a\ufffd", "the path is not valid UTF-8"),
        ("/a" + chr(0xD800), "the path is not valid UTF-8"),
    ],
)
def test_decoded_path_that_cannot_be_carried_is_refused(path: str, says: str) -> None:
    with pytest.raises(BadRequest) as refused:
        fields.path_from_decoded(path)

    assert (refused.value.code, refused.value.says) == ("bad_path", says)


@given(st.text(st.characters(exclude_characters="\ufffd\x7f", min_codepoint=0x20, exclude_categories=["Cs"])))
def test_any_decoded_path_means_the_same_when_it_is_encoded(text: str) -> None:
    encoded = fields.path_from_decoded("/" + text)

    assert unquote(encoded, errors="strict") == "/" + text
    assert encoded.isascii()
    assert encoded.isprintable()
    assert " " not in encoded


@pytest.mark.parametrize(
    ("raw", "path"),
    [
        ("", "/"),
        ("/", "/"),
        ("/a%", "/a%"),
        ("/a%zz%2", "/a%zz%2"),
        ("/%c3%bc/%C3%BC/%FC", "/%c3%bc/%C3%BC/%FC"),
        ("/a//b/../c/./d/", "/a//b/../c/./d/"),
        ("//evil.example/x", "//evil.example/x"),
        ('/a{b}"<>`^|[]\\', '/a{b}"<>`^|[]\\'),
        ("/%0d%0aX:%201", "/%0d%0aX:%201"),
        ("/a b", "/a%20b"),
        ("/\u00e9", "/%C3%A9"),
        ("/\ufffd", "/%EF%BF%BD"),
    ],
)
def test_raw_path_stays_as_it_is_but_for_octets_that_no_request_line_may_hold(raw: str, path: str) -> None:
    assert fields.path_from_raw(raw) == path


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("*", NO_SLASH),
        ("http://evil.example/x", NO_SLASH),
        ("@evil.example/x", NO_SLASH),
        (" /x", NO_SLASH),
        ("/a\nb", CONTROL),
        ("/a\x00", CONTROL),
        ("/\ud800", "the request target is not valid Unicode"),
    ],
)
def test_raw_path_that_cannot_be_carried_is_refused(path: str, says: str) -> None:
    with pytest.raises(BadRequest) as refused:
        fields.path_from_raw(path)

    assert (refused.value.code, refused.value.says) == ("bad_path", says)


@pytest.mark.parametrize(
    ("raw", "query"),
    [
        ("", ""),
        ("b=2&a=1&flag&e=&=&&a=b=c", "b=2&a=1&flag&e=&=&&a=b=c"),
        ("q=x%20y+z&sig=a%2Bb%3d", "q=x%20y+z&sig=a%2Bb%3d"),
        ('q="a b"&\u00e9=1', 'q="a%20b"&%C3%A9=1'),
        ("x=%0d%0aX:%201", "x=%0d%0aX:%201"),
        ("x=\r\nX: 1\x00", "x=%0D%0AX:%201%00"),
    ],
)
def test_query_stays_as_it_is_but_for_octets_that_no_request_line_may_hold(raw: str, query: str) -> None:
    assert fields.query_from_raw(raw) == query


@given(st.text())
def test_query_in_any_text_is_visible_ascii(text: str) -> None:
    """Nothing a client sends can inject a header."""
    query = fields.query_from_raw(text)

    assert all("!" <= character <= "~" for character in query)


@pytest.mark.parametrize("method", ["GET", "pUrGe", "PROPFIND", "get", "M-SEARCH", "!#$%&'*+.^_`|~"])
def test_method_keeps_its_case(method: str) -> None:
    assert fields.method_checked(method) == method


@pytest.mark.parametrize("method", ["", " ", "GET ", "GET /x HTTP/1.1\r\nX:", "GE\tT", "G\u00c9T", None, 7, ["GET"]])
def test_method_that_is_no_token_is_refused(method: object) -> None:
    with pytest.raises(BadRequest) as refused:
        fields.method_checked(method)

    assert (refused.value.code, refused.value.says) == ("bad_method", "the method is not a token")


@pytest.mark.parametrize(
    ("name", "value", "pair"),
    [
        ("x-trace", "t-1,t-2", (b"x-trace", b"t-1,t-2")),
        ("tEsT-HEADeR", "X", (b"tEsT-HEADeR", b"X")),
        ("x_under", "1", (b"x_under", b"1")),
        ("x-empty", "", (b"x-empty", b"")),
        ("x", " a ", (b"x", b"a")),
        ("x", "\ta\tb\t", (b"x", b"a\tb")),
        ("x", "caf\u00e9", (b"x", b"caf\xe9")),
        ("x", "\u03bb\u00e9", (b"x", b"\xce\xbb\xc3\xa9")),
        ("x", "\ud800", (b"x", b"?")),
        ("x", "\x01", (b"x", b"\x01")),
    ],
)
def test_header_becomes_bytes_without_white_space_around_them(name: str, value: str, pair: tuple[bytes, bytes]) -> None:
    assert fields.header_pair(name, value) == pair


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("", "1", "a header's name is not a token"),
        ("X Y", "1", "a header's name is not a token"),
        ("X:Y", "1", "a header's name is not a token"),
        (":path", "1", "a header's name is not a token"),
        ("x\r\ny", "1", "a header's name is not a token"),
        ("\u00e9", "1", "a header's name is not a token"),
        ("x", "1\r\nx-y: 2", "a header's value holds CR, LF or NUL"),
        ("x", "1\n", "a header's value holds CR, LF or NUL"),
        ("x", "\x00", "a header's value holds CR, LF or NUL"),
        ("x", 1, "a header is not text"),
        ("x", None, "a header is not text"),
        ("x", ["1"], "a header is not text"),
    ],
)
def test_header_that_could_become_another_is_refused(name: str, value: object, says: str) -> None:
    with pytest.raises(BadRequest) as refused:
        fields.header_pair(name, value)

    assert (refused.value.code, refused.value.says) == ("bad_header", says)


def test_names_of_a_client_that_invents_them_do_not_pile_up() -> None:
    pairs = [fields.header_pair(f"x-invented-{number}", "1") for number in range(3000)]

    assert pairs[-1] == (b"x-invented-2999", b"1")
    assert len(fields._names) <= fields._MAX_NAMES
