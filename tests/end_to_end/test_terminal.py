"""What the person at the terminal sees, and that the house stands whatever the terminal is like."""

import json
import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.raw_legacy import RawLegacy

from . import processes
from .client import Ask, proxied
from .house import COMMAND, DEADLINE_S, DYNAMODB, ROUTES, House
from .wire import Wire


@pytest.fixture(scope="module")
def text_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A house that shows lines for people."""
    with House(tmp_path_factory.mktemp("text")) as house:
        yield house


def test_opening_shows_every_part_every_route_and_what_to_try(text_house: House) -> None:
    lines = text_house.lines

    front_door, legacy, dynamodb = (text_house.url, text_house.legacy_url, text_house.dynamodb_url)
    store = json.loads((text_house.routes.parent / ".fig/dev.json").read_text())["store"]
    # The first line says how long the workers took, which differs; the rest is always the same.
    assert lines[1 : lines.index(f"ready {front_door}") + 1] == [
        f"  front door (http-api)    {front_door}",
        f"  legacy                   {legacy}  (sample shop)",
        f"  dynamodb                 {dynamodb}  (embedded)",
        "  function                 proxy.lambda_http.handler, 2 workers",
        f"  routes                   routes.yaml (watched), published to {store}",
        "",
        "  route             match                  stage       answered by",
        "  customers.read    GET /customers/{id}    migrated    migrated.customers.api:handler",
        "  customers.list    GET /customers         legacy      legacy",
        "  orders.read       GET /orders/{id}       legacy      legacy",
        "  orders.list       GET /orders            legacy      legacy",
        "  orders.create     POST /orders           legacy      legacy",
        "  (unlisted)        anything else                      legacy",
        "",
        f"  curl -i {front_door}/",
        f"  curl -i '{front_door}/customers/C-1001'",
        f"  curl -i '{front_door}/customers?limit=2'",
        "",
        f"ready {front_door}",
    ]


def test_exchange_is_one_line_that_says_who_answered(text_house: House) -> None:
    since = text_house.here

    proxied(text_house, Ask("GET", "/customers/C-1001"))
    proxied(text_house, Ask("POST", "/uploads", (), b"a"))

    migrated = text_house.wait_for_line(lambda line: line.startswith("200 GET    customers.read ← migrated "), since)
    legacy = text_house.wait_for_line(lambda line: line.startswith("201 POST   unlisted /uploads ← legacy "), since)
    assert (migrated.split()[-1], legacy.split()[-1]) == ("ms", "ms")


def test_line_of_legacy_may_be_of_any_length(text_house: House) -> None:
    target = "/" + "\x01" * 50_000  # four characters each in the log
    since = text_house.here

    with Wire(text_house.legacy_url) as wire:
        wire.send(f"GET {target} HTTP/1.1\r\nHost: a\r\n\r\n".encode())
        wire.answer()
    text_house.wait_for_line(lambda line: r"\x01" * 50_000 in line, since)
    proxied(text_house, Ask("GET", "/search?q=after"))

    text_house.wait_for_line(lambda line: line.startswith("legacy | ") and "/search?q=after" in line, since)


# A developer's machine may have any of these; the last two are names that Lambda lets nobody set.
HOSTILE = {
    **dict.fromkeys(
        ("HTTP_PROXY", "http_proxy", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_DYNAMODB"), "http://127.0.0.1:9"
    ),
    **dict.fromkeys(("AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE"), "/no/such/file.pem"),
    "NO_PROXY": "",
    "AWS_PROFILE": "no-such-profile",
    "AWS_DEFAULT_REGION": "eu-nowhere-1",
    "AWS_REGION": "us-east-1",
    "_HANDLER": "a.b",
}


def test_house_stands_whatever_account_and_proxy_the_terminal_is_set_up_for(tmp_path: Path) -> None:
    routes = ROUTES + "# deployed to ${AWS_REGION}, as ${_HANDLER}\n"

    with House(tmp_path, routes=routes, environment=HOSTILE) as house:
        statuses = [proxied(house, Ask("GET", target)).status for target in ("/customers/C-1001", "/")]

    assert statuses == [200, 200]


def test_terminal_without_arrows_shows_an_escape(tmp_path: Path, frugal: tuple[str, ...]) -> None:
    ascii_only = {"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0", "LC_ALL": "C"}

    with House(tmp_path, *frugal, environment=ascii_only) as house:
        proxied(house, Ask("GET", "/"))

        house.wait_for_line(lambda line: line.startswith(r"200 GET    unlisted / \u2190 legacy "))


def test_brackets_and_colons_are_shown_as_they_are(tmp_path: Path, frugal: tuple[str, ...]) -> None:
    """In rich's own language they would be a style and a picture."""
    document = tmp_path / "[red]:ring:[" / "x].yaml"
    document.parent.mkdir()
    document.write_text(ROUTES, encoding="utf-8")

    with House(tmp_path, "--routes", "[red]:ring:[/x].yaml", "--legacy", "http://[fe80::1]:8080", *frugal) as house:
        lines = house.lines

    assert any(
        line.startswith("  routes                   [red]:ring:[/x].yaml (watched), published") for line in lines
    )
    assert "  legacy                   http://[fe80::1]:8080" in lines


def test_house_outlives_the_reader_of_its_lines(tmp_path: Path, frugal: tuple[str, ...]) -> None:
    """As in `fig dev | head`: what is not read is lost, and nothing else."""
    (tmp_path / "routes.yaml").write_text(ROUTES, encoding="utf-8")
    command = [*COMMAND, "--port", "0", *frugal]
    with subprocess.Popen(
        command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8"
    ) as process:
        assert process.stdout is not None
        ready = next(line for line in process.stdout if line.startswith("ready "))
        process.stdout.close()
        statuses = [httpx.get(ready.split()[1], trust_env=False).status_code for _ in range(3)]
        parts = processes.under(process.pid)
        process.terminate()
        _, errors = process.communicate(timeout=DEADLINE_S)

    assert (statuses, process.returncode, errors) == ([200] * 3, 0, "")
    assert processes.still_running(parts) == frozenset()


def test_record_format_shows_records_as_they_were_written(http_api_house: House) -> None:
    since = http_api_house.here

    proxied(http_api_house, Ask("GET", "/logo.png"))

    record = json.loads(http_api_house.wait_for_line(lambda line: line.startswith("{"), since))
    assert (record["message"], record["route"], record["side"]) == ("exchange", "unlisted", "legacy")
    assert record["_aws"]["CloudWatchMetrics"][0]["Namespace"] == "Fig"


def test_help_names_every_option(tmp_path: Path) -> None:
    shown = subprocess.run(
        [*COMMAND, "--help"], cwd=tmp_path, capture_output=True, text=True, timeout=DEADLINE_S, check=True
    ).stdout

    options = ("port", "legacy", "routes", "front-door", "workers", "in-process", "dynamodb", "log-format")
    assert [option for option in options if f"--{option}" not in shown] == []


def test_database_that_has_died_is_told_once_and_the_last_table_stays(tmp_path: Path) -> None:
    """Law 2: no readable table, then the last good one."""
    with House(tmp_path) as house:
        since = house.here
        os.kill(house.part(DYNAMODB), signal.SIGKILL)
        house.wait_for_line(lambda line: line.startswith("fig | dynamodb table fig-routes-"), since)
        house.edit("version: 1\n")
        house.wait_for_line(lambda line: line == "fig | table version 1 stays in force", since)

        answers = [
            proxied(house, Ask("GET", path)).values("server") for path in ("/orders/O-5001", "/customers/C-1001")
        ]
        shown = house.lines[since:]

    # Legacy goes on. The customers' handler has no database either, but it is still the one that is asked.
    assert [bool(server) for server in answers] == [True, False]
    assert len([line for line in shown if line.startswith("fig | dynamodb table ")]) <= 3


def test_legacy_that_the_document_names_itself_is_the_one_that_answers(tmp_path: Path, frugal: tuple[str, ...]) -> None:
    with RawLegacy() as legacy:
        routes = f"version: 1\nlegacy: {{url: '{legacy.origin}'}}\n"
        with House(tmp_path, *frugal, routes=routes) as house:
            answer = proxied(house, Ask("GET", "/"))

            assert (answer.status, answer.body) == (200, b"ok")
            assert not any("sample shop" in line for line in house.lines)
