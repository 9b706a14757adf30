"""What a function may return in payload format 1.0, and what the client of a REST API gets for it."""

import json

import pytest

from proxy.dev.front_doors import ClientAnswer
from proxy.dev.front_doors.result import MalformedResult, UndecodableBody
from proxy.dev.front_doors.result_v1 import parse

JSON_TYPE = (b"content-type", b"application/json")


@pytest.mark.parametrize(
    ("payload", "answer"),
    [
        pytest.param(
            '{"statusCode":200,"multiValueHeaders":{"Content-Type":["text/html"]},"body":"<p>λ</p>"}',
            ClientAnswer(200, ((b"Content-Type", b"text/html"),), "<p>λ</p>".encode()),
            id="text",
        ),
        pytest.param('{"statusCode":204}', ClientAnswer(204, (JSON_TYPE,)), id="status alone"),
        pytest.param('{"statusCode":"201"}', ClientAnswer(201, (JSON_TYPE,)), id="status as text"),
        pytest.param('{"headers":{"a":"b"}}', ClientAnswer(200, ((b"a", b"b"), JSON_TYPE)), id="headers alone"),
        pytest.param('{"body":"abc"}', ClientAnswer(200, (JSON_TYPE,), b"abc"), id="body alone"),
        pytest.param('{"statusCode":200,"headers":null}', ClientAnswer(200, (JSON_TYPE,)), id="headers: null"),
        pytest.param(
            '{"statusCode":null,"headers":null,"multiValueHeaders":null,"body":null,"isBase64Encoded":null}',
            ClientAnswer(200, (JSON_TYPE,)),
            id="nulls are as good as absent",
        ),
        pytest.param(
            '{"headers":{"X-T":true,"X-F":false,"X-N":1,"X-S":" pad\\t"},"multiValueHeaders":{"X-M":[true,"b",2.5]}}',
            ClientAnswer(
                200,
                (
                    (b"X-M", b"true"),
                    (b"X-M", b"b"),
                    (b"X-M", b"2.5"),
                    (b"X-T", b"true"),
                    (b"X-F", b"false"),
                    (b"X-N", b"1"),
                    (b"X-S", b"pad"),
                    JSON_TYPE,
                ),
            ),
            id="booleans and numbers become text, padding goes",
        ),
        pytest.param(
            '{"headers":{"test-multi":"solo","x":"y"},"multiValueHeaders":{"tesT-Multi":["multi"],"a":["1","2"]}}',
            ClientAnswer(
                200,
                (
                    (b"tesT-Multi", b"multi"),
                    (b"a", b"1"),
                    (b"a", b"2"),
                    (b"tesT-Multi", b"solo"),
                    (b"x", b"y"),
                    JSON_TYPE,
                ),
            ),
            id="both maps count, and the spelling of the lists",
        ),
        pytest.param('{"multiValueHeaders":{"x-empty":[]}}', ClientAnswer(200, (JSON_TYPE,)), id="a list may be empty"),
        pytest.param(
            '{"body":"//79","isBase64Encoded":true,"headers":{"content-type":"image/png"}}',
            ClientAnswer(200, ((b"content-type", b"image/png"),), b"\xff\xfe\xfd"),
            id="base64",
        ),
        pytest.param(
            json.dumps(
                {
                    "headers": dict.fromkeys(
                        (
                            "Authorization",
                            "Connection",
                            "Content-Length",
                            "Content-MD5",
                            "Date",
                            "Max-Forwards",
                            "Server",
                            "User-Agent",
                            "www-authenticate",
                        ),
                        "x",
                    )
                }
            ),
            ClientAnswer(
                200,
                (
                    (b"x-amzn-Remapped-Authorization", b"x"),
                    (b"x-amzn-Remapped-Connection", b"x"),
                    (b"x-amzn-Remapped-Content-Length", b"x"),
                    (b"x-amzn-Remapped-Content-MD5", b"x"),
                    (b"x-amzn-Remapped-Date", b"x"),
                    (b"x-amzn-Remapped-Max-Forwards", b"x"),
                    (b"x-amzn-Remapped-Server", b"x"),
                    (b"x-amzn-Remapped-User-Agent", b"x"),
                    (b"x-amzn-Remapped-www-authenticate", b"x"),
                    JSON_TYPE,
                ),
            ),
            id="renamed",
        ),
        pytest.param(
            json.dumps(
                {
                    "headers": dict.fromkeys(
                        (
                            "Expect",
                            "Host",
                            "Keep-Alive",
                            "Proxy-Authenticate",
                            "TE",
                            "Trailer",
                            "Transfer-Encoding",
                            "Upgrade",
                            "Via",
                            "X-Kept",
                        ),
                        "x",
                    )
                }
            ),
            ClientAnswer(200, ((b"X-Kept", b"x"), JSON_TYPE)),
            id="dropped",
        ),
    ],
)
def test_result_gives_answer(payload: str, answer: ClientAnswer) -> None:
    assert parse(payload.encode(), is_binary=True) == answer


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"{",
        b"\xff",
        b"NaN",
        b"null",
        b"[]",
        b"42",
        b'"justAString"',
        b"{}",
        *(
            json.dumps(result).encode()
            for result in (
                {"statusCode": 200, "wrongValue": "value"},
                {"statusCode": 200, "cookies": []},
                {"statusCode": 200, "statusDescription": "200 OK"},
                {"statusCode": "test"},
                {"statusCode": True},
                {"statusCode": 200.5},
                {"statusCode": 101},
                {"statusCode": 600},
                {"statusCode": 200, "headers": ["a"]},
                {"statusCode": 200, "headers": {"a": ["1"]}},
                {"statusCode": 200, "headers": {"a": None}},
                {"statusCode": 200, "headers": {"a b": "1"}},
                {"statusCode": 200, "headers": {"a": "1\r\nInjected: 1"}},
                {"statusCode": 200, "headers": {"Via": "1\r\nInjected: 1"}},
                {"statusCode": 200, "headers": {"Date": "1\n"}},
                {"statusCode": 200, "multiValueHeaders": ["a"]},
                {"statusCode": 200, "multiValueHeaders": {"a": "1"}},
                {"statusCode": 200, "multiValueHeaders": {"a": None}},
                {"statusCode": 200, "multiValueHeaders": {"a": [None]}},
                {"statusCode": 200, "multiValueHeaders": {"a": [["1"]]}},
                {"statusCode": 200, "body": {"a": 1}},
                {"statusCode": 200, "body": 1},
                {"statusCode": 200, "body": "\ud800"},
                {"statusCode": 200, "body": "YQ==", "isBase64Encoded": "true"},
            )
        ),
    ],
    ids=lambda payload: payload[:60].decode("latin-1"),
)
def test_result_in_the_wrong_format_is_refused(payload: bytes) -> None:
    with pytest.raises(MalformedResult) as caught:
        parse(payload, is_binary=True)

    assert not isinstance(caught.value, UndecodableBody)


@pytest.mark.parametrize("body", ["not base64!", "YQ", "λ"])
def test_body_that_is_no_base64_is_told_apart_and_passes_where_none_is_decoded(body: str) -> None:
    payload = json.dumps({"statusCode": 200, "body": body, "isBase64Encoded": True}).encode()

    with pytest.raises(UndecodableBody):
        parse(payload, is_binary=True)

    assert parse(payload, is_binary=False) == ClientAnswer(200, (JSON_TYPE,), body.encode())
