"""Fakes that more than one room's tests need."""

from proxy.message import Request, Response
from proxy.routing.decide import Decision
from proxy.routing.table import Route, Table


class NothingBroken:
    """Backends whose breakers are closed; a subclass says how they answer."""

    def ask(self, decision: Decision, table: Table, request: Request) -> Response:
        raise NotImplementedError

    def ask_instead(self, decision: Decision, table: Table, request: Request) -> Response:
        return self.ask(decision, table, request)

    def is_open(self, route: Route) -> bool:
        return False

    def state_of(self, route: Route) -> str:
        return "closed"
