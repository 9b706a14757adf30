"""Whoever goes back to legacy is told which writes legacy does not know of."""

import json

import pytest

from proxy.evidence.keys import hour_of
from tests.cli.person import DOCUMENT, Person
from tests.cli.seen import Seen

CREATE = "{id: orders.create, match: POST /orders, handler: 'migrated.orders.api:handler', writes: true, stage: live}"
ROUTES = f"{DOCUMENT}  - {CREATE}\n"
MISSED = ("no_time", "legacy_timeout", "no_time")
BACK = {
    "flip": ("flip", "orders.create", "legacy", "--why", "errors"),
    "rollback of the route": ("rollback", "--route", "orders.create", "--why", "errors"),
    "rollback of all": ("rollback", "--why", "errors"),
}


@pytest.fixture
def live(ada: Person) -> Person:
    """Somebody whose live route sends its writes to legacy; it was in shadow before."""
    ada.routes.write_text(ROUTES.replace("stage: live", "stage: shadow"))
    ada.done("publish", "--why", "first", "--force")
    ada.done("flip", "orders.create", "live", "--why", "go", "--force")
    return ada


def back(person: Person, seen: Seen, how: str, *more: str, evidence: str = "") -> str:
    """Send the route back to legacy, and return what is told of it."""
    result = seen.fig(person, *BACK[how], *more, "--store", person.store, FIG_EVIDENCE=evidence or seen.table_name)
    assert result.exit_code == 0, result.output
    return result.stdout


def told(seen: Seen) -> str:
    hour = hour_of(seen.clock.wall_s)
    return f"3 writes did not reach legacy while live (no_time 2, legacy_timeout 1), {hour} to {hour} UTC"


@pytest.mark.parametrize("how", BACK)
def test_going_back_tells_how_many_writes_legacy_lacks(live: Person, seen: Seen, how: str) -> None:
    seen.miss(live, "orders.create", *MISSED)

    lines = back(live, seen, how).splitlines()

    assert f"orders.create: {told(seen)}" in lines


@pytest.mark.parametrize("how", BACK)
def test_going_back_that_loses_nothing_says_nothing_of_it(live: Person, seen: Seen, how: str) -> None:
    assert "did not reach legacy" not in back(live, seen, how)


def test_programs_are_told_as_well(live: Person, seen: Seen) -> None:
    seen.miss(live, "orders.create", *MISSED)

    fields = json.loads(back(live, seen, "flip", "--json"))

    assert fields["lost"] == [f"orders.create: {told(seen)}"]


def test_going_forward_loses_nothing(live: Person, seen: Seen) -> None:
    seen.miss(live, "orders.create", *MISSED)
    forward = ("flip", "orders.create", "migrated", "--why", "done", "--force", "--evidence", seen.table_name)

    result = seen.fig(live, *forward, "--store", live.store)

    assert result.exit_code == 0, result.output
    assert "did not reach legacy" not in result.stdout


@pytest.mark.parametrize("how", BACK)
def test_evidence_that_cannot_be_read_keeps_nobody_from_going_back(live: Person, seen: Seen, how: str) -> None:
    said = back(live, seen, how, evidence="dynamodb:not-there")

    assert said.startswith("version 3 is in force")
    assert "whether writes did not reach legacy is not known: dynamodb table not-there" in said


def test_place_of_evidence_that_is_none_keeps_nobody_from_rolling_back(live: Person, seen: Seen) -> None:
    assert back(live, seen, "rollback of all", evidence="nonsense").startswith("version 3 is in force")


def test_parity_tells_it_while_the_route_is_live(live: Person, seen: Seen) -> None:
    seen.miss(live, "orders.create", *MISSED)

    of_all, of_one = seen.told(live, "parity"), seen.told(live, "parity", "orders.create")
    fields = json.loads(seen.told(live, "parity", "orders.create", "--json"))

    assert of_all.splitlines()[-1] == f"orders.create: {told(seen)}"
    assert f"lost      {told(seen)}" in of_one.splitlines()
    assert fields["untaken"]["reasons"] == {"no_time": 2, "legacy_timeout": 1}
