"""Which codec an event belongs to."""

from typing import Any

import pytest

from proxy.errors import NotAnHttpEvent
from proxy.events.codec import FUNCTION_URL, HTTP_API, Codec, codec_of
from tests.samples import captured


@pytest.mark.parametrize(
    ("name", "codec"),
    [
        ("http_api_v2", HTTP_API),
        ("http_api_v2_form_b64", HTTP_API),
        ("function_url", FUNCTION_URL),
        ("function_url_get_minimal", FUNCTION_URL),
    ],
)
def test_recorded_events_find_their_codec(name: str, codec: Codec) -> None:
    assert codec_of(captured(name)) is codec


HTTP = {"method": "GET", "path": "/"}


@pytest.mark.parametrize("domain", [None, 7, "", "api.shop.example", "lambda-url.shop.example"])
def test_payload_2_of_any_other_domain_is_an_http_apis(domain: object) -> None:
    assert codec_of({"version": "2.0", "requestContext": {"http": HTTP, "domainName": domain}}) is HTTP_API


@pytest.mark.parametrize(
    "event",
    [
        None,
        "text",
        7,
        [],
        {},
        {"source": "aws.events", "detail-type": "Scheduled Event", "detail": {}},
        {"source": "serverless-plugin-warmup"},
        {"Records": [{"eventSource": "aws:sqs", "body": "x"}]},
        {"requestContext": None},
        {"requestContext": "text"},
        {"version": 2.0, "requestContext": {"http": HTTP}},
        {"version": "2.0", "requestContext": {"http": None}},
        {"version": "2.0", "requestContext": {"serviceNetworkArn": "arn"}, "method": "GET", "path": "/"},
    ],
)
def test_event_of_no_known_front_door_is_refused(event: Any) -> None:  # Any: whatever Lambda may be invoked with
    with pytest.raises(NotAnHttpEvent):
        codec_of(event)
