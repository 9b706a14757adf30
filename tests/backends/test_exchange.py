"""One exchange with an AWS service, through real sockets: whole, bounded, by its deadline, quoting no secret."""

import os
import socket
import subprocess
import sys
import traceback
from binascii import crc32
from collections.abc import Callable, Iterator
from ipaddress import ip_address
from pathlib import Path

import boto3
import pytest
from botocore.config import Config
from cryptography import x509

from proxy.aws.call import Answer, AwsError, Client
from proxy.aws.credentials import ContainerEndpoint, Credentials, credential_source
from proxy.aws.sigv4 import Scope, Unsigned
from proxy.backends.exchange import Exchange
from proxy.backends.transport import LegacyTransport
from proxy.message import Headers, Pair
from tests.backends.test_transport import Authority
from tests.raw_legacy import OK, Act, RawLegacy, close, drip, reset, say, stall

MakeTransport = Callable[..., LegacyTransport]
AMPLE_S = 30.0  # for what ends by itself
DYNAMODB = Scope("eu-west-1", "dynamodb")
GIVEN = Credentials("AKID", "secret", "token")
GET_ITEM = "DynamoDB_20120810.GetItem"
PUT_ITEM = "DynamoDB_20120810.PutItem"
NO_ACCOUNT = {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}  # of whoever runs the tests


@pytest.fixture
def exchange(make_transport: MakeTransport) -> Exchange:
    return Exchange(make_transport)


def get(exchange: Exchange, url: str, timeout_s: float = AMPLE_S, headers: tuple[Pair, ...] = ()) -> Answer:
    return exchange("GET", url, [(b"host", b"h"), *headers], b"", timeout_s)


def json_answer(body: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\nx-amz-crc32: %d\r\nContent-Length: %d\r\n\r\n%s" % (crc32(body), len(body), body)


def test_request_goes_out_as_it_was_signed_and_the_answer_comes_back_whole(exchange: Exchange) -> None:
    said = (
        b"HTTP/1.1 400 Bad\r\nX-B: 1\r\nx-a: 2\r\nX-B: 3\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\n\x00raw"
    )
    with RawLegacy(say(said)) as server:
        headers = [(b"host", b"service.example"), (b"X-Odd", b"1  2"), (b"content-length", b"3")]

        came = exchange("POST", f"{server.origin}/a/../b%2F//c?x=%20&&y", headers, b"\x00\r\n", AMPLE_S)

        pairs = (
            (b"X-B", b"1"),
            (b"x-a", b"2"),
            (b"X-B", b"3"),
            (b"Content-Encoding", b"gzip"),
            (b"Content-Length", b"4"),
        )
        assert came == (400, Headers(pairs), b"\x00raw")
        assert server.requests == [
            b"POST /a/../b%2F//c?x=%20&&y HTTP/1.1\r\nhost: service.example\r\nX-Odd: 1  2\r\ncontent-length: 3\r\n\r\n"
            b"\x00\r\n"
        ]


def test_connection_is_kept_from_exchange_to_exchange(exchange: Exchange) -> None:
    with RawLegacy() as server, RawLegacy() as other:
        bodies = [get(exchange, f"{origin}/").body for origin in (server.origin, other.origin) * 3]

        assert bodies == [b"ok"] * 6
        assert [len(requests) for requests in (*server.connections, *other.connections)] == [3, 3]


def test_bytes_after_an_answer_never_reach_the_next_exchange(exchange: Exchange) -> None:
    with RawLegacy(say(OK + OK.replace(b"ok", b"no")), say(OK)) as server:
        bodies = [get(exchange, f"{server.origin}/").body for _ in range(2)]

        assert bodies == [b"ok", b"ok"]
        assert [len(requests) for requests in server.connections] == [1, 1]


HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 4000\r\n\r\n"


@pytest.mark.parametrize(
    "act",
    [
        stall(),
        stall(b"HTTP/1.1 200 OK\r\n"),
        stall(HEAD),
        drip(b"x" * 4000, 0.02, b"HTTP/1.1 200 OK\r\nX-Slow: "),  # each byte within the limit, all together far beyond
        drip(b"x" * 4000, 0.02, HEAD),
    ],
)
def test_slow_answer_ends_by_the_deadline(exchange: Exchange, act: Act) -> None:
    with RawLegacy(act) as server, pytest.raises(TimeoutError, match="no whole answer in time"):
        get(exchange, f"{server.origin}/", timeout_s=0.3)


@pytest.mark.parametrize("timeout_s", [0.0, -1.0])
def test_without_time_nothing_is_asked(exchange: Exchange, timeout_s: float) -> None:
    with RawLegacy() as server:
        with pytest.raises(TimeoutError):
            get(exchange, f"{server.origin}/", timeout_s)

        assert server.requests == []


@pytest.mark.parametrize(
    "act",
    [close(), reset(), close(b"HTTP/1.1 200"), reset(b"HTTP/1.1 200"), say(b"hidden, and no HTTP\r\n\r\n", keep=False)],
)
def test_connection_that_breaks_before_any_answer_is_told_apart(exchange: Exchange, act: Act) -> None:
    with RawLegacy(act) as server, pytest.raises(ConnectionError) as raised:
        get(exchange, f"{server.origin}/")

    assert "hidden" not in "".join(traceback.format_exception(raised.value))


@pytest.mark.parametrize("act", [close(HEAD + b"cut"), reset(HEAD + b"cut")])
def test_answer_that_is_cut_short_is_none(exchange: Exchange, act: Act) -> None:
    with RawLegacy(act) as server, pytest.raises(OSError, match="the connection") as raised:
        get(exchange, f"{server.origin}/")

    assert type(raised.value) is OSError


def test_refused_connection_is_told_with_its_reason(exchange: Exchange) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))

        with pytest.raises(OSError, match=r"no connection: .*refused") as raised:
            get(exchange, f"http://127.0.0.1:{unused.getsockname()[1]}/")

    assert type(raised.value) is OSError


def test_addresses_of_cloud_metadata_are_not_connected_to(exchange: Exchange) -> None:
    with pytest.raises(OSError, match="metadata"):
        get(exchange, "http://169.254.170.2/v2/credentials")


def chunked(body: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)


def sized(body: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)


@pytest.mark.parametrize("framed", [sized, chunked])
def test_answer_that_is_too_large_is_given_up_with_its_connection(
    make_transport: MakeTransport, framed: Callable[[bytes], bytes]
) -> None:
    exchange = Exchange(make_transport, max_bytes=100_000)
    with RawLegacy(say(framed(b"x" * 100_000)), say(framed(b"x" * 100_001)), say(OK)) as server:
        largest = get(exchange, f"{server.origin}/")
        with pytest.raises(OSError, match="more than 100000 bytes"):
            get(exchange, f"{server.origin}/")
        after = get(exchange, f"{server.origin}/")

        assert (len(largest.body), after.body) == (100_000, b"ok")
        assert [len(requests) for requests in server.connections] == [2, 1]


def test_header_that_cannot_be_written_is_not_quoted(exchange: Exchange) -> None:
    """No token reaches a message, nor the traceback below it."""
    secrets = ((b"authorization", b"hidden\r\nX-Evil: 1"),)
    with RawLegacy() as server:
        with pytest.raises(OSError, match=r"cannot be written as HTTP/1\.1") as raised:
            get(exchange, f"{server.origin}/", headers=secrets)

        assert server.requests == []
    assert "hidden" not in "".join(traceback.format_exception(raised.value))


@pytest.mark.parametrize(
    "url",
    ["http://[/", "http://h:port/", "ftp://127.0.0.1/", "http://127.0.0.1:9/a b", "http://127.0.0.1:9/é", "", "/x"],
)
def test_url_that_cannot_be_asked_is_an_error_of_the_same_kind(exchange: Exchange, url: str) -> None:
    with pytest.raises(OSError, match=r"cannot be written as HTTP/1\.1|no connection"):
        get(exchange, url)


def test_service_over_tls_is_verified(make_transport: MakeTransport, tmp_path: Path) -> None:
    authority = Authority(tmp_path, x509.IPAddress(ip_address("127.0.0.1")))
    with RawLegacy(tls=authority.server) as server:
        trusting = Exchange(make_transport, ca_file=authority.ca_file)
        strict = Exchange(make_transport)

        bodies = [get(trusting, f"{server.origin}/").body for _ in range(2)]
        with pytest.raises(OSError, match="certificate verify failed"):
            get(strict, f"{server.origin}/")

        assert bodies == [b"ok", b"ok"]
        assert [len(requests) for requests in server.connections if requests] == [2]


def test_one_exchange_speaks_with_and_without_tls(make_transport: MakeTransport, tmp_path: Path) -> None:
    authority = Authority(tmp_path, x509.IPAddress(ip_address("127.0.0.1")))
    exchange = Exchange(make_transport, ca_file=authority.ca_file)
    with RawLegacy() as plain, RawLegacy(tls=authority.server) as secure:
        answers = [get(exchange, f"{origin}/").status for origin in (plain.origin, secure.origin, plain.origin)]

        assert answers == [200, 200, 200]


def test_closed_exchange_leaves_no_connection() -> None:
    exchange = Exchange()
    with RawLegacy(say(OK), say(OK)) as server:
        get(exchange, f"{server.origin}/")
        exchange.close()
        get(exchange, f"{server.origin}/")
        exchange.close()

        assert [len(requests) for requests in server.connections] == [1, 1]


def test_kept_connection_that_closes_under_a_read_costs_it_nothing(exchange: Exchange) -> None:
    item = say(json_answer(b'{"Item":{}}'))
    with RawLegacy(item, close(), item) as server:
        client = Client(exchange, lambda _: GIVEN, server.origin, DYNAMODB)

        results = [client.json_call(GET_ITEM, {}, AMPLE_S) for _ in range(2)]

        assert results == [{"Item": {}}] * 2
        assert [len(requests) for requests in server.connections] == [2, 1]


def test_kept_connection_that_closes_under_a_write_is_an_error(exchange: Exchange) -> None:
    """A write is never executed twice by a retry."""
    with RawLegacy(say(json_answer(b"{}")), close(), say(json_answer(b"{}"))) as server:
        client = Client(exchange, lambda _: GIVEN, server.origin, DYNAMODB)

        client.json_call(PUT_ITEM, {}, AMPLE_S)
        with pytest.raises(AwsError, match="the connection was closed too early") as raised:
            client.json_call(PUT_ITEM, {}, AMPLE_S)

        assert (raised.value.code, len(server.requests)) == ("NoAnswer", 2)


def test_container_credentials_come_over_the_same_exchange(exchange: Exchange) -> None:
    said = b'{"AccessKeyId":"A","SecretAccessKey":"S","Token":"T","Expiration":"2999-01-01T00:00:00Z"}'
    with RawLegacy(say(sized(said))) as server:
        endpoint = ContainerEndpoint(f"{server.origin}/2021-04-23/credentials", "endpoint-token")

        current = credential_source(Credentials("", ""), endpoint, exchange)
        credentials = [current(AMPLE_S), current(AMPLE_S)]

        assert credentials == [Credentials("A", "S", "T", 32472144000.0)] * 2
        assert server.requests == [
            b"GET /2021-04-23/credentials HTTP/1.1\r\nhost: 127.0.0.1:%d\r\naccept: application/json\r\n"
            b"authorization: endpoint-token\r\n\r\n" % server.port
        ]


@pytest.fixture(scope="module")
def dynamodb_url() -> Iterator[str]:
    """An embedded DynamoDB in a process of its own, which ends with our end of a pipe."""
    theirs, ours = os.pipe()
    environ = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")} | NO_ACCOUNT
    with socket.create_server(("127.0.0.1", 0), backlog=16) as listener:
        command = [
            sys.executable,
            "-m",
            "proxy.dev.dynamodb",
            "--fd",
            str(listener.fileno()),
            "--parent-pipe",
            str(theirs),
        ]
        process = subprocess.Popen(command, pass_fds=(listener.fileno(), theirs), env=environ)
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    os.close(theirs)
    try:
        yield url
    finally:
        os.close(ours)
        process.wait(30)


@pytest.fixture
def table(dynamodb_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The name of a table with one item, written by boto3."""
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    for name, value in NO_ACCOUNT.items():
        monkeypatch.setenv(name, value)
    client = boto3.client(
        "dynamodb",
        endpoint_url=dynamodb_url,
        region_name="eu-west-1",
        aws_access_key_id="none",
        aws_secret_access_key="none",
        config=Config(proxies={}),
    )
    client.create_table(
        TableName="fig-routes",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    client.put_item(
        TableName="fig-routes", Item={"pk": {"S": "table"}, "version": {"N": "7"}, "body": {"B": b"\x00\xff"}}
    )
    yield "fig-routes"
    client.delete_table(TableName="fig-routes")
    client.close()


def test_item_that_boto3_wrote_is_read_without_it(exchange: Exchange, dynamodb_url: str, table: str) -> None:
    client = Client(exchange, credential_source(GIVEN, ContainerEndpoint(), exchange), dynamodb_url, DYNAMODB)

    read = client.json_call(GET_ITEM, {"TableName": table, "Key": {"pk": {"S": "table"}}}, AMPLE_S)
    absent = client.json_call(GET_ITEM, {"TableName": table, "Key": {"pk": {"S": "other"}}}, AMPLE_S)

    assert read == {"Item": {"pk": {"S": "table"}, "version": {"N": "7"}, "body": {"B": "AP8="}}}
    assert absent == {}


def test_missing_table_is_told_by_its_code(exchange: Exchange, dynamodb_url: str) -> None:
    client = Client(exchange, lambda _: GIVEN, dynamodb_url, DYNAMODB)

    with pytest.raises(
        AwsError, match="dynamodb: got 400 ResourceNotFoundException: Requested resource not found"
    ) as raised:
        client.json_call(GET_ITEM, {"TableName": "no-such-table", "Key": {"pk": {"S": "a"}}}, AMPLE_S)

    assert (raised.value.status, raised.value.code) == (400, "ResourceNotFoundException")


def test_dynamodb_sends_the_checksum_that_is_checked(exchange: Exchange, dynamodb_url: str) -> None:
    request = Unsigned("POST", "/", ((b"x-amz-target", b"DynamoDB_20120810.ListTables"),), b"{}")

    answer = Client(exchange, lambda _: GIVEN, dynamodb_url, DYNAMODB).send(request, AMPLE_S, is_read=True)

    assert answer.headers.get(b"x-amz-crc32") == b"%d" % crc32(answer.body)
