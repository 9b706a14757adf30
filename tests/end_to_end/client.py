"""One request, asked directly and through the proxy, and what may differ between the two answers."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import httpx

from .house import DEADLINE_S, House

Fields = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Ask:
    """A request; `target` goes on the wire as it stands."""

    method: str
    target: str
    headers: Fields = ()
    body: bytes | None = None

    def __str__(self) -> str:
        return f"{self.method} {self.target}"


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer with its body as it came over the wire; compressed ones stay compressed."""

    status: int
    headers: Fields
    body: bytes

    def values(self, name: str) -> list[str]:
        """Return the values of every line of a header; `name` is lower case."""
        return [value for key, value in self.headers if key.lower() == name]


Client = Callable[[str, Ask], Answer]


def httpx_client(url: str, ask: Ask) -> Answer:
    """Ask with httpx, without following, decoding or proxies."""
    target = ask.target.encode("ascii")
    request = httpx.Request(
        ask.method, url, headers=ask.headers, content=ask.body, extensions={"target": target, "timeout": _TIMEOUTS}
    )
    # Without `verify=False`, each transport would read every certificate authority there is, for nothing.
    with httpx.HTTPTransport(trust_env=False, verify=False) as transport:
        answer = transport.handle_request(request)
        try:
            body = b"".join(answer.iter_raw())
        finally:
            answer.close()
    pairs = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in answer.headers.raw)
    return Answer(answer.status_code, pairs, body)


def curl_client(url: str, ask: Ask) -> Answer:
    """Ask with the curl of this machine."""
    curl = shutil.which("curl")
    assert curl is not None, "tests with curl are marked external"
    with tempfile.TemporaryDirectory() as folder:
        head, body = Path(folder, "head"), Path(folder, "body")
        options = ["-sS", "-q", "--http1.1", "--raw", "--path-as-is", "--noproxy", "*", "--max-time", str(DEADLINE_S)]
        options += ["-I"] if ask.method == "HEAD" else ["-X", ask.method]
        options += ["-H", "Expect:"]  # a 100 Continue would be a second head in the file
        for name, value in ask.headers:
            options += ["-H", f"{name}: {value}"]
        if ask.body is not None:
            options += ["--data-binary", "@-"]
        command = [curl, *options, "-D", str(head), "-o", str(body), url + ask.target]
        subprocess.run(command, input=ask.body or b"", check=True, env={**os.environ, "LC_ALL": "C"})
        status_line, *lines = head.read_text("latin-1").rstrip().splitlines()
        pairs = tuple((name, value) for name, _, value in (line.partition(": ") for line in lines))
        # curl writes the head into the output of -I, too.
        content = body.read_bytes() if body.exists() and ask.method != "HEAD" else b""
    return Answer(int(status_line.split()[1]), pairs, content)


def directly(house: House, ask: Ask, client: Client = httpx_client) -> Answer:
    """Return legacy's answer to a client that goes around the proxy but names the same host as one that does not."""
    headers = (("Host", house.host), *ask.headers)
    return comparable(client(house.legacy_url, replace(ask, headers=headers)), house.front_door)


def proxied(house: House, ask: Ask, client: Client = httpx_client) -> Answer:
    """Return what comes through the proxy, less what the front door is documented to add."""
    return comparable(client(house.url, ask), house.front_door)


def comparable(answer: Answer, front_door: str) -> Answer:
    """Return an answer without what speaks of one connection or moment, and its headers in one order.

    Dates differ by the moment. A front door frames the message itself, gives ids of its own, and writes repeats into
    one line, which RFC 9110, 5.3 says is the same; only Set-Cookie keeps its lines. Names are case-blind.
    """
    not_carried = _NOT_CARRIED.get(front_door, ())
    cookies = []
    fields: dict[str, str] = {}
    for name, value in answer.headers:
        known = _REMAPPED.get(name.lower(), name.lower())
        if known == "set-cookie":
            cookies.append((known, value))
        elif known not in _OF_ONE_EXCHANGE and known not in not_carried:
            fields[known] = f"{fields[known]}, {value}" if known in fields else value
    return replace(answer, headers=(*sorted(fields.items()), *cookies))


_TIMEOUTS = dict.fromkeys(("connect", "read", "write", "pool"), DEADLINE_S)

_OF_ONE_EXCHANGE = frozenset(
    {
        "date",
        "connection",
        "transfer-encoding",
        "apigw-requestid",  # HTTP API
        "x-amzn-requestid",  # function URL
        "x-amzn-trace-id",
    }
)
# What the front door says itself, and of the function's only under another name: see its own module and codec.
_NOT_CARRIED = {"function-url": ("server",), "rest-api": ("server",)}
_REMAPPED = {f"x-amzn-remapped-{name}": name for name in ("date", "server", "www-authenticate")}
