"""What an answer's body says: the bytes under its gzip, and the JSON in them.

Read for comparing only: what goes to the client is never touched. Everything is bounded, for legacy's answers hold
what clients have put there.
"""

import json
import math
import zlib
from typing import Any, Final

from proxy.message import Headers

# A front door carries 6 MB at most, so what unpacks to more than this is rare, or a bomb.
MAX_UNPACKED_BYTES = 8_000_000
# Ten times what JSON of APIs has; far below what recursion bears (1000 frames, a few of them for each level).
MAX_DEPTH = 100
# Empty lists take 3 bytes each in a body, and 64 and more in memory. Five megabytes of usual JSON hold fewer values;
# comparing two bodies of so many takes 170 MB and a second or two.
MAX_CONTAINERS = 100_000
MAX_VALUES = 400_000

# RFC 1952, 2.2: one gzip member may follow the other. Each copies what is left.
_MOST_MEMBERS = 64

NOT_JSON: Final = object()
# Not in RFC 8259, but Python and others write them. One object each, so that NaN is the same as NaN.
_CONSTANTS = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}


def coding(headers: Headers) -> bytes:
    """Return how a body is encoded, in lower case: b"gzip", b"br", b"gzip,br"; b"" if it is not."""
    # RFC 9110, 8.4.1.3: x-gzip is another name of gzip. 12.5.3: identity says that there is none.
    names = [name.strip().lower() for value in headers.all(b"content-encoding") for name in value.split(b",")]
    return b",".join(b"gzip" if name == b"x-gzip" else name for name in names if name not in (b"", b"identity"))


def unpacked(headers: Headers, body: bytes) -> bytes:
    """Return a body without its gzip; as it is under other encodings, when broken, or beyond 8 MB unpacked."""
    if coding(headers) != b"gzip" or not body:
        return body
    parts: list[bytes] = []
    room, rest = MAX_UNPACKED_BYTES, body
    for _ in range(_MOST_MEMBERS):
        inflater = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
        try:
            part = inflater.decompress(rest, room + 1)
        except zlib.error:
            return body
        room -= len(part)
        if room < 0 or not inflater.eof:
            return body
        parts.append(part)
        rest = inflater.unused_data
        if not rest:
            return b"".join(parts)
    return body


def is_json(headers: Headers) -> bool:
    """Tell whether the media type is application/json or ends in +json (RFC 6839, 3.1); its parameters say nothing."""
    media_type = (headers.get(b"content-type") or b"").partition(b";")[0].strip().lower()
    return media_type == b"application/json" or media_type.endswith(b"+json")


def parsed(body: bytes) -> Any:  # Any: JSON
    """Return the JSON value in a body; NOT_JSON if there is none, or one that is too deep or too large to compare.

    - UTF-8, or UTF-16 and UTF-32, which older standards allowed; a byte order mark is no difference. A charset is not
      asked for: JSON has none (RFC 8259, 11), and clients do not look at it either.
    - Of members with one name the last counts, as in most parsers (RFC 8259, 4 leaves it open).
    - Numbers with a point or an exponent are doubles, as clients read them; whole ones are exact, to 4300 digits. One
      too large for a double is a text of its own: two clients may read it as two things.
    - NaN and Infinity are numbers. Half a surrogate pair is a character.
    """
    if body.count(b"[") + body.count(b"{") > MAX_CONTAINERS or body.count(b",") > MAX_VALUES:
        return NOT_JSON
    try:
        value = json.loads(body, parse_float=_number, parse_constant=_CONSTANTS.__getitem__)
    except (ValueError, RecursionError):
        return NOT_JSON
    return NOT_JSON if _is_deep(value) else value


def _number(text: str) -> float | str:
    number = float(text)
    return number if -math.inf < number < math.inf else f"{text} (too large for a double)"


def _is_deep(value: object) -> bool:
    level = [value]
    for _ in range(MAX_DEPTH + 1):
        level = [
            inner
            for outer in level
            for inner in (outer.values() if isinstance(outer, dict) else outer if isinstance(outer, list) else ())
            if isinstance(inner, dict | list)
        ]
        if not level:
            return False
    return True
