"""Answers and random JSON for the tests of comparing."""

import json
from typing import Any

from hypothesis import strategies as st

from proxy.message import Headers
from proxy.shadow.compare import Answer, compare
from proxy.shadow.difference import Difference
from proxy.shadow.rules import Rules

Json = Any  # Any: JSON
JSON_TYPE = (b"Content-Type", b"application/json")

NUMBERS = st.integers(-3, 3) | st.integers() | st.floats(allow_nan=True)
NAMES = st.sampled_from(["id", "a", "b", "at", "x-y", "O-5001", ""]) | st.text(max_size=4)
SCALARS = st.none() | st.booleans() | NUMBERS | st.text(max_size=4)
JSON = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=5) | st.dictionaries(NAMES, inner, max_size=4), max_leaves=20
)


def answer(
    body: Json, *headers: tuple[bytes, bytes], status: int = 200, media_type: bytes = b"application/json"
) -> Answer:
    """Return an answer whose body is JSON, whatever its type says."""
    return Answer(status, Headers(((b"Content-Type", media_type), *headers)), json.dumps(body).encode())


def differences(control: Json, candidate: Json, **rules: Json) -> list[Difference]:
    """Return the differences of two JSON bodies."""
    return compare(Rules.of(rules), answer(control), answer(candidate))


def sides(found: list[Difference]) -> list[tuple[str, str, object, object]]:
    """Return kinds, paths and both values."""
    return [(difference.kind, difference.path, difference.control, difference.candidate) for difference in found]


def outline(found: list[Difference]) -> list[tuple[str, str]]:
    """Return kinds and paths alone."""
    return [(difference.kind, difference.path) for difference in found]
