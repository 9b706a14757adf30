"""WebSocket API: recognised, answered here, never forwarded."""

from typing import Any

import pytest

from proxy.errors import BadRequest, NotAnHttpEvent, answer
from proxy.events.codec import WEBSOCKET, codec_of
from proxy.message import Headers, Response
from tests.samples import captured


def refused(event: dict[str, Any]) -> NotAnHttpEvent:
    with pytest.raises(NotAnHttpEvent) as caught:
        codec_of(event).decode(event, 0.0, None)
    return caught.value


@pytest.mark.parametrize(
    ("name", "result"),
    [
        pytest.param("websocket_connect", {"statusCode": 501}, id="case179-connect-is-refused"),
        pytest.param("websocket_message", {"statusCode": 200}, id="case178-message-without-headers"),
        pytest.param("websocket_disconnect", {"statusCode": 200}, id="case180-disconnect-with-blank-headers"),
    ],
)
def test_event_is_answered_with_a_status_alone(name: str, result: dict[str, Any]) -> None:
    error = refused(captured(name))

    assert WEBSOCKET.encode(answer(error, "request-1")) == result


def test_case177_no_subprotocol_is_accepted_with_a_refusal() -> None:
    """A subprotocol in the answer would be a promise of one that nobody here speaks."""
    event = captured("websocket_connect")
    assert event["headers"]["Sec-WebSocket-Protocol"] == "chat.v2, chat.v1"

    assert WEBSOCKET.encode(answer(refused(event), "request-1")) == {"statusCode": 501}


@pytest.mark.parametrize("event_type", ["CONNECT", "MESSAGE", "DISCONNECT"])
def test_event_with_no_other_field_is_no_crash(event_type: str) -> None:
    event = {"requestContext": {"connectionId": "Ke=", "eventType": event_type}}

    assert refused(event).code == "unsupported_event"


@pytest.mark.parametrize("kind", [NotAnHttpEvent("x"), BadRequest("bad_event", "x")])
def test_other_refusals_keep_their_own_status(kind: NotAnHttpEvent | BadRequest) -> None:
    """One event's status must not become the next one's."""
    refused(captured("websocket_connect"))

    assert kind.status == 400


def test_response_is_no_message_to_the_client() -> None:
    assert WEBSOCKET.encode(Response(500, Headers(((b"X", b"1"),)), b"{}")) == {"statusCode": 500}
