"""Tables that the check lets through, but only just, and requests that make the most of them."""

from collections.abc import Iterator
from itertools import product
from typing import Any

from proxy.message import Headers, Request

Row = dict[str, Any]  # Any: a document's values


def tables() -> Iterator[tuple[str, list[Row]]]:
    """Yield tables whose worst look-ups come near to what is allowed."""
    yield "4096 masks", [{"match": f"GET {template}"} for template in _masks(12)]
    yield "64 masks that end differently", [{"match": f"GET {template}/z{at}"} for at, template in enumerate(_masks(6))]
    yield (
        "32 masks, 16 before a rest",
        [
            *({"match": f"GET {template}/z{at}"} for at, template in enumerate(_masks(5))),
            *({"match": f"GET {template}/z{at}/{{rest+}}"} for at, template in enumerate(_masks(4))),
            *({"match": f"GET {template}/z{at}/{{rest+}}"} for at, template in enumerate(_masks(3))),
            *({"match": f"GET {template}/z{at}/{{rest+}}"} for at, template in enumerate(_masks(2))),
        ],
    )
    yield "16 rests that begin differently", [{"match": f"GET /{'a/' * at}z{at}/{{rest+}}"} for at in range(16)]
    yield "one template of 150 segments", [{"match": "GET " + "/a" * 150}]
    yield "139 hosts", [{"match": "GET /a", "when": {"host": f"t{at}.example"}} for at in range(139)]
    for source in ("header", "query", "cookie"):
        # Each asks for one more than the last, for with as many they would tie; and only the last is not met.
        asked = [{**{f"v{name}": "1" for name in range(count)}, f"v{count}": "2"} for count in range(9)]
        yield (
            f"9 routes that ask up to 9 times for a {source}",
            [{"match": "GET /a", "when": {source: names}} for names in asked],
        )


def _masks(depth: int) -> Iterator[str]:
    for mask in product((True, False), repeat=depth):
        yield "".join("/a" if literal else f"/{{p{at}}}" for at, literal in enumerate(mask))


def requests() -> Iterator[tuple[str, Request]]:
    """Yield what each is, and the request: many turns to take, 8 KB of path, and all that may be asked for."""
    paths = {f"{count} segments": "/a" * count for count in (*range(1, 20), 150)}
    paths |= {f"{count} segments and another": "/a" * count + "/other" for count in range(20)}
    paths |= {f"{name} and a slash": f"{path}/" for name, path in list(paths.items())}
    paths |= {f"{count} segments and //": "/a" * count + "//x" for count in range(14)}
    paths |= {
        "8 KB in one segment": "/" + "a" * 8_000,
        "8 KB of segments": "/a" * 4_000,
        "8 KB of segments and a slash": "/a" * 4_000 + "/",
        "8 KB of slashes": "/" * 8_000,
        "8 KB of //": "/a/" * 2_700,
        "8 KB in the twelfth segment": "/a" * 11 + "/" + "a" * 8_000,
        "8 KB of escapes": "/a" * 6 + "/" + "%2F" * 2_700,
    }
    query = "&".join(f"v{at}=1" for at in range(9))
    headers = Headers((*((f"v{at}".encode(), b"1") for at in range(9)), (b"cookie", query.replace("&", "; ").encode())))
    for name, path in paths.items():
        yield (
            name,
            Request("GET", path, query, headers, b"", "203.0.113.24", "https", "api.shop.example", "request-1", 0.0),
        )
