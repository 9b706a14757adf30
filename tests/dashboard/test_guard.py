"""What the guard answers by itself, and what it lets through."""

import asyncio
from typing import Any

from proxy.dashboard.access import Access
from proxy.dashboard.guard import Guard, Message, Receive, Scope, Send

ACCESS = Access("secret", port=8081)
COOKIE = (b"cookie", f"fig_dashboard_8081={ACCESS.session}".encode())
HOST = (b"host", b"127.0.0.1:8081")


async def inner(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.accept"})
        return
    headers = [(b"cache-control", b"immutable")] if scope["path"].endswith(".js") else []
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"inside"})


def ask(path: str = "/fig/", query: str = "", *headers: tuple[bytes, bytes], kind: str = "http") -> list[Message]:
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        raise AssertionError("nobody reads a body")

    scope: dict[str, Any] = {"type": kind, "path": path, "query_string": query.encode(), "headers": [HOST, *headers]}
    if kind == "http":
        scope["method"] = "GET"
    asyncio.run(Guard(inner, ACCESS)(scope, receive, send))
    return sent


def test_link_with_the_token_sets_a_strict_cookie_and_leads_to_the_page_without_it() -> None:
    start, _ = ask("/fig/routes", "token=secret&window=300")

    headers = dict(start["headers"])
    assert start["status"] == 303
    assert headers[b"location"] == b"/fig/routes?window=300"
    assert (
        headers[b"set-cookie"] == f"fig_dashboard_8081={ACCESS.session}; Path=/fig; HttpOnly; SameSite=Strict".encode()
    )
    assert headers[b"cache-control"] == b"no-store"


def test_link_never_leads_to_another_site() -> None:
    for path in ("//evil.example.com/", "/elsewhere", "/fig\r\nx: y"):
        start, _ = ask(path, "token=secret")
        assert dict(start["headers"])[b"location"] == b"/fig/"

    start, _ = ask("/fig/a\r\nset-cookie: x", "token=secret")
    assert dict(start["headers"])[b"location"] == b"/fig/a%0D%0Aset-cookie%3A%20x"


def test_nothing_is_answered_without_the_token_not_even_a_script() -> None:
    for path in ("/fig/", "/fig/_nicegui/x.js", "/api/snapshot"):
        start, body = ask(path)
        assert start["status"] == 401
        assert b"token" in body["body"]


def test_page_is_let_through_with_headers_that_keep_everything_out() -> None:
    start, body = ask("/fig/", "", COOKIE)

    headers = dict(start["headers"])
    assert (start["status"], body["body"]) == (200, b"inside")
    assert headers[b"cache-control"] == b"no-store"
    assert headers[b"x-frame-options"] == b"DENY"
    assert b"default-src 'self'" in headers[b"content-security-policy"]


def test_scripts_of_the_library_keep_their_own_life_time() -> None:
    start, _ = ask("/fig/x.js", "", COOKIE)

    assert dict(start["headers"])[b"cache-control"] == b"immutable"


def test_websocket_of_another_origin_is_closed_before_it_is_accepted() -> None:
    assert [message["type"] for message in ask("/fig/ws", "", COOKIE, kind="websocket")] == ["websocket.close"]

    origin = (b"origin", b"http://127.0.0.1:8081")
    assert [message["type"] for message in ask("/fig/ws", "", COOKIE, origin, kind="websocket")] == ["websocket.accept"]


def test_two_hosts_are_none() -> None:
    start, _ = ask("/fig/", "", COOKIE, (b"host", b"evil.example.com"))

    assert start["status"] == 421
