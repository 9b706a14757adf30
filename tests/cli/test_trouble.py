"""What goes wrong with a store is one message, and no traceback."""

import json
import socket

import pytest
from typer.testing import Result

from tests.cli.person import OF_AWS, Person, run

COMMANDS = [
    ["routes", "--published"],
    ["explain", "GET", "/orders/7", "--published"],
    ["diff"],
    ["history"],
    ["publish", "--why", "now"],
    ["flip", "orders.read", "shadow", "--why", "now"],
    ["rollback", "--why", "now"],
    ["pull"],
]
SOME = [["history"], ["flip", "orders.read", "shadow", "--why", "now"]]  # that read, and that write


def name(command: list[str]) -> str:
    return command[0]


@pytest.mark.parametrize("content", ["", "{", "[]", '{"version": "1"}', '{"version": 7, "digest": "x"}'])
def test_head_that_is_damaged_is_told(ada: Person, content: str) -> None:
    ada.done("publish", "--why", "first", "--force")
    head = ada.directory / "head.json"
    head.write_text(content)

    said = ada.refused("history")

    assert said.startswith(f"{head}: got {len(content)} bytes that are no head: ")


@pytest.mark.parametrize("command", COMMANDS, ids=name)
def test_store_that_is_no_folder_is_told(ada: Person, command: list[str]) -> None:
    ada.directory.rmdir()
    ada.directory.write_text("a file where the folder would be")

    said = ada.refused(*command)

    assert "Not a directory" in said


@pytest.mark.parametrize("command", [*COMMANDS, ["freeze", "--why", "now"], ["status"]], ids=name)
def test_folder_that_is_not_there_is_no_store_but_for_who_publishes(ada: Person, command: list[str]) -> None:
    """A letter too many, and nothing seemed to have been published yet."""
    arguments = [*command, "--routes", str(ada.routes)]

    named = run([*arguments, "--store", "file:nostore"])
    in_environment = run(arguments, FIG_TABLE="file:nostore")

    if command[0] == "publish":
        assert (named.exit_code, in_environment.exit_code) == (1, 1)  # for want of evidence
        return
    says = "got file:nostore, and there is no such folder; fig publish makes one\n"
    assert (named.exit_code, named.stdout, named.stderr) == (2, "", f"--store: {says}")
    assert (in_environment.exit_code, in_environment.stdout, in_environment.stderr) == (2, "", f"FIG_TABLE: {says}")


@pytest.mark.parametrize("command", [["routes"], ["explain", "GET", "/orders/7"]], ids=name)
def test_store_that_nobody_looks_at_is_misuse(ada: Person, command: list[str]) -> None:
    said = ada.on_store(*command)

    assert (said.exit_code, said.stdout) == (2, "")
    assert said.stderr == f"--store: got '{ada.store}' without --published; add that, or leave --store out\n"


@pytest.mark.parametrize("command", SOME, ids=name)
def test_database_that_does_not_answer_is_told(ada: Person, command: list[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        gone = f"http://127.0.0.1:{server.getsockname()[1]}"

    result = dynamodb(ada, command, AWS_ENDPOINT_URL_DYNAMODB=gone)

    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.splitlines() == [
        f"store: dynamodb:fig-routes at {gone}",
        f'dynamodb table fig-routes: Could not connect to the endpoint URL: "{gone}/"',
    ]


@pytest.mark.parametrize("command", SOME, ids=name)
def test_credentials_that_are_not_there_are_told(ada: Person, command: list[str]) -> None:
    result = dynamodb(
        ada,
        command,
        AWS_ENDPOINT_URL_DYNAMODB="http://127.0.0.1:1",
        AWS_ACCESS_KEY_ID=None,
        AWS_SECRET_ACCESS_KEY=None,
        AWS_EC2_METADATA_DISABLED="true",
    )

    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.splitlines()[1:] == [
        "dynamodb table fig-routes: Unable to locate credentials; sign in, or set AWS_PROFILE"
    ]


def test_region_that_nobody_named_is_told(ada: Person) -> None:
    result = dynamodb(ada, ["history"], AWS_REGION=None)

    assert (result.exit_code, result.stdout) == (1, "")
    assert "You must specify a region" in result.stderr


def test_profile_that_is_not_there_is_told(ada: Person) -> None:
    result = dynamodb(ada, ["history"], AWS_PROFILE="nobody")

    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == (
        "dynamodb:fig-routes in eu-west-1: The config profile (nobody) could not be found; AWS_PROFILE names a profile "
        "of your AWS configuration\n"
    )


def test_fig_dev_that_was_killed_is_told(ada: Person) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        gone = f"http://127.0.0.1:{server.getsockname()[1]}"
    ada.workspace.put("dev.json", {"store": "dynamodb:fig-routes", "endpoint": gone, "region": "eu-west-1", "url": ""})

    result = ada.fig("history")

    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == (
        f"the fig dev that ran for {ada.routes} does not answer any more at {gone}; start it again, or name another "
        "store with --store\n"
    )


def test_trouble_is_told_to_programs_as_well(ada: Person) -> None:
    ada.directory.rmdir()
    ada.directory.write_text("a file where the folder would be")

    result = ada.on_store("history", "--json")

    fields = json.loads(result.stdout)
    assert (result.exit_code, fields["store"], fields["error"]["code"]) == (1, ada.store, "store_failed")
    assert fields["error"]["message"] in result.stderr


@pytest.mark.parametrize("command", [["publish", "--why", "now"], ["flip", "orders.read", "shadow", "--why", "now"]])
def test_document_that_is_no_text_is_told(ada: Person, command: list[str]) -> None:
    ada.done("publish", "--why", "first", "--force")
    ada.routes.write_bytes(b"version: 1 # caf\xe9\n")

    result = ada.on_store(*command)

    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.endswith("routes.yaml: byte 16 is not UTF-8; save the file as UTF-8\n")


def dynamodb(person: Person, command: list[str], **environ: str | None) -> Result:
    """Run a command on a table of DynamoDB, in an environment in which nothing else is said of AWS."""
    arguments = [*command, "--store", "dynamodb:fig-routes", "--routes", str(person.routes)]
    return run(arguments, **{**OF_AWS, **environ})
