"""Shadows that load when the first one runs: a function without any pays nothing for the comparator at its start."""

from typing import TYPE_CHECKING

from proxy.message import Request, Response
from proxy.routing.decide import Decision
from proxy.routing.table import Table

if TYPE_CHECKING:
    from collections.abc import Callable

    from proxy.shadow.exchange import Shadowing


class LateShadows:
    """Makes what runs shadows when it is first needed. A failure to make it is counted, and nothing else."""

    def __init__(self, make: "Callable[[], Shadowing]") -> None:
        self._make = make
        self._made: Shadowing | None = None

    @property
    def failures(self) -> int:
        """How many calls to the evidence have failed."""
        return self._made.failures if self._made else 0

    @property
    def problem(self) -> str:
        """Why the newest call failed; "" once one has not."""
        return self._made.problem if self._made else ""

    def after(
        self, request: Request, decision: Decision, table: Table, response: Response, failure: str, deadline: float
    ) -> None:
        """Do all that an exchange asks for after its answer."""
        if self._made is None:
            self._made = self._make()
        self._made.after(request, decision, table, response, failure, deadline)
