"""A document that was named and is not there is a mistake, and not as if there were none."""

import pytest

from tests.cli.person import Person, run

COMMANDS = [
    ["check"],
    ["contract", "orders.read"],
    ["dashboard"],
    ["dev"],
    ["diff"],
    ["doctor"],
    ["explain", "GET", "/orders/7", "--published"],
    ["flip", "orders.read", "shadow", "--why", "now"],
    ["freeze", "--why", "now"],
    ["history"],
    ["noise", "orders.read"],
    ["override", "orders.read", "legacy"],
    ["package"],
    ["parity"],
    ["publish", "--why", "now"],
    ["rollback", "--why", "now"],
    ["routes"],
    ["routes", "--published"],
    ["status"],
    ["thaw", "--why", "now"],
]
OF_DOCUMENT = [command for command in COMMANDS if command[0] in ("check", "diff", "dev", "doctor", "flip", "publish")]


def name(command: list[str]) -> str:
    return " ".join(word for word in command[:1] + command[1:] if not word.startswith("/"))


@pytest.mark.parametrize("command", COMMANDS, ids=name)
def test_document_that_was_named_and_is_not_there_is_misuse(ada: Person, command: list[str]) -> None:
    """With one letter too many, `--routes ROUTE` rolled back everything."""
    ada.done("publish", "--why", "first", "--force")
    ada.done("freeze", "--why", "first")
    before = ada.history.entries(10)

    result = run([*command, "--routes", "orders.read"], FIG_TABLE=ada.store)

    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("--routes: got orders.read, which "), result.stderr
    assert ada.history.entries(10) == before


def test_rollback_asks_whether_one_route_was_meant(ada: Person) -> None:
    result = run(["rollback", "--why", "errors", "--routes", "orders.read", "--store", ada.store])

    assert result.stderr == "--routes: got orders.read, which is not a file; did you mean --route orders.read?\n"


@pytest.mark.parametrize("document", ["other.yaml", "orders/read", "other.yml"])
def test_rollback_does_not_take_what_looks_like_a_file_for_a_route(ada: Person, document: str) -> None:
    result = run(["rollback", "--why", "errors", "--routes", document, "--store", ada.store])

    assert result.stderr == (
        f"--routes: got {document}, which is not a file; name a routes.yaml, or leave --routes out\n"
    )


def test_pull_makes_the_document_that_was_named(ada: Person) -> None:
    ada.done("publish", "--why", "first", "--force")
    ada.routes.unlink()

    ada.done("pull")

    assert ada.routes.is_file()


@pytest.mark.parametrize("command", OF_DOCUMENT, ids=name)
def test_document_of_a_folder_above_is_told(ada: Person, monkeypatch: pytest.MonkeyPatch, command: list[str]) -> None:
    folder = ada.routes.parent / "docs" / "api"
    folder.mkdir(parents=True)
    monkeypatch.chdir(folder)

    result = run(command, FIG_TABLE=ada.store)

    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == (
        "--routes: got routes.yaml, which is not a file; there is one in ../.., go there or take --routes "
        "../../routes.yaml\n"
    )


def test_store_of_a_fig_dev_that_runs_in_a_folder_above_is_told(ada: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = ada.routes.parent / "migrated"
    folder.mkdir()
    monkeypatch.chdir(folder)

    result = run(["history"])

    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.endswith(
        "a fig dev that runs for routes.yaml, which is not in this folder; there is one in .., go there or take "
        "--routes ../routes.yaml\n"
    )
