"""Patterns, and the two readings of a path."""

from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.routing.pattern import METHODS, Pattern, canonical, parse, split

TOKENS = "expected one or more of ANY, GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"
QUERY = "expected a path alone; a query goes under when: {query: {name: value}}"


@pytest.mark.parametrize(
    ("match", "methods", "segments"),
    [
        ("GET /", ("GET",), ("",)),
        ("GET /orders/{id}", ("GET",), ("orders", "{id}")),
        ("GET,HEAD,GET /orders/", ("GET", "HEAD"), ("orders", "")),
        ("  POST   /orders  ", ("POST",), ("orders",)),
        ("ANY /files/{path+}", METHODS, ("files", "{path+}")),
        ("GET,ANY /x", METHODS, ("x",)),
        ("GET /{a}/{b}/{c+}", ("GET",), ("{a}", "{b}", "{c+}")),
        ("GET /v1/%3Asearch/%2A/%2A*", ("GET",), ("v1", ":search", "*", "**")),
        ("GET /v1/jobs:run/*.json", ("GET",), ("v1", "jobs:run", "*.json")),
        ("GET /.well-known/a;v=1/b:c@d+e'(f)*!$&,=-._~", ("GET",), (".well-known", "a;v=1", "b:c@d+e'(f)*!$&,=-._~")),
    ],
)
def test_match_is_parsed(match: str, methods: tuple[str, ...], segments: tuple[str, ...]) -> None:
    assert parse(match) == Pattern(methods, segments)


@pytest.mark.parametrize(
    ("match", "says"),
    [
        ("", f"got method '', {TOKENS}"),
        ("/orders", f"got method '/orders', {TOKENS}, such as GET /orders"),
        ("/books/{id}", f"got method '/books/{{id}}', {TOKENS}, such as GET /books/{{id}}"),
        ("get /orders", f"got method 'get', {TOKENS}"),
        ("GET, POST /orders", f"got method '', {TOKENS}"),
        ("CONNECT /orders", f"got method 'CONNECT', {TOKENS}"),
        ("GET\t/orders", f"got method 'GET\\t/orders', {TOKENS}"),
        ("GET", "got 'GET', expected a method, a space and a path that starts with '/'"),
        ("GET orders", "got 'GET orders', expected a method, a space and a path that starts with '/'"),
        ("GET http://x/", "got 'GET http://x/', expected a method, a space and a path that starts with '/'"),
        ("GET /a//b", "got an empty segment, expected one slash between two segments"),
        ("GET //a", "got an empty segment, expected one slash between two segments"),
        ("GET /a/../b", "got segment '..', expected -._~!$&'()*+,;=:@, letters, digits, or {name}"),
        ("GET /a/.", "got segment '.', expected -._~!$&'()*+,;=:@, letters, digits, or {name}"),
        ("GET /a%2Fb", "got segment 'a%2Fb', expected -._~!$&'()*+,;=:@, letters, digits, or {name}"),
        ("GET /caf\u00e9", "got segment 'caf\u00e9', expected -._~!$&'()*+,;=:@, letters, digits, or {name}"),
        ("GET /a?b", f"got 'a?b', {QUERY}"),
        ("GET /books/{id}?a=1", f"got '{{id}}?a=1', {QUERY}"),
        ("GET /books/:id", "got segment ':id', expected {id} for a parameter, or %3A for a colon"),
        ("GET /books/:id(\\d+)/x", "got segment ':id(\\\\d+)', expected {id} for a parameter, or %3A for a colon"),
        ("GET /books/:", "got segment ':', expected {name} for a parameter, or %3A for a colon"),
        ("GET /books/*", "got segment '*', expected {name}, or {rest+} at the end, or %2A for an asterisk"),
        ("GET /**/x", "got segment '**', expected {name}, or {rest+} at the end, or %2A for an asterisk"),
        ("GET /a%3Ab", "got segment 'a%3Ab', expected -._~!$&'()*+,;=:@, letters, digits, or {name}"),
        ("GET /%3a", "got segment '%3a', expected -._~!$&'()*+,;=:@, letters, digits, or {name}"),
        ("GET /a{id}", "got segment 'a{id}', expected -._~!$&'()*+,;=:@, letters, digits, or {name}"),
        ("GET /{id", "got segment '{id', expected {name} or, at the end, {name+}"),
        ("GET /{id}.json", "got segment '{id}.json', expected {name} or, at the end, {name+}"),
        ("GET /{}", "got segment '{}', expected {name} or, at the end, {name+}"),
        ("GET /{1st}", "got segment '{1st}', expected {name} or, at the end, {name+}"),
        ("GET /{id++}", "got segment '{id++}', expected {name} or, at the end, {name+}"),
        ("GET /{rest+}/x", "got '{rest+}' before the end, expected {rest}: only the last takes the rest"),
        ("GET /{id}/{id}", "got the name 'id' twice, expected each name once"),
        ("GET /{id}/{id+}", "got the name 'id' twice, expected each name once"),
    ],
)
def test_match_that_cannot_be_is_refused_with_what_was_expected(match: str, says: str) -> None:
    with pytest.raises(ValueError) as refused:  # noqa: PT011  # the whole message is compared
        parse(match)

    assert str(refused.value) == says


def test_template_is_the_path_as_the_document_wrote_it() -> None:
    assert parse("GET /orders/{id}/lines/").template == "/orders/{id}/lines/"


@pytest.mark.parametrize(
    ("path", "segments"), [("/", [""]), ("/a", ["a"]), ("/a/", ["a", ""]), ("//a", ["", "a"]), ("/a%2Fb", ["a%2Fb"])]
)
def test_path_is_split_at_its_raw_slashes(path: str, segments: list[str]) -> None:
    assert split(path) == segments


@pytest.mark.parametrize(
    ("path", "lenient"),
    [
        ("/", "/"),
        ("/a/b", "/a/b"),
        ("/a/b/", "/a/b/"),
        ("/.well-known/x", "/.well-known/x"),
        ("/%61dmin", "/admin"),
        ("/%2561dmin", "/%61dmin"),
        ("//admin", "/admin"),
        ("/admin//", "/admin/"),
        ("/x/../admin", "/admin"),
        ("/x/%2e%2E/admin", "/admin"),
        ("/x/..%2fadmin", "/admin"),
        ("/../../admin", "/admin"),
        ("/./admin/.", "/admin"),
        ("/admin%2Fx", "/admin/x"),
        ("/admin%2F..", "/"),
        ("/a/..", "/"),
        ("/a%", "/a%"),
        ("/a%zz", "/a%zz"),
        ("/%FF", "/\ufffd"),
        ("/a/...", "/a/..."),
    ],
)
def test_lenient_reading_of_a_path(path: str, lenient: str) -> None:
    assert canonical(path) == lenient


@given(st.lists(st.text("ab.~-", min_size=1).filter(lambda segment: segment not in (".", "..")), min_size=1))
def test_path_that_all_servers_read_alike_is_its_own_lenient_reading(segments: list[str]) -> None:
    path = "/" + "/".join(segments)

    assert canonical(path) == path


@given(st.text("/.a%2Fe25E").map(lambda text: "/" + text))
def test_lenient_reading_holds_nothing_that_a_server_would_fold_again(path: str) -> None:
    folded = canonical(path)

    assert folded.startswith("/")
    assert "//" not in folded
    assert not {".", ".."} & set(folded.split("/"))


@given(st.text(min_size=1).filter(lambda text: "/" not in text and text not in (".", "..")))
def test_encoded_and_plain_spelling_of_a_segment_read_alike(segment: str) -> None:
    assert canonical(f"/%2F{quote(segment, safe='')}") == f"/{segment}"
