"""Handlers that somebody writes while `fig dev` runs: what is saved answers, and is said in the terminal."""

import json
import threading
from pathlib import Path

import pytest

from .client import Ask, proxied
from .house import House, IsWanted, until
from .test_commands import fig

ROUTES = """version: 1
routes:
  - {id: books.read, match: "GET /books/{id}", handler: "migrated.books.api:handler", stage: migrated}
"""
NONE = "version: 1\nlegacy: {url: '${LEGACY_URL}'}\nroutes: []\n"
API = "migrated/books/api.py"
TABLE = """
import os
DEFINITION: dict[str, object] = {
    "BillingMode": "PAY_PER_REQUEST",
    "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
    "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
}
def name():
    return os.environ["BOOKS_TABLE"]
"""
OF_TABLE = """
import json, boto3
from migrated.books import table
def handler(event, context):
    client = boto3.client("dynamodb")
    client.put_item(TableName=table.name(), Item={"id": {"S": "B-1"}})
    found = client.get_item(TableName=table.name(), Key={"id": {"S": "B-1"}})
    return {"statusCode": 200, "body": json.dumps([table.name(), found["Item"]["id"]["S"]])}
"""


def answering(body: str) -> str:
    """Return the source of a handler with one answer."""
    return f"def handler(event, context):\n    return {{'statusCode': 200, 'body': {body!r}}}\n"


def save(folder: Path, path: str, text: str) -> None:
    """Write a file as most editors do."""
    file = folder / path
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_name(f".{file.name}.draft")
    draft.write_text(text, encoding="utf-8")
    draft.replace(file)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with one handler of its own, and nothing of the sample's."""
    save(tmp_path, "migrated/__init__.py", "")
    save(tmp_path, API, answering("first"))
    return tmp_path


def is_version(number: int) -> IsWanted:
    """Return whether a line says that a version of the function runs."""
    return lambda line: line.endswith(f", version {number} of the function")


def body(house: House, path: str = "/books/B-1") -> str:
    """Return what a client gets."""
    return proxied(house, Ask("GET", path)).body.decode()


def test_edited_handler_answers_once_the_terminal_says_so(folder: Path, frugal: tuple[str, ...]) -> None:
    with House(folder, *frugal, "--workers", "2", routes=ROUTES) as house:
        before = body(house), body(house)
        for number, text in enumerate(("2nd__", "3rd__"), start=2):  # of one size, within one second
            since = house.here
            save(folder, API, answering(text))
            told = f"fig | {API} changed: 2 new workers, version {number} of the function"
            house.wait_for_line(told.__eq__, since)
            assert {body(house) for _ in range(6)} == {text}

    assert before == ("first", "first")


def test_no_request_fails_while_handlers_change(folder: Path, frugal: tuple[str, ...]) -> None:
    with House(folder, *frugal, "--workers", "2", routes=ROUTES) as house:
        ended = threading.Event()
        answers: list[tuple[int, str]] = []

        def ask() -> None:
            with house.client() as client:
                while not ended.is_set():
                    answer = client.get("/books/B-1")
                    answers.append((answer.status_code, answer.text))

        clients = [threading.Thread(target=ask) for _ in range(3)]
        for client in clients:
            client.start()
        for number in range(2, 5):
            save(folder, API, answering(f"edition {number}"))
            house.wait_for_line(is_version(number))
        until(lambda: answers and answers[-1][1] == "edition 4")
        ended.set()
        for client in clients:
            client.join()

    assert {status for status, _ in answers} == {200}


def test_syntax_error_is_told_with_its_line_and_answered_with_a_reason(folder: Path, frugal: tuple[str, ...]) -> None:
    with House(folder, *frugal, routes=ROUTES) as house:
        save(folder, API, "def handler(event, context)\n    return {}\n")
        told = house.wait_for_line(lambda line: line.startswith(f"fig | {API}:1: "))
        house.wait_for_line(lambda line: line.startswith(f"fig | {API} changed: "))
        broken = proxied(house, Ask("GET", "/books/B-1"))
        shown = house.wait_for_line(lambda line: "SyntaxError: " in line)
        save(folder, API, answering("mended"))
        until(lambda: body(house) == "mended")

    assert told == f"fig | {API}:1: expected ':'"
    assert (broken.status, json.loads(broken.body)["code"]) == (502, "migrated_failed")
    assert shown.startswith("    SyntaxError: expected ':'")


def test_evidence_begins_anew_with_edited_code(folder: Path, frugal: tuple[str, ...]) -> None:
    """What the code before got wrong says nothing of the code now, as in production."""
    with House(folder, *frugal, routes=ROUTES.replace("migrated}", "shadow}")) as house:

        def counts() -> dict[str, int]:
            found = json.loads(fig(house, "parity books.read --json").stdout)["found"]
            return found["counts"] if found else {}

        save(folder, API, "def handler(event, context):\n    raise LookupError('no such shelf')\n")
        house.wait_for_line(is_version(2))
        body(house)
        until(lambda: counts().get("candidate_failed") == 1)
        save(folder, API, answering("mended"))
        house.wait_for_line(is_version(3))
        body(house)
        until(lambda: counts().get("different") == 1)
        after = counts()

    assert after["candidate_failed"] == 0


def test_handler_that_fails_in_the_shadow_says_why(folder: Path, frugal: tuple[str, ...]) -> None:
    save(folder, API, "def handler(event, context):\n    raise LookupError('no such shelf')\n")

    with House(folder, *frugal, routes=ROUTES.replace("migrated}", "shadow}")) as house:
        body(house)
        house.wait_for_line(lambda line: "≠ books.read ⇠ migrated" in line and "handler failed: " in line)
        why = house.wait_for_line(lambda line: line.startswith("    LookupError"))
        where = house.wait_for_line(lambda line: line.startswith("    at "))
        shown = house.lines

    assert why == "    LookupError: no such shelf"
    assert where == f"    at {API}:2 handler"
    assert [line for line in shown if "candidate" in line] == []


def test_table_of_a_domain_of_ones_own_is_there_and_its_handler_finds_it(folder: Path, frugal: tuple[str, ...]) -> None:
    save(folder, "migrated/books/table.py", TABLE)
    save(folder, API, OF_TABLE)

    with House(folder, *frugal, routes=ROUTES) as house:
        assert json.loads(body(house)) == ["books", "B-1"]


def test_table_that_is_defined_while_the_house_stands_is_made(folder: Path) -> None:
    with House(folder, routes=ROUTES) as house:
        save(folder, "migrated/books/table.py", TABLE)
        house.wait_for_line(lambda line: line == "fig | table books made; handlers find its name in BOOKS_TABLE")
        save(folder, API, OF_TABLE)
        house.wait_for_line(lambda line: line.startswith(f"fig | {API} changed: "))
        answer = json.loads(body(house))

    assert answer == ["books", "B-1"]


def test_definition_that_cannot_be_used_is_told_and_the_house_stands(folder: Path, frugal: tuple[str, ...]) -> None:
    save(folder, "migrated/books/table.py", "DEFINITION = dict(BillingMode='PAY_PER_REQUEST')\n")
    save(folder, "migrated/shelves/table.py", "DEFINITION = {'KeySchema': 7}\n")

    with House(folder, *frugal, routes=ROUTES) as house:
        assert body(house) == "first"
        shown = house.lines

    assert any(line.startswith("fig | migrated/books/table.py: got a DEFINITION that is computed") for line in shown)
    assert any(line.startswith("fig | migrated/shelves/table.py: DynamoDB refuses DEFINITION") for line in shown)


def test_house_begins_without_routes_and_takes_the_first_one_up(folder: Path, frugal: tuple[str, ...]) -> None:
    with House(folder, *frugal, routes=NONE) as house:
        before = proxied(house, Ask("GET", "/customers/C-1001")).values("server")
        house.edit(ROUTES)
        until(lambda: body(house) == "first")

    assert before != []  # legacy's


def test_handler_that_is_written_after_its_route_is_found(folder: Path, frugal: tuple[str, ...]) -> None:
    with House(folder, *frugal, routes=NONE) as house:
        house.edit(ROUTES.replace("books.api", "books.later"))
        house.wait_for_line(lambda line: "expected a module that is there; migrated.books.later is not" in line)
        save(folder, "migrated/books/later.py", answering("later"))
        until(lambda: body(house) == "later")


def test_function_in_process_says_that_changed_code_needs_a_new_start(folder: Path, frugal: tuple[str, ...]) -> None:
    with House(folder, *frugal, "--in-process", routes=ROUTES) as house:
        before = body(house)
        save(folder, API, answering("second"))
        house.wait_for_line(lambda line: line.startswith(f"fig | {API} changed: restart fig dev to have it"))

        assert (before, body(house)) == ("first", "first")
