"""The query of a request target, taken apart."""

from __future__ import annotations

from urllib.parse import unquote_to_bytes


def pairs(raw_query: bytes) -> list[tuple[bytes, bytes]]:
    """Names and values as the client wrote them, in order; empty pairs are left out, a bare name has an empty value."""
    found = (pair.partition(b"=") for pair in raw_query.split(b"&") if pair)
    return [(name, value) for name, _, value in found]


def form_decoded(value: bytes) -> str:
    """The text of a name or a value: "+" and %20 are spaces, bytes that are not UTF-8 become U+FFFD.

    What AWS makes of such bytes is unverified.
    """
    return unquote_to_bytes(value.replace(b"+", b" ")).decode("utf-8", "replace")
