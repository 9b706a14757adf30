"""A hundred flips back and forth under load: no failed request, and every answer from the side that is in force."""

import random
import time
from collections.abc import Iterator
from typing import Any

import pytest

from proxy.dev.places import TABLE_TTL_S
from proxy.publishing.author import Author
from proxy.publishing.flip import Flip, flip
from proxy.publishing.store_choice import choose, open_store
from proxy.publishing.workspace import Workspace
from proxy.routing.reader import read

from .callers import calling
from .house import ROUTES, House, until
from .test_flip import ORDER, exchanges

FLIPS = 100
# The requirement is one second above the TTL. The rest is for a machine whose processes wait for their turn.
SEEN_S = TABLE_TTL_S + 1.0
SLACK_S = 2.0
FORTH, BACK = Flip("orders.read", "canary", 100.0), Flip("orders.read", "legacy")


@pytest.fixture(scope="module")
def flipping(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A house with two workers, whose routes are flipped through its store."""
    with House(tmp_path_factory.mktemp("flipping"), "--workers", "2", "--log-format", "json") as house:
        yield house


def test_hundred_flips_under_load_fail_no_request_and_are_seen_by_every_worker(flipping: House) -> None:
    """Every change of a route is a versioned, conditional write; it is seen within TTL + 1 s by every worker."""
    pause = random.Random(20261123)
    workspace = Workspace(flipping.routes)
    author = Author("a test", "to and fro", is_forcing=True)
    since = flipping.here
    text = ROUTES

    with open_store(choose(workspace, environ={})) as opened, calling(flipping, ORDER) as callers:
        # version -> when it was in force for sure, and which side it names
        flipped: dict[int, tuple[float, str]] = {opened.history.head().version: (time.monotonic(), "legacy")}
        until(lambda: callers.are_on("legacy", 0.0))
        for number in range(FLIPS):
            wanted, side = (FORTH, "migrated") if number % 2 == 0 else (BACK, "legacy")
            done = flip(opened.history, text, read, wanted, author=author)
            text = done.text
            flipped[done.entry.version] = (time.monotonic(), side)
            # Some flips overtake each other before any worker has seen the first.
            callers.ended.wait(pause.random() * TABLE_TTL_S)
        last = time.monotonic()
        until(lambda: callers.are_on("legacy", last))

    calls = callers.all
    records = {
        str(record["correlation_id"]): record
        for record in exchanges(flipping, since, {call.request_id for call in calls})
    }
    assert callers.failures == []
    assert {call.status for call in calls} == {200}
    assert len(flipped) == FLIPS + 1
    for call in calls:
        record = records[call.request_id]
        # The side is the one that the table of that very decision names, and the client saw just that.
        assert call.side == record["side"] == flipped[version_of(record)][1]
        # That table was the newest, or one that was replaced less than TTL + 1 s ago.
        replaced = flipped.get(version_of(record) + 1)
        assert replaced is None or call.began - replaced[0] < SEEN_S + SLACK_S
    assert {version_of(record) for record in records.values()} <= set(flipped)


def version_of(record: dict[str, Any]) -> int:
    """Return the version of the table that a request was decided by. Any: JSON."""
    version = record["table_version"]
    assert isinstance(version, int)
    return version
