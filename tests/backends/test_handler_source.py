"""Is there a handler under "module:attribute"?"""

from pathlib import Path

import pytest

from proxy.backends.handler_source import problem_with

SOURCE = """
import os
from json import dumps as write, loads
raise SystemExit("the source is read, not run")
def handler(event, context): ...
async def later(): ...
class Api: ...
plain = handler
typed: object = handler
one, (two, three) = 1, (2, 3)
if os:
    in_if = 1
else:
    in_else = 1
try:
    in_try = 1
except ImportError:
    in_except = 1
finally:
    in_finally = 1
with open("x") as file:
    in_with = 1
def outer():
    inner = 1
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    package = tmp_path / "shop" / "orders"
    package.mkdir(parents=True)
    (package / "api.py").write_text(SOURCE, "utf-8")
    (package / "__init__.py").write_text("handler = None\n", "utf-8")
    (package / "stars.py").write_text("from somewhere import *\n", "utf-8")
    (package / "broken.py").write_text("def handler(:\n", "utf-8")
    (package / "binary.py").write_bytes(b"\x00\xff")
    return tmp_path


@pytest.mark.parametrize(
    "reference",
    [
        "shop.orders.api:handler",
        "shop.orders.api:later",
        "shop.orders.api:Api",
        "shop.orders.api:write",
        "shop.orders.api:loads",
        "shop.orders.api:plain",
        "shop.orders.api:typed",
        "shop.orders.api:one",
        "shop.orders.api:three",
        "shop.orders.api:in_if",
        "shop.orders.api:in_else",
        "shop.orders.api:in_try",
        "shop.orders.api:in_except",
        "shop.orders.api:in_finally",
        "shop.orders.api:in_with",
        "shop.orders:handler",
        "shop.orders.stars:handler",
    ],
)
def test_handler_that_is_there_is_no_problem(root: Path, reference: str) -> None:
    assert problem_with(reference, [root / "elsewhere", root]) is None


@pytest.mark.parametrize(
    ("reference", "problem"),
    [
        ("shop.orders.api:handlr", "but api.py defines no 'handlr', did you mean 'handler'?"),
        ("shop.orders.api:inner", "but api.py defines no 'inner'"),
        ("shop.orders.api:zzz", "but api.py defines no 'zzz'"),
        ("shop.orders:handle", "but __init__.py defines no 'handle', did you mean 'handler'?"),
        ("shop.order.api:handler", "expected a module that is there; shop.order.api is not"),
        ("shop:handler", "expected a module that is there; shop is not"),
        ("shop..orders.api:handler", "expected a module that is there; shop..orders.api is not"),
        ("shop.orders.api.:handler", "expected a module that is there; shop.orders.api. is not"),
        ("shop.orders.broken:handler", "expected a module that can be read; shop/orders/broken.py:1: invalid syntax"),
    ],
)
def test_handler_that_is_not_there_is_told(root: Path, reference: str, problem: str) -> None:
    told = problem_with(reference, [root])

    assert told == f"got {reference!r}, {problem}"


def test_module_that_is_no_text_is_told(root: Path) -> None:
    told = problem_with("shop.orders.binary:handler", [root])

    assert told is not None
    assert told.startswith("got 'shop.orders.binary:handler', expected a module that can be read")
