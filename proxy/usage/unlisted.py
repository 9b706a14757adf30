"""Under which name a path is counted that no route lists: what looks like data in it becomes {id}."""

import re
from typing import Final

OTHERS: Final = "*"
MOST: Final = 200  # different paths in one environment; the rest counts as OTHERS
_LONGEST = 8  # segments
# What names an endpoint, in nearly every API: words in lower case, and versions. Digits, UUIDs, hexadecimal, tokens,
# names with capitals, and what is percent-encoded may be anybody's.
_is_word = re.compile(r"[a-z]+(?:[._-][a-z]+)*|v[0-9]{1,3}").fullmatch
_LONGEST_WORD = 32
_is_hexadecimal = re.compile(r"[0-9a-f]{8,}").fullmatch


class UnlistedPaths:
    """Names for paths, at most MOST of them."""

    def __init__(self) -> None:
        self._seen: set[str] = set()

    def name(self, path: str) -> str:
        """Return the name of a raw path, such as "/invoices/{id}/lines"."""
        segments = path[1:].split("/")
        shape = "/" + "/".join(_shape(segment) for segment in segments[:_LONGEST])
        if len(segments) > _LONGEST:
            shape += "/…"
        if shape in self._seen:
            return shape
        if len(self._seen) >= MOST:
            return OTHERS
        self._seen.add(shape)
        return shape


def _shape(segment: str) -> str:
    if not segment or (len(segment) <= _LONGEST_WORD and _is_word(segment) and not _is_hexadecimal(segment)):
        return segment
    return "{id}"
