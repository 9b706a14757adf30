"""The body of an event <-> bytes, the same in every dialect."""

from binascii import Error as Base64Error

from pybase64 import b64decode, b64encode_as_string

from proxy.errors import BadRequest


def decode(body: object, is_base64: object) -> bytes:
    """Return the octets that the client sent. Raises BadRequest for what no front door would deliver."""
    if not body:
        return b""
    if not isinstance(body, str):
        raise BadRequest("bad_body", "the body is not text")
    try:
        # validate: without it, b64decode silently skips characters, and a damaged body would be forwarded as good.
        return b64decode(body, validate=True) if is_base64 else body.encode()
    except (Base64Error, ValueError) as exc:  # UnicodeEncodeError (a lone surrogate) is a ValueError
        raise BadRequest("bad_body", "the body is not valid base64 or UTF-8") from exc


def encode(body: bytes) -> tuple[str, bool]:
    """Return (text, isBase64Encoded): base64 for every body that has bytes.

    Text would be shorter, but Python 3.12's runtime fails on lone surrogates, and charsets would have to be guessed.
    """
    return (b64encode_as_string(body), True) if body else ("", False)
