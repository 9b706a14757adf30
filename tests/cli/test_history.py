"""`fig history`: who changed what, when and why, newest first."""

import json
import re

from proxy.publishing.author import local_user
from proxy.publishing.publish import publish
from tests.cli.person import DOCUMENT, UNKEPT, Person
from tests.publishing.people import author, document


def test_history_is_told_newest_first_with_all_that_was_said(ada: Person) -> None:
    """Every change of a route is a versioned, conditional write with who and why, and prints its own undo."""
    ada.done("publish", "--why", "first", "--force")
    ada.done("flip", "orders.read", "migrated", "--why", "no time for a canary", "--force")
    ada.done("freeze", "--why", "errors")

    said = re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC", "WHEN", ada.done("history"))

    assert (
        said
        == f"""\
2  WHEN  freeze  {local_user()}  ← in force
   errors
   orders.list: shadow → legacy (frozen)
   customers.read: canary → legacy (frozen)
2  WHEN  flip  {local_user()}  ← in force
   no time for a canary
   orders.read: legacy → migrated
   forced:
     orders.read: legacy → migrated without shadow or canary before
1  WHEN  publish  {local_user()}
   first
   orders.read: added, legacy
   orders.list: added, shadow
   customers.read: added, canary 5 %
   forced:
     customers.read: {UNKEPT}
"""
    )


def test_history_tells_programs_every_entry(ada: Person) -> None:
    ada.done("publish", "--why", "first", "--force")
    ada.done("flip", "orders.list", "live", "--why", "now", "--force")

    fields = json.loads(ada.done("history", "--json"))

    assert {name: fields[name] for name in ("store", "version", "frozen")} == {
        "store": ada.store,
        "version": 2,
        "frozen": "",
    }
    assert [(entry["version"], entry["parent"], entry["kind"], entry["changes"]) for entry in fields["entries"]] == [
        (2, 1, "flip", ["orders.list: shadow → live"]),
        (
            1,
            0,
            "publish",
            ["orders.read: added, legacy", "orders.list: added, shadow", "customers.read: added, canary 5 %"],
        ),
    ]


def test_history_is_as_long_as_was_asked_for(ada: Person) -> None:
    ada.done("publish", "--why", "first", "--force")
    ada.done("flip", "orders.list", "live", "--why", "now", "--force")

    assert len(json.loads(ada.done("history", "--limit", "1", "--json"))["entries"]) == 1


def test_history_of_a_store_to_which_nothing_was_published_says_so(ada: Person) -> None:
    assert ada.done("history") == "nothing has been published yet; fig publish does it\n"


def test_history_shows_nothing_that_a_terminal_would_obey(ada: Person) -> None:
    publish(ada.history, DOCUMENT, document(DOCUMENT), author("eve\x1b[2J", "why\x07 not\n9  2026-01-31  publish\r"))

    said = ada.done("history").splitlines()

    assert said[0].endswith("eve\ufffd[2J  ← in force")
    assert said[1] == "   why\ufffd not 9 2026-01-31 publish"


def test_reason_that_is_no_text_is_kept_as_well_as_it_can_be(ada: Person) -> None:
    published = ada.done("publish", "--why", "caf\udce9", "--force", "--json")

    assert json.loads(published)["why"] == "caf\udce9"
    assert "   caf?\n" in ada.done("history")
