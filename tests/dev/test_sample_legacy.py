"""The sample legacy system: every endpoint through Flask's test client, and what only a wire shows through a socket."""

import contextlib
import gzip
import hashlib
import http.client
import io
import json
import os
import re
import signal
import socket
import subprocess
import sys
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from proxy.dev.sample_legacy import seed
from proxy.dev.sample_legacy.app import create_app

if TYPE_CHECKING:
    from tests.dev.conftest import LegacyProcess

ROOT = Path(__file__).parents[2]
HOST = "shop.example:8080"
NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
NEW_ORDER = {"customer": "C-1001", "lines": [{"sku": "P-101", "quantity": 2}, {"sku": "P-104", "quantity": 99}]}


@pytest.fixture
def slept() -> list[float]:
    return []


class Visitor(FlaskClient):
    """Flask's test client, which knows the shop under the host that the tests expect in absolute URLs."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:  # Any: passed on as it came
        return super().open(*args, **{"base_url": f"http://{HOST}", **kwargs})


@pytest.fixture
def shop(slept: list[float]) -> FlaskClient:
    """A shop of the test's own, at a standing clock, that notes how long it would have slept."""
    app = create_app(now=lambda: NOW, sleep=slept.append)
    app.test_client_class = Visitor
    return app.test_client()


def document(answer: TestResponse) -> Any:  # Any: JSON, compared as a whole
    return json.loads(answer.get_data())


def fault(code: str, detail: str, *fields: tuple[str, str]) -> dict[str, Any]:
    content: dict[str, Any] = {"code": code, "detail": detail}
    if fields:
        content["fields"] = [{"field": field, "problem": problem} for field, problem in fields]
    return {"fault": content}


def test_seed_is_the_same_in_every_process() -> None:
    shown = repr((seed.CUSTOMERS, seed.PRODUCTS, seed.ORDERS))
    program = (
        "import hashlib; from proxy.dev.sample_legacy import seed;"
        "print(hashlib.sha256(repr((seed.CUSTOMERS, seed.PRODUCTS, seed.ORDERS)).encode()).hexdigest())"
    )

    elsewhere = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.strip()

    assert elsewhere == hashlib.sha256(shown.encode()).hexdigest()


def test_seed_has_the_sizes_of_a_small_shop() -> None:
    sizes = (len(seed.CUSTOMERS), len(seed.PRODUCTS), len(seed.ORDERS))
    lines = [len(order.lines) for order in seed.ORDERS]
    repeated = [order.id for order in seed.ORDERS if len({line.sku for line in order.lines}) < len(order.lines)]

    assert (sizes, set(lines), repeated) == ((40, 25, 200), {1, 2, 3, 4}, [])


def test_start_page_lists_every_product_escaped_and_links_relatively(shop: FlaskClient) -> None:
    answer = shop.get("/")

    page = answer.get_data(as_text=True)
    assert (answer.status_code, answer.content_type) == (200, "text/html; charset=utf-8")
    assert page.count("<li ") == len(seed.PRODUCTS)
    assert all(text in page for text in ('<img src="/logo.png"', '<a href="login">', "Sealing wax &lt;red&gt;", "Café"))


def test_logo_is_a_png_that_caches_can_keep(shop: FlaskClient) -> None:
    answer = shop.get("/logo.png")

    picture = answer.get_data()
    start = picture.index(b"IDAT")
    length = int.from_bytes(picture[start - 4 : start])
    pixels = zlib.decompress(picture[start + 4 : start + 4 + length])
    assert (answer.status_code, answer.content_type) == (200, "image/png")
    assert answer.headers["Cache-Control"] == "public, max-age=86400"
    assert (picture[:8], len(pixels)) == (b"\x89PNG\r\n\x1a\n", 64 * (1 + 64 * 3))


def test_logo_that_the_client_has_is_not_sent_again(shop: FlaskClient) -> None:
    etag = shop.get("/logo.png").headers["ETag"]

    answer = shop.get("/logo.png", headers={"If-None-Match": etag})

    assert (answer.status_code, answer.get_data(), answer.headers["ETag"]) == (304, b"", etag)


def test_login_redirects_absolutely_and_sets_two_cookies(shop: FlaskClient) -> None:
    answer = shop.post("/login", data={"username": "ada", "password": "lovelace"})

    session, theme = answer.headers.getlist("Set-Cookie")
    assert (answer.status_code, answer.headers["Location"]) == (302, f"http://{HOST}/account")
    assert re.fullmatch(r"session=ada\.[0-9a-f]{32}; Path=/; HttpOnly", session)
    assert theme == "theme=light; Path=/; Expires=Wed, 21 Oct 2099 07:28:00 GMT"


@pytest.mark.parametrize(
    "form", [{"username": "ada", "password": "byron"}, {"username": "ada"}, {"username": "eve", "password": "x"}, {}]
)
def test_wrong_login_gets_the_form_again_and_no_cookie(shop: FlaskClient, form: dict[str, str]) -> None:
    answer = shop.post("/login", data=form)

    assert (answer.status_code, answer.content_type) == (401, "text/html; charset=utf-8")
    assert "Wrong name or password" in answer.get_data(as_text=True)
    assert "Set-Cookie" not in answer.headers


def test_login_page_is_a_form(shop: FlaskClient) -> None:
    answer = shop.get("/login")

    assert (answer.status_code, answer.content_type) == (200, "text/html; charset=utf-8")
    assert '<form method="post" action="/login">' in answer.get_data(as_text=True)


def test_account_greets_who_signed_in_until_the_logout(shop: FlaskClient) -> None:
    shop.post("/login", data={"username": "ada", "password": "lovelace"})
    inside = shop.get("/account")
    logout = shop.post("/logout")
    outside = shop.get("/account")

    assert (inside.status_code, "Ada Lovelace" in inside.get_data(as_text=True)) == (200, True)
    assert (logout.status_code, logout.headers["Location"]) == (302, f"http://{HOST}/")
    assert logout.headers["Set-Cookie"].startswith("session=; Expires=Thu, 01 Jan 1970 00:00:00 GMT;")
    assert (outside.status_code, outside.headers["Location"]) == (302, f"http://{HOST}/login")


@pytest.mark.parametrize("session", ["ada", "ada.0", "ada.é", "eve.1", "."])
def test_forged_session_is_sent_to_the_login(shop: FlaskClient, session: str) -> None:
    answer = shop.get("/account", headers={"Cookie": f"session={session}".encode().decode("latin-1")})

    assert (answer.status_code, answer.headers["Location"]) == (302, f"http://{HOST}/login")


def test_customer_is_answered_in_the_order_of_its_fields(shop: FlaskClient) -> None:
    answer = shop.get("/customers/C-1001")

    assert (answer.status_code, answer.content_type) == (200, "application/json")
    assert answer.get_data() == (
        b'{"id":"C-1001","name":"Ada Lovelace","email":"customer1001@shop.example","country":"DE",'
        b'"city":"K\\u00f6ln","phone":"+49 555 100200","newsletter":true,"credit_limit":500.0}\n'
    )


def test_pages_of_customers_join_to_the_whole_list(shop: FlaskClient) -> None:
    ids: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        page = document(shop.get(f"/customers?limit=7&after={cursor}"))
        ids += [customer["id"] for customer in page["customers"]]
        cursor = page["next"]

    assert ids == [customer.id for customer in seed.CUSTOMERS]


def test_country_filters_the_customers(shop: FlaskClient) -> None:
    found = document(shop.get("/customers?country=PT&limit=100"))

    expected = [customer.id for customer in seed.CUSTOMERS if customer.country == "PT"]
    assert ([customer["id"] for customer in found["customers"]], found["next"]) == (expected, None)


def test_order_carries_lines_total_and_the_time_of_reading(shop: FlaskClient) -> None:
    order = next(order for order in seed.ORDERS if len(order.lines) == 3)

    answer = shop.get(f"/orders/{order.id}")

    assert document(answer) == {
        "id": order.id,
        "customer": order.customer,
        "status": order.status,
        "currency": "EUR",
        "lines": [
            {"sku": line.sku, "quantity": line.quantity, "unit_price": line.unit_price_cents / 100}
            for line in order.lines
        ],
        "total": order.total_cents / 100,
        "generated_at": "2026-03-04T05:06:07Z",
    }


def test_orders_of_a_customer_come_newest_first(shop: FlaskClient) -> None:
    found = document(shop.get("/orders?customer=C-1001"))["orders"]

    expected = [order.id for order in reversed(seed.ORDERS) if order.customer == "C-1001"]
    assert [order["id"] for order in found] == expected
    assert len(expected) > 2


def test_new_order_follows_the_last_one_and_can_be_read(shop: FlaskClient) -> None:
    answer = shop.post("/orders", json=NEW_ORDER)
    later = shop.post("/orders", json=NEW_ORDER)

    assert (answer.status_code, answer.headers["Location"]) == (201, f"http://{HOST}/orders/O-5201")
    assert document(answer) == {
        "id": "O-5201",
        "customer": "C-1001",
        "status": "received",
        "currency": "EUR",
        "lines": [
            {"sku": "P-101", "quantity": 2, "unit_price": 12.9},
            {"sku": "P-104", "quantity": 99, "unit_price": 0.9},
        ],
        "total": 114.9,
        "generated_at": "2026-03-04T05:06:07Z",
    }
    assert document(shop.get("/orders/O-5201")) == document(answer)
    assert document(later)["id"] == "O-5202"


def test_concurrent_orders_get_distinct_ids() -> None:
    app = create_app()

    with ThreadPoolExecutor(8) as pool:
        answers = pool.map(lambda _: document(app.test_client().post("/orders", json=NEW_ORDER))["id"], range(40))

    assert sorted(answers) == [f"O-{number}" for number in range(5201, 5241)]


@pytest.mark.parametrize(
    ("method", "target", "status", "expected"),
    [
        ("GET", "/orders/O-9", 404, fault("ORDER_NOT_FOUND", "no order O-9")),
        ("GET", "/orders/O-05001", 404, fault("ORDER_NOT_FOUND", "no order O-05001")),
        ("GET", "/customers/C-9", 404, fault("CUSTOMER_NOT_FOUND", "no customer C-9")),
        ("GET", "/files/2024/q1/sales.txt", 404, fault("FILE_NOT_FOUND", "no file 2024/q1/sales.txt")),
        ("GET", "/files/nope", 404, fault("FILE_NOT_FOUND", "no file nope")),
        ("GET", "/uploads/00", 404, fault("UPLOAD_NOT_FOUND", "no upload 00")),
        ("GET", "/orders", 400, fault("INVALID_QUERY", "the query is not valid", ("customer", "is required"))),
        (
            "GET",
            "/slow?seconds=x",
            400,
            fault("INVALID_QUERY", "the query is not valid", ("seconds", "must be a number")),
        ),
        (
            *("GET", "/customers?limit=101&after=me", 400),
            fault(
                *("INVALID_QUERY", "the query is not valid"),
                *(("limit", "must be 1 to 100"), ("after", "must be a customer's id")),
            ),
        ),
        ("DELETE", "/orders/O-5001", 405, fault("METHOD_NOT_ALLOWED", "DELETE is not allowed here")),
        ("OPTIONS", "/health", 405, fault("METHOD_NOT_ALLOWED", "OPTIONS is not allowed here")),
    ],
)
def test_errors_have_the_shops_own_form(
    shop: FlaskClient, method: str, target: str, status: int, expected: dict[str, Any]
) -> None:
    answer = shop.open(target, method=method)

    assert (answer.status_code, answer.content_type, document(answer)) == (status, "application/json", expected)


@pytest.mark.parametrize("body", ["", "{", "[1,", '{"a":1}x', b"\xff", "[" * 100_000])
def test_malformed_json_is_refused(shop: FlaskClient, body: str | bytes) -> None:
    answer = shop.post("/orders", data=body)

    assert (answer.status_code, document(answer)) == (400, fault("MALFORMED_JSON", "the body is not JSON"))


@pytest.mark.parametrize(
    ("form", "fields"),
    [
        ([], [("order", "must be an object")]),
        ({}, [("customer", "is required"), ("lines", "is required")]),
        ({"customer": 1, "lines": []}, [("customer", "must be text"), ("lines", "must be a list of 1 to 20 lines")]),
        (
            {"customer": "C-9", "lines": [{"sku": "P-101", "quantity": 0}, {"quantity": True}, {"sku": 1}, "x"]},
            [
                ("customer", "is unknown"),
                ("lines[0].quantity", "must be 1 to 99"),
                ("lines[1].sku", "is required"),
                ("lines[1].quantity", "must be 1 to 99"),
                ("lines[2].sku", "must be text"),
                ("lines[2].quantity", "is required"),
                ("lines[3]", "must be an object"),
            ],
        ),
        (
            {"customer": "\ud800", "lines": [{"sku": "\ud800", "quantity": 1}]},
            [("customer", "is unknown"), ("lines[0].sku", "is unknown")],
        ),
    ],
)
def test_invalid_order_is_refused_with_every_problem_at_once(
    shop: FlaskClient, form: object, fields: list[tuple[str, str]]
) -> None:
    answer = shop.post("/orders", json=form)

    assert (answer.status_code, document(answer)) == (422, fault("INVALID_ORDER", "the order is not valid", *fields))


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [("PUT", "/orders", "GET, HEAD, POST"), ("POST", "/orders/O-5001", "GET, HEAD"), ("GET", "/uploads", "POST")],
)
def test_method_not_allowed_names_the_allowed_ones_in_order(
    shop: FlaskClient, method: str, path: str, allow: str
) -> None:
    answer = shop.open(path, method=method)

    assert (answer.status_code, answer.headers["Allow"]) == (405, allow)


@pytest.mark.parametrize("path", ["/nope", "/orders/", "/static/logo.png", "/orders//O-5001"])
def test_unknown_path_is_a_page_not_a_fault(shop: FlaskClient, path: str) -> None:
    answer = shop.get(path)

    assert (answer.status_code, answer.content_type) == (404, "text/html; charset=utf-8")


def test_former_links_move_permanently(shop: FlaskClient) -> None:
    answer = shop.get("/old-orders/O-5001")

    assert (answer.status_code, answer.headers["Location"]) == (301, f"http://{HOST}/orders/O-5001")


def test_report_is_compressed_for_everybody_and_never_changes(shop: FlaskClient) -> None:
    first = shop.get("/reports/sales.csv", headers={"Accept-Encoding": "identity"})
    shop.post("/orders", json=NEW_ORDER)
    second = shop.get("/reports/sales.csv")

    rows = gzip.decompress(first.get_data()).decode().splitlines()
    headers = {name: first.headers[name] for name in ("Content-Type", "Content-Encoding", "Content-Disposition")}
    assert headers == {
        "Content-Type": "text/csv; charset=utf-8",
        "Content-Encoding": "gzip",
        "Content-Disposition": 'attachment; filename="sales.csv"',
    }
    assert len(rows) == 1 + sum(len(order.lines) for order in seed.ORDERS)
    assert 35_000 < len(gzip.decompress(first.get_data())) < 50_000
    assert first.get_data() == second.get_data()


def test_raw_upload_comes_back_as_it_came(shop: FlaskClient) -> None:
    body = bytes(range(256)) * 3
    digest = hashlib.sha256(body).hexdigest()

    answer = shop.post("/uploads", data=body, headers={"Content-Type": "application/x-thing; v=1"})
    back = shop.get(answer.headers["Location"])

    assert (answer.status_code, answer.headers["Location"]) == (201, f"/uploads/{digest}")
    assert document(answer) == {"bytes": 768, "sha256": digest, "content_type": "application/x-thing; v=1", "files": []}
    assert (back.get_data(), back.content_type) == (body, "application/x-thing; v=1")


def test_multipart_upload_measures_each_file(shop: FlaskClient) -> None:
    form = {"note": "hi", "a": (io.BytesIO(b"one"), "1.txt"), "b": (io.BytesIO(b"\0two"), "2.bin")}

    answer = shop.post("/uploads", data=form)

    assert answer.status_code == 201
    assert document(answer)["files"] == [
        {"field": "a", "filename": "1.txt", "bytes": 3, "sha256": hashlib.sha256(b"one").hexdigest()},
        {"field": "b", "filename": "2.bin", "bytes": 4, "sha256": hashlib.sha256(b"\0two").hexdigest()},
    ]


def test_oldest_upload_goes_when_the_room_is_full(shop: FlaskClient) -> None:
    places = [shop.post("/uploads", data=b"%d" % number).headers["Location"] for number in range(21)]

    assert [shop.get(place).status_code for place in places] == [404] + [200] * 20


@pytest.mark.parametrize(
    ("query", "seconds"), [("", 1.0), ("?seconds=2", 2.0), ("?seconds=0.25", 0.25), ("?seconds=999", 60.0)]
)
def test_slow_answer_takes_as_long_as_asked_but_a_minute_at_most(
    shop: FlaskClient, slept: list[float], query: str, seconds: float
) -> None:
    answer = shop.get(f"/slow{query}")

    assert (document(answer), slept) == ({"slept_s": seconds}, [seconds])


def test_every_listed_file_is_found_under_its_encoded_key(shop: FlaskClient) -> None:
    files = document(shop.get("/files"))["files"]

    answers = [shop.get(file["href"]) for file in files]

    assert {answer.status_code for answer in answers} == {200}
    assert {"key": "2024/q1/sales.txt", "href": "/files/2024%2Fq1%2Fsales.txt"} in files
    assert shop.get("/files/2024%2fq1%2Fsales.txt").get_data() == b"Sales of the first quarter: 1204\n"


def test_search_repeats_the_question_in_its_order(shop: FlaskClient) -> None:
    answer = shop.get("/search?tag=b&tag=a&q=INK&flag&x=%2F+y")

    assert document(answer) == {
        "query_string": "tag=b&tag=a&q=INK&flag&x=%2F+y",
        "parameters": [["tag", "b"], ["tag", "a"], ["q", "INK"], ["flag", ""], ["x", "/ y"]],
        "tags": ["b", "a"],
        "products": [{"sku": "P-103", "name": "Ink, midnight blue", "price": 12.5}],
    }


def test_health_is_ok(shop: FlaskClient) -> None:
    answer = shop.get("/health")

    assert (answer.status_code, document(answer)) == (200, {"status": "ok"})


@contextlib.contextmanager
def wire_to(port: int) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", port), timeout=20) as wire:
        yield wire


def answer_on(wire: socket.socket, method: str = "GET") -> tuple[int, list[tuple[str, str]], bytes]:
    response = http.client.HTTPResponse(wire, method=method)
    # One byte at a time: a buffer would swallow the answer that follows.
    response.fp.close()
    response.fp = wire.makefile("rb", buffering=0)  # type: ignore[assignment]  # a raw reader does here
    response.begin()
    body = response.read()
    response.close()
    return response.status, response.getheaders(), body


def test_one_connection_carries_many_exchanges(legacy_process: "LegacyProcess") -> None:
    with wire_to(legacy_process.port) as wire:
        answers = []
        for path in (b"/health", b"/nope", b"/reports/sales.csv", b"/health"):
            wire.sendall(b"GET %s HTTP/1.1\r\nHost: shop\r\n\r\n" % path)
            answers.append(answer_on(wire))

    assert [status for status, _, _ in answers] == [200, 404, 200, 200]
    for _, headers, body in answers:
        names = [name.lower() for name, _ in headers]
        assert dict(headers)["Server"] == "ShopServer/2.3"
        assert (names.count("date"), names.count("content-length"), "connection" in names) == (1, 1, False)
        assert int(dict(headers)["Content-Length"]) == len(body)


@pytest.mark.parametrize(
    "unread",
    [
        b"POST /nope HTTP/1.1\r\nHost: shop\r\nContent-Length: 32\r\n\r\nGET /login HTTP/1.1\r\nHost: x\r\n\r\n",
        b"PUT /health HTTP/1.1\r\nHost: shop\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nGET /\r\n0\r\n\r\n",
    ],
)
def test_body_that_no_view_reads_is_not_taken_for_the_next_request(
    legacy_process: "LegacyProcess", unread: bytes
) -> None:
    with wire_to(legacy_process.port) as wire:
        wire.sendall(unread + b"GET /health HTTP/1.1\r\nHost: shop\r\n\r\n")
        first, second = answer_on(wire), answer_on(wire)

    assert first[0] in (404, 405)
    assert (second[0], second[2]) == (200, b'{"status":"ok"}\n')


@pytest.mark.parametrize(
    "framing",
    [
        b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n",
        b"Content-Length: 3\r\nContent-Length: 4\r\n",
        b"Content-Length: +3\r\n",
        b"Transfer-Encoding: gzip, chunked\r\n",
    ],
)
def test_doubtful_framing_is_refused_and_ends_the_connection(legacy_process: "LegacyProcess", framing: bytes) -> None:
    with wire_to(legacy_process.port) as wire:
        wire.sendall(b"POST /echo HTTP/1.1\r\nHost: shop\r\n" + framing + b"\r\n")
        status, headers, _ = answer_on(wire)

        assert (status, dict(headers)["Connection"], wire.recv(1)) == (400, "close", b"")


def test_head_has_the_length_but_not_the_content(legacy_process: "LegacyProcess") -> None:
    with wire_to(legacy_process.port) as wire:
        wire.sendall(b"HEAD /health HTTP/1.1\r\nHost: shop\r\n\r\nGET /health HTTP/1.1\r\nHost: shop\r\n\r\n")
        head, get = answer_on(wire, "HEAD"), answer_on(wire)

    assert (head[0], head[2], dict(head[1])["Content-Length"]) == (200, b"", "16")
    assert get[2] == b'{"status":"ok"}\n'


def test_echo_shows_any_request_as_it_came(legacy_process: "LegacyProcess") -> None:
    with wire_to(legacy_process.port) as wire:
        wire.sendall(
            b"BREW //echo?a=%2F&a=+ HTTP/1.1\r\nhost: Shop\r\nX-Two: 1\r\nx-two: 2\r\nContent-Length: 3\r\n\r\nabc"
        )
        status, _, body = answer_on(wire)

    assert (status, json.loads(body)) == (
        200,
        {
            "method": "BREW",
            "target": "//echo?a=%2F&a=+",
            "headers": [["host", "Shop"], ["X-Two", "1"], ["x-two", "2"], ["Content-Length", "3"]],
            "body_bytes": 3,
            "body_sha256": hashlib.sha256(b"abc").hexdigest(),
        },
    )


@pytest.mark.parametrize(
    ("target", "status"), [(b"/files/2024%2Fq2%2Fsales.txt", 200), (b"/files/2024/q2/sales.txt", 404)]
)
def test_encoded_slash_is_not_a_slash_on_the_wire(legacy_process: "LegacyProcess", target: bytes, status: int) -> None:
    with wire_to(legacy_process.port) as wire:
        wire.sendall(b"GET %s HTTP/1.1\r\nHost: shop\r\n\r\n" % target)

        assert answer_on(wire)[0] == status


def test_each_exchange_leaves_one_line_in_common_log_format(legacy_process: "LegacyProcess") -> None:
    with wire_to(legacy_process.port) as wire:
        wire.sendall(b'GET /health?mark="\x1b[31m\\ HTTP/1.1\r\nHost: shop\r\n\r\n')
        answer_on(wire)

    line = legacy_process.next_log_line_with("mark=")
    assert re.fullmatch(
        r"127\.0\.0\.1 - - \[\d{2}/[A-Z][a-z]{2}/\d{4}:\d{2}:\d{2}:\d{2} \+0000\] "
        r'"GET /health\?mark=\\"\\x1b\[31m\\\\ HTTP/1\.1" 200 16',
        line,
    )


def start(listener: socket.socket, *arguments: str, pipe: int | None = None) -> subprocess.Popen[bytes]:
    fds = [listener.fileno(), *([pipe] if pipe is not None else [])]
    command = [sys.executable, "-m", "proxy.dev.sample_legacy", "--fd", str(listener.fileno()), *arguments]
    return subprocess.Popen(command, cwd=ROOT, pass_fds=fds, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def test_process_serves_a_socket_handed_down_until_sigterm_and_says_nothing_else() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener, start(listener) as process:
        with wire_to(listener.getsockname()[1]) as wire:
            wire.sendall(b"GET /health HTTP/1.1\r\nHost: shop\r\nConnection: close\r\n\r\n")
            status, headers, _ = answer_on(wire)
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=20)

    assert (status, dict(headers)["Connection"]) == (200, "close")
    assert (process.returncode, out) == (0, b"")
    assert [line.split(b'"')[1] for line in err.splitlines()] == [b"GET /health HTTP/1.1"]


def test_process_ends_with_its_parent() -> None:
    read_end, write_end = os.pipe()
    with (
        socket.create_server(("127.0.0.1", 0)) as listener,
        start(listener, "--parent-pipe", str(read_end), pipe=read_end) as process,
    ):
        os.close(read_end)
        with wire_to(listener.getsockname()[1]) as wire:
            wire.sendall(b"GET /health HTTP/1.1\r\nHost: shop\r\n\r\n")
            answer_on(wire)
        os.close(write_end)

        assert process.communicate(timeout=20)[1].count(b"\n") == 1
        assert process.returncode == 0
