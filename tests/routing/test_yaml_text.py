"""YAML text -> nodes that know where they stand, or the first thing that is no YAML."""

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from proxy.routing.yaml_text import Alias, Finder, Items, Map, Mark, Node, NotYaml, Parser, Scalar, decode, parse

PARSERS: list[Parser] = [yaml.SafeLoader, yaml.CSafeLoader]


def refused(text: str, parser: Parser = yaml.CSafeLoader) -> tuple[int, int, str]:
    with pytest.raises(NotYaml) as exc_info:
        parse(text, parser)
    return exc_info.value.line, exc_info.value.column, str(exc_info.value)


def cut(text: str, node: Node) -> str:
    return text[node.start.index : node.end.index]


def written(node: Node | None) -> object:
    """What a node holds, with how it is written."""
    if isinstance(node, Map):
        return (dict if not node.is_flow else list)((written(key), written(value)) for key, value in node.pairs)
    if isinstance(node, Items):
        return [written(value) for value in node.values]
    if isinstance(node, Alias):
        return f"*{node.name}"
    return node and f"{node.tag}{node.style}{node.text}"


CONFLICT = "which git leaves where two versions differ, expected one of them"


@pytest.mark.parametrize("parser", PARSERS)
@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("", None),
        ("# nothing\n", None),
        ("---\n", ""),
        ("a: 1\nb: 'x'\n", {"a": "1", "b": "'x"}),
        ("{a: 1, 'b': [x, \"y\"]}", [("a", "1"), ("'b", ["x", '"y'])]),
        ("a: |-\n  x\n  y\nb: >-\n  x\n  y\n", {"a": "|x\ny", "b": ">x y"}),
        ("a: !mine x\nb: !!str 1\n", {"a": "!minex", "b": "tag:yaml.org,2002:str1"}),
        ("a: &x [b]\nc: *x\n", {"a": ["b"], "c": "*x"}),
        ("a: 1\na: 2\n", {"a": "2"}),
        ("\ufeffa: 1\n", {"a": "1"}),
        ("? a\n: b\n", {"a": "b"}),
        ("a: \U0001f600é\r\nb: c\r", {"a": "\U0001f600é", "b": "c"}),
    ],
)
def test_nodes_hold_what_is_written(text: str, holds: object, parser: Parser) -> None:
    assert written(parse(text, parser)) == holds


@pytest.mark.parametrize("parser", PARSERS)
def test_marks_cut_out_what_stands_in_the_text(parser: Parser) -> None:
    text = "\U0001f600: é\r\nroutes: [{id: a, 'b' : \"c\\\nd\" # x\n  }, &n  plain text ]\n"

    top = parse(text, parser)

    assert top is not None
    places = [("\U0001f600",), ("routes",), ("routes", 0), ("routes", 0, "id"), ("routes", 0, "b"), ("routes", 1)]
    assert [cut(text, Finder(top).at(place)) for place in places] == [
        "é",
        "[{id: a, 'b' : \"c\\\nd\" # x\n  }, &n  plain text ]",
        "{id: a, 'b' : \"c\\\nd\" # x\n  }",
        "a",
        '"c\\\nd"',
        "&n  plain text",
    ]
    mark: Mark = Finder(top).at(("routes", 1)).start
    assert (mark.line, mark.column) == (3, 5)


def test_place_that_is_not_there_is_the_nearest_around_it() -> None:
    top = parse("routes:\n  - id: a\n    when: {host: h}\n")

    assert top is not None
    nearest = {
        ("routes", 0, "match"): (1, 4),
        ("routes", 0, "when", "header", "x"): (2, 10),
        ("routes", 7, "id"): (1, 2),
        ("routes", "id"): (1, 2),
        ("legacy",): (0, 0),
    }
    assert {
        place: (Finder(top).at(place).start.line, Finder(top).at(place).start.column) for place in nearest
    } == nearest


def test_key_is_found_where_it_stands_last() -> None:
    top = parse("a: {b: 1}\na: {b: 2, [c]: 3}\n")

    assert top is not None
    found = [Finder(top).key_at(place) for place in (("a",), ("a", "b"), ("a", "c"), ("a", "b", "d"))]
    assert [key and (key.start.line, key.start.column) for key in found] == [(1, 0), (1, 4), None, None]


@pytest.mark.parametrize(
    ("text", "line", "column", "says"),
    [
        ("a: [1\n", 1, 0, "while parsing a flow sequence, did not find expected ',' or ']'"),
        ("a: }\n", 0, 3, "while parsing a block node, did not find expected node content"),
        ("a: 'b\n", 1, 0, "while scanning a quoted scalar, found unexpected end of stream"),
        (
            "a: {match: GET /a/{id}}\n",
            0,
            18,
            "while parsing a flow mapping, did not find expected ',' or '}'; write text that holds { in quotes",
        ),
        (
            "a: {x: *}\n",
            0,
            8,
            "while scanning an alias, did not find expected alphabetic or numeric character; write '*' in quotes",
        ),
        (
            "a: %5\n",
            0,
            3,
            "while scanning for the next token, found character that cannot start any token; "
            "write text that holds % in quotes",
        ),
        (
            "a: b: c\n",
            0,
            4,
            "mapping values are not allowed in this context; "
            "write text that holds ': ' in quotes, and a space after the ':' of each key",
        ),
        (
            "a: 1\n\tb: 2\n",
            1,
            0,
            "while scanning a plain scalar, found a tab character that violates indentation; "
            "write spaces instead of the tab",
        ),
        (
            "\ta: 1\n",
            0,
            0,
            "while scanning for the next token, found character that cannot start any token; "
            "write spaces instead of the tab",
        ),
        # A key ends in its line, and within 1024 characters.
        (
            f"{'k' * 2000}: 1\n",
            0,
            2000,
            "mapping values are not allowed in this context; "
            "write text that holds ': ' in quotes, and a space after the ':' of each key",
        ),
        ("a: 1\nb 2\n\nc: 3\n", 1, 0, "while scanning a simple key, could not find expected ':'"),
        ("a:\n  - x: 1\n    stage legacy\n", 2, 4, "while scanning a simple key, could not find expected ':'"),
        ("a: 1\n<<<<<<< HEAD\nb: 2\n=======\nb: 3\n>>>>>>> theirs\n", 1, 0, f"got '<<<<<<<', {CONFLICT}"),
        ("<<<<<<< HEAD\nb: 2\n", 0, 0, f"got '<<<<<<<', {CONFLICT}"),
        ("a: 1\n=======\nb: 2\n", 1, 0, f"got '=======', {CONFLICT}"),
        ("a: 1\n---\nb: 1\n", 1, 0, "got a second document, expected one"),
        ("a: 1\n...\n---\n", 2, 0, "got a second document, expected one"),
        ("a: " + "[" * 30 + "]" * 30, 0, 22, "got more than 20 levels, expected at most that many"),
        ("a: x\x00y\n", 0, 4, "got the character U+0000, expected visible ones only"),
        ("a: 1\r\nb: 2\rc: \x1b[31m\n", 2, 3, "got the character U+001B, expected visible ones only"),
        ("\ufeffa: x\ufeff\n", 0, 4, "got the character U+FEFF, expected visible ones only"),
        ("a: \x85b\n", 0, 3, "got the character U+0085, expected visible ones only"),
        ("a: \u2028b\n", 0, 3, "got the character U+2028, expected visible ones only"),
        ("a: \ud800b\n", 0, 3, "got the character U+D800, expected visible ones only"),
        ("a: \uffff\n", 0, 3, "got the character U+FFFF, expected visible ones only"),
    ],
)
def test_first_thing_that_is_no_yaml_is_told_with_its_place(text: str, line: int, column: int, says: str) -> None:
    assert refused(text) == (line, column, says)


@pytest.mark.parametrize("parser", PARSERS)
@pytest.mark.parametrize("text", ["[" * 100_000, "- " * 100_000, "{a: " * 50_000, "? " * 100_000])
def test_a_hundred_thousand_levels_do_not_end_the_process(text: str, parser: Parser) -> None:
    assert refused(text, parser)[2] == "got more than 20 levels, expected at most that many"


def test_twenty_levels_are_read() -> None:
    assert parse("[" * 20 + "]" * 20) is not None


@pytest.mark.parametrize(
    ("source", "line", "column", "byte"),
    [
        (b"\xff", 0, 0, "ff"),
        ("version: 1\r\nowner: café\n".encode("latin-1"), 1, 10, "e9"),
        ("\ufeffa: é".encode() + b"\x80", 0, 4, "80"),
        ("version: 1\n".encode("utf-16"), 0, 0, "ff"),
        (b"a: \xf0\x9f", 0, 3, "f0"),
    ],
)
def test_first_byte_that_is_not_utf_8_is_told_with_its_place(source: bytes, line: int, column: int, byte: str) -> None:
    with pytest.raises(NotYaml) as exc_info:
        decode(source)

    said = f"got byte 0x{byte}, which is not UTF-8, expected a file that is saved as UTF-8"
    assert (exc_info.value.line, exc_info.value.column, str(exc_info.value)) == (line, column, said)


@given(st.text())
def test_text_comes_back_from_its_bytes(text: str) -> None:
    assert decode(text.encode("utf-8", "replace")) == text.encode("utf-8", "replace").decode()


YAML = st.text(st.sampled_from("ab: -[]{},'\"|>#&*!?\n\r\té\U0001f600\ufeff"), max_size=40)


@given(YAML)
def test_scalars_stand_where_their_marks_say_for_either_parser(text: str) -> None:
    """An edit cuts the text at these marks."""
    try:
        nodes = [parse(text, parser) for parser in PARSERS]
    except NotYaml:
        return

    fast, slow = ([cut(text.removeprefix("\ufeff"), scalar) for scalar in scalars(node)] for node in nodes)
    assert fast == slow
    for scalar in scalars(nodes[0]):
        if not scalar.style and not scalar.tag and not {*"\r\n"} & {*cut(text.removeprefix("\ufeff"), scalar)}:
            assert cut(text.removeprefix("\ufeff"), scalar).endswith(scalar.text)


def scalars(node: Node | None) -> list[Scalar]:
    """The scalars in a node that hold text, in their order; an empty one has no place of its own."""
    if isinstance(node, Map):
        return [inner for pair in node.pairs for side in pair for inner in scalars(side)]
    if isinstance(node, Items):
        return [inner for value in node.values for inner in scalars(value)]
    return [node] if isinstance(node, Scalar) and node.text and node.style not in ("|", ">") else []
