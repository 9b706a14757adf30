"""CPU of a forwarded GET to a legacy system behind TLS, against the same without. `python -m tests.bench.tls`.

Both go through the whole in-process handler on a connection that is kept, to the same server in a process of its own;
so what is measured is TLS's records, and not its handshakes.
"""

import datetime
import ipaddress
import os
import ssl
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from proxy.after_response import AfterResponse
from proxy.build import build
from proxy.settings import Settings
from tests.bench import events
from tests.bench.figures import compare, show
from tests.bench.forward import Context
from tests.raw_legacy import RawLegacy, say

_BODY = b"x" * 1024
_ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (len(_BODY), _BODY)


def main() -> None:
    """Measure the small GET."""
    with tempfile.TemporaryDirectory() as folder:
        pem = str(_certificate(Path(folder)))
        with _legacy("") as plain_origin, _legacy(pem) as tls_origin:
            tls, plain = _handler(tls_origin, pem), _handler(plain_origin, "")
            cpu_tls, cpu_plain, ratio = compare(tls, plain)
    show(
        "Forwarding over TLS, CPU of one request",
        [
            ("GET, 1 KB back: https / http", ratio, "×", 1.2),
            ("GET, 1 KB back: CPU over https", cpu_tls, "µs", None),
            ("GET, 1 KB back: CPU over http", cpu_plain, "µs", None),
        ],
    )


def _handler(origin: str, ca_file: str) -> Callable[[], object]:
    os.environ["LEGACY_URL"] = origin
    null = os.open(os.devnull, os.O_WRONLY)
    after = AfterResponse()
    handler = build(Settings(legacy_ca_file=ca_file), after, lambda line: os.write(null, line.encode()))
    event, context = events.http_api("GET", "/orders/O-5001"), Context()

    def run() -> None:
        result = handler(event, context)
        assert isinstance(result, dict)
        assert result["statusCode"] == 200
        del result
        after.work()

    run()  # the variable is read with the first request, and never again
    return run


@contextmanager
def _legacy(pem: str) -> Iterator[str]:
    """A legacy system in a process of its own, whose CPU is not ours; yields its origin."""
    spawn = get_context("spawn")
    ours, theirs = spawn.Pipe()
    process = spawn.Process(target=_serve, args=(theirs, pem))
    process.start()
    try:
        yield ours.recv()
    finally:
        ours.close()
        process.kill()
        process.join()


def _serve(parent: Connection, pem: str) -> None:
    context = None
    if pem:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(pem)
    with RawLegacy(say(_ANSWER), tls=context) as legacy:
        parent.send(legacy.origin)
        parent.poll(None)  # until the bench ends


def _certificate(folder: Path) -> Path:
    """Write a key, and a certificate that it signs itself, for 127.0.0.1 and for an hour."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "legacy")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(minutes=5))
        .not_valid_after(now + datetime.timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    pem = folder / "legacy.pem"
    pem.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
    return pem


if __name__ == "__main__":
    main()
