"""What holds for every request and every result."""

import json
from dataclasses import replace
from urllib.parse import unquote_to_bytes

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proxy.dev.front_doors import FrontDoor
from proxy.dev.front_doors.headers import is_hop_by_hop, is_safe_field

from .samples import FUNCTION_URL, HTTP_API, get, post

# A busy machine is no reason to fail.
LAW = settings(deadline=None)
DOORS = pytest.mark.parametrize("door", [HTTP_API, FUNCTION_URL], ids=lambda door: door.name)

VISIBLE = st.binary(max_size=60).map(lambda raw: bytes(0x21 + byte % 0x5E for byte in raw))
TARGETS = VISIBLE.map(lambda rest: b"/" + rest)
NAMES = st.sampled_from([b"Host", b"cookie", b"Content-Type", b"X-Forwarded-For", b"TE", b"X-Amzn-Trace-Id", b"X-A"])
PAIRS = st.lists(st.tuples(NAMES | st.binary(max_size=20), st.binary(max_size=30)), max_size=8).map(tuple)
TEXT = st.text("aZ0 -:;=/+\t\r\n\v\f\0\x7f\x85éλ\ud800", max_size=8)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)
RESULTS = st.fixed_dictionaries(
    {"statusCode": st.integers(150, 650) | JSON},
    optional={
        "headers": st.dictionaries(TEXT, TEXT | JSON, max_size=3) | JSON,
        "cookies": st.lists(TEXT, max_size=3) | JSON,
        "body": TEXT | JSON,
        "isBase64Encoded": st.booleans() | JSON,
    },
)


@DOORS
@LAW
@given(target=VISIBLE, headers=PAIRS, body=st.binary(max_size=40))
def test_any_request_gives_an_event_that_is_json(
    door: FrontDoor, target: bytes, headers: tuple[tuple[bytes, bytes], ...], body: bytes
) -> None:
    request = replace(post(body), target=target, headers=headers)

    event = door.event(request)

    assert json.loads(json.dumps(event, ensure_ascii=False, allow_nan=False).encode("utf-8")) == event


@LAW
@given(target=TARGETS)
def test_function_url_loses_nothing_of_path_and_query(target: bytes) -> None:
    event = FUNCTION_URL.event(get(target))

    raw_path, raw_query = str(event["rawPath"]).encode("ascii"), str(event["rawQueryString"]).encode("ascii")
    assert target in (raw_path + b"?" + raw_query, raw_path)


@DOORS
@LAW
@given(path=VISIBLE.filter(lambda path: b"?" not in path), query=VISIBLE)
def test_raw_query_string_is_verbatim(door: FrontDoor, path: bytes, query: bytes) -> None:
    event = door.event(get(b"/" + path + b"?" + query))

    assert str(event["rawQueryString"]).encode("ascii") == query


@LAW
@given(path=st.text("a/%?λ€😀 ", max_size=20).map(str.encode))
def test_http_api_path_is_the_decoded_utf_8(path: bytes) -> None:
    escaped = b"/" + b"".join(b"%%%02X" % byte for byte in path)

    event = HTTP_API.event(get(escaped))

    assert str(event["rawPath"]).encode("utf-8") == unquote_to_bytes(escaped)


@DOORS
@LAW
@given(payload=st.binary(max_size=60) | RESULTS.map(lambda result: json.dumps(result).encode()))
def test_any_result_gives_an_answer_that_can_be_written(door: FrontDoor, payload: bytes) -> None:
    answer = door.answer(get(), payload, None)

    assert 200 <= answer.status <= 599
    assert all(is_safe_field(name, value) and value == value.strip() for name, value in answer.headers)
    assert not any(is_hop_by_hop(name) or name.lower() == b"content-length" for name, _ in answer.headers)


@DOORS
@LAW
@given(headers=PAIRS)
def test_no_header_of_a_request_reaches_the_answer_as_anything_but_a_trace_id(
    door: FrontDoor, headers: tuple[tuple[bytes, bytes], ...]
) -> None:
    request = replace(get(), headers=headers)

    answer = door.answer(request, b'{"statusCode":200}', None)

    names = {name for name, _ in answer.headers}
    assert names <= {b"content-type", b"date", b"apigw-requestid", b"x-amzn-RequestId", b"x-amzn-trace-id"}
    assert all(is_safe_field(name, value) for name, value in answer.headers)
