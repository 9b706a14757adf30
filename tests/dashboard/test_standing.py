"""What is in force and how far the proof is: read bit by bit, and as it was where it cannot be read."""

from collections.abc import Callable

import pytest

from proxy.dashboard.standing import Moment, Standing, StandingReader, flips, sample, seconds_of
from proxy.errors import EvidenceFailed
from proxy.evidence.found import Counts, RouteEvidence
from proxy.publishing.parity import parity_of
from proxy.routing.proof import GateDocument
from proxy.stores.file_history import FileHistory
from proxy.stores.history import Head, StoreFailed
from tests.dashboard.numbers import entry
from tests.publishing.evidence import known, of_code
from tests.publishing.people import DOCUMENT, Failing, document, put, with_line

COUNTS = Counts(started=10, finished=10, equal=9, different=1)


class Clock:
    """A time that a test moves, and that passes a little with every look at it."""

    def __init__(self, step_s: float = 0.0) -> None:
        self.at = 1000.0
        self._step_s = step_s

    def __call__(self) -> float:
        self.at += self._step_s
        return self.at


class Evidence:
    """Evidence of a test's own; it notes what it was asked for."""

    def __init__(self, lookup: Callable[[str], RouteEvidence]) -> None:
        self._lookup = lookup
        self.asked: list[str] = []

    def read(self, route_id: str, *, with_examples: bool = False) -> RouteEvidence:
        assert not with_examples, "they are most of the bytes"
        self.asked.append(route_id)
        return self._lookup(route_id)


@pytest.fixture
def evidence() -> Evidence:
    """Of one route, ten comparisons are known."""
    return Evidence(known(document(), {"orders.list": of_code(COUNTS)}))


def test_all_that_is_known_is_told_together(history: FileHistory, evidence: Evidence) -> None:
    standing = StandingReader(history, evidence, Clock()).read({})

    assert (standing.head.version, standing.document, standing.problem) == (1, document(), "")
    assert standing.flipped["orders.list"].words == "added, shadow"
    assert standing.parities["orders.list"] == parity_of(COUNTS, GateDocument())
    assert standing.compared == {"orders.read", "orders.list", "customers.read"}
    assert list(standing.moments) == [
        Moment(seconds_of("2026-01-31T16:00:00.123Z"), {"legacy": 1, "shadow": 1, "canary": 1})
    ]


def test_routes_on_their_way_are_asked_for_first(history: FileHistory, evidence: Evidence) -> None:
    StandingReader(history, evidence, Clock()).read({})

    assert evidence.asked == ["orders.list", "customers.read", "orders.read"]


def test_no_round_takes_long_however_many_routes_there_are(history: FileHistory, evidence: Evidence) -> None:
    """Each is a query of its own; the others come with the next rounds."""
    reader = StandingReader(history, evidence, Clock(step_s=0.1))

    standing = reader.read({})
    assert len(evidence.asked) == len(standing.parities) == 1

    for _ in range(3):
        standing = reader.read({})
    assert set(standing.parities) == standing.compared


def test_route_with_new_comparisons_is_asked_for_again_before_others(history: FileHistory, evidence: Evidence) -> None:
    clock = Clock()
    reader = StandingReader(history, evidence, clock)
    reader.read({"customers.read": 3})
    evidence.asked.clear()

    clock.at += 3
    reader.read({"customers.read": 4})
    assert evidence.asked == ["customers.read"]

    reader.read({"customers.read": 4})
    assert evidence.asked == ["customers.read"]

    clock.at += 60
    reader.read({"customers.read": 4})
    assert evidence.asked == ["customers.read", "orders.list", "customers.read"]


def test_other_rules_make_the_evidence_of_before_another_questions(history: FileHistory, evidence: Evidence) -> None:
    """Without a query: what is known by revision is kept."""
    reader = StandingReader(history, evidence, Clock())
    reader.read({})
    put(history, with_line(DOCUMENT, "match: GET /orders\n", "match: GET /orders\n    compare: {ignore: [$.at]}\n"))
    evidence.asked.clear()

    standing = reader.read({})

    assert standing.parities["orders.list"].compared == 0
    assert evidence.asked == []


def test_store_that_fails_leaves_everything_as_it_was_and_is_told(history: FileHistory, evidence: Evidence) -> None:
    failing = Failing(history)
    reader = StandingReader(failing, evidence, Clock())
    before = reader.read({})
    failing._failures["head"] = 1

    troubled, mended = reader.read({}), reader.read({})

    assert troubled.problem == "the store does not answer head, 1"
    assert (troubled.head, troubled.document, troubled.parities) == (before.head, before.document, before.parities)
    assert mended.problem == ""


def test_evidence_that_cannot_be_read_is_told_and_the_rest_is_shown(history: FileHistory) -> None:
    def fail(route_id: str) -> RouteEvidence:
        raise EvidenceFailed(f"no evidence of {route_id}")

    standing = StandingReader(history, Evidence(fail), Clock()).read({})

    assert standing.problem == "no evidence of orders.list"
    assert standing.head.version == 1


def test_store_that_was_never_reached_shows_nothing_and_says_why() -> None:
    class Down(FileHistory):
        def head(self) -> Head:
            raise StoreFailed("nobody answers")

    standing = StandingReader(Down.__new__(Down), None, Clock()).read({})

    assert standing == Standing(at=1000.0, problem=standing.problem)
    assert "nobody answers" in standing.problem


def test_freeze_is_no_flip() -> None:
    frozen = entry("orders.read: canary → legacy (frozen)", digest="", kind="freeze")

    assert flips([frozen, entry("orders.read: shadow → canary 5 %")])["orders.read"].words == "shadow → canary 5 %"


@pytest.mark.parametrize("number", [1, 2, 37, 38, 100, 1000])
def test_history_is_shown_by_few_versions_the_first_and_the_newest_among_them(number: int) -> None:
    versions = list(range(1, number + 1))

    chosen = sample(versions)

    assert len(chosen) <= 40
    assert {chosen[0], chosen[-1]} == {1, number}
    # What is chosen once there is another one has been read already.
    assert set(sample([*versions, number + 1])) <= {*chosen, number + 1}
