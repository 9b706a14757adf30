"""Under which name a path is counted that no route lists: what looks like data in it becomes {id}."""

from typing import Final

OTHERS: Final = "*"
MOST: Final = 200  # different paths in one environment; the rest counts as OTHERS
_LONGEST = 8  # segments
# What names an endpoint, in nearly every API: words in lower case, and versions. Digits, UUIDs, hexadecimal, tokens,
# names with capitals, and what is percent-encoded may be anybody's.
_LONGEST_WORD = 32
_SHORTEST_HEXADECIMAL = 8
_HEXADECIMAL = frozenset("0123456789abcdef")


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
    return segment if not segment or _is_plain(segment) else "{id}"


def _is_plain(segment: str) -> bool:
    if len(segment) > _LONGEST_WORD or not segment.isascii():
        return False
    if segment[0] == "v" and segment[1:].isdigit():
        return len(segment) <= 4  # v1, v12
    is_words = all(part.isalpha() and part.islower() for part in segment.replace(".", "-").replace("_", "-").split("-"))
    return is_words and not (len(segment) >= _SHORTEST_HEXADECIMAL and _HEXADECIMAL.issuperset(segment))
