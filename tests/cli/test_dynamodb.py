"""The commands on DynamoDB: in an account, in the one of a running `fig dev`, and where AWS says no."""

import json
from collections.abc import Callable, Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import boto3
import pytest
from moto import mock_aws
from typer.testing import Result

from proxy.publishing.author import local_user
from proxy.publishing.session import embedded_session
from proxy.stores.dynamodb_history import create_table
from tests.cli.person import DOCUMENT, OF_AWS, Person, run
from tests.stores.embedded import embedded_dynamodb

STORE = "dynamodb:fig-routes"
ARN = "arn:aws:sts::123456789012:user/moto"
Fig = Callable[..., Result]


@pytest.fixture
def fig(ada: Person) -> Fig:
    """Run a command for Ada's routes.yaml."""

    def fig(*arguments: str, **environ: str) -> Result:
        return run([*arguments, "--routes", str(ada.routes)], **{**OF_AWS, **environ})

    return fig


@pytest.fixture
def account() -> Iterator[None]:
    """An account of AWS in this process, with a table for routes."""
    with mock_aws(), closing(boto3.client("dynamodb", region_name="eu-west-1")) as client:
        create_table(client, "fig-routes")
        yield


@pytest.mark.usefixtures("account")
def test_change_in_an_account_is_recorded_with_the_callers_arn(ada: Person, fig: Fig) -> None:
    """Every change of a route is a versioned, conditional write with who and why, and prints its own undo."""
    published = fig("publish", "--why", "first", "--force", "--store", STORE)
    flipped = fig("flip", "orders.list", "live", "--why", "now", "--force", "--store", STORE)
    history = fig("history", "--store", STORE, "--json")

    named = f"{STORE} in eu-west-1"
    assert (published.exit_code, flipped.exit_code, history.exit_code) == (0, 0, 0)
    assert flipped.stderr == f"store: {named}\n"
    assert flipped.stdout.splitlines()[:2] == [
        "version 2 is in force, in place of version 1",
        "  orders.list: shadow → live",
    ]
    told = json.loads(history.stdout)
    assert told["store"] == named
    assert [(entry["kind"], entry["who"], entry["why"]) for entry in told["entries"]] == [
        ("flip", ARN, "now"),
        ("publish", ARN, "first"),
    ]
    assert ada.routes.read_text() == DOCUMENT.replace("stage: shadow", "stage: live")


@pytest.mark.usefixtures("account")
def test_every_command_works_in_an_account(fig: Fig) -> None:
    commands = [
        ["publish", "--why", "first", "--force"],
        ["flip", "orders.list", "live", "--why", "now", "--force"],
        ["freeze", "--why", "errors"],
        ["routes", "--published"],
        ["explain", "GET", "/orders", "--published"],
        ["thaw", "--why", "all is well"],
        ["rollback", "--route", "orders.list", "--why", "errors"],
        ["rollback", "--why", "no errors"],
        ["diff"],
        ["pull"],
        ["history"],
    ]

    codes = [fig(*command, "--store", STORE).exit_code for command in commands]

    assert codes == [0] * len(commands)


@pytest.mark.usefixtures("account")
def test_second_flip_of_a_stale_file_is_refused_in_an_account(ada: Person, fig: Fig) -> None:
    """Two people flip, one after the other, and nothing is lost."""
    fig("publish", "--why", "first", "--force", "--store", STORE)
    fig("flip", "orders.list", "live", "--why", "now", "--force", "--store", STORE)
    ada.routes.write_text(DOCUMENT)

    refused = fig("flip", "orders.read", "shadow", "--why", "now", "--store", STORE)

    assert (refused.exit_code, refused.stdout) == (1, "")
    assert "  orders.list: live → shadow\n" in refused.stderr


@pytest.mark.usefixtures("account")
def test_table_that_is_not_there_is_told(fig: Fig) -> None:
    result = fig("history", "--store", "dynamodb:nowhere")

    assert (result.exit_code, result.stdout) == (1, "")
    assert "dynamodb table nowhere: " in result.stderr
    assert "not found; create it, or name another one or another region" in result.stderr


def test_running_fig_dev_is_found_and_its_user_is_that_of_this_machine(ada: Person, fig: Fig) -> None:
    with embedded_dynamodb() as endpoint:
        with closing(embedded_session("eu-west-1").client("dynamodb", endpoint_url=endpoint)) as client:
            create_table(client, "fig-routes")
        ada.workspace.put("dev.json", {"store": STORE, "endpoint": endpoint, "region": "eu-west-1", "url": ""})

        # A profile that is not there, and credentials that are none, do not matter on this machine.
        published = fig("publish", "--why", "first", "--force", "--json", AWS_PROFILE="nobody")
        flipped = fig("flip", "orders.list", "live", "--why", "now", "--force", AWS_PROFILE="nobody")

    told = json.loads(published.stdout)
    assert (told["store"], told["who"]) == (f"{STORE} at {endpoint} (fig dev)", local_user())
    assert (flipped.exit_code, flipped.stderr) == (0, f"store: {STORE} at {endpoint} (fig dev)\n")
    undo = flipped.stdout.splitlines()[-1]
    assert "--store" not in undo
    assert ada.workspace.base(told["store"]) == 2


class _Denies(BaseHTTPRequestHandler):
    """A DynamoDB that lets nobody in."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        body = json.dumps(
            {"__type": "com.amazon.coral.service#AccessDeniedException", "Message": "User: x is not authorized"}
        ).encode()
        self.send_response(400)
        self.send_header("Content-Type", "application/x-amz-json-1.0")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the name of http.server
        """Say nothing."""


@pytest.fixture
def denying() -> Iterator[str]:
    """The URL of a DynamoDB that lets nobody in."""
    with HTTPServer(("127.0.0.1", 0), _Denies) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("command", [["history"], ["publish", "--why", "now"], ["rollback", "--why", "now"]])
def test_access_that_is_denied_is_told(fig: Fig, denying: str, command: list[str]) -> None:
    result = fig(*command, "--store", STORE, AWS_ENDPOINT_URL_DYNAMODB=denying)

    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith(f"store: {STORE} at {denying}\ndynamodb table fig-routes: ")
    assert "User: x is not authorized" in result.stderr
