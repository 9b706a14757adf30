"""`fig diff`, `fig publish` and `fig pull`: what they say, write and refuse."""

import json

import pytest

from tests.cli.person import DOCUMENT, UNKEPT, Person


def test_publish_is_told_with_every_change_and_the_undo(ada: Person) -> None:
    """Every change of a route is a versioned, conditional write with who and why, and prints its own undo."""
    ada.rewrite("stage: legacy", "stage: live")

    said = ada.done("publish", "--why", "first", "--force")

    *lines, undo = said.splitlines()
    assert lines == [
        "version 1 is in force, in place of version 0",
        "  orders.read: added, live",
        "  orders.list: added, shadow",
        "  customers.read: added, canary 5 %",
        "forced:",
        "  orders.read: unlisted → live without shadow or canary before",
        f"  customers.read: {UNKEPT}",
    ]
    assert undo.startswith("undo: fig rollback 0 --why 'undo publish of version 1' --store ")


def test_publish_without_a_difference_publishes_nothing(ada: Person) -> None:
    ada.done("publish", "--why", "first", "--force")
    ada.rewrite("# the big one", "# the biggest one")

    assert ada.done("publish", "--why", "again") == "no difference from version 1: not published\n"
    assert json.loads(ada.done("publish", "--why", "again", "--json")) == {
        "store": ada.store,
        "version": 1,
        "changes": [],
    }
    assert ada.history.head().version == 1


def test_publish_that_changes_nothing_for_requests_says_so_in_words(ada: Person) -> None:
    ada.done("publish", "--why", "first", "--force")
    ada.rewrite("    match: GET /orders\n", "    match: GET /orders\n    owner: shop\n")

    said = ada.done("publish", "--why", "owners")

    assert said.splitlines()[:2] == ["version 2 is in force, in place of version 1", "  orders.list: owner none → shop"]


def test_publish_of_a_bad_document_tells_everything_and_changes_nothing(ada: Person) -> None:
    """A bad document never replaces a good table, and says everything that is wrong with it at once."""
    ada.done("publish", "--why", "first", "--force")
    before = ada.history.head()
    ada.rewrite("stage: legacy", "stage: legcy")
    ada.rewrite("migrated.customers.api:handler", "migrated.customers.api:handel")
    ada.rewrite("match: GET /orders\n", "match: GRAB /orders\n")

    said = ada.refused("publish", "--why", "now", "--force")

    assert [line.split(": ")[0] for line in said.splitlines()] == [
        f"{ada.routes}:6:12 orders.read stage",
        f"{ada.routes}:9:12 orders.list match",
        f"{ada.routes}:14:14 customers.read handler",
    ]
    assert ada.history.head() == before


def test_publish_refused_tells_programs_the_code_and_the_message(ada: Person) -> None:
    ada.rewrite("stage: legacy", "stage: migrated")
    ada.rewrite("stage: canary", "stage: shadow")

    result = ada.on_store("publish", "--why", "first", "--json")

    message = (
        "orders.read: unlisted → migrated without shadow or canary before\n"
        "take it through shadow or canary first, or use --force, which is recorded"
    )
    assert (result.exit_code, result.stderr) == (1, f"store: {ada.store}\n{message}\n")
    assert json.loads(result.stdout) == {"store": ada.store, "error": {"code": "refused", "message": message}}


def test_publish_of_more_than_anybody_reads_is_cut_off_and_told_to_programs(ada: Person) -> None:
    routes = [f"  - {{id: r{number}, match: GET /{number}}}" for number in range(50)]
    ada.routes.write_text("\n".join(["version: 1", "routes:", *routes]))

    said = ada.done("publish", "--why", "first", "--force").splitlines()

    assert said[39:42] == ["  r38: added, legacy", "  r39: added, legacy", "  … and 10 more, which --json has"]
    (entry,) = json.loads(ada.done("history", "--json"))["entries"]
    assert entry["changes"][-1] == "r49: added, legacy"


def test_diff_tells_in_words_what_publishing_would_change(ada: Person) -> None:
    ada.done("publish", "--why", "first", "--force")
    ada.rewrite("stage: legacy", "stage: shadow")
    ada.rewrite("percent: 5", "percent: 25")

    assert ada.done("diff") == (
        f"{ada.routes} against version 1:\n  orders.read: legacy → shadow\n  customers.read: canary 5 % → 25 %\n"
    )
    assert json.loads(ada.done("diff", "--json")) == {
        "store": ada.store,
        "file": str(ada.routes),
        "version": 1,
        "changes": ["orders.read: legacy → shadow", "customers.read: canary 5 % → 25 %"],
    }


def test_diff_of_what_is_the_same_says_so(ada: Person) -> None:
    ada.done("publish", "--why", "first", "--force")

    assert ada.done("diff") == f"no difference between {ada.routes} and version 1\n"


def test_diff_against_an_earlier_version(ada: Person) -> None:
    ada.done("publish", "--why", "first", "--force")
    ada.done("flip", "orders.read", "shadow", "--why", "now")

    assert ada.done("diff", "--published-version", "1").splitlines()[1:] == ["  orders.read: legacy → shadow"]
    assert ada.done("diff", "--published-version", "0").startswith(f"{ada.routes} against nothing published:\n")
    assert "got no version 9" in ada.refused("diff", "--published-version", "9")


def test_pull_writes_what_is_in_force(ada: Person, grace: Person) -> None:
    ada.done("publish", "--why", "first", "--force")
    grace.done("flip", "orders.list", "live", "--why", "now", "--force")

    assert ada.done("pull") == f"{ada.routes} says what version 2 says now\n"
    assert ada.routes.read_text() == grace.routes.read_text()
    assert ada.done("pull") == f"{ada.routes} says what version 2 says, as it did before\n"
    assert json.loads(ada.done("pull", "--json")) == {
        "store": ada.store,
        "file": str(ada.routes),
        "version": 2,
        "written": False,
    }


def test_pull_makes_a_file_that_is_not_there(ada: Person) -> None:
    ada.done("publish", "--why", "first", "--force")
    ada.routes.unlink()

    ada.done("pull")

    assert ada.routes.read_text() == DOCUMENT


def test_pull_leaves_what_was_never_published(ada: Person) -> None:
    ada.done("publish", "--why", "first", "--force")
    ada.rewrite("percent: 5", "percent: 25")

    said = ada.refused("pull")

    assert said == (
        "the file holds what was never published, and that would be lost:\n"
        "  customers.read: canary 5 % → 25 %\n"
        "fig publish makes that the next version; --force overwrites it\n"
    )
    assert "percent: 25" in ada.routes.read_text()
    ada.done("pull", "--force")
    assert ada.routes.read_text() == DOCUMENT


@pytest.mark.parametrize("content", [b"version: [", b"caf\xe9"])
def test_pull_replaces_a_file_that_cannot_be_read_by_force_only(ada: Person, content: bytes) -> None:
    ada.done("publish", "--why", "first", "--force")
    ada.routes.write_bytes(content)

    ada.refused("pull")
    left = ada.routes.read_bytes()
    ada.done("pull", "--force")

    assert (left, ada.routes.read_text()) == (content, DOCUMENT)


def test_pull_that_cannot_write_changes_nothing(ada: Person) -> None:
    ada.done("publish", "--why", "first", "--force")
    # The name of the file itself still fits, that of the one beside it does not.
    ada.routes = ada.routes.rename(ada.routes.with_name(f"{'r' * 245}.yaml"))

    said = ada.refused("pull", "--force")

    assert said == f"{ada.routes}: cannot be written (File name too long); nothing was written\n"


@pytest.mark.parametrize(
    ("command", "says"),
    [
        (("rollback", "--why", "now"), "nothing has been published yet, so there is nothing to roll back\n"),
        (
            ("flip", "orders.read", "shadow", "--why", "now"),
            "nothing has been published yet, so there is nothing to fl",
        ),
        (("pull",), "nothing has been published yet, so there is nothing to pull; fig publish is first\n"),
        (("thaw", "--why", "now"), "nothing is frozen, so there is nothing to thaw\n"),
    ],
)
def test_command_that_needs_what_was_published_is_refused_before_anything_is(
    ada: Person, command: tuple[str, ...], says: str
) -> None:
    assert ada.refused(*command).startswith(says)
