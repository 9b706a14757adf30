"""The heart: decide who answers, ask them, and note what happened once the client has the answer."""

import time
from collections.abc import Callable, Mapping
from json.encoder import encode_basestring_ascii as quoted
from typing import TYPE_CHECKING

from proxy.after_response import AfterResponse
from proxy.errors import FigError, ResponseTooLarge, answer
from proxy.message import Request, Response
from proxy.observe import UNLISTED, Failure, Observer, Record, failure_of
from proxy.routing.decide import Decision, Side, decide, nobody_chooses
from proxy.routing.table import Route, Table
from proxy.stores.cached import CachedTable
from proxy.usage.unlisted import UnlistedPaths

if TYPE_CHECKING:
    from proxy.fallback import Backends
    from proxy.shadow.exchange import Shadowing


class App:
    """One request, from decision to answer. Everything it needs of the world is handed in."""

    def __init__(
        self,
        tables: CachedTable,
        backends: "Backends",
        observer: Observer,
        after_response: AfterResponse,
        now: Callable[[], float] = time.monotonic,
        *,
        shadows: "Shadowing | None" = None,
        problems: Callable[[], Mapping[str, str]] = dict,
        chosen: Callable[[Route, Request], Side | None] = nobody_chooses,
        caller: Callable[[Request], str] = lambda _: "",
    ) -> None:
        self._tables = tables
        self._backends = backends
        self._observer = observer
        self._after = after_response
        self._now = now
        self._shadows = shadows
        self._problems = problems  # what else went wrong beside the exchanges, by name
        self._chosen = chosen
        self._caller = caller
        self._unlisted = UnlistedPaths()

    def handle(self, request: Request, max_body_bytes: int) -> Response:
        """Return the answer for a client; a failure of a side becomes an answer of our own with a reason code.

        `max_body_bytes` is what the request's front door can carry back.
        """
        started = self._now()
        # 1. Which table is in force.
        table = self._tables.current()
        # 2. Which side answers.
        decision = decide(table, request, self._chosen, self._backends.is_open)
        asked = self._now()
        # 3. Its answer, that of the fallback, or ours in their place.
        failure: Failure | None = None
        failed = fell_back = ""
        try:
            if decision.fallback is None:
                response = self._backends.ask(decision, table, request)
            else:
                from proxy.fallback import ask_with_fallback  # nobody needs it before a route has one

                response, instead_of = ask_with_fallback(self._backends, decision, table, request, self._now)
                if instead_of is not None:
                    failed = fell_back = instead_of.code
                    failure = failure_of(instead_of)
            if len(response.body) > max_body_bytes:
                raise ResponseTooLarge(f"got {len(response.body)} bytes, expected at most {max_body_bytes}")
        except FigError as exc:
            failed = exc.code
            failure = failure_of(exc)
            response = answer(exc, request.id)
        if decision.reason == "override":
            from proxy.events.side_mark import marked  # for testers alone

            response = marked(response, decision.primary, request.dialect)
        # 4. What is noted once the client has it, and then, maybe, the other side's turn.
        ended = self._now()
        times = (started, asked, ended)
        self._after(lambda _deadline: self._note(request, decision, table, response, failure, fell_back, times))
        if decision.shadow is not None or decision.bucket is not None:
            self._after_answer(request, decision, table, response, failed)
        return response

    def _after_answer(
        self, request: Request, decision: Decision, table: Table, response: Response, failed: str
    ) -> None:
        shadows = self._shadows
        if shadows is not None:
            self._after(lambda deadline: shadows.after(request, decision, table, response, failed, deadline))

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
        fell_back: str,
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
                side=decision.fallback if fell_back and decision.fallback else decision.primary,
                fallback=fell_back,
                client=self._caller(request),
                path="" if route else self._unlisted.name(request.path),
                group=route.group if route else "",
                breaker=self._backends.state_of(route) if failure and route else "",
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
        shadows = self._shadows
        if shadows is not None and shadows.failures:
            counts = {**counts, "evidence_failures": shadows.failures}
        told = "".join(f',"{name}":{count}' for name, count in counts.items() if count)
        problems: Mapping[str, str] = {
            "table_problem": self._tables.problem,
            "evidence_problem": shadows.problem if shadows is not None else "",
            **self._problems(),
        }
        return told + "".join(f',"{name}":{quoted(text)}' for name, text in problems.items() if text)
