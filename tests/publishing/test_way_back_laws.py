"""What holds for rollbacks that name no version, whatever happened before."""

import tempfile
from itertools import pairwise
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from proxy.errors import Refused
from proxy.publishing.author import NeedsForce
from proxy.publishing.publish import EMPTY, in_force, publish
from proxy.publishing.raised import in_words, reach
from proxy.publishing.rollback import roll_back, roll_back_route
from proxy.routing.document import Document, RouteDocument
from proxy.routing.reader import read
from proxy.stores.file_history import FileHistory
from tests.publishing.people import author

ROUTES = ("orders.read", "orders.list")
STAGES = ("legacy", "shadow", "canary, percent: 5", "canary, percent: 50", "live", "migrated", "retired")
Step = tuple[str, str, str]  # what is done, to which route, and the stage; or how far back, a share of the versions

_stages = st.sampled_from(STAGES)
_steps = st.lists(
    st.one_of(
        st.tuples(st.just("publish"), _stages, _stages),
        st.tuples(st.sampled_from(["rollback", "rollback of a route"]), st.sampled_from(ROUTES), st.just("")),
        st.tuples(st.just("rollback to"), st.sampled_from(ROUTES), st.sampled_from("123456789")),
    ),
    min_size=1,
    max_size=12,
)


@settings(max_examples=60)
@given(_steps)
def test_rollbacks_of_everything_never_raise_the_reach_and_come_to_an_end(steps: list[Step]) -> None:
    """A rollback that names no version gives the migrated side no more clients than it has.

    It ends where it began, unless a flip or a publication has taken back what is passed over.
    """
    with tempfile.TemporaryDirectory() as folder:
        history = a_history(Path(folder), steps)
        seen, ended = rolled_back(history)

        assert all(has_no_more(after, before) for before, after in pairwise(seen))
        assert isinstance(ended, NeedsForce) or seen[-1] == read(EMPTY)


@settings(max_examples=60)
@given(_steps)
def test_rollbacks_of_everything_end_where_it_began_if_only_rollbacks_took_back(steps: list[Step]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        history = a_history(Path(folder), steps, is_raising=True)
        seen, ended = rolled_back(history)

        assert all(has_no_more(after, before) for before, after in pairwise(seen))
        assert (seen[-1], isinstance(ended, NeedsForce)) == (read(EMPTY), False)


@settings(max_examples=60)
@given(_steps)
def test_rollbacks_of_a_route_never_raise_its_reach_and_come_to_an_end(steps: list[Step]) -> None:
    """Beyond its first version only what would give it more clients is left."""
    with tempfile.TemporaryDirectory() as folder:
        history = a_history(Path(folder), steps)
        reaches = [reach(in_force(history).document.routes[0])]
        for _ in range(history.head().version):
            try:
                roll_back_route(history, ROUTES[0], author())
            except Refused:
                break
            reaches.append(reach(in_force(history).document.routes[0]))
        else:
            raise AssertionError("there are more rollbacks than there were versions")

        assert reaches == sorted(reaches, reverse=True)
        assert reaches[-1] <= reach(read(history.document(1)).routes[0])


def rolled_back(history: FileHistory) -> tuple[list[Document], Refused]:
    """What was in force, rollback by rollback, and how it ended."""
    seen = [in_force(history).document]
    # Each goes to an earlier version than the one before, so there are no more of them than versions.
    for _ in range(history.head().version + 1):
        try:
            roll_back(history, author())
        except Refused as exc:
            return seen, exc
        seen.append(in_force(history).document)
    raise AssertionError("there are more rollbacks than there were versions")


def a_history(folder: Path, steps: list[Step], *, is_raising: bool = False) -> FileHistory:
    """A store in which all that has happened, as far as it was possible; the first step is a publication.

    If it is raising, no publication gives a route fewer clients than it has.
    """
    history = FileHistory(folder)
    for what, first, second in [("publish", "legacy", "shadow"), *steps]:
        version = history.head().version
        try:
            if what == "publish":
                text = document(first, second)
                if is_raising and version:
                    text = document(*map(further, in_force(history).document.routes, (first, second)))
                publish(history, text, read(text), author(is_forcing=True))
            elif what == "rollback of a route":
                roll_back_route(history, first, author())
            elif version > 1:  # not to version 0, in which no route is left to go back
                to = version - 1 if what == "rollback" else max(1, version * int(second) // 10)
                roll_back(history, author(), to)
        except Refused:
            continue
    return history


def further(route: RouteDocument, stage: str) -> str:
    """The stage of two, a route's own and another one, in which more clients get the migrated side's answer."""
    own = in_words(route).replace(" %", "").replace("canary ", "canary, percent: ")
    return max(own, stage, key=STAGES.index)


def document(*stages: str) -> str:
    """A routes.yaml with both routes, in stages."""
    lines = (
        f"  - {{id: {route_id}, match: GET /{route_id}, handler: 'migrated.orders.api:handler', stage: {stage}}}\n"
        for route_id, stage in zip(ROUTES, stages, strict=True)
    )
    return f"version: 1\nroutes:\n{''.join(lines)}"


def has_no_more(after: Document, before: Document) -> bool:
    """Whether no route answers more clients by its migrated side than it did before."""
    reaches = {route.id: reach(route) for route in before.routes}
    return all(reach(route) <= reaches.get(route.id, 0) for route in after.routes)
