"""The one DynamoDB client of this process, and what items look like on either side of it."""

import functools
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_serializer = TypeSerializer()
_deserializer = TypeDeserializer()

# DynamoDB refuses keys of more than 1024 bytes, and empty ones, with an error; here they are simply not found.
_MAX_KEY_LENGTH = 200


@functools.cache
def client() -> "DynamoDBClient":
    """Return the client, made on first use; it finds a local endpoint in AWS_ENDPOINT_URL_DYNAMODB by itself."""
    # boto3 and one client take 160 to 300 ms: the first request that needs the table pays, not the import.
    import boto3
    from botocore.config import Config

    # A table answers within milliseconds. Two short attempts leave time for a fallback before the front door gives up.
    config = Config(connect_timeout=1, read_timeout=3, retries={"total_max_attempts": 2, "mode": "standard"})
    # A session of its own: boto3's default session must not be shared between threads.
    return boto3.session.Session().client("dynamodb", config=config)


def to_item(document: Mapping[str, object]) -> dict[str, Any]:
    """Return a document as DynamoDB's typed attributes. Any: the stubs spell an attribute as a union of ten shapes."""
    return {name: _serializer.serialize(value) for name, value in document.items()}


def from_item(item: Mapping[str, Any]) -> dict[str, Any]:
    """Return typed attributes as a document; numbers are Decimal. Any: what is in it, a model has to check."""
    return {name: _deserializer.deserialize(value) for name, value in item.items()}


def can_be_key(value: str) -> bool:
    """Tell whether a client's text can be the key of anything here; all keys are short and ASCII."""
    return value.isascii() and 0 < len(value) <= _MAX_KEY_LENGTH
