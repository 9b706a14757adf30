"""What a shadow starts from, and what is told of it."""

from typing import NamedTuple, Protocol

from proxy.message import Request, Response
from proxy.routing.decide import Decision
from proxy.routing.table import Table


class Exchange(NamedTuple):
    """One exchange, as far as the client knows it."""

    request: Request
    decision: Decision
    table: Table
    response: Response
    failure: str = ""  # the reason code of why the primary did not answer, if it did not


class Shadowing(Protocol):
    """Whoever asks the other side after the answer."""

    @property
    def failures(self) -> int:
        """How many calls to the evidence have failed."""

    @property
    def problem(self) -> str:
        """Why the newest call failed; "" once one has not."""

    def after(
        self, request: Request, decision: Decision, table: Table, response: Response, failure: str, deadline: float
    ) -> None:
        """Do all that an exchange asks for after its answer, by a deadline of time.monotonic(). Never raises."""
