"""The heart: decide who answers, ask them, and note what happened once the client has the answer."""

import time
from collections.abc import Callable, Mapping
from json.encoder import encode_basestring_ascii as quoted
from typing import Protocol

from proxy.after_response import AfterResponse
from proxy.errors import FigError, ResponseTooLarge, answer
from proxy.message import Request, Response
from proxy.observe import UNLISTED, Failure, Observer, Record, failure_of
from proxy.routing.decide import Decision, decide
from proxy.routing.table import Table
from proxy.stores.cached import CachedTable


class Backends(Protocol):
    """Whoever can answer, by side."""

    def ask(self, decision: Decision, table: Table, request: Request) -> Response:
        """Return the answer of the decision's primary. Raises FigError."""


class App:
    """One request, from decision to answer. Everything it needs of the world is handed in."""

    def __init__(
        self,
        tables: CachedTable,
        backends: Backends,
        observer: Observer,
        after_response: AfterResponse,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._tables = tables
        self._backends = backends
        self._observer = observer
        self._after = after_response
        self._now = now

    def handle(self, request: Request, max_body_bytes: int) -> Response:
        """Return the answer for a client; a failure of a side becomes an answer of our own with a reason code.

        `max_body_bytes` is what the request's front door can carry back.
        """
        started = self._now()
        # 1. Which table is in force.
        table = self._tables.current()
        # 2. Which side answers.
        decision = decide(table, request)
        asked = self._now()
        # 3. Its answer, or ours in its place.
        failure: Failure | None = None
        try:
            response = self._backends.ask(decision, table, request)
            if len(response.body) > max_body_bytes:
                raise ResponseTooLarge(f"got {len(response.body)} bytes, expected at most {max_body_bytes}")
        except FigError as exc:
            failure = failure_of(exc)
            response = answer(exc, request.id)
        # 4. What is noted once the client has it.
        ended = self._now()
        self._after(lambda _deadline: self._note(request, decision, table, response, failure, (started, asked, ended)))
        return response

    def refuse(self, error: FigError, request_id: str) -> Response:
        """Return our own answer to what never became a request, and note it."""
        response = answer(error, request_id)
        record = Record(request_id=request_id, status=response.status, code=error.code, failure=failure_of(error))
        self._after(lambda _deadline: self._observer.record(record, self._counters()))
        return response

    def _note(
        self,
        request: Request,
        decision: Decision,
        table: Table,
        response: Response,
        failure: Failure | None,
        times: tuple[float, float, float],
    ) -> None:
        started, asked, ended = times
        route = decision.route
        self._observer.record(
            Record(
                request_id=request.id,
                method=request.method,
                route=route.id if route else UNLISTED,
                stage=route.stage if route else UNLISTED,
                side=decision.primary,
                reason=decision.reason,
                status=response.status,
                code=response.code,
                table_version=table.version,
                total_ms=(ended - started) * 1000,
                table_ms=(asked - started) * 1000,
                side_ms=(ended - asked) * 1000,
                bytes_in=len(request.body),
                bytes_out=len(response.body),
                failure=failure,
            ),
            self._counters(),
        )

    def _counters(self) -> str:
        """Return, as JSON fields, what went wrong beside the exchanges since the environment began; mostly nothing."""
        counts: Mapping[str, int] = {
            "table_failures": self._tables.failures,
            "after_failed": self._after.failed,
            "after_dropped": self._after.dropped,
        }
        told = "".join(f',"{name}":{count}' for name, count in counts.items() if count)
        problem = self._tables.problem
        return f'{told},"table_problem":{quoted(problem)}' if problem else told
