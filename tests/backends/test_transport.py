"""Connections that never carry one answer into the next, TLS that is verified, and nothing of the environment."""

import ssl
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from proxy.backends.legacy import Legacy
from proxy.backends.transport import LegacyTransport, drop_if_surplus
from proxy.errors import LegacyUnreachable
from tests.raw_legacy import OK, Line, RawLegacy, echo, say
from tests.samples import request

MakeTransport = Callable[..., LegacyTransport]
EVIL = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nEVIL"


def test_well_behaved_connection_is_used_again(make_transport: MakeTransport) -> None:
    with RawLegacy() as server:
        legacy = Legacy(server.origin, 5.0, make_transport(tls=False).handle_request)

        bodies = [legacy(request("POST", body=b"x")).body for _ in range(5)]

        assert bodies == [b"ok"] * 5
        assert [len(requests) for requests in server.connections] == [5]


def test_without_keep_alive_every_request_has_its_own_connection(make_transport: MakeTransport) -> None:
    with RawLegacy() as server:
        legacy = Legacy(server.origin, 5.0, make_transport(tls=False, keep_alive=False).handle_request)

        bodies = [legacy(request()).body for _ in range(3)]

        assert bodies == [b"ok"] * 3
        assert [len(requests) for requests in server.connections] == [1, 1, 1]


@pytest.mark.parametrize(
    ("method", "first"),
    [
        ("GET", OK + EVIL),
        ("GET", OK + b"surplus that is no HTTP"),
        ("GET", b"HTTP/1.1 204 No Content\r\nContent-Length: 4\r\n\r\nEVIL"),
        ("GET", b"HTTP/1.1 204 No Content\r\n\r\n" + EVIL),
        ("GET", b"HTTP/1.1 304 Not Modified\r\nContent-Length: 4\r\n\r\nEVIL"),
        ("GET", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n" + EVIL),
        ("HEAD", b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nEVIL"),
        ("HEAD", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nEVIL\r\n0\r\n\r\n"),
        ("POST", OK + EVIL + EVIL),
    ],
)
@pytest.mark.parametrize("is_split", [False, True])
def test_bytes_after_an_answer_never_reach_the_next_request(
    make_transport: MakeTransport, method: str, first: bytes, is_split: bool
) -> None:
    """Nothing a client sends can reach another client's response."""
    head, end, rest = first.partition(b"\r\n\r\n")
    said = threading.Event()

    def act(line: Line) -> bool:
        say(*((head + end, rest) if is_split else (first,)))(line)
        said.set()  # on loopback, what was sent has arrived
        return True

    with RawLegacy(act, say(OK)) as server:
        legacy = Legacy(server.origin, 5.0, make_transport(tls=False).handle_request)

        legacy(request(method))
        assert said.wait(5)
        second = legacy(request("POST", body=b"second"))

        assert (second.status, second.body) == (200, b"ok")


def test_nonce_of_every_request_comes_back_to_it_past_surplus_bytes(make_transport: MakeTransport) -> None:
    """Nothing a client sends can reach another client's response."""

    def twice(received: bytes) -> bytes:
        nonce = received.split(b" ")[1]
        return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(nonce), nonce) * 2

    with RawLegacy(echo(twice)) as server:
        legacy = Legacy(server.origin, 5.0, make_transport(tls=False).handle_request)

        bodies = [legacy(request(path=f"/{number}")).body for number in range(20)]

    assert bodies == [b"/%d" % number for number in range(20)]


class Stream:
    """A network stream that knows whether it was closed."""

    is_closed = False

    def close(self) -> None:
        self.is_closed = True


def test_response_whose_surplus_cannot_be_seen_loses_its_connection() -> None:
    stream = Stream()

    drop_if_surplus(httpx.Response(200, extensions={"network_stream": stream}))

    assert stream.is_closed


def test_response_without_a_connection_loses_none() -> None:
    drop_if_surplus(httpx.Response(200))


def test_proxy_variables_are_ignored(make_transport: MakeTransport, monkeypatch: pytest.MonkeyPatch) -> None:
    with RawLegacy() as server, RawLegacy() as proxy:
        for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.origin)
        legacy = Legacy(server.origin, 5.0, make_transport(tls=False).handle_request)

        answer = legacy(request())

        assert (answer.body, len(server.requests), proxy.requests) == (b"ok", 1, [])


class Authority:
    """A certificate of this test's own for one name or address, valid for an hour."""

    def __init__(self, folder: Path, name: x509.GeneralName) -> None:
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "legacy")])
        now = datetime.now(UTC)
        certificate = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(hours=1))
            .not_valid_after(now + timedelta(hours=1))
            .add_extension(x509.SubjectAlternativeName([name]), critical=False)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .sign(key, hashes.SHA256())
        )
        self.ca_file = str(folder / "ca.pem")
        Path(self.ca_file).write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        key_file = folder / "key.pem"
        key_file.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        self.server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.server.load_cert_chain(self.ca_file, key_file)


def test_legacy_over_tls_is_verified_by_its_own_address_and_not_by_the_clients_host(
    make_transport: MakeTransport, tmp_path: Path
) -> None:
    """The Host that the client used arrives unchanged, and the certificate is that of the backend."""
    authority = Authority(tmp_path, x509.IPAddress(ip_address("127.0.0.1")))
    with RawLegacy(tls=authority.server) as server:
        legacy = Legacy(server.origin, 5.0, make_transport(tls=True, ca_file=authority.ca_file).handle_request)

        bodies = [legacy(request()).body for _ in range(2)]

        assert bodies == [b"ok", b"ok"]
        assert [len(requests) for requests in server.connections] == [2]
        assert server.requests[0].startswith(b"GET / HTTP/1.1\r\nHost: api.shop.example\r\n")


def test_certificate_for_another_name_is_no_connection(make_transport: MakeTransport, tmp_path: Path) -> None:
    authority = Authority(tmp_path, x509.DNSName("api.shop.example"))
    with RawLegacy(tls=authority.server) as server:
        legacy = Legacy(server.origin, 5.0, make_transport(tls=True, ca_file=authority.ca_file).handle_request)

        with pytest.raises(LegacyUnreachable, match="certificate verify failed"):
            legacy(request())

        assert server.requests == []


def test_certificate_that_nobody_vouches_for_is_no_connection(make_transport: MakeTransport, tmp_path: Path) -> None:
    authority = Authority(tmp_path, x509.IPAddress(ip_address("127.0.0.1")))
    with RawLegacy(tls=authority.server) as server:
        legacy = Legacy(server.origin, 5.0, make_transport(tls=True).handle_request)

        with pytest.raises(LegacyUnreachable, match="certificate verify failed"):
            legacy(request())

        assert server.requests == []
