"""Document -> the bytes that are published."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.errors import TableUnreadable
from proxy.routing.compile import compile_table
from proxy.routing.document import read
from proxy.routing.table import load

TEXT = """
version: 1
legacy: {url: "${LEGACY_URL}", timeout: 1500ms}
routes:
  - {id: orders.read, match: "GET,HEAD /orders/{id}", handler: "migrated.orders.api:handler", stage: migrated}
  - {id: orders.line, match: "GET /orders/{order}/lines/{line}", timeout: 2s}
  - {id: files, match: "GET /files/{folder}/{path+}"}
"""
GOOD = compile_table(read(TEXT), 3)


def test_compiled_table_is_canonical_json_with_everything_that_requests_need() -> None:
    data = json.loads(GOOD)

    digest = data.pop("digest")
    assert data == {
        "format": 1,
        "version": 3,
        # Stays unresolved: the function resolves it from its own environment.
        "legacy": {"url": "${LEGACY_URL}", "timeout_s": 1.5, "host": "client", "keep_alive": True},
        "routes": [
            {
                "id": "orders.read",
                "stage": "migrated",
                "template": "/orders/{id}",
                "handler": "migrated.orders.api:handler",
                "timeout_s": None,
            },
            {
                "id": "orders.line",
                "stage": "legacy",
                "template": "/orders/{order}/lines/{line}",
                "handler": "",
                "timeout_s": 2.0,
            },
            {"id": "files", "stage": "legacy", "template": "/files/{folder}/{path+}", "handler": "", "timeout_s": None},
        ],
        "index": {
            "GET": {
                "/": {
                    "orders": {"{": {".": [0, ["id"]], "/": {"lines": {"{": {".": [1, ["order", "line"]]}}}}},
                    "files": {"{": {"+": [2, ["folder", "path"]]}},
                }
            },
            "HEAD": {"/": {"orders": {"{": {".": [0, ["id"]]}}}},
        },
    }
    assert json.dumps(data | {"digest": digest}, sort_keys=True, separators=(",", ":")).encode() == GOOD


def test_same_document_gives_the_same_bytes() -> None:
    reworded = (
        TEXT.replace("1500ms", "1.5s").replace("\n  - ", "\n\n  # a comment\n  - ").replace(" stage: migrated", "")
    )
    reworded = reworded.replace('handler: "', 'stage: "migrated", handler: "')

    assert compile_table(read(TEXT), 3) == GOOD
    assert compile_table(read(reworded), 3) == GOOD


def test_another_version_is_another_table_with_another_digest() -> None:
    assert load(compile_table(read(TEXT), 4)).digest != load(GOOD).digest


@given(st.integers(0, len(GOOD) - 1), st.integers(1, 255))
def test_flipped_byte_is_noticed(position: int, mask: int) -> None:
    """No readable table: the last good one."""
    damaged = bytearray(GOOD)
    damaged[position] ^= mask

    with pytest.raises(TableUnreadable):
        load(bytes(damaged))


@given(st.integers(0, len(GOOD) - 1))
def test_truncated_table_is_noticed(length: int) -> None:
    """No readable table: the last good one."""
    with pytest.raises(TableUnreadable):
        load(GOOD[:length])
