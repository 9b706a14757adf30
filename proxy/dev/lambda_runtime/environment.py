"""One execution environment as Lambda sees it: states and rules, no process and no socket.

Every method is one step that nothing interrupts: all of them run in the event loop and none awaits.
"""

import asyncio
import time
from collections.abc import Callable
from typing import Literal

from proxy.dev.lambda_runtime.config import FunctionConfig
from proxy.dev.lambda_runtime.errors import (
    Failure,
    init_timed_out,
    invalid_request_id,
    request_entity_too_large,
    response_too_large,
    restore_timed_out,
    runtime_transition,
    start_reported,
    timed_out,
)
from proxy.dev.lambda_runtime.extensions import Extensions
from proxy.dev.lambda_runtime.invocation import Given, Invocation
from proxy.dev.lambda_runtime.limits import INIT_LIMIT_S, MAX_PAYLOAD_BYTES, RESTORE_LIMIT_S

# The names are those in the emulator's messages, core/runtime_state_names.go.
RuntimeState = Literal[
    "Started",
    "InitError",
    "RestoreReady",
    "Restoring",
    "RestoreError",
    "Ready",
    "Running",
    "RuntimeResponseSentState",
]


class Environment:
    """Gives out one event at a time, and the next only when everyone has asked for it: until then it isn't frozen."""

    def __init__(
        self,
        config: FunctionConfig,
        on_frozen: Callable[[], None],
        *,
        init_limit_s: float = INIT_LIMIT_S,
        restore_limit_s: float = RESTORE_LIMIT_S,
        wall_clock: Callable[[], float] = time.time,
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._wall_clock = wall_clock
        self._on_frozen = on_frozen  # it is idle, or its snapshot is taken
        self._restore_limit_s = restore_limit_s
        self._restored: asyncio.Future[None] = self._loop.create_future()
        self._state: RuntimeState = "Started"
        self._asking: asyncio.Future[Given] | None = None
        self._given: Given | None = None
        self._is_open = True
        self._timer = self._loop.call_later(init_limit_s, lambda: self.end(init_timed_out(init_limit_s)))
        self.config = config
        self.extensions = Extensions()
        self.has_started = False
        """True once everyone asked for the first event."""
        self.has_served = False
        """True once an event was given out."""
        self.ended: asyncio.Future[Failure] = self._loop.create_future()
        """Done when this environment must be killed, with the reason."""

    def __repr__(self) -> str:
        request = self._given.invocation.request_id if self._given else "no request"
        state = self._state if self._is_open else "ended"
        return f"<Environment {self.config.name} {state} {request} {len(self.extensions)} extensions>"

    @property
    def is_idle(self) -> bool:
        """True while it is frozen and can be given an event."""
        everyone_asked = self._asking is not None and not self.extensions.working
        return everyone_asked and self._given is None and self._is_open

    @property
    def is_busy(self) -> bool:
        """True from the giving of an event until everyone is done with it, extensions too."""
        return self._given is not None and self._is_open

    @property
    def has_snapshot(self) -> bool:
        """True while it waits to be restored: everyone is done with init, and the snapshot is taken."""
        return self._state == "RestoreReady" and not self.extensions.working and self._is_open

    def restore(self) -> None:
        """Let it go on from its snapshot. Only for one that has a snapshot."""
        limit_s = self._restore_limit_s
        self._state = "Restoring"
        self._timer = self._loop.call_later(limit_s, lambda: self.end(restore_timed_out(limit_s)))
        self._restored.set_result(None)

    def give(self, invocation: Invocation) -> None:
        """Hand the event to the runtime and to the extensions in one moment, and start the function's time-out.

        Only for an idle environment.
        """
        timeout_s = self.config.timeout_s
        self._given = Given(invocation, deadline_ms=int((self._wall_clock() + timeout_s) * 1000))
        self._timer = self._loop.call_later(timeout_s, lambda: self.end(timed_out(timeout_s)))
        self.has_served = True
        self._hand_over(self._given)
        self.extensions.give(self._given)

    def next_for_runtime(self) -> asyncio.Future[Given]:
        """Note that the runtime is done, and return what becomes its next event. Raises Refused."""
        if self._state in ("InitError", "RestoreReady", "RestoreError"):
            raise runtime_transition(self._state, "Ready")
        self._asking = asking = self._loop.create_future()
        if self._state == "Running" and self._given is not None:
            # A runtime that asks again before it answered gets the same event again, as from AWS's emulator.
            self._hand_over(self._given)
            return asking
        self._state = "Ready"
        self.extensions.close()
        self._freeze_if_done()
        return asking

    def next_for_restore(self) -> asyncio.Future[None]:
        """Note that the runtime is done with init, and return what is done once it is restored. Raises Refused."""
        if self._state != "Started":
            raise runtime_transition(self._state, "RestoreReady")
        self._state = "RestoreReady"
        self.extensions.close()
        self._freeze_if_done()
        return self._restored

    def withdraw(self, asking: asyncio.Future[Given]) -> None:
        """Forget that the runtime asked: its connection is gone, and an event given to it would be lost."""
        if self._asking is asking:
            self._asking = None

    def next_for_extension(self, identifier: str) -> asyncio.Future[Given]:
        """Note that the extension is done, and return what becomes its next event. Raises Refused."""
        asking = self.extensions.ask(identifier)
        self._freeze_if_done()
        return asking

    def respond(self, request_id: str, payload: bytes, *, is_error: bool) -> None:
        """Answer the invoker, at once. Raises Refused.

        A payload of more than MAX_PAYLOAD_BYTES is replaced by Lambda's error.
        """
        if self._given is None or request_id != self._given.invocation.request_id:
            raise invalid_request_id()
        if self._state != "Running":
            raise runtime_transition(self._state, "InvocationErrorResponse" if is_error else "InvocationResponse")
        self._state = "RuntimeResponseSentState"
        invocation = self._given.invocation
        if len(payload) > MAX_PAYLOAD_BYTES:
            invocation.fail(response_too_large())
            raise request_entity_too_large()
        if is_error:
            invocation.fail(payload)
        else:
            invocation.succeed(payload)

    def fail_init(self, error_type: str, payload: bytes) -> None:
        """End, for the runtime could not start the function. Raises Refused."""
        if self._state != "Started":
            raise runtime_transition(self._state, "InitError")
        self._state = "InitError"
        self.end(start_reported(error_type, payload))

    def fail_restore(self, error_type: str, payload: bytes) -> None:
        """End, for what runs after a restore failed. Raises Refused."""
        if self._state != "Restoring":
            raise runtime_transition(self._state, "RestoreError")
        self._state = "RestoreError"
        self.end(start_reported(error_type, payload))

    def fail_extension(self, identifier: str, wanted: Literal["InitError", "ExitError"], error_type: str) -> None:
        """End, for an extension gave up. Raises Refused."""
        extension = self.extensions.fail(identifier, wanted, error_type)
        self.end(Failure(f"Extension.{wanted}", f"extension {extension.name} reported {error_type}"))

    def end(self, failure: Failure) -> None:
        """Give no more events; an invoker still waiting gets the failure. Only the first reason counts."""
        if self.ended.done():
            return
        self._is_open = False
        self._timer.cancel()
        self.ended.set_result(failure)
        if self._given is not None:
            self._given.invocation.fail(failure.payload(self._given.invocation.request_id))

    def abandon(self) -> None:
        """Give no more events; an invoker still waiting is told that the function stopped."""
        self._is_open = False
        self._timer.cancel()
        if self._given is not None:
            self._given.invocation.abandon()

    def _hand_over(self, given: Given) -> None:
        if self._asking is not None:
            self._state = "Running"
            self._asking.set_result(given)
            self._asking = None

    def _freeze_if_done(self) -> None:
        if self.has_snapshot:
            self._timer.cancel()
            self._on_frozen()
        if self._asking is None or self.extensions.working or not self._is_open:
            return
        self._timer.cancel()
        self._given = None
        self.has_started = True
        self._on_frozen()
