"""`fig flip` and `fig publish` ask the evidence."""

import pytest

from tests.cli.person import Person, run
from tests.cli.seen import Seen, difference

FLIP = ("flip", "orders.list", "canary", "--percent", "5", "--why", "now")


def changed(person: Person, seen: Seen, *arguments: str, code: int = 0) -> str:
    """Run a change on this evidence, and return what it answers, or why it is refused."""
    result = seen.fig(person, *arguments, "--evidence", seen.table_name, "--store", person.store)
    assert result.exit_code == code, result.output
    return result.stderr.removeprefix(f"store: {person.store}\n") if code else result.stdout


def test_flip_is_refused_until_there_is_enough_evidence(ada: Person, seen: Seen) -> None:
    ada.done("publish", "--why", "first", "--force")
    seen.add(ada, "orders.list", "equal", times=209)
    for _ in range(3):
        seen.add(ada, "orders.list", "different", difference())
    state = ada.state()

    refused = changed(ada, seen, *FLIP, code=1)
    left = ada.state()
    seen.add(ada, "orders.list", "equal", times=858)
    done = changed(ada, seen, *FLIP)

    assert refused == (
        "orders.list: 212 of 400 samples; 3 differences, most at $.total (3); 666 more equal samples would do\n"
        "collect more evidence first (fig parity tells how far it is), or use --force, which is recorded\n"
    )
    assert left == state
    assert done.splitlines()[:2] == [
        "version 2 is in force, in place of version 1",
        "  orders.list: shadow → canary 5 %",
    ]
    assert ada.history.entries(1)[0].forced == ()


def test_flip_by_force_is_recorded_with_all_that_was_missing(ada: Person, seen: Seen) -> None:
    ada.done("publish", "--why", "first", "--force")
    seen.add(ada, "orders.list", "equal", times=12)

    said = changed(ada, seen, *FLIP, "--force")

    assert "forced:\n  orders.list: 12 of 400 samples\n" in said
    assert ada.history.entries(1)[0].forced == ("orders.list: 12 of 400 samples",)


def test_publish_is_gated_like_a_flip(ada: Person, seen: Seen) -> None:
    ada.done("publish", "--why", "first", "--force")
    ada.rewrite("stage: shadow", "stage: live")
    ada.rewrite("percent: 5", "percent: 25")
    seen.add(ada, "customers.read", "equal", times=400)

    refused = changed(ada, seen, "publish", "--why", "now", code=1)
    seen.add(ada, "orders.list", "equal", times=400)
    done = changed(ada, seen, "publish", "--why", "now")

    assert refused.startswith("orders.list: nothing was ever compared: ")
    assert "customers.read" not in refused
    assert "  orders.list: shadow → live\n  customers.read: canary 5 % → 25 %\n" in done


@pytest.mark.parametrize(
    "back",
    [
        ("flip", "customers.read", "canary", "--percent", "1", "--why", "errors"),
        ("flip", "customers.read", "legacy", "--why", "errors"),
        ("flip", "orders.list", "legacy", "--why", "errors"),
        ("rollback", "--why", "errors"),
        ("freeze", "--why", "errors"),
    ],
)
def test_way_back_asks_nobody(ada: Person, back: tuple[str, ...]) -> None:
    """No evidence, no table, no credentials: a way back is open."""
    ada.done("publish", "--why", "first", "--force")
    arguments = [*back, "--routes", str(ada.routes), "--store", ada.store]

    result = run(arguments, FIG_EVIDENCE="dynamodb:nowhere", AWS_ENDPOINT_URL_DYNAMODB="http://127.0.0.1:1")

    assert result.exit_code == 0, result.output


@pytest.mark.parametrize("arguments", [("1",), ("1", "--route", "customers.read"), ("--force",)])
def test_rollback_to_where_more_clients_went_to_the_migrated_side_is_not_gated(
    ada: Person, arguments: tuple[str, ...]
) -> None:
    ada.done("publish", "--why", "first", "--force")
    ada.done("flip", "customers.read", "legacy", "--why", "errors")

    said = ada.done("rollback", *arguments, "--why", "it was something else")

    assert "  customers.read: legacy → canary 5 %\n" in said


@pytest.mark.parametrize("arguments", [(), ("--route", "customers.read")])
def test_rollback_that_names_no_version_never_gives_the_migrated_side_more_clients_by_itself(
    ada: Person, arguments: tuple[str, ...]
) -> None:
    """Repeated, it went forward again, without the gate."""
    ada.done("publish", "--why", "first", "--force")
    ada.done("flip", "customers.read", "legacy", "--why", "errors")

    said = ada.refused("rollback", *arguments, "--why", "errors again")

    assert said.startswith("version 1 was passed over: customers.read: legacy → canary 5 %\nname a version")
    assert ada.history.head().version == 2


def test_rollback_tells_what_it_passed_over(ada: Person) -> None:
    ada.rewrite("stage: shadow", "stage: legacy")
    ada.done("publish", "--why", "first", "--force")
    ada.done("flip", "orders.list", "shadow", "--why", "compare")
    ada.done("flip", "customers.read", "canary", "--percent", "9", "--why", "more", "--force")
    ada.done("flip", "customers.read", "canary", "--percent", "5", "--why", "less")

    said = ada.done("rollback", "--why", "errors").splitlines()

    assert said[1:4] == [
        "  back to version 1",
        "  orders.list: shadow → legacy",
        "version 3 was passed over: customers.read: canary 5 % → canary 9 %",
    ]


@pytest.mark.parametrize("command", [FLIP, ("publish", "--why", "now")])
def test_evidence_that_is_no_table_is_misuse_before_anything_is_done(ada: Person, command: tuple[str, ...]) -> None:
    said = ada.refused(*command, "--evidence", "file:evidence", code=2)

    assert said == "--evidence: got 'file:evidence', expected dynamodb:TABLE\n"
    assert ada.history.head().version == 0


def test_evidence_that_cannot_be_read_is_no_evidence(ada: Person, seen: Seen) -> None:
    ada.done("publish", "--why", "first", "--force")

    refused = seen.fig(ada, *FLIP, "--evidence", "dynamodb:nowhere", "--store", ada.store).stderr
    forced = seen.fig(ada, *FLIP, "--evidence", "dynamodb:nowhere", "--store", ada.store, "--force")

    assert "\norders.list: the evidence cannot be read: dynamodb table nowhere: " in refused
    assert refused.endswith("or use --force, which is recorded\n")
    assert forced.exit_code == 0


def test_evidence_of_fig_dev_does_not_vouch_for_another_store(ada: Person, seen: Seen) -> None:
    """What somebody tried out on this machine says nothing of what clients get."""
    place = {"endpoint": seen.endpoint, "region": "eu-west-1", "url": ""}
    ada.workspace.put("dev.json", {"store": "dynamodb:fig-routes", "evidence": seen.table_name, **place})
    seen.add(ada, "orders.list", "equal", times=400)
    ada.done("publish", "--why", "first", "--force")

    assert ada.refused(*FLIP).startswith("orders.list: no evidence is kept: expected --evidence dynamodb:TABLE, ")


def test_first_publish_of_a_canary_is_gated_as_well(ada: Person, seen: Seen) -> None:
    """What is not listed, legacy answers."""
    assert changed(ada, seen, "publish", "--why", "first", code=1).startswith(
        "customers.read: nothing was ever compared"
    )
    seen.add(ada, "customers.read", "equal", times=400)

    assert "  customers.read: added, canary 5 %\n" in changed(ada, seen, "publish", "--why", "first")
