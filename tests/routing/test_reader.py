"""routes.yaml -> Document, or everything that is wrong with it, with line and column."""

import gc
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.errors import BadDocument
from proxy.routing import reader
from proxy.routing.document import (
    Document,
    LegacyDocument,
    RouteDocument,
    SloDocument,
    WhenDocument,
)
from proxy.routing.proof import CompareDocument, FallbackDocument
from proxy.routing.reader import read

HANDLER = "migrated.orders.api:handler"
KEYS = "version, legacy, backends, routes"
METHODS = "expected one or more of ANY, GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"
STAGES = "expected 'legacy', 'shadow', 'canary', 'live', 'migrated' or 'retired'"
NEEDS = "expected 'raw-path', 'raw-query', 'repeated-headers', 'streaming' or 'large-body'"
DURATION = "expected a duration such as 20s, 300ms or 1m"
NAME = "expected lower-case letters, digits, '.', '_' and '-', at most 64, such as orders.read"
ORIGIN = "expected http(s)://host[:port] without path, query or credentials"
HEADER = "expected the name of a header, such as x-tenant"
NO_HANDLER = "needs a handler, such as migrated.orders.api:handler, or a function"
NOTHING = "got nothing, expected a value, or no such key at all"
BEGINS = "expected a document that begins with version: 1"
PERCENT = "expected a number from 0 to 100 without quotes and without %, such as 5"
COMPARE = "expected true or false, or a map such as {ignore: [$.updated_at]}"
FALLBACK = "expected never, or a map such as {statuses: [503]}"
STICKY = "expected ip, or header:, cookie:, query:, claim: or path: and a name, such as cookie:sid"
QUOTES = "write it in quotes"


def problems(source: str | bytes) -> list[str]:
    with pytest.raises(BadDocument) as refused:
        read(source, "r.yaml")
    return refused.value.problems


def route(*lines: str, match: str = "GET /a") -> str:
    """A document with one route; what is given begins in its fifth line."""
    return f"version: 1\nroutes:\n  - id: a\n    match: {match}\n" + "".join(f"    {line}\n" for line in lines)


def test_whole_document_is_read() -> None:
    text = f"""
version: 1  # a comment
legacy:
  url: https://legacy.example.com:8443/
  timeout: 1500ms
backends:
  reports: {{url: "${{REPORTS_URL}}", keep_alive: false}}
routes:
  - id: orders.read
    match: GET /orders/{{id}}
    when:
      header: {{x-tenant: acme}}
    handler: {HANDLER}
    stage: canary
    percent: 5
    sticky: path:id
    timeout: 1m
    fallback: {{statuses: [503]}}
  - {{id: orders.list, match: GET /orders, legacy: reports}}
"""

    assert read(text) == Document(
        version=1,
        # An origin has no trailing slash.
        legacy=LegacyDocument(url="https://legacy.example.com:8443", timeout="1500ms"),  # type: ignore[arg-type]  # as text, as in the file
        backends={"reports": LegacyDocument(url="${REPORTS_URL}", keep_alive=False)},
        routes=(
            RouteDocument(
                id="orders.read",
                match="GET /orders/{id}",
                when=WhenDocument(header={"x-tenant": "acme"}),
                handler=HANDLER,
                stage="canary",
                percent=5.0,
                sticky="path:id",
                timeout="1m",  # type: ignore[arg-type]  # the same
                fallback=FallbackDocument(statuses=(503,)),
            ),
            RouteDocument(id="orders.list", match="GET /orders", legacy="reports"),
        ),
    )


def test_smallest_document_leaves_everything_to_a_legacy_from_the_environment() -> None:
    smallest = read("version: 1")

    assert (smallest.legacy.url, smallest.legacy.timeout, smallest.routes) == ("${LEGACY_URL}", 20.0, ())


@pytest.mark.parametrize(
    "source",
    [
        b"version: 1\n",
        b"\xef\xbb\xbfversion: 1\n",
        "\ufeffversion: 1",
        "version: 1\r\nroutes: []\r\n",
        "version: 1\rroutes: []\r",
        "--- # one document\nversion: 1\n...\n",
        "%YAML 1.1\n---\nversion: 1\n",
        "{version: 1}",
        '{"version":1,"routes":[]}',
        "version:\t1",
        "version: &anchor 1",
        f"# {'x' * 1_000_000}\nversion: 1\n",
        "\n\n  # indented\nversion: 1   \n\n",
    ],
)
def test_document_may_be_written_in_many_ways(source: str | bytes) -> None:
    assert read(source) == Document(version=1)


@pytest.mark.parametrize(
    ("source", "says"),
    [
        # The file as a whole.
        ("", f"1:1 got nothing, {BEGINS}"),
        (b"", f"1:1 got nothing, {BEGINS}"),
        ("\ufeff", f"1:1 got nothing, {BEGINS}"),
        ("# only a comment\n", f"1:1 got nothing, {BEGINS}"),
        ("---\n...\n", f"1:1 got nothing, {BEGINS}"),
        ("hello\n", f"1:1 got 'hello', {BEGINS}"),
        ("- a\n- b\n", "1:1 got [a, b], expected a map with keys such as version, legacy, backends"),
        (f"- {'x' * 200}\n", f"1:1 got [{'x' * 78}…, expected a map with keys such as version, legacy, backends"),
        ("version: 1\n---\nversion: 1\n", "2:1 got a second document, expected one"),
        ("a: " + "[" * 30 + "]" * 30, "1:23 got more than 20 levels, expected at most that many"),
        # What is no YAML, and no text.
        (
            "version: 1\n\troutes: []\n",
            "2:1 while scanning a plain scalar, found a tab character that violates indentation; "
            "write spaces instead of the tab",
        ),
        ("version: [1\n", "2:1 while parsing a flow sequence, did not find expected ',' or ']'"),
        ("version: 1\x00\n", "1:11 got the character U+0000, expected visible ones only"),
        (
            b"version: 1\nlegacy:\n  url: caf\xe9\n",
            "3:11 got byte 0xe9, which is not UTF-8, expected a file that is saved as UTF-8",
        ),
        # Values that are read in two ways, or in none.
        ("version: *v\n", "1:10 version: got the alias *v, expected what it stands for, written out"),
        ("version: !mine 1\n", "1:10 version: got the tag '!mine', expected a value without one"),
        (
            "version: !!python/object/apply:os.abort []\n",
            "1:10 version: got the tag '!!python/object/apply:os.abort', expected a value without one",
        ),
        (
            "version: 1\nroutes: &self [*self]\n",
            "2:16 route 1: got the alias *self, expected what it stands for, written out",
        ),
        (
            route("stage: &s legacy", "owner: *s"),
            "6:12 a owner: got the alias *s, expected what it stands for, written out",
        ),
        (
            route("<<: {stage: legacy}"),
            "5:5 a: got the merge key <<, expected the keys themselves, written out",
        ),
        (
            route("owner: no"),
            "5:12 a owner: got no, which some programs read as false; write false, or put it in quotes if it is text",
        ),
        (
            route("percent: 010"),
            "5:14 a percent: got 010, which programs read as different numbers; "
            "write plain digits, or put it in quotes if it is text",
        ),
        ("version: 1\nlegacy:\n", f"2:8 legacy: {NOTHING}"),
        ("version: 1\nroutes:\n", f"2:8 routes: {NOTHING}"),
        (route("percent: ~"), f"5:14 a percent: {NOTHING}"),
        (route("slo: {p95: }"), f"5:16 a slo.p95: {NOTHING}"),
        (route("needs: [raw-path, ]", "tags: [a, ~]"), f"6:15 a tags.1: {NOTHING}"),
        # Keys.
        ("version: 1\nversion: 1\n", "2:1 version: got this key twice, expected it once"),
        (route("owner: a", "stage: legacy", "owner: b"), "7:5 a owner: got this key twice, expected it once"),
        (route("when: {query: {v: '1', v: '2'}}"), "5:28 a when.query.v: got this key twice, expected it once"),
        ("version: 1\n1: x\n", f"2:1 got the key 1, expected text; {QUOTES}"),
        (
            "version: 1\n? [a, b]\n: x\n",
            "2:3 got a key that is a list, a map, an alias or has a tag, expected text",
        ),
        ("version: 1\nrouts: []\n", "2:1 routs: unknown key, did you mean 'routes'?"),
        ("version: 1\nDocument: x\n", f"2:1 Document: unknown key, expected one of {KEYS}"),
        ('version: 1\n"a\\nb": x\n', f"2:1 'a\\nb': unknown key, expected one of {KEYS}"),
        ("version: 1\nlegacy: {tiemout: 3s}\n", "2:10 legacy.tiemout: unknown key, did you mean 'timeout'?"),
        (
            "version: 1\nlegacy: {zzz: 3s}\n",
            "2:10 legacy.zzz: unknown key, expected one of url, timeout, host, keep_alive",
        ),
        (
            "version: 1\nbackends: {url: {Timeout: 3s}}\n",
            "2:18 backends.url.Timeout: unknown key, did you mean 'timeout'?",
        ),
        (route("stge: legacy"), "5:5 a stge: unknown key, did you mean 'stage'?"),
        (route("when: {headers: {x: y}}"), "5:12 a when.headers: unknown key, did you mean 'header'?"),
        (route("slo: {p99: 1s}"), "5:11 a slo.p99: unknown key, did you mean 'p95'?"),
        (route("compare: {ignored: []}"), "5:15 a compare.ignored: unknown key, did you mean 'ignore'?"),
        (route("fallback: {status: [503]}"), "5:16 a fallback.status: unknown key, did you mean 'statuses'?"),
        # Keys that are called as pydantic calls things.
        ("version: 1\n'{…}': x\n", f"2:1 {{…}}: unknown key, expected one of {KEYS}"),
        ("version: 1\n'[key]': x\n", f"2:1 [key]: unknown key, expected one of {KEYS}"),
        (route("fallback: {'{…}': x}"), "5:16 a fallback.{…}: unknown key, expected one of statuses, after"),
        (route("when: {header: {'[key]': x}}"), f"5:21 a when.header.[key]: got '[key]', {HEADER}"),
        (
            route("when: {query: {'[key]': 1}}"),
            f"5:29 a when.query.[key]: got 1, expected text; {QUOTES}",
        ),
        # The head.
        ("routes: []\n", "1:1 version: got nothing, expected 1"),
        ("version: 2\n", "1:10 version: got 2, expected 1"),
        ("version: '1'\n", "1:10 version: got '1', expected 1"),
        ("version: true\n", "1:10 version: got true, expected 1"),
        ("version: 1.0\n", "1:10 version: got 1.0, expected 1"),
        ("version: [1]\n", "1:10 version: got [1], expected 1"),
        ("version: 2026-11-23\n", "1:10 version: got '2026-11-23', expected 1"),
        ("version: 1\nlegacy: x\n", "2:9 legacy: got 'x', expected a map with keys such as url, timeout, host"),
        ("version: 1\nlegacy: {url: 7}\n", f"2:15 legacy.url: got 7, expected text; {QUOTES}"),
        ("version: 1\nlegacy: {url: [http]}\n", "2:15 legacy.url: got [http], expected text"),
        ("version: 1\nlegacy: {url: 'http://u:pw@h'}\n", f"2:15 legacy.url: got 'http://…@h', {ORIGIN}"),
        ("version: 1\nlegacy: {timeout: 20}\n", f"2:19 legacy.timeout: got 20, {DURATION}"),
        ("version: 1\nlegacy: {timeout: 20.5}\n", f"2:19 legacy.timeout: got 20.5, {DURATION}"),
        ("version: 1\nlegacy: {timeout: 20 s}\n", f"2:19 legacy.timeout: got '20 s', {DURATION}"),
        ("version: 1\nlegacy: {timeout: 2026-11-23}\n", f"2:19 legacy.timeout: got '2026-11-23', {DURATION}"),
        ("version: 1\nlegacy: {timeout: 0s}\n", "2:19 legacy.timeout: got '0s', expected 1ms to 15m"),
        ("version: 1\nlegacy: {timeout: 16m}\n", "2:19 legacy.timeout: got '16m', expected 1ms to 15m"),
        (
            "version: 1\nlegacy: {host: clint}\n",
            "2:16 legacy.host: got 'clint', expected 'client' or 'legacy' – did you mean 'client'?",
        ),
        ("version: 1\nlegacy: {keep_alive: 0}\n", "2:22 legacy.keep_alive: got 0, expected true or false"),
        ("version: 1\nbackends: []\n", "2:11 backends: got [], expected a map of names to values"),
        ("version: 1\nbackends: {Old: {}}\n", f"2:12 backends.Old: got 'Old', {NAME}"),
        # Routes.
        ("version: 1\nroutes: {a: 1}\n", "2:9 routes: got {a: 1}, expected a list, such as [a, b]"),
        ("version: 1\nroutes: [x]\n", "2:10 route 1: got 'x', expected a map with keys such as id, match, when"),
        (
            "version: 1\nroutes: [{match: GET /a}]\n",
            "2:10 route 1 id: got nothing, expected a name such as orders.read",
        ),
        ("version: 1\nroutes: [{id: ~, match: GET /a}]\n", f"2:15 route 1 id: {NOTHING}"),
        ("version: 1\nroutes: [{id: A, match: GET /a}]\n", f"2:15 A id: got 'A', {NAME}"),
        ("version: 1\nroutes: [{id: 7, match: GET /a}]\n", f"2:15 route 1 id: got 7, expected text; {QUOTES}"),
        ('version: 1\nroutes: [{id: "a\\n", match: GET /a}]\n', f"2:15 'a\\n' id: got 'a\\n', {NAME}"),
        (
            "version: 1\nroutes: [{id: a}]\n",
            "2:10 a match: got nothing, expected a method and a path such as GET /orders/{id}",
        ),
        (route(match="FETCH /a"), f"4:12 a match: got method 'FETCH', {METHODS} – did you mean 'PATCH'?"),
        (route(match="get /a"), f"4:12 a match: got method 'get', {METHODS} – did you mean 'GET'?"),
        (route(match="GET,PSOT /a"), f"4:12 a match: got method 'PSOT', {METHODS} – did you mean 'POST'?"),
        (route(match="BREW /a"), f"4:12 a match: got method 'BREW', {METHODS}"),
        (route(match="GET /{id"), "4:12 a match: got segment '{id', expected {name} or, at the end, {name+}"),
        (
            route("stage: migratd", f"handler: {HANDLER}"),
            f"5:12 a stage: got 'migratd', {STAGES} – did you mean 'migrated'?",
        ),
        (route("stage: Canary", "percent: 5"), f"5:12 a stage: got 'Canary', {STAGES} – did you mean 'canary'?"),
        (route("stage: 7"), f"5:12 a stage: got 7, {STAGES}"),
        (route("stage: shadow"), f"3:5 a handler: stage shadow {NO_HANDLER}"),
        (route("stage: live"), f"3:5 a handler: stage live {NO_HANDLER}"),
        (route("stage: migrated"), f"3:5 a handler: stage migrated {NO_HANDLER}"),
        (route("stage: canary", "function: f"), "3:5 a percent: stage canary needs a percent, such as 5"),
        (
            route(f"handler: {HANDLER}", "function: f"),
            f"5:14 a handler: got '{HANDLER}' and the function 'f', expected one of the two",
        ),
        (
            route("handler: api.handler"),
            "5:14 a handler: got 'api.handler', expected module:attribute, such as migrated.orders.api:handler",
        ),
        (
            route("function: orders prod"),
            "5:15 a function: got 'orders prod', "
            "expected the name or ARN of a Lambda function, such as orders-prod or orders-prod:live",
        ),
        (route("percent: 150"), "5:14 a percent: got 150, expected 0 to 100"),
        (route("percent: -0.5"), "5:14 a percent: got -0.5, expected 0 to 100"),
        (route("percent: 1.234"), "5:14 a percent: got 1.234, expected at most two decimals: a bucket is 0.01 %"),
        (route("percent: '5'"), f"5:14 a percent: got '5', {PERCENT}"),
        (route("percent: 5%"), f"5:14 a percent: got '5%', {PERCENT}"),
        (route("percent: true"), f"5:14 a percent: got true, {PERCENT}"),
        (route("sticky: cokie:sid"), f"5:13 a sticky: got 'cokie:sid', {STICKY}"),
        (route("sticky: path:id"), "5:13 a sticky: got 'path:id', expected another key: its match has no parameter"),
        (
            route("sticky: path:ordr", match="GET /{order}/{path+}"),
            "5:13 a sticky: got 'path:ordr', expected a parameter of its match: order, path – did you mean 'order'?",
        ),
        (
            route("legacy: reports"),
            "5:13 a legacy: got 'reports', expected no such key: the document has no backends",
        ),
        (
            route("legacy: reprots") + "backends: {reports: {}, archive: {}}\n",
            "5:13 a legacy: got 'reprots', expected one of the backends: reports, archive – did you mean 'reports'?",
        ),
        (route("timeout: soon"), f"5:14 a timeout: got 'soon', {DURATION}"),
        (route("retries: 4"), "5:14 a retries: got 4, expected a whole number from 0 to 3"),
        (route("retries: true"), "5:14 a retries: got true, expected a whole number from 0 to 3"),
        (route("retries: 1.0"), "5:14 a retries: got 1.0, expected a whole number from 0 to 3"),
        (route("fallback: nevr"), f"5:15 a fallback: got 'nevr', {FALLBACK}"),
        (route("fallback: false"), f"5:15 a fallback: got false, {FALLBACK}"),
        (route("fallback: [503]"), f"5:15 a fallback: got [503], {FALLBACK}"),
        (
            route("fallback: {statuses: [200]}"),
            "5:27 a fallback.statuses.0: got 200, expected a whole number from 400 to 599",
        ),
        (
            route("fallback: {statuses: 503}"),
            "5:26 a fallback.statuses: got 503, expected a list, such as [a, b]",
        ),
        (route("compare: never"), f"5:14 a compare: got 'never', {COMPARE}"),
        (route("compare: 1"), f"5:14 a compare: got 1, {COMPARE}"),
        (
            route("compare: {ignore: [updated_at]}"),
            "5:24 a compare.ignore.0: got 'updated_at', expected a JSON path that begins with $, such as $.updated_at",
        ),
        (route("slo: {p95: 300}"), f"5:16 a slo.p95: got 300, {DURATION}"),
        (route("slo: {errors: 0.5}"), "5:19 a slo.errors: got 0.5, expected a percentage such as 0.5%"),
        (route("slo: {errors: 101%}"), "5:19 a slo.errors: got '101%', expected a percentage such as 0.5%"),
        (route("needs: [raw_path]"), f"5:13 a needs.0: got 'raw_path', {NEEDS} – did you mean 'raw-path'?"),
        (route("needs: raw-path"), "5:12 a needs: got 'raw-path', expected a list, such as [a, b]"),
        (route("owner: 7"), f"5:12 a owner: got 7, expected text; {QUOTES}"),
        (route("tags: [a, true]"), f"5:15 a tags.1: got true, expected text; {QUOTES}"),
        (route("sunset: soon"), "5:13 a sunset: got 'soon', expected a day such as 2027-03-31"),
        (route("sunset: 20270331"), "5:13 a sunset: got 20270331, expected a day such as 2027-03-31"),
        (
            route("sunset: 2027-13-01"),
            "5:13 a sunset: got '2027-13-01', expected a day that is in the calendar, such as 2027-03-31",
        ),
        # Conditions.
        (
            route("when: {host: API.example.com:443}"),
            "5:18 a when.host: got 'API.example.com:443', "
            "expected a host name in lower case without a port, such as api.example.com",
        ),
        (route("when: {header: {x: 1}}"), f"5:24 a when.header.x: got 1, expected text; {QUOTES}"),
        (route("when: {header: {x y: z}}"), f"5:21 a when.header.x y: got 'x y', {HEADER}"),
        (
            route("when: {header: {X-Fig-Side: z}}"),
            "5:21 a when.header.X-Fig-Side: got 'X-Fig-Side', "
            "expected another header: those that begin with x-fig- are removed from what clients send",
        ),
        (
            route("when: {header: {x-a: y, X-A: z}}"),
            "5:20 a when.header: got [x-a, X-A], which are one header, expected it once",
        ),
        (
            route("when: {header: {x: ' y'}}"),
            "5:24 a when.header.x: got ' y', "
            "expected a header's value in visible ASCII without spaces around it, or '*' for any",
        ),
        (
            route("when: {query: {v: 'a b'}}"),
            "5:23 a when.query.v: got 'a b', "
            "expected a value as clients send it, percent-encoded where it is odd, or '*' for any",
        ),
        (
            route(f"when: {{query: {{v: '{'x' * 257}'}}}}"),
            "5:23 a when.query.v: got 257 characters, expected at most 256",
        ),
        # Routes together.
        (
            route("") + "  - {id: a, match: GET /b}\n",
            "6:10 a id: got the id of the route in line 3, expected a new one",
        ),
        (
            "version: 1\nroutes: [{id: a, match: GET /a}, {id: a, match: GET /b}]\n",
            "2:39 a id: got the id of the route in line 2, expected a new one",
        ),
    ],
)
def test_problem_is_told_with_its_line_and_column(source: str | bytes, says: str) -> None:
    assert problems(source) == [f"r.yaml:{says}"]


def test_routes_that_tie_are_told_at_the_later_one() -> None:
    [told] = problems(route(match="GET /a/{x}") + "  - {id: b, match: 'GET,PUT /a/{y}'}\n")

    assert told.startswith("r.yaml:5:20 b match: got 'GET,PUT /a/{y}', which ties with a ('GET /a/{x}')")


def test_tie_is_told_beside_a_mistake_in_another_route() -> None:
    text = "version: 1\nroutes:\n  - {id: a, match: GET /a}\n  - {id: b, match: GET a}\n  - {id: c, match: GET /a}\n"

    told = problems(text)

    assert [problem.partition(":")[2].split(",")[0] for problem in told] == [
        "4:20 b match: got 'GET a'",
        "5:20 c match: got 'GET /a'",
    ]


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
    owner: no
  - match: GET /orders/{id
    handler: migrated.orders.api:handlr
    function: f
    fallback: {statuses: [1], x: y}
  - 7
"""

    with pytest.raises(BadDocument) as refused:
        read(text, "r.yaml", lambda reference: f"got {reference!r}, but there is none")

    assert refused.value.problems == [
        "r.yaml:2:1 version: got this key twice, expected it once",
        "r.yaml:3:1 lagacy: unknown key, did you mean 'legacy'?",
        f"r.yaml:7:12 orders.read stage: got 'migratd', {STAGES} – did you mean 'migrated'?",
        f"r.yaml:8:14 orders.read timeout: got 'soon', {DURATION}",
        f"r.yaml:9:5 orders.read handler: stage migrated {NO_HANDLER}",
        "r.yaml:9:9 orders.read id: got the id of the route in line 5, expected a new one",
        "r.yaml:12:12 orders.read owner: got no, which some programs read as false; "
        "write false, or put it in quotes if it is text",
        "r.yaml:13:5 route 3 id: got nothing, expected a name such as orders.read",
        "r.yaml:13:12 route 3 match: got segment '{id', expected {name} or, at the end, {name+}",
        "r.yaml:14:14 route 3 handler: got 'migrated.orders.api:handlr' and the function 'f', expected one of the two",
        "r.yaml:14:14 route 3 handler: got 'migrated.orders.api:handlr', but there is none",
        "r.yaml:16:27 route 3 fallback.statuses.0: got 1, expected a whole number from 400 to 599",
        "r.yaml:16:31 route 3 fallback.x: unknown key, expected one of statuses, after",
        "r.yaml:17:5 route 4: got 7, expected a map with keys such as id, match, when",
    ]


def test_handler_is_checked_before_its_stage_needs_it_and_once_for_all_routes() -> None:
    asked = []
    text = route(f"handler: {HANDLER}") + f"  - {{id: b, match: GET /b, handler: '{HANDLER}'}}\n"

    read(text, "r.yaml", lambda reference: asked.append(reference))

    assert asked == [HANDLER]


def test_handler_that_is_no_reference_is_not_looked_for() -> None:
    asked: list[str] = []

    with pytest.raises(BadDocument):
        read(route("handler: a b"), "r.yaml", lambda reference: asked.append(reference))

    assert asked == []


def test_variable_without_a_value_is_told_at_the_url_that_names_it() -> None:
    """For whoever runs the function, and so knows its variables; nobody else is asked to."""
    text = """\
version: 1
legacy: {url: "${OLD_URL}"}
backends:
  plain: {url: http://plain.example}
  reports: {url: "${REPORTS_URL}"}
"""

    with pytest.raises(BadDocument) as told:
        read(text, url_problem=lambda url: None if "OLD" in url else f"got {url}, expected a value")

    assert read(text).legacy.url == "${OLD_URL}"
    assert told.value.problems == ["routes.yaml:5:18 backends.reports.url: got ${REPORTS_URL}, expected a value"]


def test_ten_megabytes_are_the_most() -> None:
    most = "version: 1\n#" + "x" * (reader.MAX_BYTES - 12)

    assert read(most).version == 1
    assert read(most.encode()).version == 1
    too_much = ["r.yaml:1:1 got 10000001 bytes, expected at most 10000000"]
    assert (problems(most + "x"), problems((most + "x").encode()), problems(most[:-1] + "é")) == (too_much,) * 3


def test_one_problem_is_told_in_at_most_500_characters() -> None:
    [told] = problems(route(match=f"GET /a/{'{' * 100_000}"))

    assert (len(told) < 520, told[-1]) == (True, "…")


@pytest.mark.parametrize("is_enabled", [True, False])
def test_garbage_collector_is_left_as_it_was_found(is_enabled: bool) -> None:
    was_enabled = gc.isenabled()
    (gc.enable if is_enabled else gc.disable)()
    try:
        read("version: 1")
        with pytest.raises(BadDocument):
            read("version: 2")

        assert gc.isenabled() is is_enabled
    finally:
        (gc.enable if was_enabled else gc.disable)()


@given(st.text(st.sampled_from("version: 1\nroutes-[]{}&*!|>'\"#%@`?,~<=0xé\t\x00")) | st.text() | st.binary())
def test_anything_is_a_document_or_has_problems(source: str | bytes) -> None:
    try:
        read(source)
    except BadDocument as exc:
        assert exc.problems  # noqa: PT017  # either outcome is right
        assert all(problem.startswith("routes.yaml:") and problem.isprintable() for problem in exc.problems)  # noqa: PT017


MODELS = (Document, LegacyDocument, RouteDocument, WhenDocument, FallbackDocument, CompareDocument, SloDocument)
KEY = st.sampled_from(sorted({name for model in MODELS for name in model.model_fields})) | st.text(max_size=3)
VALUE = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | st.sampled_from(["GET /a", "20s", "ip"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEY, inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(KEY, VALUE, max_size=4), st.lists(st.dictionaries(KEY, VALUE, max_size=5), max_size=3))
def test_whatever_data_a_file_holds_it_is_a_document_or_has_problems(
    head: dict[str, object], routes: list[dict[str, object]]
) -> None:
    text = json.dumps(
        {**head, "version": 1, "routes": [{"id": "a", "match": "GET /a", **fields} for fields in routes]},
        ensure_ascii=False,
    )

    try:
        read(text)
    except BadDocument as exc:
        told = "\n".join(exc.problems)  # either outcome is right
        # Words of pydantic's that people would not understand, and ours for what must be told.
        assert not [words for words in ("put should", "unction-", "valid tuple") if words in told]
        assert all(words in line for line in exc.problems for words in (":1:", ", "))  # noqa: PT017  # the same
