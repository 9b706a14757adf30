"""What is noted of an exchange once the client has its answer: one record, and who still asks legacy."""

from collections.abc import Callable, Mapping
from json.encoder import encode_basestring_ascii as quoted
from typing import NamedTuple

from proxy.message import Request, Response
from proxy.observe import UNLISTED, Failure, Observer, Record
from proxy.routing.decide import Decision
from proxy.routing.table import Route, Table
from proxy.usage.unlisted import UnlistedPaths


class Times(NamedTuple):
    """When an exchange began, when a side was asked, and when there was an answer; in seconds of one clock."""

    started: float
    asked: float
    ended: float


def nobody(_request: Request) -> str:
    """Return no name for a caller."""
    return ""


class Notes:
    """Writes records. `caller` names who asked (proxy/usage/caller.py), `used` takes what legacy has answered and whom,
    `mark` says which code runs, `state_of` the state of a route's breaker; `counts` and `problems` tell what went wrong
    beside the exchanges.
    """

    def __init__(
        self,
        observer: Observer,
        *,
        state_of: Callable[[Route], str] = lambda _: "",
        caller: Callable[[Request], str] = nobody,
        used: Callable[[str, str], object] = lambda _what, _client: None,
        mark: Callable[[], object] | None = None,
        counts: Callable[[], Mapping[str, int]] = dict,
        problems: Callable[[], Mapping[str, str]] = dict,
    ) -> None:
        self._observer = observer
        self._state_of = state_of
        self._caller = caller
        self._used = used
        self._mark = mark
        self._counts = counts
        self._problems = problems
        self._unlisted = UnlistedPaths()

    def exchange(
        self,
        request: Request,
        decision: Decision,
        table: Table,
        response: Response,
        failure: Failure | None,
        fell_back: str,
        times: Times,
    ) -> None:
        """Note an exchange; `fell_back` is the reason code of why the fallback has answered, if it has."""
        route = decision.route
        side = decision.fallback if fell_back and decision.fallback else decision.primary
        client = self._caller(request)
        path = "" if route else self._unlisted.name(request.path)
        record = Record(
            request_id=request.id,
            method=request.method,
            route=route.id if route else UNLISTED,
            stage=route.stage if route else UNLISTED,
            side=side,
            fallback=fell_back,
            client=client,
            path=path,
            group=route.group if route else "",
            breaker=self._state_of(route) if failure and route else "",
            reason=decision.reason,
            status=response.status,
            code=response.code,
            table_version=table.version,
            total_ms=(times.ended - times.started) * 1000,
            table_ms=(times.asked - times.started) * 1000,
            side_ms=(times.ended - times.asked) * 1000,
            bytes_in=len(request.body),
            bytes_out=len(response.body),
            failure=failure,
        )
        self._observer.record(record, self._troubles())
        if side == "legacy":
            self._used(route.id if route else path, client)
        if self._mark is not None:
            self._mark()

    def refusal(self, response: Response, failure: Failure, request_id: str) -> None:
        """Note what was answered here, for it never became a request."""
        record = Record(request_id=request_id, status=response.status, code=response.code, failure=failure)
        self._observer.record(record, self._troubles())

    def _troubles(self) -> str:
        """Return, as JSON fields, what went wrong since the environment began; mostly nothing."""
        told = "".join(f',"{name}":{count}' for name, count in self._counts().items() if count)
        return told + "".join(f',"{name}":{quoted(text)}' for name, text in self._problems().items() if text)
