"""One call: what goes out, what comes back, and when it is asked a second time."""

import json
import time
from binascii import crc32
from contextlib import suppress
from email.utils import formatdate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.aws.call import Answer, AwsError, Client
from proxy.aws.credentials import Credentials
from proxy.aws.sigv4 import Scope, Unsigned, sign
from proxy.message import Headers
from tests.aws.fake_service import FakeClock, FakeService, answer

NOW = 1_440_938_160.0  # 2015-08-30T12:36:00Z
CREDENTIALS = Credentials("AKID", "hidden-secret", "hidden-token")
DYNAMODB = Scope("eu-west-1", "dynamodb")
URL = "https://dynamodb.eu-west-1.amazonaws.com"
GET_ITEM = "DynamoDB_20120810.GetItem"
PUT_ITEM = "DynamoDB_20120810.PutItem"
OK = answer(200, b'{"Item":{}}')
THROTTLED = answer(400, b'{"__type":"com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException"}')
BUSY = answer(429, b'{"Reason":"ConcurrentInvocationLimitExceeded"}', x_amzn_ErrorType="TooManyRequestsException")
FAILED = answer(500, b'{"__type":"com.amazonaws.dynamodb.v20120810#InternalServerError"}')
DOWN = answer(503, b"<html>")
MISSING = answer(
    400,
    b'{"__type":"com.amazonaws.dynamodb.v20120810#ResourceNotFoundException","message":"Requested resource not found"}',
)


def client(service: FakeService, now: FakeClock | None = None, clock: FakeClock | None = None) -> Client:
    return Client(
        service, lambda _: CREDENTIALS, URL, DYNAMODB, now=now or FakeClock(NOW), clock=clock or FakeClock(0.0)
    )


def skewed(served_at: float, code: str = "InvalidSignatureException") -> Answer:
    """Return a refusal by a service whose clock shows another time."""
    body = json.dumps({"__type": f"com.amazon.coral.service#{code}", "message": "Signature expired: …"}).encode()
    return answer(400, body, Date=formatdate(served_at, usegmt=True))


def amz_date(at: float) -> bytes:
    return time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(at)).encode()


def dates(service: FakeService) -> list[bytes | None]:
    return [asked.headers.get(b"x-amz-date") for asked in service.asked]


def test_operation_is_asked_as_the_sdk_does() -> None:
    service = FakeService(OK)

    result = client(service).json_call(GET_ITEM, {"TableName": "tæble", "Key": {"pk": {"S": "a"}}}, 0.2)

    body = b'{"TableName":"t\\u00e6ble","Key":{"pk":{"S":"a"}}}'
    signed = (
        (b"host", b"dynamodb.eu-west-1.amazonaws.com"),
        (b"content-type", b"application/x-amz-json-1.0"),
        (b"x-amz-target", b"DynamoDB_20120810.GetItem"),
    )
    added = sign(Unsigned("POST", "/", signed, body), CREDENTIALS, DYNAMODB, NOW)
    headers = Headers((*signed, (b"content-length", b"49"), *added))
    assert result == {"Item": {}}
    assert service.asked == [("POST", URL + "/", headers, body, 0.2)]


def test_any_request_can_be_sent_and_its_answer_comes_back_as_it_is() -> None:
    said = answer(200, b"\x00raw", X_Amz_Function_Error="Unhandled")
    service = FakeService(said)
    invoke = Unsigned(
        "POST", "/2015-03-31/functions/orders%3Alive/invocations", ((b"X-Amz-Log-Type", b"None"),), b"{}", "Qualifier=2"
    )

    asker = Client(service, lambda _: CREDENTIALS, "http://127.0.0.1:3001/", Scope("eu-west-1", "lambda"))
    came = asker.send(invoke, 5.0)

    assert came is said
    assert service.asked[0].url == "http://127.0.0.1:3001/2015-03-31/functions/orders%3Alive/invocations?Qualifier=2"
    assert service.asked[0].headers.get(b"host") == b"127.0.0.1:3001"
    assert service.asked[0].headers.get(b"content-length") == b"2"
    assert b"SignedHeaders=host;x-amz-date;x-amz-log-type;x-amz-security-token," in (
        service.asked[0].headers.get(b"authorization") or b""
    )


@pytest.mark.parametrize(
    ("said", "code", "message"),
    [
        (
            MISSING,
            "ResourceNotFoundException",
            "dynamodb: got 400 ResourceNotFoundException: Requested resource not found",
        ),
        (
            answer(
                404,
                b'{"Type":"User","Message":"Function not found: orders"}',
                X_Amzn_ErrorType="ResourceNotFoundException:http://internal.amazon.com/coral/",
            ),
            "ResourceNotFoundException",
            "dynamodb: got 404 ResourceNotFoundException: Function not found: orders",
        ),
        (answer(400, b'{"__type":"SomeException"}'), "SomeException", "dynamodb: got 400 SomeException: "),
        (answer(403, b"<html>forbidden</html>"), "", "dynamodb: got 403 : "),
        (answer(400, b'{"__type":{"a":1},"message":["b"]}'), "", "dynamodb: got 400 : ['b']"),
        (answer(400, b"[" * 100_000), "", "dynamodb: got 400 : "),
        (answer(301, b""), "", "dynamodb: got 301 : "),
    ],
)
def test_error_carries_the_services_short_code(said: Answer, code: str, message: str) -> None:
    with pytest.raises(AwsError) as raised:
        client(FakeService(said)).json_call(GET_ITEM, {}, 1.0)

    assert (raised.value.status, raised.value.code, str(raised.value)) == (said.status, code, message)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "It does not match.\n\nThe Canonical String should be\n'POST\n/\n\nx-amz-security-token:hidden-token\n'",
            "It does not match.",
        ),
        ("The token hidden-token of hidden-secret is no good.", "The token … of … is no good."),
        ("x" * 295 + "hidden-token", "x" * 295 + "…"),
        ("x" * 400, "x" * 300),
    ],
)
def test_error_never_quotes_what_was_signed_with(text: str, told: str) -> None:
    """Services quote the canonical request, with its session token, below a signature that does not fit."""
    said = answer(400, json.dumps({"__type": "InvalidSignatureException", "message": text}).encode())

    with pytest.raises(AwsError) as raised:
        client(FakeService(said)).json_call(GET_ITEM, {}, 1.0)

    assert str(raised.value) == f"dynamodb: got 400 InvalidSignatureException: {told}"


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"", "no JSON object"),
        (b"{", "no JSON object"),
        (b"[]", "no JSON object"),
        (b"\xff", "no JSON object"),
        (b"[" * 100_000, "no JSON object"),
    ],
)
def test_success_without_a_json_object_is_an_error(body: bytes, told: str) -> None:
    with pytest.raises(AwsError, match=told) as raised:
        client(FakeService(answer(200, body))).json_call(GET_ITEM, {}, 1.0)

    assert (raised.value.status, raised.value.code) == (200, "BadAnswer")


@pytest.mark.parametrize("status", [200, 400])
@pytest.mark.parametrize("checksum", [str(crc32(b'{"a":1}') ^ 1), "", "x", "-1"])
def test_body_that_does_not_fit_its_checksum_is_an_error(status: int, checksum: str) -> None:
    with pytest.raises(AwsError, match="x-amz-crc32") as raised:
        client(FakeService(answer(status, b'{"a":1}', x_amz_crc32=checksum))).json_call(GET_ITEM, {}, 1.0)

    assert (raised.value.status, raised.value.code) == (status, "BadAnswer")


def test_body_that_fits_its_checksum_is_taken() -> None:
    said = answer(200, b'{"a":1}', x_amz_crc32=str(crc32(b'{"a":1}')))

    assert client(FakeService(said)).json_call(GET_ITEM, {}, 1.0) == {"a": 1}


READS = ["GetItem", "BatchGetItem", "TransactGetItems", "Query", "Scan", "DescribeTable", "ListTables"]
WRITES = ["PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "TransactWriteItems", "ExecuteStatement"]
BROKEN = ConnectionError("closed")
LATER = OSError("broke in the body")
LATE = TimeoutError("no whole answer in time")


@pytest.mark.parametrize(
    ("operations", "first", "times"),
    [
        (READS, BROKEN, 2),
        (READS, FAILED, 2),
        (READS, DOWN, 2),
        (READS, THROTTLED, 2),
        (READS, BUSY, 2),
        (READS, LATER, 1),
        (READS, LATE, 1),
        (READS, MISSING, 1),
        # What was throttled was not executed; of everything else nobody knows.
        (WRITES, THROTTLED, 2),
        (WRITES, BUSY, 2),
        (WRITES, BROKEN, 1),
        (WRITES, FAILED, 1),
        (WRITES, DOWN, 1),
        (WRITES, LATER, 1),
        (WRITES, LATE, 1),
        (WRITES, MISSING, 1),
    ],
)
def test_second_try_is_for_what_cannot_be_executed_twice(
    operations: list[str], first: Answer | OSError, times: int
) -> None:
    """A write is never executed twice by a retry."""
    services = [FakeService(first, OK) for _ in operations]

    for service, operation in zip(services, operations, strict=True):
        with suppress(AwsError):
            client(service).json_call(f"DynamoDB_20120810.{operation}", {}, 1.0)

    assert [len(service.asked) for service in services] == [times] * len(operations)


@pytest.mark.parametrize(("is_read", "times"), [(False, 1), (True, 2)])
def test_any_request_is_a_write_unless_it_is_said_to_be_a_read(is_read: bool, times: int) -> None:
    service = FakeService(DOWN)

    client(service).send(Unsigned("GET", "/"), 1.0, is_read=is_read)

    assert len(service.asked) == times


@pytest.mark.parametrize(
    ("trouble", "code", "status"),
    [(BROKEN, "NoAnswer", 0), (DOWN, "", 503), (THROTTLED, "ProvisionedThroughputExceededException", 400)],
)
def test_there_is_no_third_try(trouble: Answer | OSError, code: str, status: int) -> None:
    service = FakeService(trouble)

    with pytest.raises(AwsError) as raised:
        client(service).json_call(GET_ITEM, {}, 1.0)

    assert (len(service.asked), raised.value.code, raised.value.status) == (2, code, status)


@pytest.mark.parametrize(("trouble", "code"), [(BROKEN, "NoAnswer"), (LATER, "NoAnswer"), (LATE, "Timeout")])
def test_no_answer_is_told_with_its_reason(trouble: OSError, code: str) -> None:
    with pytest.raises(AwsError) as raised:
        client(FakeService(trouble)).json_call(PUT_ITEM, {}, 1.0)

    assert (raised.value.code, raised.value.status) == (code, 0)
    assert str(raised.value) == f"dynamodb: got no answer from {URL}: {trouble}"
    assert raised.value.__cause__ is trouble


def test_second_try_gets_the_time_that_is_left() -> None:
    service = FakeService(BROKEN, OK)

    client(service, clock=FakeClock(0.0, step_s=0.0625)).json_call(GET_ITEM, {}, 1.0)

    first, second = (asked.timeout_s for asked in service.asked)
    assert 0 < second < first < 1.0


@pytest.mark.parametrize(
    ("trouble", "code"),
    [
        (BROKEN, "NoAnswer"),
        (DOWN, ""),
        (THROTTLED, "ProvisionedThroughputExceededException"),
        (skewed(NOW + 3600), "InvalidSignatureException"),
    ],
)
def test_without_time_left_the_first_try_is_what_is_told(trouble: Answer | OSError, code: str) -> None:
    service = FakeService(trouble)

    with pytest.raises(AwsError) as raised:
        # One look at the clock at the start, two before the request is out, one before it would be repeated.
        client(service, clock=FakeClock(0.0, step_s=0.3)).json_call(GET_ITEM, {}, 0.9)

    assert (len(service.asked), raised.value.code) == (1, code)


def test_time_that_the_credentials_have_used_up_leaves_nothing_to_ask() -> None:
    service, clock = FakeService(OK), FakeClock(0.0)

    def slow(timeout_s: float) -> Credentials:
        clock.at += timeout_s
        return CREDENTIALS

    with pytest.raises(AwsError, match="used up") as raised:
        Client(service, slow, URL, DYNAMODB, clock=clock).json_call(GET_ITEM, {}, 1.0)

    assert (service.asked, raised.value.code) == ([], "Timeout")


def test_without_credentials_nothing_is_asked() -> None:
    service = FakeService(OK)

    def none(_timeout_s: float) -> Credentials:
        raise AwsError("none here", code="NoCredentials")

    with pytest.raises(AwsError, match="none here"):
        Client(service, none, URL, DYNAMODB).json_call(GET_ITEM, {}, 1.0)

    assert service.asked == []


@pytest.mark.parametrize(
    "code",
    [
        "InvalidSignatureException",
        "SignatureDoesNotMatch",
        "RequestTimeTooSkewed",
        "RequestExpired",
        "RequestInTheFuture",
        "AuthFailure",
    ],
)
@pytest.mark.parametrize("ahead_s", [-7200.0, -241.0, 241.0, 7200.0])
@pytest.mark.parametrize("target", [GET_ITEM, PUT_ITEM])
def test_wrong_clock_is_corrected_by_the_services(code: str, ahead_s: float, target: str) -> None:
    service, now = FakeService(skewed(NOW + ahead_s, code), OK), FakeClock(NOW)
    asker = client(service, now)

    first = asker.json_call(target, {}, 1.0)
    now.at += 10
    second = asker.json_call(target, {}, 1.0)  # the offset is kept

    assert (first, second) == ({"Item": {}}, {"Item": {}})
    assert dates(service) == [amz_date(NOW), amz_date(NOW + ahead_s), amz_date(NOW + 10 + ahead_s)]


@pytest.mark.parametrize(
    "refusal",
    [
        skewed(NOW),
        skewed(NOW + 240),
        skewed(NOW - 240),
        skewed(NOW + 7200, "AccessDeniedException"),
        answer(400, b'{"__type":"InvalidSignatureException"}'),
        answer(400, b'{"__type":"InvalidSignatureException"}', Date="yesterday"),
        answer(400, b'{"__type":"InvalidSignatureException"}', Date="Mon, 99 Foo 2026 99:99:99 GMT"),
    ],
)
def test_refusal_that_is_not_the_clocks_fault_is_not_repeated(refusal: Answer) -> None:
    service = FakeService(refusal)

    with pytest.raises(AwsError):
        client(service).json_call(GET_ITEM, {}, 1.0)

    assert len(service.asked) == 1


def test_environment_that_froze_after_signing_signs_again_with_its_own_clock() -> None:
    """Lambda may freeze between signing and sending; the signature has expired then, and the clock is right."""
    now = FakeClock(NOW)
    service = FakeService(skewed(NOW + 900), OK)

    def freezing(*request: object) -> Answer:
        now.at = NOW + 900
        return service(*request)  # type: ignore[arg-type]  # handed through

    asker = Client(freezing, lambda _: CREDENTIALS, URL, DYNAMODB, now=now)
    asker.json_call(GET_ITEM, {}, 1.0)
    asker.json_call(GET_ITEM, {}, 1.0)

    assert dates(service) == [amz_date(NOW), amz_date(NOW + 900), amz_date(NOW + 900)]


def test_clock_that_was_corrected_and_is_then_set_right_is_corrected_again() -> None:
    now = FakeClock(NOW)
    service = FakeService(skewed(NOW + 3600), OK, skewed(NOW + 3600), OK)
    asker = client(service, now)

    asker.json_call(GET_ITEM, {}, 1.0)
    now.at = NOW + 3600
    asker.json_call(GET_ITEM, {}, 1.0)

    assert dates(service) == [amz_date(NOW), amz_date(NOW + 3600), amz_date(NOW + 7200), amz_date(NOW + 3600)]


dates_of_sorts = st.from_regex(
    r"[A-Z][a-z]{2}, [0-9]{1,3} Jan [0-9]{1,6} [0-9]{2}:[0-9]{2}:[0-9]{2} GMT", fullmatch=True
)


@given(st.text() | dates_of_sorts, st.binary() | st.just(b'{"__type":{}}'))
def test_no_refusal_raises_anything_but_our_error(date: str, body: bytes) -> None:
    pairs = ((b"date", date.encode()), (b"x-amzn-errortype", b"InvalidSignatureException"))
    service = FakeService(Answer(400, Headers(pairs), body))

    with pytest.raises(AwsError) as raised:
        client(service).json_call(GET_ITEM, {}, 1.0)

    assert raised.value.status == 400


def test_repr_tells_who_is_asked() -> None:
    assert repr(client(FakeService(OK))) == f"<Client dynamodb eu-west-1 {URL}>"
