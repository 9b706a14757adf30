"""Requests and events that the tests of the front doors share."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from proxy.dev.front_doors import Alb, ClientRequest, FunctionUrl, HttpApi, RestApi

TIME = datetime(2026, 10, 16, 9, 30, 10, tzinfo=UTC)
HTTP_API_HOST = "h1h2h3h4h5.execute-api.eu-west-1.amazonaws.com"

HTTP_API = HttpApi(api_id="h1h2h3h4h5", account_id="111122223333")
FUNCTION_URL = FunctionUrl(url_id="abcdefghijklmnopqrstuvwxyz012345")
REST_API = RestApi(api_id="a1b2c3d4e5", account_id="111122223333", stage="prod")
TEXT_REST_API = replace(REST_API, binary_media_types=())
ALB = Alb(target_group_arn="arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/fig-dev/0123456789abcdef")
ALB_SINGLE = replace(ALB, is_multi_value=False)

_CAPTURED = Path(__file__).parents[2] / "captured"


def captured(name: str) -> dict[str, object]:
    """The recorded event of that name."""
    event: dict[str, object] = json.loads((_CAPTURED / f"{name}.json").read_text("utf-8"))
    return event


def canonical_request(request_id: str, host: str = HTTP_API_HOST) -> ClientRequest:
    """The one request that every recorded event encodes, sent to a door under that name."""
    data = json.loads((_CAPTURED / "canonical_request.json").read_text("utf-8"))
    return ClientRequest(
        method=data["method"],
        target=data["target"].encode("ascii"),
        headers=tuple(
            (name.encode("ascii"), host.encode("ascii") if name == "Host" else value.encode("ascii"))
            for name, value in data["headers"]
        ),
        body=data["body"].encode("utf-8"),
        source_ip="203.0.113.24",
        source_port=50123,
        protocol="HTTP/1.1",
        request_id=request_id,
        time=TIME,
        domain_name=host,
        scheme="https",
        port=443,
    )


def get(target: bytes = b"/", *headers: tuple[bytes, bytes]) -> ClientRequest:
    """A GET for api.shop.example from 203.0.113.24."""
    return ClientRequest(
        method="GET",
        target=target,
        headers=((b"Host", b"api.shop.example"), *headers),
        body=b"",
        source_ip="203.0.113.24",
        protocol="HTTP/1.1",
        request_id="JKJaXmPLvHcESHA=",
        time=TIME,
        domain_name="api.shop.example",
        scheme="https",
        port=443,
    )


def post(body: bytes, *headers: tuple[bytes, bytes]) -> ClientRequest:
    """A POST to / with that body; it announces no length unless the headers do."""
    return replace(get(b"/", *headers), method="POST", body=body)
