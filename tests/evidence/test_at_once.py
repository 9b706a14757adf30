"""Many environments write at once: nothing is lost, and nothing is counted twice."""

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

from proxy.evidence.outcome import Outcome
from tests.evidence.conftest import Clock, House
from tests.evidence.test_reader import ROUTE, difference

_TIMES = 25


def compare(house: House, number: int) -> None:
    """What one environment does: as many comparisons as the others, each with a canary's count."""
    clock = Clock()
    table = house.environment(now=clock.now)
    for _ in range(_TIMES):
        clock.now_s += 2  # what is counted waits for others for a second
        began_at = table.start(ROUTE, "r1", 5.0)
        found = Outcome(ROUTE, "r1", "different", "", (difference(),), began_at=began_at, noise=("$.total",))
        table.finish(found, 5.0)
        table.count(ROUTE, "r1", {"migrated_writes": 1, "migrated_write_errors": 1}, 5.0)


def test_environments_that_count_at_once_add_up_exactly(house: House) -> None:
    with ThreadPoolExecutor(4) as environments:
        list(environments.map(lambda number: compare(house, number), range(4)))

    found = house.reader.read(ROUTE).compared("r1")

    assert found is not None
    total = 4 * _TIMES
    counts, (path,) = found.counts, found.paths
    assert (counts.started, counts.finished, counts.different, counts.noise_total) == (total, total, total, total)
    assert (path.raw, path.raw_noisy, path.noise) == (total, total, total)
    assert (found.migrated.writes, found.migrated.write_errors) == (total, total)


_ENVIRONMENT = """
import sys
from proxy.backends.exchange import Exchange
from proxy.evidence.outcome import Outcome
from proxy.evidence.table import EvidenceTable
from tests.stores.shelves import json_call

endpoint, name = sys.argv[1:]
table = EvidenceTable(json_call(Exchange(), endpoint), name, "7")
for number in range(3):
    began_at = table.start("orders.read", "r1", 5.0)
    if number < 2:
        table.finish(Outcome("orders.read", "r1", "equal", began_at=began_at), 5.0)
print("comparing", flush=True)
sys.stdin.read()
"""


def test_environments_that_are_killed_lose_one_comparison_each(house: House) -> None:
    """A shadow that ends its process is counted by its start alone."""
    house.clock.wall_s = time.time() + 1800  # what these processes write has the time of this machine
    command = [sys.executable, "-c", _ENVIRONMENT, house.endpoint, house.name]
    environments = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(2)
    ]
    for environment in environments:
        assert environment.stdout is not None
        assert environment.stdout.readline() == "comparing\n"
        os.kill(environment.pid, signal.SIGKILL)
        environment.communicate()

    found = house.reader.read(ROUTE).compared("r1")

    assert found is not None
    assert (found.counts.started, found.counts.equal, found.counts.lost) == (6, 4, 2)
