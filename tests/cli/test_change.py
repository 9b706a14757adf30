"""The document follows what is in force, and never loses what somebody saved meanwhile."""

import pytest

from proxy.cli.change import replace_file
from proxy.cli.command import Command
from proxy.errors import Refused
from proxy.publishing.flip import Flip, flip
from proxy.publishing.follow import File, is_changed, write_file
from proxy.publishing.publish import Published
from proxy.routing.reader import read
from tests.cli.person import DOCUMENT, Person
from tests.publishing.people import author


@pytest.fixture
def published(ada: Person) -> Published:
    """A flip that the store knows and the file does not yet."""
    ada.done("publish", "--why", "first", "--force")
    return flip(ada.history, DOCUMENT, read, Flip("orders.list", "live"), author=author())


@pytest.fixture
def command(ada: Person) -> Command:
    return Command(ada.routes, ada.store, as_json=False)


def test_file_is_written_and_its_version_is_remembered(ada: Person, command: Command, published: Published) -> None:
    file = write_file(command.workspace, ada.store, published, DOCUMENT)

    assert file == File(True, f"{ada.routes} says so, too")
    assert (ada.routes.read_text(), ada.workspace.base(ada.store)) == (published.text, 2)


@pytest.mark.parametrize("saved", [DOCUMENT.replace("percent: 5", "percent: 6"), "", "\udcff"])
def test_file_that_somebody_saved_meanwhile_is_left_alone(
    ada: Person, command: Command, published: Published, saved: str
) -> None:
    content = saved.encode("utf-8", "surrogateescape")
    ada.routes.write_bytes(content)

    file = write_file(command.workspace, ada.store, published, DOCUMENT)

    said = f"{ada.routes} was left alone: it was changed meanwhile; fig diff shows the difference"
    assert (file, ada.routes.read_bytes()) == (File(False, said), content)
    assert ada.workspace.base(ada.store) == 1


def test_file_that_cannot_be_written_is_remembered_as_what_it_was(grace: Person, published: Published) -> None:
    """Who edits and publishes it later must not undo the flip unawares, though nothing was known of the file before."""
    # The name of the file itself still fits, that of the one beside it does not.
    long = grace.routes.rename(grace.routes.with_name(f"{'r' * 245}.yaml"))
    command = Command(long, grace.store, as_json=False)

    file = write_file(command.workspace, grace.store, published, DOCUMENT)

    assert (file.is_written, file.is_failed, long.read_text()) == (False, True, DOCUMENT)
    assert command.workspace.base(grace.store) == 1


def test_file_that_somebody_saved_meanwhile_is_replaced_by_force_only(ada: Person, command: Command) -> None:
    ada.routes.write_text("saved meanwhile")

    with pytest.raises(Refused, match="was changed meanwhile; nothing was written"):
        replace_file(command, "pulled", DOCUMENT, is_forcing=False)
    left = ada.routes.read_text()
    replace_file(command, "pulled", DOCUMENT, is_forcing=True)

    assert (left, ada.routes.read_text()) == ("saved meanwhile", "pulled")


def test_file_that_came_or_went_is_changed(ada: Person, command: Command) -> None:
    assert (is_changed(command.workspace, DOCUMENT), is_changed(command.workspace, None)) == (False, True)
    ada.routes.unlink()
    assert (is_changed(command.workspace, DOCUMENT), is_changed(command.workspace, None)) == (True, False)
