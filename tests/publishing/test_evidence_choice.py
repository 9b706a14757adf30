"""Which evidence a command asks, and what the gate says where there is none."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from proxy.errors import Misuse
from proxy.publishing.evidence_choice import choose_evidence, open_gate
from proxy.publishing.store_choice import DEV_FILE, Place
from proxy.publishing.workspace import Workspace
from tests.publishing.evidence import routes, with_stage

TABLE = "dynamodb:fig-evidence"
SHADOW = routes({"stage": "shadow"})
LIVE = with_stage(SHADOW, "orders.read", stage="live")


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """A folder of the test's own."""
    return Workspace(tmp_path / "routes.yaml")


@pytest.fixture
def listener() -> Iterator[str]:
    """The URL of somebody who listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


@pytest.mark.parametrize(
    ("named", "environ", "place"),
    [
        (TABLE, {"AWS_REGION": "eu-west-1"}, Place(TABLE, "", "eu-west-1")),
        (TABLE, {"FIG_EVIDENCE": "dynamodb:other"}, Place(TABLE)),
        ("", {"FIG_EVIDENCE": TABLE}, Place(TABLE)),
        ("", {"FIG_EVIDENCE": TABLE, "AWS_ENDPOINT_URL_DYNAMODB": "http://x"}, Place(TABLE, "http://x")),
        ("", {"FIG_TABLE": "dynamodb:fig-routes"}, None),
        ("", {}, None),
    ],
)
def test_evidence_is_the_named_one_else_that_of_the_environment(
    workspace: Workspace, named: str, environ: dict[str, str], place: Place | None
) -> None:
    assert choose_evidence(workspace, named, environ=environ) == place


@pytest.mark.parametrize("option", ["--evidence", "FIG_EVIDENCE"])
@pytest.mark.parametrize("text", ["fig-evidence", "dynamodb:", "file:/evidence"])
def test_evidence_that_is_no_table_is_misuse(workspace: Workspace, option: str, text: str) -> None:
    named, environ = (text, {}) if option == "--evidence" else ("", {"FIG_EVIDENCE": text})

    with pytest.raises(Misuse) as misuse:
        choose_evidence(workspace, named, environ=environ)

    assert str(misuse.value) == f"{option}: got {text!r}, expected dynamodb:TABLE"


def test_running_fig_dev_has_evidence_for_its_own_store_alone(workspace: Workspace, listener: str) -> None:
    """What somebody tried out on this machine must not vouch for what other clients get."""
    noted = {"store": "dynamodb:fig-routes", "evidence": TABLE, "endpoint": listener, "region": "eu-west-1", "url": ""}
    workspace.put(DEV_FILE, noted)
    of_dev = Place("dynamodb:fig-routes", listener, "eu-west-1", is_dev=True)
    wanted = Place(TABLE, listener, "eu-west-1", is_dev=True)

    assert choose_evidence(workspace, environ={}) == wanted
    assert choose_evidence(workspace, store=of_dev, environ={}) == wanted
    assert choose_evidence(workspace, store=Place("dynamodb:fig-routes"), environ={}) is None


def test_fig_dev_that_was_killed_has_none(workspace: Workspace) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        gone = f"http://127.0.0.1:{server.getsockname()[1]}"
    workspace.put(DEV_FILE, {"evidence": TABLE, "endpoint": gone, "region": "eu-west-1"})

    assert choose_evidence(workspace, environ={}) is None


def test_gate_without_evidence_lets_nothing_pass_but_ways_back() -> None:
    with open_gate(None) as gate:
        forth, back = gate(SHADOW, LIVE), gate(LIVE, SHADOW)

    assert forth == [
        "orders.read: no evidence is kept: expected --evidence dynamodb:TABLE, or FIG_EVIDENCE in the environment, or "
        "a fig dev that runs here"
    ]
    assert back == []


def test_gate_that_cannot_read_its_evidence_says_so_and_asks_only_if_it_must() -> None:
    """It is for a person to decide by force then, and never a traceback."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        gone = f"http://127.0.0.1:{server.getsockname()[1]}"

    with open_gate(Place(TABLE, gone, "eu-west-1", is_dev=True)) as gate:
        back, forth = gate(LIVE, SHADOW), gate(SHADOW, LIVE)

    assert back == []
    assert forth == [
        "orders.read: the evidence cannot be read: dynamodb table fig-evidence: Could not connect to the endpoint URL: "
        f'"{gone}/"'
    ]
