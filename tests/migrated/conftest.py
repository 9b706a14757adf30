"""The migrated tables in moto, and events as a front door would send them."""

import base64
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import pytest
from moto import mock_aws

from migrated.dynamodb import client
from proxy.dev import seed_tables

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

HOST = "shop.example:8080"
# What an HTTP API hands over as text; anything else comes as base64.
_TEXT_TYPES = ("text/", "application/json", "application/xml", "application/javascript")

Event = dict[str, Any]  # Any: an event is JSON
Handler = Callable[[Event, Any], dict[str, Any]]  # Any: as Lambda calls it


@dataclass(frozen=True)
class Ask:
    """Sends one request to a migrated handler and returns the whole result."""

    domain: str

    def __call__(
        self, handler: Handler, method: str, target: str, body: bytes = b"", content_type: str = "application/json"
    ) -> dict[str, Any]:
        return handler(self.event(method, target, body, content_type), None)

    def event(self, method: str, target: str, body: bytes, content_type: str) -> Event:
        """Return a request in payload format 2.0, its path decoded as an HTTP API does, or raw as a function URL's."""
        path, _, query = target.partition("?")
        is_text = content_type.startswith(_TEXT_TYPES)
        try:
            content = body.decode() if is_text else base64.b64encode(body).decode()
        except UnicodeDecodeError:
            is_text, content = False, base64.b64encode(body).decode()
        event: Event = {
            "version": "2.0",
            "routeKey": "$default",
            "rawPath": path if ".lambda-url." in self.domain else unquote(path),
            "rawQueryString": query,
            "headers": {"host": HOST, "content-type": content_type, "x-forwarded-proto": "https"},
            "requestContext": {
                "domainName": self.domain,
                "http": {"method": method, "path": unquote(path), "protocol": "HTTP/1.1", "sourceIp": "203.0.113.24"},
                "requestId": "EXTIDexample=",
                "stage": "$default",
            },
            "isBase64Encoded": not is_text,
        }
        return {**event, "body": content} if body else event


@pytest.fixture
def domain() -> str:
    """The domain of an HTTP API; a test that sets another gets the events of another front door."""
    return "h1h2h3h4h5.execute-api.eu-west-1.amazonaws.com"


@pytest.fixture
def ask(domain: str) -> Ask:
    """A client of the front door at the domain."""
    return Ask(domain)


@pytest.fixture
def dynamodb(monkeypatch: pytest.MonkeyPatch) -> Iterator["DynamoDBClient"]:
    """The handlers' own client, on a DynamoDB without tables."""
    variables: Mapping[str, str] = {
        "AWS_ACCESS_KEY_ID": "none",
        "AWS_SECRET_ACCESS_KEY": "none",
        "AWS_DEFAULT_REGION": "eu-west-1",
    }
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    for name in ("CUSTOMERS_TABLE", "ORDERS_TABLE", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_DYNAMODB", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    client.cache_clear()
    with mock_aws():
        yield client()
    client.cache_clear()


@pytest.fixture
def tables(dynamodb: "DynamoDBClient") -> "DynamoDBClient":
    """The tables with the seed in them."""
    seed_tables.create_tables(dynamodb)
    seed_tables.seed(dynamodb)
    return dynamodb
