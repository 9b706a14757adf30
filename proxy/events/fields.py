"""Checks and small repairs that every codec needs: paths, queries, header names and values."""

import re
from urllib.parse import quote

from proxy.errors import BadRequest
from proxy.message import Pair

# RFC 3986, 3.3: what a path may hold without an escape. "%" is not in it: in a decoded path it is a character.
_SAFE_IN_DECODED_PATH = "/:@!$&'()*+,;=-._~"
_PLAIN_PATH = re.compile(r"/[A-Za-z0-9/:@!$&'()*+,;=._~-]*").fullmatch
_VISIBLE = re.compile(r"[\x21-\x7e]*").fullmatch
_CONTROL = re.compile(r"[\x00-\x1f\x7f]").search
_UNDECODABLE = re.compile("[\ufffd\ud800-\udfff]").search
# RFC 9110, 5.6.2: token.
_TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+").fullmatch
_BREAKS_A_LINE = re.compile(r"[\x00\r\n]").search
_BEYOND_LATIN_1 = re.compile(r"[^\x00-\xff]").search


def path_from_decoded(path: str) -> str:
    """Return a path that its front door has percent-decoded, encoded again: UTF-8, upper-case hex.

    What the decoding lost (%2F against "/") stays lost. Raises BadRequest for control characters and for bytes that
    were no UTF-8, which would reach legacy as other bytes than the client sent.
    """
    if _PLAIN_PATH(path):
        return path
    _refuse_unusable(path)
    if _UNDECODABLE(path):
        raise BadRequest("bad_path", "the path is not valid UTF-8")
    return quote(path, safe=_SAFE_IN_DECODED_PATH)


def path_from_raw(path: str) -> str:
    """Return a path that its front door has left encoded, as it is but for octets that no request line may hold."""
    if not path:
        return "/"
    _refuse_unusable(path)
    return path if _VISIBLE(path) else _escape_invisible(path)


def query_from_raw(query: str) -> str:
    """Return a raw query as it is but for octets that no request line may hold, which are percent-encoded."""
    return query if _VISIBLE(query) else _escape_invisible(query)


def without_stage(path: str, stage: object) -> str:
    """Return a path without the stage that an HTTP API puts in front of it, unless the stage is $default."""
    if not isinstance(stage, str) or stage == "$default":
        return path
    prefix = "/" + stage
    # "/production" does not start with the stage "prod": only a whole segment is the stage.
    if path == prefix:
        return "/"
    return path[len(prefix) :] if path.startswith(prefix + "/") else path


def is_decodable(text: str) -> bool:
    """Whether decoded text still says which bytes it came from: no U+FFFD and no lone surrogate stands in for one."""
    return not _UNDECODABLE(text)


def text(value: object, code: str) -> str:
    """Return a field of an event, "" when it is absent. Raises BadRequest with that code when it is not text."""
    if value is None:
        return ""
    if not isinstance(value, str):
        raise BadRequest(code, "a field of the event is not text")
    return value


def method_checked(method: object) -> str:
    """Return a method that is a token, in the client's case. Raises BadRequest for anything else."""
    if not isinstance(method, str) or not _TOKEN(method):
        raise BadRequest("bad_method", "the method is not a token")
    return method


def header_pair(name: object, value: object) -> Pair:
    """Return one header as bytes, without white space around the value.

    Values are Latin-1 where they fit, else UTF-8. Raises BadRequest for a name that is no token and for CR, LF or NUL.
    """
    if not isinstance(name, str) or not isinstance(value, str):
        raise BadRequest("bad_header", "a header is not text")
    known = _names.get(name) or _learn(name)
    # Nearly every value is printable ASCII, which holds none of the characters below.
    if value.isascii() and value.isprintable():
        return known, value.strip(" ").encode("ascii")
    if _BREAKS_A_LINE(value):
        raise BadRequest("bad_header", "a header's value holds CR, LF or NUL")
    encoding = "utf-8" if _BEYOND_LATIN_1(value) else "latin-1"
    return known, value.strip(" \t").encode(encoding, "replace")


# The same few names come with every request; checking one costs more than looking it up. Bounded: names are a client's.
_MAX_NAMES = 1000
_names: dict[str, bytes] = {}


def _learn(name: str) -> bytes:
    if not _TOKEN(name):
        raise BadRequest("bad_header", "a header's name is not a token")
    known = name.encode("ascii")
    if len(_names) < _MAX_NAMES:
        _names[name] = known
    return known


def _refuse_unusable(path: str) -> None:
    # Not starting with "/" is an absolute form, "*", or "@host": anything that could name another host.
    if not path.startswith("/"):
        raise BadRequest("bad_path", "the path does not start with a slash")
    if _CONTROL(path):
        raise BadRequest("bad_path", "the path holds a control character")


def _escape_invisible(text: str) -> str:
    try:
        raw = text.encode()
    except UnicodeEncodeError as exc:
        raise BadRequest("bad_path", "the request target is not valid Unicode") from exc
    return "".join(chr(octet) if 0x21 <= octet <= 0x7E else f"%{octet:02X}" for octet in raw)
