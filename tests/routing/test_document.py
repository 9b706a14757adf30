"""routes.yaml -> Document, or everything that is wrong with it, with line and column."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.errors import BadDocument
from proxy.routing import document
from proxy.routing.document import Document, LegacyDocument, RouteDocument, check_origin, read

HANDLER = "migrated.orders.api:handler"
KEYS = "expected one of version, legacy, routes"
METHODS = "expected one or more of ANY, GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"
DURATION = "expected a duration such as 20s, 300ms or 1m"
ORIGIN = "expected http(s)://host[:port] without path, query or credentials"
NEEDS = "needs a handler, such as migrated.orders.api:handler"


def problems(text: str) -> list[str]:
    with pytest.raises(BadDocument) as refused:
        read(text, "r.yaml")
    return refused.value.problems


def route(*lines: str) -> str:
    """A document with one route; its first line is the fourth of the file."""
    return "version: 1\nroutes:\n  - id: a\n" + "".join(f"    {line}\n" for line in lines)


def test_whole_document_is_read() -> None:
    text = f"""
version: 1  # a comment
legacy:
  url: https://legacy.example.com:8443/
  timeout: 1500ms
routes:
  - id: orders.read
    match: GET /orders/{{id}}
    handler: {HANDLER}
    stage: migrated
    timeout: 1m
  - {{id: orders.list, match: GET /orders}}
"""

    assert read(text) == Document(
        version=1,
        # An origin has no trailing slash.
        legacy=LegacyDocument(url="https://legacy.example.com:8443", timeout="1500ms"),  # type: ignore[arg-type]  # as text, as in the file
        routes=(
            RouteDocument(
                id="orders.read",
                match="GET /orders/{id}",
                handler=HANDLER,
                stage="migrated",
                timeout="1m",  # type: ignore[arg-type]  # the same
            ),
            RouteDocument(id="orders.list", match="GET /orders"),
        ),
    )


def test_smallest_document_leaves_everything_to_a_legacy_from_the_environment() -> None:
    smallest = read("version: 1")

    assert (smallest.legacy.url, smallest.legacy.timeout, smallest.routes) == ("${LEGACY_URL}", 20.0, ())


@pytest.mark.parametrize(
    ("text", "says"),
    [
        # The file as a whole.
        ("", "1:1 got None, input should be an object"),
        ("# only a comment\n", "1:1 got None, input should be an object"),
        ("- a\n- b\n", "1:1 got ['a', 'b'], input should be an object"),
        ("hello\n", "1:1 got 'hello', input should be an object"),
        (f"- {'x' * 200}\n", f"1:1 got ['{'x' * 77}…, input should be an object"),
        # YAML.
        (
            "version: 1\n\troutes: []\n",
            "2:1 while scanning a plain scalar, found a tab character that violates indentation",
        ),
        ("version: [1\n", "2:1 while parsing a flow sequence, did not find expected ',' or ']'"),
        ("version: 1\nroutes: }\n", "2:9 while parsing a block node, did not find expected node content"),
        ("version: 1\n---\nversion: 1\n", "2:1 expected a single document in the stream, but found another document"),
        ("version: *v\n", "1:10 found undefined alias"),
        (
            "version: 1\x00\n",
            '1:1 is not YAML: unacceptable character #x0000: control characters are not allowed in "<unicode string>", '
            "position 10",
        ),
        ("a: " + "[" * 30 + "]" * 30, "1:23 got more than 20 levels, expected at most that many"),
        # Values that YAML has and this file has not.
        ("version: 1\nlegacy: {timeout: 2026-11-23}\n", f"2:19 legacy.timeout: got '2026-11-23', {DURATION}"),
        (
            "version: 1\nlegacy: {timeout: 2026-13-23}\n",
            "2:19 got '2026-13-23', which is no timestamp that can be read",
        ),
        ("version: !mine 1\n", "1:10 got '1', which is no !mine that can be read"),
        ("version: !!int one\n", "1:10 got 'one', which is no int that can be read"),
        (f"version: {'1' * 5000}\n", f"1:10 got '{'1' * 78}…, which is no int that can be read"),
        ("version: .nan\n", "1:10 version: got nan, expected 1"),
        ("version: !!binary aGk=\n", "1:10 version: got \"b'hi'\", expected 1"),
        ("version: !!python/object/apply:os.abort []\n", "1:10 version: got [], expected 1"),
        ("version: 1\nroutes: &self [*self]\n", "2:9 got an alias of this, expected it written out"),
        ("version: 1\n<<: {}\n", f"2:5 <<: unknown key, {KEYS}"),
        # Keys.
        ("version: 1\nversion: 1\n", "2:1 got the key 'version' twice, expected it once"),
        ("version: 1\n1: x\n", f"2:4 1: unknown key, {KEYS}"),
        ("version: 1\n? [a, b]\n: x\n", "2:3 got a list or map as a key, expected text"),
        ("version: 1\nrouts: []\n", "2:8 routs: unknown key, did you mean 'routes'?"),
        ("version: 1\nDocument: x\n", f"2:11 Document: unknown key, {KEYS}"),
        ("version: 1\nlegacy: {tiemout: 3s}\n", "2:19 legacy.tiemout: unknown key, did you mean 'timeout'?"),
        (
            "version: 1\nlegacy: {zzz: 3s}\n",
            "2:15 legacy.zzz: unknown key, expected one of url, timeout, host, keep_alive",
        ),
        (route("match: GET /a", "stge: legacy"), "5:11 a stge: unknown key, did you mean 'stage'?"),
        # The head.
        ("routes: []\n", "1:1 version: got nothing, expected a value"),
        ("version: 2\n", "1:10 version: got 2, expected 1"),
        ("version: '1'\n", "1:10 version: got '1', expected 1"),
        ("version: 1\nlegacy:\n", "2:8 legacy: got None, input should be an object"),
        ("version: 1\nlegacy: {url: 7}\n", "2:15 legacy.url: got 7, input should be a valid string"),
        ("version: 1\nlegacy: {url: 'http://u:pw@h'}\n", f"2:15 legacy.url: got 'http://…@h', {ORIGIN}"),
        ("version: 1\nlegacy: {timeout: 20}\n", f"2:19 legacy.timeout: got 20, {DURATION}"),
        ("version: 1\nlegacy: {timeout: 20 s}\n", f"2:19 legacy.timeout: got '20 s', {DURATION}"),
        ("version: 1\nlegacy: {timeout: 0s}\n", "2:19 legacy.timeout: got '0s', input should be greater than 0"),
        (
            "version: 1\nlegacy: {timeout: 16m}\n",
            "2:19 legacy.timeout: got '16m', input should be less than or equal to 900",
        ),
        # Routes.
        ("version: 1\nroutes:\n", "2:8 routes: got None, input should be a valid array"),
        ("version: 1\nroutes: {a: 1}\n", "2:9 routes: got {'a': 1}, input should be a valid array"),
        ("version: 1\nroutes: [x]\n", "2:10 route 1: got 'x', input should be an object"),
        ("version: 1\nroutes: [{match: GET /a}]\n", "2:10 route 1 id: got nothing, expected a value"),
        (
            "version: 1\nroutes:\n  - id: A\n    match: GET /a\n",
            "3:9 A id: got 'A', string should match pattern '^[a-z0-9][a-z0-9._-]{0,63}$'",
        ),
        ("version: 1\nroutes: [{id: ~, match: GET /a}]\n", "2:15 route 1 id: got None, input should be a valid string"),
        (route("stage: legacy"), "3:5 a match: got nothing, expected a value"),
        (route("match: FETCH /a"), f"4:12 a match: got method 'FETCH', {METHODS}"),
        (
            route("match: GET /a", "stage: migratd", f"handler: {HANDLER}"),
            "5:12 a stage: got 'migratd', expected 'legacy' or 'migrated' – did you mean 'migrated'?",
        ),
        (route("match: GET /a", "stage: 7"), "5:12 a stage: got 7, expected 'legacy' or 'migrated'"),
        (route("match: GET /a", "stage: migrated"), f"3:5 a handler: stage migrated {NEEDS}"),
        (
            route("match: GET /a", "handler: api.handler"),
            r"5:14 a handler: got 'api.handler', string should match pattern '^[A-Za-z_][\w.]*:[A-Za-z_]\w*$'",
        ),
        (route("match: GET /a", "timeout: soon"), f"5:14 a timeout: got 'soon', {DURATION}"),
        # Two routes together.
        (
            route("match: GET /a", "") + "  - {id: a, match: GET /b}\n",
            "6:10 a id: got the id of the route in line 3, expected a new one",
        ),
        (
            route("match: GET /a/{x}", "") + "  - {id: b, match: 'GET,PUT /a/{y}'}\n",
            "6:20 b match: got 'GET,PUT /a/{y}', which ties with a ('GET /a/{x}'), expected one of them to go",
        ),
        (
            route("match: PUT /a/{x+}", "") + "  - {id: b, match: 'ANY /a/{y+}'}\n",
            "6:20 b match: got 'ANY /a/{y+}', which ties with a ('PUT /a/{x+}'), expected one of them to go",
        ),
    ],
)
def test_problem_is_told_with_its_line_and_column(text: str, says: str) -> None:
    assert problems(text) == [f"r.yaml:{says}"]


@pytest.mark.parametrize(
    "matches",
    [
        ("GET /a/{x}", "PUT /a/{x}"),
        ("GET /a/{x}", "GET /a/{x}/"),
        ("GET /a/{x}", "GET /a/{x+}"),
        ("GET /a/{x}", "GET /a/b"),
        ("GET /{x}/b", "GET /a/{x}"),
        ("GET /a", "GET /a/"),
    ],
)
def test_routes_of_which_one_is_more_specific_do_not_tie(matches: tuple[str, str]) -> None:
    first, second = matches

    assert len(read(f"version: 1\nroutes: [{{id: a, match: '{first}'}}, {{id: b, match: '{second}'}}]").routes) == 2


def test_everything_that_is_wrong_is_said_at_once_in_the_order_of_the_file() -> None:
    """A bad document never replaces a good table, and says everything that is wrong with it at once."""
    text = """version: 2
version: 1
lagacy: {}
routes:
  - id: orders.read
    match: GET /orders/{id}
    stage: migratd
    timeout: soon
  - id: orders.read
    match: GET /orders/{other}
    stage: migrated
  - match: GET /orders/{id
    handler: migrated.orders.api:handlr
    timeout: 2026-13-01
  - 7
"""

    with pytest.raises(BadDocument) as refused:
        read(text, "r.yaml", lambda reference: f"got {reference!r}, but there is none")

    assert refused.value.problems == [
        "r.yaml:2:1 got the key 'version' twice, expected it once",
        "r.yaml:3:9 lagacy: unknown key, did you mean 'legacy'?",
        "r.yaml:7:12 orders.read stage: got 'migratd', expected 'legacy' or 'migrated' – did you mean 'migrated'?",
        f"r.yaml:8:14 orders.read timeout: got 'soon', {DURATION}",
        f"r.yaml:9:5 orders.read handler: stage migrated {NEEDS}",
        "r.yaml:9:9 orders.read id: got the id of the route in line 5, expected a new one",
        "r.yaml:10:12 orders.read match: got 'GET /orders/{other}', which ties with orders.read ('GET /orders/{id}'), "
        "expected one of them to go",
        "r.yaml:12:5 route 3 id: got nothing, expected a value",
        "r.yaml:12:12 route 3 match: got segment '{id', expected {name} or, at the end, {name+}",
        "r.yaml:13:14 route 3 handler: got 'migrated.orders.api:handlr', but there is none",
        "r.yaml:14:14 got '2026-13-01', which is no timestamp that can be read",
        "r.yaml:15:5 route 4: got 7, input should be an object",
    ]


def test_handler_is_checked_before_its_stage_needs_it() -> None:
    asked = []

    read(route("match: GET /a", f"handler: {HANDLER}"), "r.yaml", lambda reference: asked.append(reference))

    assert asked == [HANDLER]


def test_few_lines_of_aliases_do_not_stand_for_gigabytes() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 10)]

    found = problems("version: 1\n" + "\n".join(lines))

    assert len(found) == 9 * 9 + 10  # each alias, each unknown key


@pytest.mark.parametrize("text", ["[" * 1_000_000, "- " * 1_000_000, "{a: " * 500_000, "? " * 1_000_000])
def test_a_million_levels_do_not_end_the_process(text: str) -> None:
    assert [problem.partition(" ")[2] for problem in problems(text)] == [
        "got more than 20 levels, expected at most that many"
    ]


def test_ten_megabytes_are_the_most() -> None:
    most = "version: 1\n#" + "x" * (document.MAX_BYTES - 12)

    assert read(most).version == 1
    assert problems(most + "x") == ["r.yaml:1:1 got 10000001 characters, expected at most 10000000"]


@given(st.text(st.sampled_from("version: 1\nroutes-[]{}&*!|>'\"#%@`?,~<=0xé\t\x00")) | st.text())
def test_any_text_is_a_document_or_has_problems(text: str) -> None:
    try:
        read(text)
    except BadDocument as exc:
        assert exc.problems  # noqa: PT017  # either outcome is right
        assert all(problem.startswith("routes.yaml:") and "\n" not in problem for problem in exc.problems)  # noqa: PT017


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("http://legacy.example.com", "http://legacy.example.com"),
        ("https://legacy.example.com:8443/", "https://legacy.example.com:8443"),
        ("http://10.0.0.7:1", "http://10.0.0.7:1"),
        ("http://[::1]:8080", "http://[::1]:8080"),
        ("http://my_host", "http://my_host"),
    ],
)
def test_origin_is_kept_without_its_slash(url: str, origin: str) -> None:
    assert check_origin(url) == origin


@pytest.mark.parametrize(
    "url",
    [
        "",
        "legacy.example.com",
        "//legacy.example.com",
        "ftp://legacy.example.com",
        "HTTP://legacy.example.com",
        "http://",
        "http:///x",
        "http://h/api",
        "http://h//",
        "http://h?x",
        "http://h#x",
        "http://h:0",
        "http://h:65536",
        "http://h:port",
        "http://h:",
        "http://u:p@h",
        "http://good.example\\@evil.example",
        "http://good.example @evil.example",
        "http://h\r\nX: 1",
        "http://h\n",
        "http://[::1",
        "http://caf\u00e9.example",
    ],
)
def test_url_that_is_more_than_an_origin_is_refused(url: str) -> None:
    """Nothing that is published can choose a host outside the function's allow-list."""
    with pytest.raises(ValueError, match=r"^got "):
        check_origin(url)


def test_password_in_a_url_is_not_repeated() -> None:
    with pytest.raises(ValueError, match=r"^got ") as refused:
        check_origin("https://user:SECRET@legacy.example.com")

    assert str(refused.value) == f"got 'https://…@legacy.example.com', {ORIGIN}"
