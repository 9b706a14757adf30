"""A client cannot tell the migrated handlers from the legacy system: same requests, same answers, byte for byte."""

import re
from typing import TYPE_CHECKING, Any

import pytest
from flask.testing import FlaskClient

from migrated.customers.api import handler as customers
from migrated.orders.api import handler as orders
from proxy.dev.sample_legacy.app import create_app

if TYPE_CHECKING:
    from tests.migrated.conftest import Ask

HOST = "shop.example:8080"
JSON = "application/json"

READS = [
    # one customer
    "/customers/C-1001",
    "/customers/C-1003",  # without a phone
    "/customers/C-1040",
    "/customers/C%2D1001",
    "/customers/C-9",
    "/customers/c-1001",
    "/customers/C-1001%20",
    "/customers/%C3%A9%E2%82%AC",
    "/customers/100%25",
    "/customers/%2541",
    "/customers/%FF",
    "/customers/a%2Fb",
    "/customers/%22%5C%60%0A%3F;a=1,+",
    "/customers/" + "9" * 3000,
    # pages of customers
    "/customers",
    "/customers?",
    "/customers?limit=1",
    "/customers?limit=100",
    "/customers?limit=5&after=C-1003",
    "/customers?after=C-1035",
    "/customers?after=C-1040",
    "/customers?after=C-0001",
    "/customers?country=FR",
    "/customers?country=FR&limit=3",
    "/customers?country=FR&limit=8",
    "/customers?country=FR&limit=3&after=C-1012",
    "/customers?country=",
    "/customers?country=fr",
    "/customers?country=%C3%A9",
    "/customers?country=" + "F" * 3000,
    "/customers?country=FR&country=DE",
    "/customers?limit=2&unknown=1&flag&&x=",
    "/customers?limit=0",
    "/customers?limit=101",
    "/customers?limit=",
    "/customers?limit=+5",
    "/customers?limit=%EF%BC%95",
    "/customers?limit=x&after=y",
    "/customers?after=C-1003%0A",
    # one order
    "/orders/O-5001",
    "/orders/O-5008",
    "/orders/O-5200",
    "/orders/O-5201",
    "/orders/O-05001",
    "/orders/P-101",
    "/orders/product%23P-101",
    # orders of a customer
    "/orders?customer=C-1001",
    "/orders?customer=C-1040",  # who never ordered
    "/orders?customer=C-9",
    "/orders?customer=C-1002&customer=C-1003",
    "/orders?customer=%C3%A9",
    "/orders?customer=",
    "/orders",
    # nobody's paths
    "/orders/",
    "/orders/O-5001/lines",
    "/customers/C-1001/orders",
]

FORMS = [
    b'{"customer":"C-1001","lines":[{"sku":"P-101","quantity":2}]}',
    b'{"customer":"C-1040","lines":[{"sku":"P-107","quantity":99},{"sku":"P-107","quantity":1},{"sku":"P-125","quantity":7}]}',
    b' {"lines" : [{"quantity":3,"sku":"P-104","note":"gift"}], "customer":"C-1002", "total": 0}\n',
    b'{"customer":"C-1001","lines":[' + b",".join([b'{"sku":"P-110","quantity":1}'] * 20) + b"]}",
    b'{"customer":"C-1001","lines":[' + b",".join([b'{"sku":"P-110","quantity":1}'] * 21) + b"]}",
    b"{}",
    b"[]",
    b"null",
    b'"order"',
    b'{"customer":null,"lines":null}',
    b'{"customer":"","lines":[]}',
    b'{"customer":"C-9","lines":{}}',
    b'{"customer":["C-1001"],"lines":"P-101"}',
    b'{"customer":"C-9","lines":[{"sku":"P-9","quantity":0},{"sku":"P-101","quantity":100},{"sku":"","quantity":-1}]}',
    b'{"customer":"C-1001","lines":[{},[],null,"P-101",{"sku":7,"quantity":"7"},{"sku":null,"quantity":null}]}',
    b'{"customer":"C-1001","lines":[{"sku":"P-101","quantity":1.0},{"sku":"P-101","quantity":true}]}',
    b'{"customer":"C-1001","lines":[{"sku":"P-101","quantity":1e400},{"sku":"P-101","quantity":NaN}]}',
    b'{"customer":"C-1001","lines":[{"sku":"P-101","quantity":123456789012345678901234567890}]}',
    b'{"customer":"\\ud800","lines":[{"sku":"\\ud800","quantity":1},{"sku":"\xc3\xa9","quantity":1}]}',
    b'{"customer":"counter#orders","lines":[{"sku":"C-1001","quantity":1}]}',
    b'{"customer":"C-9","customer":"C-1001","lines":[{"sku":"P-101","quantity":1}]}',
    b"",
    b"{",
    b"{'customer':'C-1001'}",
    b'{"customer":"C-1001"}}',
    b"\xff\xfe",
    b"\xef\xbb\xbf{}",
    b"[" * 100_000,
    b'{"customer":' + b"9" * 5000 + b"}",
]

REFUSED = [
    *((method, "/orders") for method in ("DELETE", "OPTIONS", "PATCH", "PUT")),
    *((method, "/customers") for method in ("DELETE", "OPTIONS", "PATCH", "POST", "PUT")),
    *((method, "/orders/O-5001") for method in ("DELETE", "OPTIONS", "PATCH", "POST", "PUT")),
    *((method, "/customers/C-1001") for method in ("DELETE", "OPTIONS", "PATCH", "POST", "PUT")),
]


@pytest.fixture(params=["h1h2h3h4h5.execute-api.eu-west-1.amazonaws.com", "abcdefghij.lambda-url.eu-west-1.on.aws"])
def domain(request: pytest.FixtureRequest) -> str:
    """Both front doors whose events have payload format 2.0: an HTTP API decodes the path, a function URL does not."""
    return str(request.param)


@pytest.fixture
def legacy() -> FlaskClient:
    return create_app().test_client()


def masked(body: str) -> str:
    """Return a body without the time of reading, which differs by right."""
    return re.sub(r'"generated_at":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"', '"generated_at":"now"', body)


def from_legacy(
    legacy: FlaskClient, method: str, target: str, body: bytes = b"", content_type: str = JSON
) -> tuple[Any, ...]:
    answer = legacy.open(target, method=method, base_url=f"http://{HOST}", data=body, content_type=content_type)
    headers = [answer.headers.get(name) for name in ("Content-Type", "Location", "Allow")]
    return answer.status_code, *headers, masked(answer.get_data(as_text=True))


def from_migrated(ask: "Ask", method: str, target: str, body: bytes = b"", content_type: str = JSON) -> tuple[Any, ...]:
    handler = customers if target.startswith("/customers") else orders
    result = ask(handler, method, target, body, content_type)
    headers = [result["headers"].get(name) for name in ("Content-Type", "Location", "Allow")]
    assert (result["isBase64Encoded"], result["cookies"]) == (False, [])
    return result["statusCode"], *headers, masked(result["body"])


@pytest.mark.usefixtures("tables")
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_reads_are_answered_alike(ask: "Ask", legacy: FlaskClient, method: str) -> None:
    answers = {target: from_migrated(ask, method, target) for target in READS}

    assert answers == {target: from_legacy(legacy, method, target) for target in READS}


@pytest.mark.usefixtures("tables")
def test_orders_are_placed_and_refused_alike(ask: "Ask", legacy: FlaskClient) -> None:
    """One after the other, so that the numbers run on alike too."""
    answers = [from_migrated(ask, "POST", "/orders", form) for form in FORMS]

    assert answers == [from_legacy(legacy, "POST", "/orders", form) for form in FORMS]
    assert {answer[0] for answer in answers} == {201, 400, 422}


@pytest.mark.usefixtures("tables")
def test_content_type_of_an_order_matters_to_neither(ask: "Ask", legacy: FlaskClient) -> None:
    types = [JSON, "application/x-www-form-urlencoded", "text/plain", "image/png"]

    answers = [from_migrated(ask, "POST", "/orders", FORMS[0], content_type) for content_type in types]

    assert answers == [from_legacy(legacy, "POST", "/orders", FORMS[0], content_type) for content_type in types]
    assert {answer[0] for answer in answers} == {201}


@pytest.mark.usefixtures("tables")
def test_other_methods_are_refused_alike(ask: "Ask", legacy: FlaskClient) -> None:
    answers = {(method, path): from_migrated(ask, method, path) for method, path in REFUSED}

    assert answers == {(method, path): from_legacy(legacy, method, path) for method, path in REFUSED}
    assert {answer[0] for answer in answers.values()} == {405}


@pytest.mark.usefixtures("tables")
def test_placed_orders_are_read_and_listed_alike(ask: "Ask", legacy: FlaskClient) -> None:
    for form in FORMS[:3]:
        from_migrated(ask, "POST", "/orders", form)
        from_legacy(legacy, "POST", "/orders", form)
    targets = [
        "/orders/O-5201",
        "/orders/O-5202",
        "/orders/O-5203",
        "/orders?customer=C-1002",
        "/orders?customer=C-1040",
    ]

    answers = [from_migrated(ask, "GET", target) for target in targets]

    assert answers == [from_legacy(legacy, "GET", target) for target in targets]
    assert {answer[0] for answer in answers} == {200}
