"""What a person reads of a record."""

from typing import Any

import pytest

from proxy.dev.record_lines import in_words, place_in, record_in
from proxy.dev.terminal import Terminal

EXCHANGE: dict[str, Any] = {  # Any: JSON
    "location": "proxy.observe",
    "message": "exchange",
    "method": "GET",
    "route": "books.read",
    "side": "legacy",
    "status": 200,
    "code": "",
    "latency": 6.4,
    "table_version": 2,
}
COMPARISON: dict[str, Any] = {  # Any: the same
    "location": "proxy.observe",
    "message": "comparison",
    "route": "books.read",
    "shadow": "migrated",
    "outcome": "different",
    "why": "",
    "paths": ["value $.title"],
    "shadow_ms": 67.44,
}
FAILED = {"outcome": "candidate_failed", "why": "migrated_failed", "paths": []}


@pytest.mark.parametrize(
    ("record", "line"),
    [
        (EXCHANGE, "200 GET    books.read ← legacy 6.4 ms"),
        ({**EXCHANGE, "route": "unlisted", "path": "/search"}, "200 GET    unlisted /search ← legacy 6.4 ms"),
        ({**EXCHANGE, "code": "migrated_failed", "status": 502},
         "502 GET    books.read ← legacy 6.4 ms migrated_failed"),
        ({**EXCHANGE, "fallback": "migrated_timeout"},
         "200 GET    books.read ← legacy 6.4 ms, in place of migrated (migrated_timeout)"),
        (COMPARISON, "  ≠ books.read ⇠ migrated 67.4 ms, different: value $.title"),
        ({**COMPARISON, "outcome": "equal", "paths": []}, "  = books.read ⇠ migrated 67.4 ms, equal"),
        ({**COMPARISON, **FAILED}, "  ≠ books.read ⇠ migrated 67.4 ms, handler failed: migrated_failed"),
        ({**COMPARISON, "outcome": "comparator_failed", "paths": [], "why": "KeyError"},
         "  ? books.read ⇠ migrated 67.4 ms, comparator failed: KeyError"),
    ],
)  # fmt: skip
def test_record_is_one_line(record: dict[str, Any], line: str) -> None:
    assert in_words(record) == line


@pytest.mark.parametrize("record", [{**EXCHANGE, "status": 502}, {**COMPARISON, **FAILED}])
def test_exception_is_told_below_with_its_text_and_place(record: dict[str, Any]) -> None:
    failed = {**record, "exception_name": "KeyError", "exception": "'id'", "stack_trace": "/elsewhere/api.py:2 handler"}

    assert in_words(failed).splitlines()[1:] == ["    KeyError: 'id'", "    at /elsewhere/api.py:2 handler"]


def frame(path: str) -> str:
    """Return a frame of a module of the proxy."""
    return f"{__file__.rpartition('/tests/')[0]}/proxy/{path}"


HTTPX = "/home/a/.venv/lib/python3.11/site-packages/httpx/_transports/default.py:101 map_httpcore_exceptions"
FROZEN = "<frozen importlib._bootstrap>:1206 _gcd_import"
HANDLER = "/home/a/migrated/books/api.py:2 handler"


@pytest.mark.parametrize(
    ("frames", "place"),
    [
        ([HANDLER, frame("backends/migrated.py:50 <lambda>")], "migrated/books/api.py:2 handler"),
        ([HTTPX, HTTPX, frame("backends/a.py:9 send"), frame("app.py:1 handle")], frame("backends/a.py:9 send")),
        ([FROZEN, frame("backends/migrated.py:99 _load")], frame("backends/migrated.py:99 _load")),
        ([HTTPX, HANDLER], "migrated/books/api.py:2 handler"),
        ([HTTPX], HTTPX.removeprefix("/home/a/")),
    ],
)  # fmt: skip
def test_place_is_where_a_person_has_written_something(frames: list[str], place: str) -> None:
    """Four frames of a client's library in front of it hide the cause."""
    assert place_in(" < ".join(frames), "/home/a") == place


@pytest.mark.parametrize("line", ["{", "[]", '{"message": "exchange", "location": "shop"}'])
def test_line_that_is_no_record_of_the_proxy_is_none(line: str) -> None:
    assert record_in(line) is None


def test_table_that_functions_cannot_use_is_told_once(capsys: pytest.CaptureFixture[str]) -> None:
    """Else `fig dev` says that a version is published, and nothing changes."""
    terminal = Terminal("text")
    lines = [
        '{"location":"proxy.observe","message":"exchange","method":"GET","route":"a","side":"legacy","status":200,'
        f'"code":"","latency":1.0,"table_version":{version},"table_problem":"legacy: got no value"}}'
        for version in (2, 2, 2, 4)
    ]

    for line in lines:
        terminal.output("worker-1", line)

    told = [line for line in capsys.readouterr().out.splitlines() if line.startswith("fig |")]
    assert told == [
        "fig | functions cannot use the newest table: legacy: got no value",
        "fig | version 2 stays in force there",
        "fig | functions cannot use the newest table: legacy: got no value",
        "fig | version 4 stays in force there",
    ]
