"""An ASGI server on a socket that is bound already, inside a running event loop.

uvicorn's protocols without uvicorn's Server: that one takes over SIGINT and SIGTERM, which belong to the caller, and
wakes up ten times a second.
"""

import asyncio
import socket
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import uvicorn
from uvicorn.server import ServerState

# ASGI is a border of plain dictionaries. Source: asgi.readthedocs.io, "ASGI specification" 3.0.
Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]


def loopback_socket(port: int = 0) -> socket.socket:
    """Return a socket bound to 127.0.0.1 and not yet listening; port 0 takes a free one."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind(("127.0.0.1", port))
    except OSError:
        sock.close()
        raise
    return sock


class AsgiServer:
    """Serves one application until it is stopped. Sends no Server and no Date header, and writes no access log."""

    def __init__(
        self,
        app: App,
        sock: socket.socket,
        *,
        http: type[asyncio.Protocol] | str = "h11",
        ws: type[asyncio.Protocol] | str = "none",
        max_header_bytes: int = 65_536,
        keep_alive_s: int = 5,
        grace_s: float = 1.0,
    ) -> None:
        """Take over `sock`, which `stop` closes.

        `max_header_bytes` bounds the request line and headers together, of a request that doesn't arrive in one read
        (256 KB at most). `keep_alive_s` bounds how long a connection is idle, `grace_s` how long `stop` waits for
        answers under way.
        """
        self._config = uvicorn.Config(
            app,
            http=http,
            ws=ws,
            interface="asgi3",
            lifespan="off",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            date_header=False,
            timeout_keep_alive=keep_alive_s,
            h11_max_incomplete_event_size=max_header_bytes,
        )
        if sock.family in (socket.AF_INET, socket.AF_INET6):
            # uvicorn writes head and body apart, and asyncio only sets this for sockets made with IPPROTO_TCP; without
            # it the second write waits for a delayed ACK (measured: 44 ms for each invocation instead of 0.8).
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._sock = sock
        self._grace_s = grace_s
        self._state = ServerState()
        self._listener: asyncio.Server | None = None
        self.port: int = sock.getsockname()[1]

    async def start(self) -> None:
        """Accept connections from now on."""
        self._config.load()
        loop = asyncio.get_running_loop()
        self._listener = await loop.create_server(self._protocol, sock=self._sock, backlog=self._config.backlog)

    async def stop(self) -> None:
        """Close every connection and the socket; idempotent. An answer under way gets `grace_s` to finish."""
        if self._listener is not None:
            self._listener.close()
        self._sock.close()
        for connection in list(self._state.connections):
            connection.shutdown()
        if self._state.tasks:
            await asyncio.wait(set(self._state.tasks), timeout=self._grace_s)
        for connection in list(self._state.connections):
            connection.transport.abort()
        if leftover := set(self._state.tasks):
            # The abort tells an application that listens for it; the others are cancelled.
            _, deaf = await asyncio.wait(leftover, timeout=self._grace_s)
            for task in deaf:
                task.cancel()
            await asyncio.gather(*deaf, return_exceptions=True)
        self._listener = None
        await asyncio.sleep(0)  # an aborted connection is gone in the next turn of the loop

    def _protocol(self) -> asyncio.Protocol:
        make = self._config.http_protocol_class
        return make(config=self._config, server_state=self._state, app_state={})  # type: ignore[call-arg]  # uvicorn types the class as a bare asyncio.Protocol
