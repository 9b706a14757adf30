"""What holds for every request and every result."""

import json
from dataclasses import replace
from urllib.parse import unquote_to_bytes

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proxy.dev.front_doors import FrontDoor
from proxy.dev.front_doors.headers import is_hop_by_hop, is_safe_field

from .samples import ALB, ALB_SINGLE, FUNCTION_URL, HTTP_API, REST_API, TEXT_REST_API, get, post

# A busy machine is no reason to fail.
LAW = settings(deadline=None)
DOORS = pytest.mark.parametrize(
    "door",
    [HTTP_API, FUNCTION_URL, REST_API, pytest.param(TEXT_REST_API, id="rest-api-text"), ALB, ALB_SINGLE],
    ids=lambda door: door.name,
)
DOORS_OF_PAYLOAD_V2 = pytest.mark.parametrize("door", [HTTP_API, FUNCTION_URL], ids=lambda door: door.name)

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
        "multiValueHeaders": st.dictionaries(TEXT, st.lists(TEXT | JSON, max_size=3) | JSON, max_size=3) | JSON,
        "statusDescription": TEXT.map(lambda text: f"200 {text}") | JSON,
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


@DOORS
@LAW
@given(target=VISIBLE, headers=PAIRS, method=st.text("TRACEGOPS", max_size=8))
def test_any_head_is_taken_or_answered(
    door: FrontDoor, target: bytes, headers: tuple[tuple[bytes, bytes], ...], method: str
) -> None:
    answer = door.reject(replace(get(), target=target, headers=headers, method=method))

    assert answer is None or answer.status >= 400


@LAW
@given(target=TARGETS)
def test_function_url_loses_nothing_of_path_and_query(target: bytes) -> None:
    event = FUNCTION_URL.event(get(target))

    raw_path, raw_query = str(event["rawPath"]).encode("ascii"), str(event["rawQueryString"]).encode("ascii")
    assert target in (raw_path + b"?" + raw_query, raw_path)


@LAW
@given(target=TARGETS)
def test_rest_api_loses_nothing_of_the_path(target: bytes) -> None:
    event = REST_API.event(get(target))

    path, context = event["path"], event["requestContext"]
    assert isinstance(context, dict)
    whole = target.partition(b"?")[0].decode("ascii")
    assert context["path"] == "/prod" + whole
    assert path == "/" + whole.lstrip("/")


@LAW
@given(target=TARGETS, headers=PAIRS)
def test_alb_with_multi_value_headers_loses_nothing_of_path_values_and_repeats(
    target: bytes, headers: tuple[tuple[bytes, bytes], ...]
) -> None:
    event = ALB.event(get(target, *headers))

    path, _, query = target.partition(b"?")
    parameters, lists = event["multiValueQueryStringParameters"], event["multiValueHeaders"]
    assert isinstance(parameters, dict)
    assert isinstance(lists, dict)
    pairs = [tuple(pair.partition(b"=")[::2]) for pair in query.split(b"&") if pair]
    assert str(event["path"]).encode("ascii") == path
    for name, values in parameters.items():
        assert [value for key, value in pairs if key == name.encode("ascii")] == [value.encode() for value in values]
    assert sum(map(len, parameters.values())) == len(pairs)
    end_to_end = {name.lower() for name, _ in headers if not is_hop_by_hop(name)}
    for name in end_to_end - {b"host", b"content-length", b"x-amzn-trace-id"}:
        if not name.startswith(b"x-forwarded-"):
            sent = [value.decode("latin-1") for key, value in headers if key.lower() == name]
            assert lists[name.decode("latin-1")] == sent
    forwarded = [value.decode("latin-1") for key, value in headers if key.lower() == b"x-forwarded-for"]
    assert lists["x-forwarded-for"][:-1] == forwarded[:-1]
    assert lists["x-forwarded-for"][-1].startswith("".join(forwarded[-1:]))


@DOORS_OF_PAYLOAD_V2
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
    assert is_safe_field(b"reason", answer.reason or b"")
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
    assert names <= {
        b"content-type",
        b"date",
        b"server",
        b"apigw-requestid",
        b"x-amzn-RequestId",
        b"x-amz-apigw-id",
        b"x-amzn-trace-id",
        b"X-Amzn-Trace-Id",
    }
    assert all(is_safe_field(name, value) for name, value in answer.headers)
