"""Media types in Content-Type and Accept, and the list of those that a REST API treats as binary."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def first(value: bytes) -> bytes:
    """The first media type of a field value, in lower case and without parameters."""
    return value.partition(b",")[0].partition(b";")[0].strip().lower()


def is_among(media_type: bytes, binary_media_types: Iterable[str]) -> bool:
    """Whether a media type, as `first` gives it, matches an API's binaryMediaTypes.

    - "*/*" matches everything, also what is no media type and what is absent: field reports say that all clients get
      binary then (in the repository aws/aws-lambda-dotnet, 2017);
    - "image/*" matches every image;
    - "*/png" matches nothing, and neither do wildcards on the client's side unless they are in the list. This and the
      rest is recorded live by localstack (tests/aws/services/apigateway/test_apigateway_lambda.py, 2025).
    """
    for entry in binary_media_types:
        known, _, subtype = entry.lower().encode("latin-1", "replace").partition(b"/")
        if known == b"*":
            if subtype == b"*":
                return True
        elif media_type == known + b"/" + subtype or (subtype == b"*" and media_type.startswith(known + b"/")):
            return True
    return False
