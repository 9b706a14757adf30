"""A side that fails: the client gets our 502 or 504 with a reason code, soon, and the next client is served."""

import json
import socket
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.raw_legacy import OK, Line, RawLegacy, close, drip, reset, say, stall

from .client import Ask, proxied
from .house import WORKER, House, until

# A generous bound for "at once": a hang would last for the front door's 30 s.
SOON_S = 10.0
IMPATIENT = "version: 1\nlegacy:\n  timeout: 500ms\nroutes:\n  - {id: patient, match: GET /patient, timeout: 1s}\n"

HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n"
FAULTS = {
    "/silent": (stall(), 504, "legacy_timeout"),
    "/patient": (stall(), 504, "legacy_timeout"),
    "/silent-after-head": (stall(HEAD), 504, "legacy_timeout"),
    "/dripping-head": (drip(HEAD, 0.2), 504, "legacy_timeout"),
    "/dripping-body": (drip(b"0123456789", 0.2, HEAD), 504, "legacy_timeout"),
    "/closed": (close(), 502, "legacy_broken"),
    "/reset": (reset(), 502, "legacy_broken"),
    "/cut": (close(HEAD + b"01234"), 502, "legacy_broken"),
    "/cut-chunk": (close(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab"), 502, "legacy_broken"),
    "/garbage": (say(b"nonsense\r\n\r\n", keep=False), 502, "legacy_broken"),
    "/status-999": (say(b"HTTP/1.1 999 Odd\r\nContent-Length: 0\r\n\r\n"), 502, "legacy_broken"),
    "/endless-head": (say(b"HTTP/1.1 200 OK\r\nX: " + b"a" * 300_000, keep=False), 502, "legacy_broken"),
    "/too-large": (
        say(b"HTTP/1.1 200 OK\r\nContent-Length: 6000000\r\n\r\n" + b"a" * 6_000_000),
        502,
        "response_too_large",
    ),
}


def fail(line: Line) -> bool:
    """Do what the request's path says; all is well for any other."""
    path = line.request.split(b" ")[1].decode()
    act = FAULTS[path][0] if path in FAULTS else say(OK)
    return act(line)


@pytest.fixture(scope="module")
def unreliable_legacy() -> Iterator[RawLegacy]:
    """A legacy system that fails in every way."""
    with RawLegacy(fail) as legacy:
        yield legacy


@pytest.fixture(scope="module")
def unreliable_house(
    tmp_path_factory: pytest.TempPathFactory, unreliable_legacy: RawLegacy, frugal: tuple[str, ...]
) -> Iterator[House]:
    """A house before it, which gives it half a second for an answer."""
    folder = tmp_path_factory.mktemp("unreliable")
    with House(folder, "--legacy", unreliable_legacy.origin, *frugal, routes=IMPATIENT) as house:
        yield house


@pytest.mark.parametrize(("path", "status", "code"), [(path, *fault[1:]) for path, fault in FAULTS.items()])
def test_client_gets_our_answer_when_legacy_fails_by(
    unreliable_house: House, path: str, status: int, code: str
) -> None:
    """Law 10: the client gets our 502 or 504 with a reason code, never the gateway's."""
    since = unreliable_house.here
    began = time.monotonic()

    answer = proxied(unreliable_house, Ask("GET", path))

    took_s = time.monotonic() - began
    document = json.loads(answer.body)
    assert (answer.status, document["code"]) == (status, code)
    assert document.keys() == {"code", "message", "requestId"}
    assert took_s < SOON_S
    unreliable_house.wait_for_line(lambda line: line.startswith(f"{status} GET ") and line.endswith(f" {code}"), since)
    assert proxied(unreliable_house, Ask("GET", "/well")).body == b"ok"


def test_write_is_sent_once_although_its_connection_broke(
    unreliable_house: House, unreliable_legacy: RawLegacy
) -> None:
    """Law 5: a write is never executed twice by fallback, retry or shadow."""
    answer = proxied(unreliable_house, Ask("POST", "/reset", (), b"once"))

    assert (answer.status, json.loads(answer.body)["code"]) == (502, "legacy_broken")
    assert len([request for request in unreliable_legacy.requests if request.startswith(b"POST /reset ")]) == 1


def test_legacy_that_is_down_gives_502_and_one_that_is_silent_504(tmp_path: Path, frugal: tuple[str, ...]) -> None:
    with socket.socket() as down:
        down.bind(("127.0.0.1", 0))  # a port of our own on which nobody listens
        url = f"http://127.0.0.1:{down.getsockname()[1]}"
        with House(tmp_path, "--legacy", url, *frugal, routes=IMPATIENT) as house:
            while_down = proxied(house, Ask("GET", "/"))
            down.listen()  # and never accepts
            while_silent = proxied(house, Ask("GET", "/"))

    codes = [(answer.status, json.loads(answer.body)["code"]) for answer in (while_down, while_silent)]
    assert codes == [(502, "legacy_unreachable"), (504, "legacy_timeout")]


ODD_HANDLERS = """
    import json, os, sys, time

    def well(event, context):
        return {"statusCode": 200, "body": "well"}

    def raises(event, context):
        raise ValueError("a handler's own trouble")

    def recurses(event, context):
        return recurses(event, context)

    def leaves(event, context):
        sys.exit(3)

    def exits(event, context):
        os._exit(4)

    def gives_bytes(event, context):
        return b"bytes"

    def gives_odd_status(event, context):
        return {"statusCode": 42}

    def gives_list_as_body(event, context):
        return {"statusCode": 200, "body": ["a"]}

    def gives_headers_in_a_list(event, context):
        return {"statusCode": 200, "headers": ["a"]}

    def gives_too_much(event, context):
        return {"statusCode": 200, "body": "a" * 7_000_000}

    def gives_bare_text(event, context):
        return "text"

    def gives_line_end_in_a_header(event, context):
        return {"statusCode": 200, "headers": {"X-Tag": "a\\r\\nSet-Cookie: b=1"}, "body": ""}

    def logs_an_exchange(event, context):
        print(json.dumps({"message": "exchange", "rate": 1.07}))
        print("{not JSON")
        print("\\x00\\xff" * 3 + "x" * 200_000)
        return {"statusCode": 200, "body": "logged"}
"""
MODULES = {
    "odd.handlers": ODD_HANDLERS,
    "odd.raises": "raise RuntimeError('no start')\ndef handler(event, context): pass",
    "odd.lacks": "import no_such_package_anywhere\ndef handler(event, context): pass",
    "odd.leaves": "import sys\nsys.exit(1)\ndef handler(event, context): pass",
    "odd.number": "handler = 42",
}
# Of each handler: what the client gets, and the reason code if the answer is ours.
HANDLERS: dict[str, tuple[int, str]] = {
    "odd.handlers:well": (200, ""),
    "odd.handlers:raises": (502, "migrated_failed"),
    "odd.handlers:recurses": (502, "migrated_failed"),
    "odd.handlers:gives_bytes": (502, "migrated_bad_result"),
    "odd.handlers:gives_odd_status": (502, "migrated_bad_result"),
    "odd.handlers:gives_list_as_body": (502, "migrated_bad_result"),
    "odd.handlers:gives_headers_in_a_list": (502, "migrated_bad_result"),
    "odd.handlers:gives_too_much": (502, "response_too_large"),
    "odd.handlers:gives_bare_text": (200, ""),
    "odd.handlers:logs_an_exchange": (200, ""),
    "odd.handlers:leaves": (502, "migrated_failed"),
    "odd.leaves:handler": (502, "migrated_failed"),
    "odd.raises:handler": (502, "migrated_failed"),
    "odd.lacks:handler": (502, "migrated_failed"),
    "odd.number:handler": (502, "migrated_failed"),
}


@pytest.fixture(scope="module")
def odd_house(tmp_path_factory: pytest.TempPathFactory, frugal: tuple[str, ...]) -> Iterator[House]:
    """A house whose migrated handlers do what handlers should not."""
    folder = tmp_path_factory.mktemp("odd")
    (folder / "odd").mkdir()
    for module, code in MODULES.items():
        (folder / f"{module.replace('.', '/')}.py").write_text(textwrap.dedent(code), encoding="utf-8")
    names = [*HANDLERS, "odd.handlers:exits", "odd.handlers:gives_line_end_in_a_header"]
    routes = [
        {
            "id": name.replace(":", ".").replace("_", "-"),
            "match": f"GET {path_of(name)}",
            "stage": "migrated",
            "handler": name,
        }
        for name in names
    ]
    with House(
        folder, *frugal, "--workers", "2", routes=json.dumps({"version": 1, "routes": routes})
    ) as house:  # JSON is YAML
        yield house


@pytest.mark.parametrize(("name", "status", "code"), [(name, *wanted) for name, wanted in HANDLERS.items()])
def test_client_gets_our_answer_from_a_handler_that(odd_house: House, name: str, status: int, code: str) -> None:
    """Law 10: the client gets our 502 or 504 with a reason code, never the gateway's."""
    since = odd_house.here

    answer = proxied(odd_house, Ask("GET", path_of(name)))

    ours = f" {code}" if code else " ms"
    odd_house.wait_for_line(lambda line: line.startswith(f"{status} GET ") and line.endswith(ours), since)
    assert answer.status == status
    assert (json.loads(answer.body)["code"] if code else "") == code
    assert proxied(odd_house, Ask("GET", path_of("odd.handlers:well"))).body == b"well"


def test_front_door_answers_for_a_handler_that_ends_its_process(odd_house: House) -> None:
    """As in the cloud: nothing of ours is left that could answer."""
    since = odd_house.here

    answer = proxied(odd_house, Ask("GET", path_of("odd.handlers:exits")))

    following = [proxied(odd_house, Ask("GET", path_of("odd.handlers:well"))).body for _ in range(4)]
    assert (answer.status, json.loads(answer.body)) == (502, {"message": "Internal Server Error"})
    assert following == [b"well"] * 4
    odd_house.wait_for_line(lambda line: " ended and is replaced: " in line and "exit status 4" in line, since)
    until(lambda: len(odd_house.parts(WORKER)) == 2)


def test_terminal_names_the_exception_of_a_handler_and_its_place(odd_house: House) -> None:
    since = odd_house.here

    proxied(odd_house, Ask("GET", path_of("odd.handlers:raises")))

    odd_house.wait_for_line(lambda line: line == "    ValueError: a handler's own trouble", since)
    odd_house.wait_for_line(lambda line: line.startswith("    at ") and "handlers.py" in line, since)


def test_line_end_in_a_handler_s_header_never_reaches_the_wire(odd_house: House) -> None:
    """Law 8: nothing can inject a header."""
    answer = proxied(odd_house, Ask("GET", path_of("odd.handlers:gives_line_end_in_a_header")))

    assert (answer.status, answer.values("set-cookie")) == (502, [])


def test_handler_s_own_lines_are_shown_as_they_are(odd_house: House) -> None:
    since = odd_house.here

    proxied(odd_house, Ask("GET", path_of("odd.handlers:logs_an_exchange")))

    odd_house.wait_for_line(lambda line: line == '{"message": "exchange", "rate": 1.07}', since)
    odd_house.wait_for_line(lambda line: line == "{not JSON", since)
    odd_house.wait_for_line(lambda line: line.endswith("x" * 200_000), since)


def path_of(name: str) -> str:
    """Return the path under which a handler answers."""
    return f"/{name.replace(':', '/')}"
