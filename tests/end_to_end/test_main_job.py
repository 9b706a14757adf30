"""The main job: a client gets through the proxy what it would get from the legacy system itself."""

import gzip
import json
import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path

import httpx
import pytest

from proxy.cli.doors import Door
from proxy.dev.front_doors import FRONT_DOORS

from .client import Answer, Ask, Client, curl_client, directly, httpx_client, proxied
from .house import DYNAMODB, LEGACY, ROUTES, WORKER, House

FORM = (("Content-Type", "application/x-www-form-urlencoded"),)
JSON = (("Content-Type", "application/json"),)
BINARY = (("Content-Type", "application/octet-stream"),)
MULTIPART = (("Content-Type", "multipart/form-data; boundary=cut-here"),)
ONE_MEGABYTE = random.Random(1).randbytes(1_000_000)
TWO_FILES = (
    b'--cut-here\r\nContent-Disposition: form-data; name="note"\r\n\r\nJ\xc3\xb6rg\r\n'
    b'--cut-here\r\nContent-Disposition: form-data; name="file"; filename="a.bin"\r\n'
    b"Content-Type: application/octet-stream\r\n\r\n\x00\xff\r\n\r\n--cut\r\n"
    b'--cut-here\r\nContent-Disposition: form-data; name="file"; filename="b.txt"\r\n\r\nb\r\n--cut-here--\r\n'
)
NEW_ORDER = b'{"customer": "C-1001", "lines": [{"sku": "P-101", "quantity": 2}]}'

CLIENTS = pytest.mark.parametrize(
    "client",
    [
        pytest.param(httpx_client, id="httpx"),
        pytest.param(curl_client, id="curl", marks=pytest.mark.external),  # not every machine has curl
    ],
)

# What answers is in the table's first column, so that an endpoint cannot change sides without a test noticing.
ASKS = {
    "legacy": [
        Ask("GET", "/"),
        Ask("GET", "/logo.png"),
        Ask("GET", "/reports/sales.csv"),
        Ask("GET", "/reports/sales.csv", (("Accept-Encoding", "identity"),)),
        Ask("GET", "/customers?country=DE&limit=3"),
        Ask("GET", "/customers?limit=0&after=nonsense"),
        Ask("GET", "/orders?customer=C-1001"),
        Ask("GET", "/orders"),
        Ask("GET", "/orders/O-1"),
        Ask("POST", "/orders", JSON, b'{"customer": "C-1", "lines": [{"sku": "P-101", "quantity": 0}]}'),
        Ask("POST", "/orders", JSON, b"{"),
        Ask("POST", "/orders"),
        Ask("GET", "/old-orders/O-5001"),
        Ask("GET", "/account"),
        Ask("GET", "/account", (("Cookie", "a=1"), ("Cookie", "session=forged; b=2"))),
        Ask("POST", "/login", FORM, b"username=ada&password=lovelace"),
        Ask("POST", "/login", FORM, b"username=ada&password=wrong"),
        Ask("POST", "/logout"),
        Ask("GET", "/search?q=pen&tag=a&tag=b&tag=a&flag&empty=&x=%20+%2B&y=a%2Cb"),
        Ask("GET", "/search?q=caf%C3%A9"),
        Ask("GET", "/search?"),
        Ask("POST", "/uploads", MULTIPART, TWO_FILES),
        Ask("POST", "/uploads", BINARY, ONE_MEGABYTE),
        Ask("POST", "/uploads", (), b""),
        Ask("GET", "/files"),
        Ask("GET", "/files/100%25%20wool.txt"),
        Ask("GET", "/files/prix%2B%C3%A9t%C3%A9.txt"),
        Ask("GET", "/nothing/here"),
        Ask("GET", "/customers/C-1001/"),
        Ask("DELETE", "/"),
        Ask("PATCH", "/customers/C-1001", JSON, b"{}"),
        Ask("OPTIONS", "/orders"),
        Ask("PURGE", "/logo.png"),
    ],
    "migrated": [
        Ask("GET", "/customers/C-1001"),
        Ask("GET", "/customers/C-1001?fields=all&fields=none"),
        Ask("GET", "/customers/C-9"),
    ],
}


@CLIENTS
@pytest.mark.parametrize("ask", ASKS["legacy"], ids=str)
def test_client_gets_from_legacy_through_the_proxy_what_it_gets_directly(
    house: House, client: Client, ask: Ask
) -> None:
    """Law 1: bytes in equal bytes out, both ways, within what the front door can carry."""
    direct = directly(house, ask, client)

    through = proxied(house, ask, client)

    assert through == direct


@CLIENTS
@pytest.mark.parametrize("ask", ASKS["migrated"], ids=str)
def test_migrated_endpoint_answers_as_legacy_does(house: House, client: Client, ask: Ask) -> None:
    direct = directly(house, ask, client)

    through = proxied(house, ask, client)

    # The one thing that a client can tell the sides apart by: legacy names its server.
    assert through == replace(direct, headers=tuple(pair for pair in direct.headers if pair[0] != "server"))


@CLIENTS
@pytest.mark.parametrize("target", ["/", "/logo.png", "/reports/sales.csv", "/customers?limit=1", "/nothing"])
def test_answer_to_head_has_the_headers_of_a_get_and_no_body(house: House, client: Client, target: str) -> None:
    direct = directly(house, Ask("HEAD", target), client)

    through = proxied(house, Ask("HEAD", target), client)

    # A front door computes the length of what it sends, so the length of what a GET would get is lost on the way.
    assert without(through, "content-length") == without(direct, "content-length")
    assert through.body == b""


@CLIENTS
def test_client_that_has_the_picture_gets_304(house: House, client: Client) -> None:
    (etag,) = proxied(house, Ask("GET", "/logo.png"), client).values("etag")
    again = Ask("GET", "/logo.png", (("If-None-Match", etag),))

    direct, through = directly(house, again, client), proxied(house, again, client)

    assert (through.status, through.values("etag"), through.body) == (304, [etag], b"")
    # An answer without a type gets one from payload format 2.0; a cached picture keeps its own.
    assert without(through, "content-type") == without(direct, "content-type")


def test_compressed_report_arrives_as_it_was_compressed(house: House) -> None:
    through = proxied(house, Ask("GET", "/reports/sales.csv"))

    assert through.values("content-encoding") == ["gzip"]
    assert gzip.decompress(through.body).startswith(b"order,customer,name,")


def test_upload_comes_back_byte_for_byte(house: House) -> None:
    (location,) = proxied(house, Ask("POST", "/uploads", BINARY, ONE_MEGABYTE)).values("location")

    back = proxied(house, Ask("GET", location))

    assert back.body == ONE_MEGABYTE


@pytest.mark.parametrize(
    ("ask", "status", "path"),
    [
        (Ask("GET", "/old-orders/O-5001"), 301, "/orders/O-5001"),
        (Ask("GET", "/account"), 302, "/login"),
        (Ask("POST", "/login", FORM, b"username=ada&password=lovelace"), 302, "/account"),
    ],
    ids=str,
)
def test_absolute_redirect_leads_back_to_the_proxy(house: House, ask: Ask, status: int, path: str) -> None:
    through = proxied(house, ask)

    assert (through.status, through.values("location")) == (status, [f"{house.url}{path}"])


def test_each_cookie_is_set_by_a_line_of_its_own(house: House) -> None:
    through = proxied(house, Ask("POST", "/login", FORM, b"username=ada&password=lovelace"))

    assert [cookie.partition("=")[0] for cookie in through.values("set-cookie")] == ["session", "theme"]


def test_visitor_signs_in_sees_the_account_and_signs_out(house: House) -> None:
    with house.client(follow_redirects=True) as browser:
        before = browser.get("/account")
        inside = browser.post("/login", data={"username": "ada", "password": "lovelace"})
        account = browser.get("/account")
        outside = browser.post("/logout")
        after = browser.get("/account")

    assert (str(before.url), before.status_code) == (f"{house.url}/login", 200)
    assert (str(inside.url), inside.history[0].status_code) == (f"{house.url}/account", 302)
    assert "Hello Ada Lovelace" in account.text
    assert (str(outside.url), outside.status_code) == (f"{house.url}/", 200)
    assert after.url == before.url


def test_cookies_of_one_visitor_never_reach_another(house: House) -> None:
    """Law 8: nothing a client sends can reach another client's response."""
    with house.client() as one, house.client() as other:
        one.post("/login", data={"username": "ada", "password": "lovelace"})

        visits = [(client.get("/account").status_code) for client in (one, other) * 10]

    assert visits == [200, 302] * 10


def test_legacy_sees_the_request_and_the_client_it_came_from(house: House) -> None:
    ask = Ask(
        "POST", "/echo?b=1&a=%2f&a=2&c", (*JSON, ("X-Tag", "1"), ("Cookie", "a=1; b=2")), b'{"name": "J\xc3\xb6rg"}'
    )

    direct, through = echoed(directly(house, ask)), echoed(proxied(house, ask))

    vouched = {name.lower(): value for name, value in house.vouched.items()}
    assert through == {**direct, "headers": {**direct["headers"], **vouched}}


def test_repeated_headers_reach_legacy_in_one_line(house: House) -> None:
    """A documented loss: payload format 2.0 joins what a client repeats; RFC 9110, 5.3 says that it means the same."""
    ask = Ask("GET", "/echo", (("X-Tag", "1"), ("x-tag", "2")))

    through = json.loads(proxied(house, ask).body)

    assert [pair for pair in through["headers"] if pair[0].lower() == "x-tag"] == [["x-tag", "1,2"]]


def test_encoded_slash_survives_a_function_url(function_url_house: House) -> None:
    ask = Ask("GET", "/files/2024%2Fq1%2Fsales.txt")

    through = proxied(function_url_house, ask)

    assert through == directly(function_url_house, ask)
    assert through.body == b"Sales of the first quarter: 1204\n"


def test_encoded_slash_is_lost_in_an_http_api(http_api_house: House) -> None:
    """A documented loss: an HTTP API decodes the path before the function sees it."""
    through = proxied(http_api_house, Ask("GET", "/files/2024%2Fq1%2Fsales.txt"))

    assert through == directly(http_api_house, Ask("GET", "/files/2024/q1/sales.txt"))
    assert through.status == 404


def test_migrated_endpoint_leaves_legacy_alone(house: House) -> None:
    since = house.here

    answers = [proxied(house, Ask("GET", f"/customers/C-{number}")).status for number in range(1001, 1006)]
    proxied(house, Ask("GET", "/search?q=last"))

    # The log is written in order, so what came before the last line is all there is.
    last = house.wait_for_line(lambda line: "/search?q=last" in line and line.startswith("legacy | "), since)
    lines = house.lines[since:]
    assert answers == [200] * 5
    # Only of customers: legacy may still log what an earlier test has asked it.
    before = lines[: lines.index(last)]
    assert [line for line in before if line.startswith("legacy | ") and "/customers" in line] == []


def test_record_of_an_exchange_says_who_answered(house: House) -> None:
    since = house.here

    ids = [request_id(house, target) for target in ("/customers/C-1001", "/orders/O-5001", "/logo.png")]

    records = [json.loads(house.wait_for_line(partial(is_in, known), since)) for known in ids]
    fields = ("route", "stage", "side", "reason", "status", "code", "table_version")
    assert [tuple(record[field] for field in fields) for record in records] == [
        ("customers.read", "migrated", "migrated", "stage", 200, "", 1),
        ("orders.read", "legacy", "legacy", "stage", 200, "", 1),
        ("unlisted", "unlisted", "legacy", "unlisted", 200, "", 1),
    ]


def test_many_clients_at_once_each_get_their_own_answer(house: House) -> None:
    def search(number: int) -> object:
        return json.loads(proxied(house, Ask("GET", f"/search?q=P-{number}")).body)["parameters"]

    with ThreadPoolExecutor(16) as pool:
        parameters = list(pool.map(search, range(100)))

    assert parameters == [[["q", f"P-{number}"]] for number in range(100)]


@pytest.fixture(scope="module")
def migrated_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A house in which every route has moved."""
    routes = ROUTES.replace("stage: legacy", "stage: migrated")
    with House(tmp_path_factory.mktemp("migrated"), routes=routes) as house:
        yield house


def test_order_placed_on_the_migrated_side_is_there_and_unknown_to_legacy(migrated_house: House) -> None:
    with migrated_house.client() as client:
        placed = client.post("/orders", content=NEW_ORDER, headers=dict(JSON))
        read = client.get(placed.headers["location"])
        listed = client.get("/orders", params={"customer": "C-1001"})
    at_legacy = directly(migrated_house, Ask("GET", f"/orders/{placed.json()['id']}"))

    assert placed.status_code == 201
    assert placed.headers["location"] == f"{migrated_house.url}/orders/{placed.json()['id']}"
    assert undated(read) == undated(placed)
    assert listed.json()["orders"][0] == undated(placed)
    assert at_legacy.status == 404


@pytest.mark.parametrize(
    "ask",
    [
        Ask("GET", "/customers?country=DE&limit=3"),
        Ask("GET", "/customers?limit=0&after=nonsense"),
        Ask("GET", "/orders?customer=C-1002"),
        Ask("GET", "/orders"),
        Ask("GET", "/orders/O-1"),
        Ask("POST", "/orders", JSON, b'{"customer": "C-1", "lines": [{"sku": "P-101", "quantity": 0}]}'),
        Ask("POST", "/orders", JSON, b"{"),
        Ask("DELETE", "/orders/O-5001"),
    ],
    ids=str,
)
def test_every_migrated_endpoint_answers_as_legacy_does(migrated_house: House, ask: Ask) -> None:
    through = proxied(migrated_house, ask)

    assert without(through, "server") == without(directly(migrated_house, ask), "server")


def test_parts_are_the_function_its_database_and_the_sample_shop(house: House) -> None:
    counts = {kind: len(house.parts(kind)) for kind in ("", WORKER, LEGACY, DYNAMODB)}

    assert counts == {"": 4, WORKER: 2, LEGACY: 1, DYNAMODB: 1}


@pytest.mark.parametrize("front_door", sorted(FRONT_DOORS.keys() - {"http-api", "function-url"}))
def test_every_other_front_door_serves_both_sides(tmp_path: Path, frugal: tuple[str, ...], front_door: str) -> None:
    with House(tmp_path, "--front-door", front_door, *frugal) as house:
        answers = [proxied(house, Ask("GET", target)) for target in ("/logo.png", "/customers/C-1001")]
        direct = [directly(house, Ask("GET", target)) for target in ("/logo.png", "/customers/C-1001")]

    assert [(each.status, each.body) for each in answers] == [(each.status, each.body) for each in direct]


def test_every_front_door_can_be_chosen() -> None:
    assert {door.value for door in Door} == FRONT_DOORS.keys()


def without(answer: Answer, name: str) -> Answer:
    """Return an answer less one header."""
    return replace(answer, headers=tuple(pair for pair in answer.headers if pair[0] != name))


def echoed(answer: Answer) -> dict[str, dict[str, str]]:
    """Return a request as legacy saw it; names of headers are case-blind, and their order is the front door's."""
    request = json.loads(answer.body)
    return {**request, "headers": {name.lower(): value for name, value in request["headers"]}}


def undated(answer: httpx.Response) -> dict[str, object]:
    """Return an order without the time of its reading."""
    return {name: value for name, value in answer.json().items() if name != "generated_at"}


def is_in(text: str, line: str) -> bool:
    """Tell whether a line holds a text."""
    return text in line


def request_id(house: House, target: str) -> str:
    """Return the id that the front door gave to a request."""
    with house.client() as client:
        answer = client.get(target)
    return str(answer.headers.get("apigw-requestid") or answer.headers["x-amzn-requestid"])
