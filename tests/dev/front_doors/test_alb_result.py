"""What a function may return to a load balancer, and what the client gets for it."""

import json

import pytest

from proxy.dev.front_doors import ClientAnswer
from proxy.dev.front_doors.alb_result import parse
from proxy.dev.front_doors.result import MalformedResult

UNKNOWN_TYPE = (b"content-type", b"application/octet-stream")
EMPTY = ClientAnswer(200, (UNKNOWN_TYPE,))


@pytest.mark.parametrize(
    ("result", "multi_value", "single"),
    [
        pytest.param({"statusCode": 200}, EMPTY, EMPTY, id="status alone"),
        pytest.param({"statusCode": 200, "cookies": ["a=1"]}, EMPTY, EMPTY, id="unknown keys are ignored"),
        pytest.param(
            {"statusCode": 200, "headers": {"a": "1"}, "multiValueHeaders": {"b": ["2", "3"]}},
            ClientAnswer(200, ((b"b", b"2"), (b"b", b"3"), UNKNOWN_TYPE)),
            ClientAnswer(200, ((b"a", b"1"), UNKNOWN_TYPE)),
            id="the map of the other mode is ignored",
        ),
        pytest.param(
            {"statusCode": 200, "headers": {"Set-Cookie": "a=1", "set-cookie": "b=2"}, "multiValueHeaders": {}},
            EMPTY,
            ClientAnswer(200, ((b"Set-Cookie", b"a=1"), (b"set-cookie", b"b=2"), UNKNOWN_TYPE)),
            id="spellings of one name are two names",
        ),
        pytest.param(
            {
                "statusCode": 200,
                "headers": {"content-type": "text/html"},
                "multiValueHeaders": {"content-type": ["text/html"]},
                "body": "λ",
                "isBase64Encoded": False,
            },
            ClientAnswer(200, ((b"content-type", b"text/html"),), "λ".encode()),
            ClientAnswer(200, ((b"content-type", b"text/html"),), "λ".encode()),
            id="text",
        ),
        pytest.param(
            {"statusCode": 200, "body": "//79", "isBase64Encoded": True},
            ClientAnswer(200, (UNKNOWN_TYPE,), b"\xff\xfe\xfd"),
            ClientAnswer(200, (UNKNOWN_TYPE,), b"\xff\xfe\xfd"),
            id="base64",
        ),
        pytest.param(
            {"statusCode": 200, "statusDescription": "200 Totally Fine"},
            ClientAnswer(200, (UNKNOWN_TYPE,), b"", b"Totally Fine"),
            ClientAnswer(200, (UNKNOWN_TYPE,), b"", b"Totally Fine"),
            id="reason phrase",
        ),
        pytest.param(
            {"statusCode": 299, "statusDescription": "299 "},
            ClientAnswer(299, (UNKNOWN_TYPE,), b"", b""),
            ClientAnswer(299, (UNKNOWN_TYPE,), b"", b""),
            id="empty reason phrase",
        ),
        pytest.param(
            {
                "statusCode": 200,
                "headers": dict.fromkeys(("Connection", "Transfer-Encoding", "Content-Length", "TE", "X-Kept"), "9"),
                "multiValueHeaders": {
                    name: ["9"] for name in ("Keep-Alive", "Trailer", "Upgrade", "Proxy-A", "X-Kept")
                },
            },
            ClientAnswer(200, ((b"X-Kept", b"9"), UNKNOWN_TYPE)),
            ClientAnswer(200, ((b"X-Kept", b"9"), UNKNOWN_TYPE)),
            id="framing is the server's",
        ),
    ],
)
def test_result_gives_answer_in_each_mode(
    result: dict[str, object], multi_value: ClientAnswer, single: ClientAnswer
) -> None:
    payload = json.dumps(result).encode()

    assert parse(payload, is_multi_value=True) == multi_value
    assert parse(payload, is_multi_value=False) == single


@pytest.mark.parametrize("is_multi_value", [True, False])
@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"{",
        b"null",
        b'"text"',
        b"{}",
        *(
            json.dumps(result).encode()
            for result in (
                {"body": "no status"},
                {"statusCode": None},
                {"statusCode": "200"},
                {"statusCode": True},
                {"statusCode": 200.5},
                {"statusCode": 101},
                {"statusCode": 600},
                {"statusCode": 200, "body": None},
                {"statusCode": 200, "body": {"a": 1}},
                {"statusCode": 200, "body": "not base64!", "isBase64Encoded": True},
                {"statusCode": 200, "body": "YQ==", "isBase64Encoded": None},
                {"statusCode": 200, "body": "YQ==", "isBase64Encoded": "true"},
                {"statusCode": 200, "statusDescription": None},
                {"statusCode": 200, "statusDescription": 200},
                {"statusCode": 200, "statusDescription": "OK"},
                {"statusCode": 200, "statusDescription": "404 Not Found"},
                {"statusCode": 200, "statusDescription": "200 a\r\nInjected: 1"},
                {"statusCode": 200, "statusDescription": "200 λ"},
            )
        ),
    ],
    ids=lambda payload: payload[:60].decode("latin-1") if isinstance(payload, bytes) else None,
)
def test_result_in_the_wrong_format_is_refused(payload: bytes, is_multi_value: bool) -> None:
    with pytest.raises(MalformedResult):
        parse(payload, is_multi_value=is_multi_value)


@pytest.mark.parametrize(
    ("is_multi_value", "headers"),
    [
        (True, None),
        (True, ["a"]),
        (True, {"a": "1"}),
        (True, {"a": None}),
        (True, {"a": [1]}),
        (True, {"a": [True]}),
        (True, {"a": ["1\r\nInjected: 1"]}),
        (True, {"a": ["x" * 20_000, "x" * 20_000]}),
        (False, None),
        (False, ["a"]),
        (False, {"a": ["1"]}),
        (False, {"a": None}),
        (False, {"content-length": 9}),
        (False, {"a": True}),
        (False, {"a b": "1"}),
        (False, {"a": "1\n"}),
        (False, {"Connection": "close\r\nInjected: 1"}),
    ],
)
def test_headers_in_the_wrong_format_are_refused(is_multi_value: bool, headers: object) -> None:
    payload = {"statusCode": 200, "multiValueHeaders" if is_multi_value else "headers": headers}

    with pytest.raises(MalformedResult):
        parse(json.dumps(payload).encode(), is_multi_value=is_multi_value)
