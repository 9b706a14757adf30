"""Which front door an event is from, of all that Lambda may be invoked with."""

from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from proxy.errors import FigError, NotAnHttpEvent
from proxy.events.codec import (
    ALB,
    ALB_SINGLE,
    FUNCTION_URL,
    HTTP_API,
    HTTP_API_V1,
    REST_API,
    WEBSOCKET,
    Codec,
    codec_of,
)
from proxy.message import Request
from tests.samples import URL_HOST, captured

RECORDED = {
    "rest_api": REST_API,
    "rest_api_custom_domain": REST_API,
    "rest_api_double_slash": REST_API,
    "rest_api_root": REST_API,
    "http_api_v1": HTTP_API_V1,
    "http_api_v2": HTTP_API,
    "http_api_v2_form_b64": HTTP_API,
    "function_url": FUNCTION_URL,
    "function_url_get_minimal": FUNCTION_URL,
    "load_balancer": ALB,
    "load_balancer_single": ALB_SINGLE,
    "load_balancer_health": ALB_SINGLE,
    "websocket_connect": WEBSOCKET,
    "websocket_message": WEBSOCKET,
    "websocket_disconnect": WEBSOCKET,
}
HTTP = {"method": "GET", "path": "/"}
ELB = {"elb": {"targetGroupArn": "arn"}}


@pytest.mark.parametrize(("name", "codec"), RECORDED.items(), ids=list(RECORDED))
def test_recorded_event_finds_its_codec(name: str, codec: Codec) -> None:
    assert codec_of(captured(name)) is codec


@pytest.mark.parametrize(
    ("event", "codec"),
    [
        pytest.param(
            {
                "requestContext": {"connectionId": "Ke=", "eventType": "CONNECT", **ELB},
                "multiValueHeaders": {},
                "resource": "/",
                "httpMethod": "GET",
            },
            WEBSOCKET,
            id="websocket-before-all",
        ),
        pytest.param({"requestContext": ELB, "version": "2.0", "multiValueHeaders": {}}, ALB, id="alb-before-version"),
        pytest.param({"requestContext": ELB, "multiValueHeaders": None}, ALB, id="alb-mode-by-the-key-alone"),
        pytest.param({"requestContext": ELB, "headers": None}, ALB_SINGLE, id="alb-single-without-headers"),
        pytest.param(
            {"version": "2.0", "requestContext": {"domainName": URL_HOST, "http": HTTP}},
            FUNCTION_URL,
            id="url-by-domain",
        ),
        pytest.param(
            {"version": "2.0", "requestContext": {"domainName": "lambda-url.shop.example", "http": HTTP}},
            HTTP_API,
            id="http-api-by-any-other-domain",
        ),
        pytest.param(
            {"version": "1.0", "resource": "/", "httpMethod": "GET", "requestContext": {}},
            HTTP_API_V1,
            id="version-1-before-rest",
        ),
        pytest.param({"resource": "/", "httpMethod": "GET", "requestContext": {}}, REST_API, id="rest-has-no-version"),
        pytest.param(
            {
                "resource": "/",
                "path": "/",
                "httpMethod": "GET",
                "headers": None,
                "multiValueHeaders": None,
                "queryStringParameters": None,
                "multiValueQueryStringParameters": None,
                "requestContext": {"stage": "test-invoke-stage", "identity": {"sourceIp": "test-invoke-source-ip"}},
                "body": None,
            },
            REST_API,
            id="rest-console-test-with-null-maps",
        ),
    ],
)
def test_first_check_that_fits_wins(event: dict[str, Any], codec: Codec) -> None:
    assert codec_of(event) is codec


@pytest.mark.parametrize(
    "event",
    [
        pytest.param(None, id="null"),
        pytest.param("text", id="text"),
        pytest.param([], id="list"),
        pytest.param({}, id="case175-empty"),
        pytest.param(
            {"version": "0", "source": "aws.events", "detail-type": "Scheduled Event", "detail": {}},
            id="case175-eventbridge",
        ),
        pytest.param({"source": "serverless-plugin-warmup"}, id="case175-warm-up"),
        pytest.param({"warmer": True, "concurrency": 3}, id="case175-lambda-warmer"),
        pytest.param({"Records": [{"eventSource": "aws:sqs", "body": "x"}]}, id="sqs"),
        pytest.param({"Records": [{"Sns": {"Message": "x"}}]}, id="sns"),
        pytest.param({"requestContext": None, "resource": "/", "httpMethod": "GET"}, id="null-context"),
        pytest.param({"requestContext": {}}, id="empty-context"),
        pytest.param({"requestContext": {"elb": None}}, id="null-elb"),
        pytest.param({"requestContext": {"connectionId": "Ke="}}, id="connection-without-event-type"),
        pytest.param({"requestContext": {"connectionId": "Ke=", "eventType": ["CONNECT"]}}, id="event-type-in-a-list"),
        pytest.param({"version": 2.0, "requestContext": {"http": HTTP}}, id="version-as-a-number"),
        pytest.param({"version": "2.0", "requestContext": {"http": None}}, id="version-2-of-nothing"),
        pytest.param({"version": None, "resource": "/", "httpMethod": "GET", "requestContext": {}}, id="null-version"),
        pytest.param({"httpMethod": "GET", "path": "/", "requestContext": {}}, id="no-resource"),
    ],
)
def test_event_of_no_front_door_is_refused(event: object) -> None:
    with pytest.raises(NotAnHttpEvent):
        codec_of(event)


def test_case183_vpc_lattice_is_refused_by_name() -> None:
    with pytest.raises(NotAnHttpEvent, match="VPC Lattice") as refused:
        codec_of(captured("vpc_lattice_v2"))

    assert (refused.value.status, refused.value.code) == (400, "unsupported_event")


# JSON, with the few values that lead deep into a codec more often than chance would.
TEXT = st.one_of(
    st.text(max_size=8),
    st.sampled_from(
        ["1.0", "2.0", "GET", "/", "//a", "/a%2F", "/prod//a", "prod", "\ud800", "é", "a\r\nb", "CONNECT", "MESSAGE"]
    ),
)
SCALARS = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), TEXT)
JSON = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3), max_leaves=6
)
NAMES = st.sampled_from(["host", "Host", "X-Forwarded-For", "x-amzn-trace-id", "Content-Type", "cookie", "x y", ""])
SINGLE = st.dictionaries(NAMES | TEXT, TEXT, max_size=3) | JSON
MULTI = st.dictionaries(NAMES | TEXT, st.lists(TEXT, max_size=3), max_size=3) | JSON
CONTEXTS = (
    st.fixed_dictionaries(
        {},
        optional={
            "elb": st.just({}) | JSON,
            "http": st.fixed_dictionaries({}, optional={"method": TEXT | JSON, "path": JSON, "sourceIp": TEXT | JSON}),
            "domainName": st.sampled_from([URL_HOST, "x.execute-api.eu-west-1.amazonaws.com"]) | JSON,
            "connectionId": TEXT | JSON,
            "eventType": st.sampled_from(["CONNECT", "MESSAGE", "DISCONNECT"]) | JSON,
            "identity": st.fixed_dictionaries({}, optional={"sourceIp": TEXT | JSON}) | JSON,
            "stage": TEXT | JSON,
            "path": TEXT | JSON,
            "requestId": TEXT | JSON,
        },
    )
    | JSON
)
EVENTS = (
    st.fixed_dictionaries(
        {"requestContext": CONTEXTS},
        optional={
            "version": st.sampled_from(["1.0", "2.0"]) | JSON,
            "resource": st.just("/{proxy+}") | JSON,
            "httpMethod": TEXT | JSON,
            "method": JSON,
            "path": TEXT | JSON,
            "rawPath": TEXT | JSON,
            "rawQueryString": TEXT | JSON,
            "headers": SINGLE,
            "multiValueHeaders": MULTI,
            "queryStringParameters": SINGLE,
            "multiValueQueryStringParameters": MULTI,
            "cookies": st.lists(TEXT, max_size=3) | JSON,
            "body": TEXT | JSON,
            "isBase64Encoded": JSON,
        },
    )
    | JSON
)


@settings(max_examples=1500, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(event=EVENTS)
@example(event={"requestContext": {"connectionId": "Ke=", "eventType": {}}})
@example(event={"requestContext": ELB, "httpMethod": "GET", "queryStringParameters": {"q": "\ud800"}})
@example(event={"version": "1.0", "httpMethod": "GET", "requestContext": {}, "queryStringParameters": {"\udfff": "x"}})
def test_any_event_becomes_a_request_or_an_error_of_ours(event: Any) -> None:  # Any: JSON
    try:
        request = codec_of(event).decode(event, 0.0, None)
    except FigError:
        return

    assert isinstance(request, Request)
    assert request.path.startswith("/")
    assert request.target.isascii()
    assert request.target.isprintable()
    assert " " not in request.target
    assert len(request.headers.all(b"host")) < 2 or event["version"] == "2.0"
