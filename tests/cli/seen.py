"""Evidence that functions have kept, and commands that ask it."""

import time
from collections.abc import Mapping
from itertools import count

from typer.testing import Result

from proxy.evidence.found import ContractResult
from proxy.evidence.outcome import Found, Outcome, What
from proxy.evidence.table import EvidenceTable
from proxy.publishing.flip import route_of
from proxy.publishing.session import embedded_session
from proxy.routing.compile import compiled_revision
from proxy.routing.reader import read
from tests.cli.person import OF_AWS, Person, run
from tests.evidence.conftest import House
from tests.stores.shelves import REGION

_numbers = count(1)
REQUEST: Mapping[str, str | bool] = {"method": "GET", "target": "/orders/O-5001?page[size]=1"}


class Seen(House):
    """A table of evidence, and the functions that write to it."""

    def __init__(self, endpoint: str) -> None:
        super().__init__(embedded_session(REGION), endpoint, f"evidence-{next(_numbers)}")
        self.clock.wall_s = time.time()
        self.table_name = f"dynamodb:{self.name}"

    def add(
        self,
        person: Person,
        route_id: str,
        what: What,
        *found: Found,
        why: str = "",
        times: int = 1,
        request: Mapping[str, str | bool] = REQUEST,
        noise: tuple[str, ...] | None = None,
    ) -> None:
        """Note so many comparisons of a route as the person's file has it."""
        table = self.environment()
        revision = revision_in(person, route_id)
        done = Outcome(route_id, revision, what, why, found, request if found else {}, noise=noise)
        if times > 1:  # one by one takes two seconds for 400
            _add(table, route_id, revision, {"started": times - 1, "finished": times - 1, what: times - 1})
        table.finish(done._replace(began_at=table.start(route_id, revision, 5.0)), 5.0)

    def miss(self, person: Person, route_id: str, *reasons: str) -> None:
        """Note writes of a live route that legacy has not taken, by the reason of each."""
        for reason in reasons:
            missed = Outcome(route_id, revision_in(person, route_id), "skipped", reason, is_write=True, untaken=reason)
            self.environment().finish(missed, 5.0)

    def start(self, person: Person, route_id: str) -> None:
        """Note a comparison that never ends."""
        self.environment().start(route_id, revision_in(person, route_id), 5.0)

    def count(self, person: Person, route_id: str, **counts: int) -> None:
        """Add to a canary's counters."""
        _add(self.environment(), route_id, revision_in(person, route_id), counts)

    def contract(self, person: Person, route_id: str, passed: int, failed: int = 0) -> None:
        """Note how a contract went."""
        result = ContractResult(passed, failed, "ada\x1b[2J", "2026-12-02T12:00:00Z")
        self.reader.put_contract(route_id, revision_in(person, route_id), result)

    def fig(self, person: Person, command: str, *arguments: str, **environ: str) -> Result:
        """Run a command of `fig` for a person's routes.yaml, in an account that is this database."""
        here = {**OF_AWS, "AWS_ENDPOINT_URL_DYNAMODB": self.endpoint, **environ}
        return run([command, *arguments, "--routes", str(person.routes)], **here)

    def told(self, person: Person, command: str, *arguments: str) -> str:
        """Run a command on this evidence that must succeed, and return what it answers."""
        result = self.fig(person, command, *arguments, "--evidence", self.table_name)
        said = f"evidence: {self.table_name} at {self.endpoint}\n"
        assert (result.exit_code, result.stderr) == (0, said), result.output
        return result.stdout


def revision_in(person: Person, route_id: str) -> str:
    """The revision of a route in a person's file."""
    return compiled_revision(route_of(read(person.routes.read_text()), route_id))


def difference(path: str = "$.total", kind: str = "value", control: object = 1250, candidate: object = 1249.5) -> Found:
    """A difference as functions note it."""
    return {"kind": kind, "path": path, "control": control, "candidate": candidate}


def _add(table: EvidenceTable, route_id: str, revision: str, counts: Mapping[str, int]) -> None:
    table.count(route_id, revision, counts, 5.0)
