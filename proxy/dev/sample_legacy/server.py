"""HTTP/1.1 with keep-alive around werkzeug's threaded server, and a Common Log Format line per exchange."""

import io
import socket
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from http import HTTPStatus
from typing import TYPE_CHECKING

from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.test import run_wsgi_app

from proxy.dev.sample_legacy.target import HEADER_PAIRS

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment

SERVER = "ShopServer/2.3"
# A client must not be able to write lines, or the colours of a terminal, into the log.
_CONTROL_CHARACTERS = str.maketrans({code: rf"\x{code:02x}" for code in [*range(0x20), *range(0x7F, 0xA0)]})


class FramingError(Exception):
    """The framing of a request's body cannot be trusted, so nothing after it on the connection can be either."""


def serve(app: "WSGIApplication", listener: socket.socket) -> None:
    """Answer requests on a listening socket until the process is told to end."""
    host, port = listener.getsockname()[:2]
    server = make_server(host, port, app, threaded=True, request_handler=ShopRequestHandler, fd=listener.fileno())
    server.serve_forever()


class ShopRequestHandler(WSGIRequestHandler):
    """One connection. Werkzeug's own run_wsgi closes the connection after every answer; this one keeps it."""

    protocol_version = "HTTP/1.1"
    # Head and body leave in two writes: Nagle's algorithm would hold the second back until the first is acknowledged.
    disable_nagle_algorithm = True

    def run_wsgi(self) -> None:
        """Answer one request. Its body is read whole first: what a view leaves unread is no request."""
        environ = self.make_environ()
        try:
            body = self._read_body(environ)
        except FramingError:
            self.close_connection = True
            self.send_error(HTTPStatus.BAD_REQUEST)
            return
        environ["wsgi.input"] = io.BytesIO(body)
        environ["wsgi.input_terminated"] = True
        chunks, status, headers = run_wsgi_app(self.server.app, environ, buffered=True)
        payload = b"".join(chunks)
        # Before the answer leaves: whoever has seen the answer finds its line in the log, even if the process ends now.
        self.log_request(status.partition(" ")[0], len(payload) or "-")
        self._send(status, list(headers), payload)

    def make_environ(self) -> "WSGIEnvironment":
        """Return werkzeug's environ with the target and the headers as they came."""
        environ = super().make_environ()
        # http.server collapses leading slashes in self.path; the request line still has them.
        environ["REQUEST_URI"] = environ["RAW_URI"] = self.requestline.split()[1]
        environ[HEADER_PAIRS] = list(self.headers.items())
        return environ

    def _read_body(self, environ: "WSGIEnvironment") -> bytes:
        lengths = set(self.headers.get_all("Content-Length", []))
        codings = [coding.lower() for coding in self.headers.get_all("Transfer-Encoding", [])]
        if codings:
            # RFC 9112, 6.1: both framings at once is how requests are smuggled.
            if lengths or codings != ["chunked"]:
                raise FramingError
            try:
                return bytes(environ["wsgi.input"].read())
            except (OSError, ValueError) as exc:
                raise FramingError from exc
        if not lengths:
            return b""
        length = lengths.pop()
        if lengths or not (length.isascii() and length.isdigit()):
            raise FramingError
        body = self.rfile.read(int(length))
        if len(body) < int(length):
            raise ConnectionResetError("the client left in the middle of its body")
        return body

    def _send(self, status: str, headers: Iterable[tuple[str, str]], payload: bytes) -> None:
        code, _, reason = status.partition(" ")
        headers = list(headers)
        names = {name.lower() for name, _ in headers}
        self.send_response_only(int(code), reason)
        self.send_header("Server", SERVER)
        if "date" not in names:
            self.send_header("Date", self.date_time_string())
        for name, value in headers:
            self.send_header(name, value)
        if "content-length" not in names and code not in ("204", "304"):
            self.send_header("Content-Length", str(len(payload)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(payload)

    def version_string(self) -> str:
        """Return the Server header of http.server's own answers, such as to a malformed request line."""
        return SERVER

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Write one line in Common Log Format to stderr. Source: httpd.apache.org/docs/2.4/logs.html#common."""
        status = code.value if isinstance(code, HTTPStatus) else code
        line = self.requestline.replace("\\", r"\\").replace('"', r"\"").translate(_CONTROL_CHARACTERS)
        when = datetime.now(UTC).strftime("%d/%b/%Y:%H:%M:%S +0000")
        sys.stderr.write(f'{self.client_address[0]} - - [{when}] "{line}" {status} {size}\n')

    def log_error(self, format: str, *args: object) -> None:  # noqa: A002  # the name is http.server's
        """Stay silent: log_request has the line already, and the log holds one line per exchange."""
