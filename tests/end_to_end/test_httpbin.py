"""A legacy system that nobody here wrote: httpbin, asked directly and through the proxy."""

import gzip
import json
import threading
import zlib
from collections.abc import Callable, Iterator
from dataclasses import replace

import httpbin
import pytest
from werkzeug.serving import WSGIRequestHandler, make_server

from .client import Answer, Ask, directly, proxied
from .house import House

FORM = (("Content-Type", "application/x-www-form-urlencoded"),)
JSON = (("Content-Type", "application/json"),)
MULTIPART = (("Content-Type", "multipart/form-data; boundary=cut-here"),)
ONE_FILE = b'--cut-here\r\nContent-Disposition: form-data; name="f"; filename="a"\r\n\r\n\xff\x00\r\n--cut-here--\r\n'

EQUAL = [
    Ask("GET", "/get"),
    Ask("GET", "/get?a=1&a=2&b=%C3%A9&c=&d"),
    Ask("POST", "/post"),
    Ask("POST", "/post", JSON, b'{"a": 1, "b": "\xc3\xa9"}'),
    Ask("POST", "/post", JSON, b'{"a": "\xff"}'),
    Ask("POST", "/post", FORM, b"a=1&a=2&b=%20+"),
    Ask("POST", "/post", MULTIPART, ONE_FILE),
    Ask("POST", "/post", (("Content-Type", "application/x-thing"),), bytes(range(256))),
    Ask("POST", "/post", (("Content-Encoding", "gzip"),), gzip.compress(b"a", mtime=0)),
    Ask("PUT", "/put", (), b"abc"),
    Ask("PATCH", "/patch", JSON, b"[]"),
    Ask("DELETE", "/delete"),
    Ask("DELETE", "/delete", (), b"with a body"),
    Ask("GET", "/headers", (("X-Tag", "1, 2"), ("Accept-Language", "de;q=0.5"), ("User-Agent", "a (b; c)"))),
    Ask("GET", "/ip"),
    Ask("GET", "/user-agent", (("User-Agent", "a"),)),
    Ask("GET", "/redirect-to?url=%2Fget&status_code=307"),
    Ask("GET", "/redirect-to?url=http%3A%2F%2Fshop.example%2F%3Fa%3D%C3%A9"),
    Ask("GET", "/absolute-redirect/2"),
    Ask("GET", "/relative-redirect/2"),
    Ask("GET", "/cookies/set?a=1&b=2&c=%22x%22"),
    Ask("GET", "/cookies/delete?a"),
    Ask("GET", "/cookies", (("Cookie", "a=1; b=2"),)),
    Ask("GET", "/response-headers?X-Tag=1&X-Tag=2&Set-Cookie=a%3D1&Set-Cookie=b%3D2&Content-Type=text/plain"),
    Ask("GET", "/deflate"),
    Ask("GET", "/brotli"),
    Ask("GET", "/encoding/utf8"),
    Ask("GET", "/html"),
    Ask("GET", "/xml"),
    Ask("GET", "/json"),
    Ask("GET", "/image/png"),
    Ask("GET", "/image/svg"),
    Ask("GET", "/image", (("Accept", "image/webp"),)),
    Ask("GET", "/bytes/1024?seed=1"),
    Ask("GET", "/bytes/0"),
    Ask("GET", "/drip?duration=0&numbytes=5"),
    Ask("GET", "/range/1024"),
    Ask("GET", "/range/1024", (("Range", "bytes=10-20"),)),
    Ask("GET", "/range/1024", (("Range", "bytes=-5"),)),
    Ask("GET", "/range/1024", (("Range", "bytes=5000-"),)),
    Ask("GET", "/etag/abc"),
    Ask("GET", "/etag/abc", (("If-Match", '"other"'),)),
    Ask("GET", "/cache/60"),
    Ask("GET", "/basic-auth/ada/lovelace", (("Authorization", "Basic YWRhOmxvdmVsYWNl"),)),
    Ask("GET", "/hidden-basic-auth/ada/lovelace"),
    Ask("GET", "/bearer", (("Authorization", "Bearer a.b-c"),)),
    Ask("GET", "/anything/with%20space"),
    Ask("GET", "/anything/%C3%A9?q=%C3%A9"),
    Ask("GET", "/anything?a=1&a=2"),
    Ask("OPTIONS", "/anything", (("Origin", "http://shop.example"), ("Access-Control-Request-Method", "PUT"))),
    Ask("DELETE", "/get"),
    Ask("GET", "/nothing"),
    *(
        Ask("GET", f"/status/{status}")
        for status in (200, 201, 202, 206, 300, 400, 403, 404, 405, 406, 409, 410, 422, 429, 500, 502, 503, 504, 599)
    ),
]

# What differs, beside what never counts (see client.comparable), and why.
TYPE = ("content-type",)  # an answer without a type gets one: payload format 2.0 does not know an answer without
LENGTH = ("content-length",)  # a stream becomes a whole message; of an answer to HEAD, the length is lost
DIFFERENT = [
    (Ask("GET", "/status/301"), TYPE),
    (Ask("GET", "/status/302"), TYPE),
    (Ask("GET", "/status/304"), TYPE),
    (Ask("GET", "/status/307"), TYPE),
    (Ask("GET", "/status/401"), TYPE),
    (Ask("GET", "/status/402"), TYPE),
    (Ask("GET", "/status/418"), TYPE),
    (Ask("GET", "/basic-auth/ada/lovelace"), TYPE),
    (Ask("GET", "/etag/abc", (("If-None-Match", '"abc"'),)), TYPE),
    (Ask("GET", "/cache", (("If-Modified-Since", "Thu, 01 Jan 2026 00:00:00 GMT"),)), TYPE),
    # RFC 9110, 11.7.1: it speaks to the next proxy only, and the next proxy is us.
    (Ask("GET", "/status/407"), ("content-type", "proxy-authenticate")),
    (Ask("GET", "/stream/3"), LENGTH),
    (Ask("GET", "/stream-bytes/3000?seed=1&chunk_size=100"), LENGTH),
    (Ask("HEAD", "/get"), LENGTH),
    (Ask("HEAD", "/bytes/100?seed=1"), LENGTH),
    # httpbin makes these anew each time.
    (Ask("GET", "/cache"), ("etag",)),
    (Ask("GET", "/uuid"), ("body",)),
]


class Quiet(WSGIRequestHandler):
    """A connection that says nothing about its requests."""

    protocol_version = "HTTP/1.1"  # without it, nothing can be sent in chunks

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, frugal: tuple[str, ...]) -> Iterator[House]:
    """A house in which nothing has moved, before httpbin."""
    server = make_server("127.0.0.1", 0, httpbin.app, threaded=True, request_handler=Quiet)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        folder = tmp_path_factory.mktemp("httpbin")
        url = f"http://127.0.0.1:{server.port}"
        with House(folder, "--legacy", url, *frugal, routes="version: 1\n") as house:
            yield house
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.parametrize("ask", EQUAL, ids=str)
def test_answer_is_the_same_through_the_proxy_as_directly(house: House, ask: Ask) -> None:
    """Law 1: bytes in equal bytes out, both ways, within what the front door can carry."""
    through = proxied(house, ask)

    assert through == as_forwarded(house, ask)


@pytest.mark.parametrize(("ask", "names"), DIFFERENT, ids=lambda each: str(each) if isinstance(each, Ask) else "")
def test_answer_differs_only_in_what_is_declared(house: House, ask: Ask, names: tuple[str, ...]) -> None:
    through = proxied(house, ask)

    assert differences(as_forwarded(house, ask), through) == set(names)


@pytest.mark.parametrize(
    ("target", "decompress"), [("/gzip", gzip.decompress), ("/deflate", zlib.decompress)], ids=["gzip", "deflate"]
)
def test_compressed_answer_can_be_read(house: House, target: str, decompress: Callable[[bytes], bytes]) -> None:
    direct, through = as_forwarded(house, Ask("GET", target)), proxied(house, Ask("GET", target))

    # httpbin writes the time into a gzip, so two of them are equal only when they are unpacked.
    assert json.loads(decompress(through.body)) == json.loads(decompress(direct.body))
    assert replace(through, body=b"") == replace(direct, body=b"")


def test_legacy_sees_the_client_s_headers_and_those_that_the_proxy_vouches_for(house: House) -> None:
    ask = Ask("GET", "/headers?show_env=1", (("X-Tag", "1"), ("Accept", "text/plain")))

    direct, through = (json.loads(answer.body)["headers"] for answer in (directly(house, ask), proxied(house, ask)))

    assert through == {**direct, **house.vouched}


@pytest.mark.parametrize("target", ["/absolute-redirect/3", "/relative-redirect/3", "/redirect/3"])
def test_redirects_never_lead_around_the_proxy(house: House, target: str) -> None:
    with house.client(follow_redirects=True) as browser:
        answer = browser.get(target)

    assert (answer.status_code, len(answer.history)) == (200, 3)
    assert {str(each.url.copy_with(path="/", query=None)) for each in (*answer.history, answer)} == {f"{house.url}/"}


def test_cookies_that_legacy_sets_come_back_to_it(house: House) -> None:
    with house.client(follow_redirects=True) as browser:
        cookies = browser.get("/cookies/set?a=1&b=2").json()

    assert cookies == {"cookies": {"a": "1", "b": "2"}}


def test_trace_is_answered_by_the_proxy_itself(house: House) -> None:
    """RFC 9110, 9.3.8: it would show to a script what the browser keeps from it."""
    through = proxied(house, Ask("TRACE", "/anything"))

    assert (through.status, json.loads(through.body)["code"]) == (405, "method_refused")


@pytest.mark.parametrize("status", [100, 101, 600])
def test_status_that_is_no_answer_is_a_502(house: House, status: int) -> None:
    """Law 10: the client gets our 502 or 504 with a reason code, never the gateway's."""
    through = proxied(house, Ask("GET", f"/status/{status}"))

    assert (through.status, json.loads(through.body)["code"]) == (502, "legacy_broken")


def as_forwarded(house: House, ask: Ask) -> Answer:
    """Return httpbin's direct answer to what the proxy makes of a request: httpbin repeats much of what it sees."""
    return directly(house, replace(ask, headers=(*ask.headers, *house.vouched.items())))


def differences(one: Answer, other: Answer) -> set[str]:
    """Return in what two answers differ: "status", "body", or the name of a header."""
    fields = [{**dict(answer.headers), "status": answer.status, "body": answer.body} for answer in (one, other)]
    return {name for name in fields[0].keys() | fields[1].keys() if fields[0].get(name) != fields[1].get(name)}
