"""What a function may return in payload format 2.0, and what the client gets for it."""

import json

import pytest

from proxy.dev.front_doors import ClientAnswer
from proxy.dev.front_doors.exchange import framed
from proxy.dev.front_doors.result import MalformedResult
from proxy.dev.front_doors.result_v2 import parse

JSON_TYPE = (b"content-type", b"application/json")


@pytest.mark.parametrize(
    ("payload", "answer"),
    [
        pytest.param(
            '{"statusCode":200,"headers":{"Content-Type":"text/html"},"body":"<p>λ</p>"}',
            ClientAnswer(200, ((b"Content-Type", b"text/html"),), "<p>λ</p>".encode()),
            id="text",
        ),
        pytest.param('{"statusCode":204}', ClientAnswer(204, (JSON_TYPE,)), id="status alone"),
        pytest.param('{"statusCode":"404"}', ClientAnswer(404, (JSON_TYPE,)), id="status as text"),
        pytest.param(
            '{"statusCode":200,"headers":null,"cookies":null,"body":null,"isBase64Encoded":null}',
            ClientAnswer(200, (JSON_TYPE,)),
            id="nulls are as good as absent",
        ),
        pytest.param(
            '{"statusCode":200,"headers":{"X-N":1,"X-F":1.5,"X-T":true,"X-S":" pad\\t"}}',
            ClientAnswer(200, ((b"X-N", b"1"), (b"X-F", b"1.5"), (b"X-T", b"true"), (b"X-S", b"pad"), JSON_TYPE), b""),
            id="numbers and booleans become text, padding goes",
        ),
        pytest.param(
            '{"statusCode":200,"headers":{"x-u":"λ"}}',
            ClientAnswer(200, ((b"x-u", "λ".encode()), JSON_TYPE)),
            id="text beyond ASCII is UTF-8 on the wire",
        ),
        pytest.param(
            '{"statusCode":200,"cookies":["a=1; HttpOnly","a=2"],"headers":{"Set-Cookie":"b=3"}}',
            ClientAnswer(
                200,
                ((b"Set-Cookie", b"b=3"), (b"set-cookie", b"a=1; HttpOnly"), (b"set-cookie", b"a=2"), JSON_TYPE),
            ),
            id="one line for each cookie",
        ),
        pytest.param(
            '{"statusCode":200,"multiValueHeaders":{"x-a":["1","2"]},"headers":{"x-b":"3"}}',
            ClientAnswer(200, ((b"x-b", b"3"), JSON_TYPE)),
            id="multiValueHeaders is ignored",
        ),
        pytest.param(
            '{"statusCode":200,"body":"//79","isBase64Encoded":true,"headers":{"content-type":"image/png"}}',
            ClientAnswer(200, ((b"content-type", b"image/png"),), b"\xff\xfe\xfd"),
            id="base64",
        ),
        pytest.param(
            '{"statusCode":200,"headers":{"Connection":"close","Transfer-Encoding":"chunked","Content-Length":"9",'
            '"Keep-Alive":"x","Trailer":"x","TE":"x","Upgrade":"h2c","Proxy-Authenticate":"x","X-Kept":"1"}}',
            ClientAnswer(200, ((b"X-Kept", b"1"), JSON_TYPE)),
            id="framing is the server's",
        ),
        pytest.param('{"ok": true}', ClientAnswer(200, (JSON_TYPE,), b'{"ok": true}'), id="no status"),
        pytest.param("[1, 2]", ClientAnswer(200, (JSON_TYPE,), b"[1, 2]"), id="list"),
        pytest.param("null", ClientAnswer(200, (JSON_TYPE,), b"null"), id="null"),
        pytest.param("42", ClientAnswer(200, (JSON_TYPE,), b"42"), id="number"),
        pytest.param(r'"a\"b"', ClientAnswer(200, (JSON_TYPE,), b'a"b'), id="bare text is the body itself"),
    ],
)
def test_result_gives_answer(payload: str, answer: ClientAnswer) -> None:
    assert parse(payload.encode()) == answer


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"{",
        b"\xff",
        b"NaN",
        b'{"statusCode":200,"body":Infinity}',
        b"[" * 100_000,
        b'"\\ud800"',
        *(
            json.dumps(result).encode()
            for result in (
                {"statusCode": None},
                {"statusCode": True},
                {"statusCode": 200.5},
                {"statusCode": "ok"},
                {"statusCode": " 200"},
                {"statusCode": "²00"},
                {"statusCode": 0},
                {"statusCode": 101},
                {"statusCode": 600},
                {"statusCode": [200]},
                {"statusCode": 200, "headers": ["a"]},
                {"statusCode": 200, "headers": {"a": ["1"]}},
                {"statusCode": 200, "headers": {"a": None}},
                {"statusCode": 200, "headers": {"": "1"}},
                {"statusCode": 200, "headers": {"a b": "1"}},
                {"statusCode": 200, "headers": {"a:": "1"}},
                {"statusCode": 200, "headers": {"a\r\nb": "1"}},
                {"statusCode": 200, "headers": {"é": "1"}},
                {"statusCode": 200, "headers": {"a": "1\r\nInjected: 1"}},
                {"statusCode": 200, "headers": {"a": "1\n"}},
                {"statusCode": 200, "headers": {"a": "1\r"}},
                {"statusCode": 200, "headers": {"a": "\x00"}},
                {"statusCode": 200, "headers": {"a": "\ud800"}},
                {"statusCode": 200, "headers": {"Connection": "close\r\nInjected: 1"}},
                {"statusCode": 200, "cookies": "a=1"},
                {"statusCode": 200, "cookies": [1]},
                {"statusCode": 200, "cookies": ["a=1\r\nInjected: 1"]},
                {"statusCode": 200, "body": {"a": 1}},
                {"statusCode": 200, "body": 1},
                {"statusCode": 200, "body": "\ud800"},
                {"statusCode": 200, "body": "not base64!", "isBase64Encoded": True},
                {"statusCode": 200, "body": "YQ", "isBase64Encoded": True},
                {"statusCode": 200, "body": "λ", "isBase64Encoded": True},
                {"statusCode": 200, "body": "YQ==", "isBase64Encoded": "true"},
            )
        ),
    ],
    ids=lambda payload: payload[:60].decode("latin-1"),
)
def test_result_in_the_wrong_format_is_refused(payload: bytes) -> None:
    with pytest.raises(MalformedResult):
        parse(payload)


@pytest.mark.parametrize(
    ("status", "method", "headers", "body"),
    [
        (200, "GET", ((b"content-length", b"3"),), b"abc"),
        (200, "HEAD", ((b"content-length", b"3"),), b""),
        (204, "GET", (), b""),
        (304, "GET", (), b""),
        (404, "HEAD", ((b"content-length", b"3"),), b""),
    ],
)
def test_server_frames_the_answer(
    status: int, method: str, headers: tuple[tuple[bytes, bytes], ...], body: bytes
) -> None:
    assert framed(ClientAnswer(status, (), b"abc"), method) == ClientAnswer(status, headers, body)
