"""Which store a command talks to, and who it says has published."""

import socket
from collections.abc import Iterator, Mapping
from pathlib import Path

import boto3
import pytest
from moto import mock_aws

from proxy.errors import Misuse, Refused
from proxy.publishing.author import local_user
from proxy.publishing.store_choice import DEV_FILE, Place, choose, open_store
from proxy.publishing.workspace import Workspace
from proxy.stores.dynamodb_history import create_table
from proxy.stores.history import Head, StoreFailed

TABLE = "dynamodb:fig-routes"
HERE = Place(TABLE, "", "eu-west-1")


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path / "routes.yaml")


@pytest.fixture
def listener() -> Iterator[str]:
    """Something that listens on this machine."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An account of AWS in this process."""
    for name in ("AWS_PROFILE", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_DYNAMODB", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    with mock_aws():
        yield


@pytest.mark.parametrize(
    ("named", "environ", "place", "name"),
    [
        ("file:store", {}, Place("file:store"), "file:store"),
        ("file:store", {"FIG_TABLE": TABLE, "AWS_REGION": "eu-west-1"}, Place("file:store"), "file:store"),
        ("", {"FIG_TABLE": "file:/store"}, Place("file:/store"), "file:/store"),
        (TABLE, {}, Place(TABLE), TABLE),
        (TABLE, {"AWS_REGION": "eu-west-1"}, Place(TABLE, "", "eu-west-1"), f"{TABLE} in eu-west-1"),
        ("", {"FIG_TABLE": TABLE, "AWS_DEFAULT_REGION": "x-1"}, Place(TABLE, "", "x-1"), f"{TABLE} in x-1"),
        (TABLE, {"AWS_REGION": "a", "AWS_DEFAULT_REGION": "b"}, Place(TABLE, "", "a"), f"{TABLE} in a"),
        (TABLE, {"AWS_ENDPOINT_URL": "http://a"}, Place(TABLE, "http://a"), f"{TABLE} at http://a"),
        (
            TABLE,
            {"AWS_ENDPOINT_URL_DYNAMODB": "http://b", "AWS_ENDPOINT_URL": "http://a", "AWS_REGION": "eu-west-1"},
            Place(TABLE, "http://b", "eu-west-1"),
            f"{TABLE} at http://b",
        ),
    ],
)
def test_store_is_what_was_named_or_what_the_environment_says(
    workspace: Workspace, named: str, environ: Mapping[str, str], place: Place, name: str
) -> None:
    chosen = choose(workspace, named, environ)

    assert (chosen, chosen.name) == (place, name)


def test_fig_dev_that_runs_for_the_file_is_found_by_its_note(workspace: Workspace, listener: str) -> None:
    workspace.put(DEV_FILE, {"store": TABLE, "endpoint": listener, "region": "eu-west-1", "url": "http://127.0.0.1:1"})

    chosen = choose(workspace, "", {})

    assert chosen == Place(TABLE, listener, "eu-west-1", is_dev=True)
    assert chosen.name == f"{TABLE} at {listener} (fig dev)"


def test_store_that_was_named_goes_before_a_fig_dev(workspace: Workspace, listener: str) -> None:
    workspace.put(DEV_FILE, {"store": TABLE, "endpoint": listener, "region": "eu-west-1", "url": ""})

    assert choose(workspace, "file:store", {}) == Place("file:store")


def test_fig_dev_that_was_killed_is_told(workspace: Workspace) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        gone = f"http://127.0.0.1:{server.getsockname()[1]}"
    workspace.put(DEV_FILE, {"store": TABLE, "endpoint": gone, "region": "eu-west-1", "url": ""})

    with pytest.raises(Refused) as refused:
        choose(workspace, "", {})

    assert str(refused.value) == (
        f"the fig dev that ran for {workspace.routes} does not answer any more at {gone}; start it again, or name "
        "another store with --store"
    )


@pytest.mark.parametrize("noted", [{}, {"store": TABLE}, {"store": TABLE, "endpoint": 1, "region": "eu-west-1"}])
def test_command_without_a_store_is_misuse(workspace: Workspace, noted: dict[str, object]) -> None:
    workspace.put(DEV_FILE, noted)

    with pytest.raises(
        Misuse, match="got no store, expected --store dynamodb:TABLE or file:DIRECTORY, or FIG_TABLE in"
    ):
        choose(workspace, "", {})


@pytest.mark.parametrize("endpoint", ["", "http://", "nonsense", "http://127.0.0.1:99999"])
def test_note_that_leads_nowhere_is_a_fig_dev_that_does_not_answer(workspace: Workspace, endpoint: str) -> None:
    workspace.put(DEV_FILE, {"store": TABLE, "endpoint": endpoint, "region": "eu-west-1", "url": ""})

    with pytest.raises(Refused, match="does not answer any more"):
        choose(workspace, "", {})


@pytest.mark.parametrize("store", ["store", "file:", "dynamodb:", "s3:bucket", ":"])
@pytest.mark.parametrize("option", ["--store", "FIG_TABLE"])
def test_place_that_is_none_is_misuse(workspace: Workspace, option: str, store: str) -> None:
    with pytest.raises(Misuse) as refused:
        choose(workspace, store if option == "--store" else "", {"FIG_TABLE": store})

    assert str(refused.value) == f"{option}: got {store!r}, expected file:DIRECTORY or dynamodb:TABLE"


def test_store_in_a_folder_is_published_to_by_the_user_of_this_machine(tmp_path: Path) -> None:
    with open_store(Place(f"file:{tmp_path}")) as opened:
        assert (opened.history.head(), opened.who()) == (Head(), local_user())


@pytest.mark.usefixtures("account")
def test_store_of_an_account_is_published_to_by_the_caller(tmp_path: Path) -> None:
    client = boto3.client("dynamodb", region_name="eu-west-1")
    create_table(client, "fig-routes")

    with open_store(HERE) as opened:
        assert opened.history.head() == Head()
        assert opened.who() == "arn:aws:sts::123456789012:user/moto"
        assert opened.place.name == f"{TABLE} in eu-west-1"
    client.close()


@pytest.mark.usefixtures("account")
def test_caller_is_the_user_of_this_machine_where_the_database_is_on_it(listener: str) -> None:
    with open_store(Place(TABLE, listener, "eu-west-1")) as opened:
        assert opened.who() == local_user()


def test_caller_whom_aws_does_not_tell_is_the_user_of_this_machine_and_that_is_said(
    account: None, monkeypatch: pytest.MonkeyPatch, listener: str
) -> None:
    """No rollback and no freeze waits for that."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_STS", "http://127.0.0.1:1")

    with mock_aws(config={"core": {"passthrough": {"urls": [".*127.0.0.1.*"]}}}), open_store(HERE) as opened:
        assert opened.who() == f"{local_user()} (AWS did not tell who)"


def test_profile_that_is_not_there_is_told(account: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "nobody")

    with pytest.raises(StoreFailed, match=r"profile .*nobody"), open_store(HERE):
        pytest.fail("opened")


@pytest.mark.usefixtures("account")
def test_region_that_nobody_named_is_told() -> None:
    with pytest.raises(StoreFailed, match="You must specify a region"), open_store(Place(TABLE)):
        pytest.fail("opened")


@pytest.mark.usefixtures("account")
def test_table_that_is_not_there_is_told() -> None:
    with open_store(HERE) as opened, pytest.raises(StoreFailed, match="fig-routes"):
        opened.history.head()
