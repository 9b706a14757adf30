"""The function inside this process, one event at a time in one thread: for a debugger.

Breakpoints stop nothing but that thread, so nothing here times out. There is no Runtime API and so no extension.
"""

import asyncio
import os
import signal
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any

from proxy.dev.lambda_runtime.config import FunctionConfig, Invoked
from proxy.dev.lambda_runtime.errors import (
    FunctionStartError,
    FunctionStopped,
    RequestTooLarge,
    exited,
    response_too_large,
)
from proxy.dev.lambda_runtime.invocation import Invocation
from proxy.dev.lambda_runtime.limits import MAX_PAYLOAD_BYTES
from proxy.dev.lambda_runtime.variables import function_variables


class InProcessFunction:
    """Calls the handler through awslambdaric's own code, so that events, results, errors and context are the cloud's.

    While it runs, the function's variables are in this process's environment and its code on the import path. Modules
    stay imported when it stops: changed code needs a new process.
    """

    def __init__(
        self,
        config: FunctionConfig,
        on_log: Callable[[str, str], None],
        on_event: Callable[[str], None],
    ) -> None:
        """`on_log` gets the errors that awslambdaric logs, in the handler's thread; prints go where they always go."""
        self._config = config
        self._on_log = on_log
        self._on_event = on_event
        self._thread: ThreadPoolExecutor | None = None
        self._undo = ExitStack()
        self._handler: Any = None  # whatever the user's module holds under that name

    async def start(self) -> None:
        """The handler is imported. Raises FunctionStartError with the import's error."""
        if self._thread is not None:
            return
        self._undo.callback(_restore_environment, dict(os.environ))
        os.environ.update(function_variables(self._config))
        code_root = str(self._config.code_root)
        sys.path.insert(0, code_root)
        self._undo.callback(sys.path.remove, code_root)
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix=self._config.name)
        try:
            await asyncio.get_running_loop().run_in_executor(self._thread, self._import)
        except BaseException:
            await self.stop()
            raise
        self._on_event(f"{self._config.name}: ready in this process")

    async def invoke(self, event: bytes) -> Invoked:
        """Answer one event. Raises RequestTooLarge, and FunctionStopped when the function isn't started."""
        if len(event) > MAX_PAYLOAD_BYTES:
            raise RequestTooLarge(len(event))
        if self._thread is None:
            raise FunctionStopped(f"{self._config.name} is not running; start it first")
        invocation = Invocation(event)
        call = _Call(self._config, invocation, self._on_log)
        await asyncio.get_running_loop().run_in_executor(self._thread, call.run, self._handler)
        if call.failed:
            invocation.fail(call.payload)
        else:
            invocation.succeed(call.payload)
        return invocation.answer.result()

    async def stop(self) -> None:
        """The handler's last event is done and this process's environment is as it was; idempotent."""
        thread, self._thread = self._thread, None
        if thread is not None:
            await asyncio.to_thread(thread.shutdown, cancel_futures=True)
        self._undo.close()

    def _import(self) -> None:
        # Imported late, and only here: it brings a C extension that nothing else in this process needs.
        from awslambdaric import bootstrap
        from awslambdaric.lambda_runtime_exception import FaultException

        try:
            # Private, and the one place where Lambda's words for a handler that can't be imported are written.
            self._handler = bootstrap._get_handler(self._config.handler)
        except FaultException as exc:
            raise FunctionStartError("\n".join([f"{exc.exception_type}: {exc.msg}", *(exc.trace or ())])) from exc
        except Exception as exc:
            raise FunctionStartError(f"{type(exc).__name__}: {exc}") from exc


class _Call:
    """One invocation, in the place of awslambdaric's client and its log: what it would have sent stays here."""

    def __init__(self, config: FunctionConfig, invocation: Invocation, on_log: Callable[[str, str], None]) -> None:
        from awslambdaric.lambda_runtime_marshaller import LambdaMarshaller

        self.marshaller = LambdaMarshaller()
        self.payload = b""
        self.failed = False
        self._config = config
        self._invocation = invocation
        self._on_log = on_log

    def run(self, handler: Any) -> None:
        from awslambdaric import bootstrap

        bootstrap.update_xray_env_variable(self._invocation.trace_id)
        try:
            bootstrap.handle_event_request(
                lambda_runtime_client=self,
                request_handler=handler,
                invoke_id=self._invocation.request_id,
                event_body=self._invocation.event,
                content_type="application/json",
                client_context_json=None,
                cognito_identity_json=None,
                invoked_function_arn=self._config.arn,
                epoch_deadline_time_in_ms=int((time.time() + self._config.timeout_s) * 1000),
                tenant_id=None,
                log_sink=self,
            )
        except BaseException as exc:
            # In the cloud whatever is no Exception ends the process; here it would only end this call.
            self._fail(exited(_exit_status(exc)).payload(self._invocation.request_id))

    def post_invocation_result(self, invoke_id: str, result: str | bytes, *ignored: object) -> None:
        """Take the handler's result in the place of the Runtime API."""
        del invoke_id, ignored
        payload = result.encode() if isinstance(result, str) else result
        if len(payload) > MAX_PAYLOAD_BYTES:
            self._fail(response_too_large())
        else:
            self.payload = payload

    def post_invocation_error(self, invoke_id: str, error: str, *ignored: object) -> None:
        """Take the handler's error in the place of the Runtime API."""
        del invoke_id, ignored
        self._fail(error.encode())

    def log_error(self, lines: list[str]) -> None:
        """Take what awslambdaric writes about an error."""
        for line in lines:
            self._on_log("in-process", line)

    def _fail(self, payload: bytes) -> None:
        self.payload = payload
        self.failed = True


def _exit_status(exc: BaseException) -> int:
    """Return what the interpreter would end with, a signal as a negative number.

    Source: Python's library reference, SystemExit; after a KeyboardInterrupt it ends itself by SIGINT.
    """
    if isinstance(exc, KeyboardInterrupt):
        return -signal.SIGINT
    if not isinstance(exc, SystemExit):
        return 1
    return exc.code if isinstance(exc.code, int) else int(exc.code is not None)


def _restore_environment(before: dict[str, str]) -> None:
    os.environ.clear()
    os.environ.update(before)
