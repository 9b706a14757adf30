"""The heart: decide who answers, ask them, and see to it that the rest is done once the client has the answer."""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from proxy.after_response import AfterResponse
from proxy.errors import FigError, ResponseTooLarge, answer
from proxy.message import Request, Response
from proxy.notes import Notes, Times
from proxy.observe import Failure, failure_of
from proxy.routing.decide import Decision, Side, decide, nobody_chooses
from proxy.routing.table import Route, Table
from proxy.stores.cached import CachedTable

if TYPE_CHECKING:
    from proxy.fallback import Backends
    from proxy.shadow.exchange import Shadowing


class App:
    """One request, from decision to answer. Everything it needs of the world is handed in.

    `chosen` gives the side that a tester may choose and has chosen, and `code` is the version of the function that such
    a tester is told; without `shadows`, nobody is asked afterwards.
    """

    def __init__(
        self,
        tables: CachedTable,
        backends: "Backends",
        notes: Notes,
        after_response: AfterResponse,
        now: Callable[[], float] = time.monotonic,
        *,
        shadows: "Shadowing | None" = None,
        chosen: Callable[[Route, Request], Side | None] = nobody_chooses,
        code: str = "",
    ) -> None:
        self._tables = tables
        self._backends = backends
        self._notes = notes
        self._after = after_response
        self._now = now
        self._shadows = shadows
        self._chosen = chosen
        self._code = code

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

                response, error, in_vain = ask_with_fallback(self._backends, decision, table, request, self._now)
                if error is not None:
                    failed = error.code
                    fell_back = "" if in_vain else failed
                    failure = failure_of(error)._replace(in_vain=in_vain)
            if len(response.body) > max_body_bytes:
                raise ResponseTooLarge(f"got {len(response.body)} bytes, expected at most {max_body_bytes}")
        except FigError as exc:
            failed = exc.code
            failure = failure_of(exc)
            response = answer(exc, request.id)
        if decision.reason == "override":
            from proxy.events.side_mark import marked  # for testers alone

            response = marked(response, decision.primary, self._code, request.dialect)
        # 4. What is noted once the client has it; and then, maybe, it is the other side's turn.
        times = Times(started, asked, self._now())
        self._after(
            lambda _deadline: self._notes.exchange(request, decision, table, response, failure, fell_back, times)
        )
        if decision.shadow is not None or decision.bucket is not None:
            self._ask_the_other(request, decision, table, response, failed)
        return response

    def refuse(self, error: FigError, request_id: str) -> Response:
        """Return our own answer to what never became a request, and note it."""
        response = answer(error, request_id)
        failure = failure_of(error)  # now: an error that waits to be noted would keep its frames, and they the answer
        self._after(lambda _deadline: self._notes.refusal(response, failure, request_id))
        return response

    def _ask_the_other(
        self, request: Request, decision: Decision, table: Table, response: Response, failed: str
    ) -> None:
        shadows = self._shadows
        if shadows is not None:
            self._after(lambda deadline: shadows.after(request, decision, table, response, failed, deadline))
