"""What a sample shows of a difference: enough to find its cause, and nobody's data.

Values are replaced by their type, length and a hash with a key that the process made up: equal values in one sample
have equal hashes, and nobody can find a value by hashing a dictionary. Where a route shows values, those of secrets are
still hidden, and so is a whole body, of which no name tells what is in it. In links, the secrets are masked.
"""

from hashlib import blake2b
from typing import Any

from proxy.shadow.difference import HEADER_PREFIX, MISSING, STATUS_PATH, Difference
from proxy.shadow.masked import masked_text

Shown = Any  # Any: JSON

MAX_SHOWN = 120
_LEAST_KEY = 16  # bytes; a shorter key can be found by trying
_LONGEST_READ = 1000  # characters of a text that may be megabytes
_LINKS = frozenset(HEADER_PREFIX + name for name in ("location", "content-location", "link", "referer"))
_LARGEST_EXACT = 2**53  # beyond it, readers of JSON round


def redacted(difference: Difference, *, shows_values: bool, key: bytes) -> dict[str, Shown]:
    """Return a difference as JSON data for a sample: its kind, its path, and what may be shown of each side.

    A status is always shown, lists and objects only as type and size. `key` is 16 to 64 random bytes, the same for
    all of a sample. Raises ValueError for a shorter one.
    """
    if len(key) < _LEAST_KEY:
        raise ValueError(f"got a key of {len(key)} bytes, expected {_LEAST_KEY} to 64, such as secrets.token_bytes(32)")
    path = difference.path
    is_shown = path == STATUS_PATH or (shows_values and not difference.is_secret)

    def side(value: object) -> Shown:
        if isinstance(value, tuple):  # the values of a header
            return [side(each) for each in value]
        is_told = is_shown and not isinstance(value, bytes)
        return _shown(value, is_link=path in _LINKS) if is_told else _hidden(value, key)

    return {
        "kind": difference.kind,
        "path": path,
        "control": side(difference.control),
        "candidate": side(difference.candidate),
    }


def _shown(value: object, *, is_link: bool) -> Shown:
    if isinstance(value, str):
        return _one_line(masked_text(value[:_LONGEST_READ], is_link=is_link))
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int | float):
        # NaN and Infinity are no JSON, and a whole number may have thousands of digits.
        return value if abs(value) <= _LARGEST_EXACT else _one_line(repr(value))
    return _outline(value)


def _one_line(text: str) -> str:
    line = "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode("ascii")
        for character in text[: MAX_SHOWN + 1]
    )
    return line if len(line) <= MAX_SHOWN else f"{line[: MAX_SHOWN - 1]}…"


def _hidden(value: object, key: bytes) -> Shown:
    if isinstance(value, bytes):
        return {"type": "bytes", "length": len(value), "hash": _hash("bytes", value, key)}
    if isinstance(value, str):
        return {
            "type": "string",
            "length": len(value),
            "hash": _hash("string", value.encode("utf-8", "surrogatepass"), key),
        }
    if isinstance(value, bool):
        return {"type": "boolean", "hash": _hash("boolean", repr(value).encode(), key)}
    if isinstance(value, int | float):
        # 1 and 1.0 are one number.
        whole = int(value) if isinstance(value, float) and value.is_integer() else value
        return {"type": "number", "hash": _hash("number", repr(whole).encode(), key)}
    return _outline(value)


def _outline(value: object) -> Shown:
    if value is MISSING:
        return {"type": "missing"}
    if isinstance(value, list | dict):
        return {"type": "array" if isinstance(value, list) else "object", "size": len(value)}
    return {"type": "null"}


def _hash(kind: str, value: bytes, key: bytes) -> str:
    return blake2b(value, key=key, digest_size=8, person=kind.encode()).hexdigest()
