"""Two hundred strangers at once: what one of them sends or gets never reaches another.

Legacy makes it easy to get that wrong. Behind some answers it sends a whole second one, with a cookie, which is
nobody's; and it closes connections that it has just promised to keep.
"""

import json
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

import pytest

from tests.raw_legacy import Line, RawLegacy

from .client import Answer, Ask, httpx_client
from .house import DEADLINE_S, House

CLIENTS = 200
CALLS = 8  # by each of them
# Every so many answers. The numbers share no divisor with one another, so that every pairing comes up.
SURPLUS_EVERY, CLOSED_EVERY, LATE_EVERY = 3, 7, 5

NOBODY = b'{"nonce": "nobody", "cookies": []}'
SURPLUS = b"HTTP/1.1 200 OK\r\nSet-Cookie: owner=nobody\r\nContent-Length: %d\r\n\r\n%s" % (len(NOBODY), NOBODY)


@dataclass
class Gossip:
    """A legacy system that tells callers what they sent; `acts` counts what it did to them."""

    acts: Counter[str] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self, line: Line) -> bool:
        """Answer one request; False closes the connection."""
        head, _, body = line.request.partition(b"\r\n\r\n")
        first, *others = head.decode("ascii").split("\r\n")
        path = first.split(" ")[1]
        cookies = [value for name, _, value in (each.partition(": ") for each in others) if name.lower() == "cookie"]
        told = json.dumps({"nonce": path.rpartition("/")[2], "cookies": cookies, "body": body.decode("ascii")}).encode()
        owner = path.split("/")[1]
        with self._lock:
            self.acts["answers"] += 1
            number = self.acts["answers"]
            is_surplus, is_closed, is_late = (
                number % every == 0 for every in (SURPLUS_EVERY, CLOSED_EVERY, LATE_EVERY)
            )
            self.acts["surplus"] += is_surplus
            self.acts["closed"] += is_closed
        if is_late:
            line.stopped.wait(0.005)  # so that answers overtake one another
        start = (
            f"HTTP/1.1 200 OK\r\nSet-Cookie: owner={owner}\r\nX-Owner: {owner}\r\nContent-Length: {len(told)}\r\n\r\n"
        )
        # In one piece: what comes once the answer was read in full is a race that no client of HTTP/1.1 can win.
        line.sock.sendall(start.encode() + told + (SURPLUS if is_surplus else b""))
        return not is_closed


@dataclass(frozen=True, slots=True)
class Told:
    """What a caller got for one call, less everything that is its own; empty when all is well."""

    status: int
    strange: tuple[str, ...]


@pytest.fixture
def gossip() -> Gossip:
    return Gossip()


@pytest.fixture
def legacy(gossip: Gossip) -> Iterator[RawLegacy]:
    """The raw legacy system that gossips."""
    with RawLegacy(gossip) as legacy:
        yield legacy


def test_no_answer_and_no_cookie_of_one_client_reaches_another(
    tmp_path: Path, frugal: tuple[str, ...], legacy: RawLegacy, gossip: Gossip
) -> None:
    """Law 8: nothing a client sends can reach another client's response."""
    options = (*frugal, "--workers", "2", "--front-door", "function-url", "--legacy", legacy.origin)
    with House(tmp_path, *options, routes="version: 1\n") as house, ThreadPoolExecutor(CLIENTS) as pool:
        together = threading.Barrier(CLIENTS, timeout=DEADLINE_S)
        visits = [
            pool.submit(_keeping if number % 2 else _anew, house, together, uuid4().hex) for number in range(CLIENTS)
        ]
        told = Counter(each for visit in visits for each in visit.result())

    assert told == {Told(200, ()): CLIENTS * CALLS}
    # Neither did legacy get the cookies of one under the name of another.
    assert [request for request in legacy.requests if _is_mixed(request)] == []
    # And the test has tested something: there was surplus, connections were closed, and others were kept.
    assert gossip.acts["surplus"] >= CLIENTS * CALLS // SURPLUS_EVERY
    assert gossip.acts["closed"] >= CLIENTS * CALLS // CLOSED_EVERY
    assert max(len(connection) for connection in legacy.connections) > 1


def test_surplus_is_never_the_answer_to_the_next_request_on_a_connection(
    tmp_path: Path, frugal: tuple[str, ...], legacy: RawLegacy
) -> None:
    """One worker and one client after another: the likeliest way for an answer to reach a stranger."""
    options = (*frugal, "--front-door", "function-url", "--legacy", legacy.origin)
    with House(tmp_path, *options, routes="version: 1\n") as house:
        told = Counter(each for _ in range(30) for each in _anew(house, threading.Barrier(1), uuid4().hex))

    assert told == {Told(200, ()): 30 * CALLS}


def _keeping(house: House, together: threading.Barrier, owner: str) -> list[Told]:
    """Call on one connection, with a jar that legacy's cookies land in."""
    with house.client() as client:
        client.cookies.set("caller", owner)
        together.wait()
        told = []
        for number in range(CALLS):
            target, body = f"/{owner}/{uuid4().hex}", _body(owner, number)
            answer = client.request("GET", target, content=body)
            pairs = tuple(answer.headers.multi_items())
            sent = {f"caller={owner}", f"owner={owner}"} if number else {f"caller={owner}"}
            told.append(_told(Answer(answer.status_code, pairs, answer.content), owner, target, sent, body))
        strange = tuple(cookie.value or "" for cookie in client.cookies.jar if cookie.value != owner)
        return [*told[:-1], Told(told[-1].status, (*told[-1].strange, *strange))]


def _anew(house: House, together: threading.Barrier, owner: str) -> list[Told]:
    """Call on a new connection each time."""
    together.wait()
    told = []
    for number in range(CALLS):
        target, body = f"/{owner}/{uuid4().hex}", _body(owner, number)
        answer = httpx_client(house.url, Ask("GET", target, (("Cookie", f"caller={owner}"),), body))
        told.append(_told(answer, owner, target, {f"caller={owner}"}, body))
    return told


def _body(owner: str, number: int) -> bytes:
    return f"{owner} {number}".encode() if number % 2 else b""


def _told(answer: Answer, owner: str, target: str, sent: set[str], body: bytes) -> Told:
    """Compare an answer with what its caller sent."""
    wanted = {
        "nonce": target.rpartition("/")[2],
        "cookies": sorted(sent),
        "body": body.decode(),
        "set-cookie": [f"owner={owner}"],
        "x-owner": [owner],
    }
    document = json.loads(answer.body)
    (line,) = document.get("cookies") or [""]
    got = {
        "nonce": document.get("nonce"),
        "cookies": sorted(line.split("; ")),
        "body": document.get("body"),
        "set-cookie": answer.values("set-cookie"),
        "x-owner": answer.values("x-owner"),
    }
    return Told(answer.status, tuple(f"{name}: {got[name]}" for name in wanted if got[name] != wanted[name]))


def _is_mixed(request: bytes) -> bool:
    """Whether a request as legacy got it holds a cookie or a body of someone who is not in its path."""
    owner = request.split(b" ", 2)[1].split(b"/")[1]
    head, _, body = request.partition(b"\r\n\r\n")
    (line,) = (each for each in head.split(b"\r\n") if each.lower().startswith(b"cookie: "))
    values = {crumb.partition(b"=")[2] for crumb in line.partition(b": ")[2].split(b"; ")}
    return values != {owner} or (bool(body) and body.split(b" ")[0] != owner)
