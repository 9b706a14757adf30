"""Which table the whole handler goes by: the store's, the last good one, the artifact's, or legacy for everything."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from proxy.after_response import AfterResponse
from proxy.build import build
from proxy.errors import BadDocument
from proxy.routing.compile import compile_table
from proxy.routing.compiled import digest_of
from proxy.routing.reader import read
from proxy.settings import Settings
from tests.conftest import MakeFunction
from tests.raw_legacy import RawLegacy, close, say
from tests.samples import Context, compiled, function_url, put_in_store
from tests.test_entry import TYPED, own_answer

HANDLER = "tests.backends.handlers:echo"


@pytest.fixture(autouse=True)
def _legacy_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the tables' ${LEGACY_URL} stands for: set, or they would be refused, and nobody there."""
    monkeypatch.setenv("LEGACY_URL", "http://127.0.0.1:9")


def test_what_no_route_lists_goes_to_legacy(make_function: MakeFunction) -> None:
    """Unlisted: legacy answers."""
    with RawLegacy(say(TYPED)) as server:
        function = make_function(compiled("moved: GET /moved migrated no.such:module"), server.origin)

        results = [function(function_url(path=path))["statusCode"] for path in ("/", "/moved/", "//moved", "/%6Doved")]

        assert (results, len(server.requests)) == ([200] * 4, 4)
        assert own_answer(function(function_url(path="/moved"))) == (502, "migrated_failed")


def handler_of(settings: Settings) -> tuple[Callable[[], dict[str, Any]], list[str]]:
    """The handler that the function's entry would build, called with GET /moved, and its lines."""
    after = AfterResponse()
    lines: list[str] = []
    entry = build(settings, after, lines.append)

    def call() -> dict[str, Any]:
        result = entry(function_url(path="/moved"), Context())
        assert isinstance(result, dict)
        after.work()
        return result

    return call, lines


HERE = compiled("moved: GET /moved migrated tests.backends.handlers:echo", version=3)
GONE = compiled("moved: GET /moved migrated no.such:module", version=4)


@pytest.mark.parametrize(
    ("store", "baked", "version"),
    [
        (HERE, None, 3),
        (HERE, GONE, 3),
        (HERE[:-5], HERE, 3),
        (b"", HERE, 3),
        (None, HERE, 3),
        (b"[" * 100_000, HERE, 3),
    ],
)
def test_table_that_cannot_be_read_is_replaced_by_the_one_in_the_artifact(
    tmp_path: Path, store: bytes | None, baked: bytes | None, version: int
) -> None:
    """No readable table: the last good one, then the one in the artifact, then legacy."""
    if store is not None:
        put_in_store(tmp_path / "store", HERE)
        (tmp_path / f"store/tables/{digest_of(HERE)}.json").write_bytes(store)
    if baked is not None:
        (tmp_path / "baked").write_bytes(baked)

    call, lines = handler_of(Settings(table=f"file:{tmp_path / 'store'}", baked_table=str(tmp_path / "baked")))

    assert (call()["statusCode"], json.loads(lines[-1])["table_version"]) == (201, version)
    assert json.loads(lines[-1]).get("table_failures", 0) == (0 if store == HERE else 1)


def test_without_any_table_and_without_a_legacy_the_client_gets_our_502(tmp_path: Path) -> None:
    """No readable table: then legacy; and the client gets our 502 with a reason code."""
    call, lines = handler_of(Settings(table=f"file:{tmp_path}/absent", baked_table=f"{tmp_path}/absent"))

    assert own_answer(call()) == (502, "legacy_unreachable")
    assert (json.loads(lines[-1])["reason"], json.loads(lines[-1])["table_version"]) == ("unlisted", 0)


def test_bad_document_and_damaged_table_leave_the_good_one_in_force(tmp_path: Path) -> None:
    """A bad document never replaces a good table."""
    put_in_store(tmp_path, HERE)
    path = tmp_path / "head.json"
    # A TTL that is over at every request: each one reads the store first.
    call, lines = handler_of(Settings(table=f"file:{tmp_path}", table_ttl_s=1e-9))

    with pytest.raises(BadDocument):
        read("version: 1\nroutes: [{id: moved, match: GET /moved, stage: mirgated}]")
    statuses = [call()["statusCode"]]
    good = path.read_bytes()
    for damaged in (good[:-1], b"", good.replace(b'"version": 3', b'"version": 4')):
        path.write_bytes(damaged)
        statuses.append(call()["statusCode"])
    path.unlink()
    statuses.append(call()["statusCode"])

    assert statuses == [201] * 5
    assert [json.loads(line)["table_version"] for line in lines] == [3] * 5
    assert json.loads(lines[-1])["table_failures"] == 4


def test_new_table_is_in_force_with_the_next_request_and_so_is_taking_it_back(
    make_function: MakeFunction, tmp_path: Path
) -> None:
    with RawLegacy(say(TYPED)) as server:
        function = make_function(HERE, server.origin, settings=Settings(table_ttl_s=1e-9))
        statuses = [function(function_url(path="/moved"))["statusCode"]]
        put_in_store(tmp_path / "store", compiled("moved: GET /moved legacy", version=4))
        statuses.append(function(function_url(path="/moved"))["statusCode"])
        put_in_store(tmp_path / "store", compiled(f"moved: GET /moved migrated {HANDLER}", version=5))
        statuses.append(function(function_url(path="/moved"))["statusCode"])

    assert statuses == [201, 200, 201]


def test_unset_variable_refuses_the_table_and_the_last_good_one_stays(tmp_path: Path) -> None:
    """A bad document never replaces a good table: nor does one whose ${NAME} this function does not have."""
    put_in_store(tmp_path, HERE)
    settings = Settings(table=f"file:{tmp_path}", table_ttl_s=1e-9)
    call, lines = handler_of(settings)

    first = call()["statusCode"]
    put_in_store(tmp_path, compiled("moved: GET /moved legacy", legacy="${NOBODY_SETS_THIS}", version=4))
    second = call()["statusCode"]

    assert (first, second) == (201, 201)
    record = json.loads(lines[-1])
    assert (record["table_version"], record["table_failures"]) == (3, 1)
    assert "NOBODY_SETS_THIS" in record["table_problem"]


def test_backend_outside_the_allow_list_refuses_the_table(tmp_path: Path) -> None:
    """Nothing that is published can choose a host outside the function's allow-list."""
    put_in_store(tmp_path, HERE)
    settings = Settings(table=f"file:{tmp_path}", table_ttl_s=1e-9, legacy_hosts=frozenset({"127.0.0.1:9"}))
    call, lines = handler_of(settings)
    text = """
version: 1
backends: {reports: {url: https://evil.example}}
routes: [{id: moved, match: GET /moved, legacy: reports}]
"""

    put_in_store(tmp_path, compile_table(read(text), 4))
    status = call()["statusCode"]

    assert (status, json.loads(lines[-1])["table_version"]) == (201, 3)
    assert "evil.example" in json.loads(lines[-1])["table_problem"]


def test_freeze_sends_routes_back_although_the_newest_table_is_refused(tmp_path: Path) -> None:
    live = compiled(f"moved: GET /moved live {HANDLER}", version=3)
    put_in_store(tmp_path, live)
    call, lines = handler_of(Settings(table=f"file:{tmp_path}", table_ttl_s=1e-9))
    before = call()["statusCode"]

    put_in_store(tmp_path, compiled("moved: GET /moved legacy", legacy="${NOBODY_SETS_THIS}", version=4), "moving")
    frozen = call()

    assert before == 201
    assert own_answer(frozen) == (502, "legacy_unreachable")  # there is no legacy here, but it was asked
    assert json.loads(lines[-1])["reason"] == "frozen"


def test_retired_route_is_gone_and_says_so(make_function: MakeFunction) -> None:
    with RawLegacy(say(TYPED)) as server:
        function = make_function(compiled(f"old: GET /old retired {HANDLER}"), server.origin)

        result = function(function_url(path="/old"))

    assert own_answer(result) == (410, "retired")
    assert (function.records[-1]["side"], server.requests) == ("proxy", [])


def test_route_with_a_legacy_of_its_own_is_forwarded_there(make_function: MakeFunction) -> None:
    with RawLegacy(say(TYPED)) as usual, RawLegacy(say(TYPED)) as reports:
        text = f"""
version: 1
backends: {{reports: {{url: '{reports.origin}'}}}}
routes: [{{id: r, match: GET /reports, legacy: reports}}]
"""
        function = make_function(compile_table(read(text), 1), usual.origin)

        statuses = [function(function_url(path=path))["statusCode"] for path in ("/reports", "/other")]

    assert statuses == [200, 200]
    assert [len(usual.requests), len(reports.requests)] == [1, 1]


def test_route_without_retries_is_not_sent_again(make_function: MakeFunction) -> None:
    text = "version: 1\nroutes: [{id: r, match: GET /once, retries: 0}, {id: s, match: GET /thrice, retries: 2}]"
    with RawLegacy(close()) as server:
        function = make_function(compile_table(read(text), 1), server.origin)

        counts = []
        for path in ("/once", "/usual", "/thrice"):
            before = len(server.requests)
            assert function(function_url(path=path))["statusCode"] == 502
            counts.append(len(server.requests) - before)

    assert counts == [1, 2, 3]
