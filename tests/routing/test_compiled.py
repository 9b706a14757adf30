"""The bytes that are published: what they are, and which bytes are no table."""

import gc
import json
from contextlib import suppress
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.errors import TableUnreadable
from proxy.routing.compile import compile_table
from proxy.routing.compiled import FORMAT, as_version, digest_of, dump, load
from proxy.routing.table import Route
from tests.routing.tables import HANDLER, document

GOOD = compile_table(
    document(
        {"id": "read", "match": "GET,HEAD /orders/{id}", "stage": "migrated"},
        {"id": "beta", "match": "GET /orders/{id}", "stage": "canary", "percent": 5, "when": {"query": {"v": "*"}}},
        "GET /files/{path+}",
    ),
    3,
)
CONTENT = {name: value for name, value in json.loads(GOOD).items() if name in ("index", "legacy", "routes")}


def test_digest_stands_in_front_of_all_that_it_is_of() -> None:
    front, rest = GOOD[: len('{"digest":"') + 64 + len('",')], GOOD[len('{"digest":"') + 64 + len('",') :]

    assert front == b'{"digest":"%s",' % sha256(b"{" + rest).hexdigest().encode()
    assert digest_of(GOOD) == load(GOOD).digest == sha256(b"{" + rest).hexdigest()


def test_compiled_form_is_canonical_json() -> None:
    data = json.loads(GOOD)

    assert json.dumps(data, sort_keys=True, separators=(",", ":")).encode() == GOOD
    assert dump(3, CONTENT) == GOOD
    assert dump(3, dict(reversed(CONTENT.items()))) == GOOD


def test_old_content_becomes_a_new_version() -> None:
    again = as_version(GOOD, 9)

    assert load(again).version == 9
    assert {**json.loads(again), "version": 3, "digest": digest_of(GOOD)} == json.loads(GOOD)
    assert as_version(again, 3) == GOOD


@pytest.mark.parametrize("mask", [0x01, 0x20, 0x80])
def test_flipped_byte_is_noticed_wherever_it_is(mask: int) -> None:
    """No readable table: the last good one."""
    unnoticed = []
    for position in range(len(GOOD)):
        damaged = bytearray(GOOD)
        damaged[position] ^= mask
        try:
            load(bytes(damaged))
        except TableUnreadable:
            continue
        unnoticed.append(position)

    assert unnoticed == []


@given(st.integers(0, len(GOOD) - 1), st.integers(1, 255))
def test_table_with_a_flipped_byte_becomes_no_other_version(position: int, mask: int) -> None:
    damaged = bytearray(GOOD)
    damaged[position] ^= mask

    with pytest.raises(TableUnreadable):
        as_version(bytes(damaged), 4)


@given(st.integers(0, len(GOOD) - 1))
def test_truncated_table_is_noticed(length: int) -> None:
    """No readable table: the last good one."""
    with pytest.raises(TableUnreadable):
        load(GOOD[:length])


@given(st.binary(max_size=200))
def test_any_other_bytes_are_refused_with_nothing_but_table_unreadable(data: bytes) -> None:
    with pytest.raises(TableUnreadable):
        load(data)
    with pytest.raises(TableUnreadable):
        load(signed(data))


def signed(body: bytes) -> bytes:
    """Return what follows the digest with a digest that fits."""
    return b'{"digest":"%s",%s' % (sha256(b"{" + body).hexdigest().encode(), body)


def changed(**fields: Any) -> bytes:  # Any: JSON
    """Return the good table with other fields and a digest that fits; None takes a field away."""
    data = {**json.loads(GOOD), **fields}
    del data["digest"]
    return signed(json.dumps({name: value for name, value in data.items() if value is not None}).encode()[1:])


def test_table_made_by_hand_is_read_when_all_is_right() -> None:
    assert load(changed()).match("GET", "/orders/7") == Route("read", "/orders/{id}", "migrated", HANDLER)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "got 0 bytes that do not begin with a digest, expected a compiled table"),
        (b"null", "got 4 bytes that do not begin with a digest, expected a compiled table"),
        (b"\xff\xfe", "got 2 bytes that do not begin with a digest, expected a compiled table"),
        (b'{"format":2}', "got 12 bytes that do not begin with a digest, expected a compiled table"),
        (b'{"digest":"%s",' % (b"0" * 64), f"got content that its digest '{'0' * 64}' does not fit"),
        (signed(b""), "that are no JSON: "),
        (signed(b'"a":1'), "that are no JSON: "),
        (signed(b'"a":1}x'), "that are no JSON: "),
        (signed(b'"a":"\xff"}'), "that are no JSON: "),
        (signed(b'"a":' + b"[" * 100_000), "that are no JSON: RecursionError"),
        (signed(b'"a":' + b'{"a":' * 100_000), "that are no JSON: RecursionError"),
        (changed(format=FORMAT - 1), "got format 1, expected 2"),
        (changed(format=FORMAT + 1), "got format 3, expected 2"),
        (changed(format="2"), "got format '2', expected 2"),
        (changed(format=None), "got format None, expected 2"),
        (changed(routes=None, version=None), "got no routes, version, expected a compiled table"),
        (changed(index=None, legacy=None), "got no index, legacy, expected a compiled table"),
        (changed(routes=7), "that are no compiled table: "),
        (changed(routes=[7]), "that are no compiled table: "),
        (changed(routes=[{"id": "a"}]), "got routes of [1] parts, expected 4 or 5"),
        (changed(routes=[["a", "/a", "live"]]), "got routes of [3] parts, expected 4 or 5"),
        (changed(routes=[["a", "/a", "live", "", {}, {}]]), "got routes of [6] parts, expected 4 or 5"),
        (
            changed(routes=[["a", "/a", "paused", ""], ["b", "/b", "live", ""]]),
            "got stages ['paused'], expected some of ['canary', 'legacy', 'live', 'migrated', 'retired', 'shadow']",
        ),
        (changed(routes=[["a", "/a", ["live"], ""]]), "that are no compiled table: "),
        (changed(routes=[["a", "/a", "live", "", {"percent": 5.0, "mirror": 1}]]), "got fields ['mirror'] of routes, "),
        (changed(routes=[["a", "/a", "live", "", {"id": "b"}]]), "got fields ['id'] of routes, "),
        (changed(routes=[["a", "/a", "live", "", 7]]), "that are no compiled table: "),
        (changed(legacy=[]), "that are no compiled table: "),
        (changed(legacy={"": {"url": "http://127.0.0.1", "speed": 1}}), "that are no compiled table: "),
        (changed(index=[]), "that are no compiled table: "),
        (changed(index={"GET": {"x+": {}}}), "that are no compiled table: "),
    ],
)
def test_bytes_that_are_no_table_for_this_function_are_refused(data: bytes, says: str) -> None:
    """No readable table: the last good one, so that nothing but TableUnreadable may come out of reading one."""
    with pytest.raises(TableUnreadable) as refused:
        load(data)

    assert str(refused.value).startswith("table: ")
    assert says in str(refused.value)


@pytest.mark.parametrize("data", [b"", signed(b'"a":1'), signed(b'"a":' + b"[" * 100_000), changed(routes=None)])
def test_only_a_table_becomes_another_version(data: bytes) -> None:
    with pytest.raises(TableUnreadable):
        as_version(data, 4)


@pytest.mark.parametrize("data", [GOOD, signed(b'"a":1')])
def test_collector_is_left_as_it_was(data: bytes) -> None:
    was_enabled = gc.isenabled()
    try:
        for enabled in (True, False):
            (gc.enable if enabled else gc.disable)()
            with suppress(TableUnreadable):
                load(data)
            assert gc.isenabled() == enabled
    finally:
        (gc.enable if was_enabled else gc.disable)()
