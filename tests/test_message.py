"""What travels through the proxy."""

import pytest

from proxy.message import NO_RESULT, Headers, Response
from tests.samples import request

PAIRS = ((b"X-Trace", b"t-1"), (b"Host", b"api.shop.example"), (b"x-trace", b"t-2"))


@pytest.mark.parametrize(
    ("name", "first", "every"),
    [
        (b"x-trace", b"t-1", [b"t-1", b"t-2"]),
        (b"host", b"api.shop.example", [b"api.shop.example"]),
        (b"accept", None, []),
    ],
)
def test_headers_are_found_whatever_their_case(name: bytes, first: bytes | None, every: list[bytes]) -> None:
    headers = Headers(PAIRS)

    found = headers.get(name), headers.all(name)

    assert found == (first, every)


def test_headers_keep_order_case_and_repeats() -> None:
    headers = Headers(PAIRS)

    assert (tuple(headers), len(headers)) == (PAIRS, 3)


@pytest.mark.parametrize(
    ("path", "query", "target"),
    [
        ("/", "", "/"),
        ("/a%2Fb", "q=x%20y+z&flag", "/a%2Fb?q=x%20y+z&flag"),
        ("//a/../b", "?", "//a/../b??"),
    ],
)
def test_target_is_the_raw_path_with_the_raw_query(path: str, query: str, target: str) -> None:
    assert request(path=path, query=query).target == target


def test_answers_that_end_up_in_a_log_show_no_content() -> None:
    asked = request("POST", "/orders", "token=SECRET", ((b"Authorization", b"SECRET"),), b"SECRET")
    forwarded = Response(200, Headers(((b"Set-Cookie", b"SECRET"),)), b"SECRET")
    own = Response(502, Headers(), b"{}", "legacy_broken")

    shown = [repr(asked), repr(forwarded), repr(own)]

    assert shown == [
        "<Request POST /orders id=request-1>",
        "<Response 200 6 bytes>",
        "<Response 502 2 bytes legacy_broken>",
    ]


def test_response_without_a_handlers_result_is_not_one_whose_handler_returned_none() -> None:
    assert Response(200, Headers(), b"").result is NO_RESULT
    assert Response(200, Headers(), b"", result=None).result is None
