"""The function on this machine: a few execution environments, and the line in front of them.

Where all of them are busy an event waits, first come first served. The cloud would start another environment instead,
up to the account's concurrency.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable
from functools import partial

from proxy.dev.lambda_runtime.config import FunctionConfig, Invoked
from proxy.dev.lambda_runtime.environment import Environment
from proxy.dev.lambda_runtime.errors import Failure, FunctionStartError, FunctionStopped, RequestTooLarge
from proxy.dev.lambda_runtime.invocation import Invocation
from proxy.dev.lambda_runtime.limits import INIT_LIMIT_S, MAX_PAYLOAD_BYTES
from proxy.dev.lambda_runtime.worker import Hooks, Worker


class LocalFunction:
    """Runs the handler in processes of its own, under the rules of Lambda."""

    def __init__(
        self,
        config: FunctionConfig,
        on_log: Callable[[str, str], None],
        on_event: Callable[[str], None],
        *,
        init_limit_s: float = INIT_LIMIT_S,
    ) -> None:
        """`on_log` gets a worker's name and one line of its output; `on_event` what happened to the workers.

        Both are called in the event loop and must not block.
        """
        self._config = config
        self._on_event = on_event
        self._hooks = Hooks(on_idle=self._idle, on_down=self._down, on_end=self._ended, on_line=on_log)
        self._init_limit_s = init_limit_s
        self._is_running = False
        self._workers: list[Worker] = []
        self._old: list[Worker] = []  # replaced, but still at work on an event
        self._tasks: set[asyncio.Task[None]] = set()
        self._waiting: deque[Invocation] = deque()
        self._failing: dict[str, str] = {}  # worker's name and the init failure that it hasn't got over yet

    def __repr__(self) -> str:
        return f"<LocalFunction {self._config.name} {self._workers} {len(self._waiting)} waiting>"

    async def start(self) -> None:
        """Every worker has asked for its first event or has a snapshot, or at least one has and the others failed.

        Raises FunctionStartError with the init error's text if all failed. The function is up even then: events get
        that error, and start another attempt; so `stop` it in any case.
        """
        if self._is_running:
            return
        await self.stop()  # a stop may be under way
        self._is_running = True
        began = time.monotonic()
        ready = await self._begin()
        self._on_event(f"{self._config.name}: {ready} workers ready, {(time.monotonic() - began) * 1000:.0f} ms")

    async def renew(self, config: FunctionConfig) -> int:
        """Every event that no worker has yet goes to new workers of this configuration; return how many are ready.

        The old ones finish what they are at, then they are gone. Events that come while the new ones start wait for
        them, and none is refused. Raises FunctionStartError as `start` does, and then retries as it does.
        """
        if not self._is_running:
            raise FunctionStartError(f"{config.name} is not running; start it first")
        self._config = config
        replaced, self._workers = self._workers, []  # none of them is given anything more
        self._old += replaced
        for worker in replaced:
            worker.retire()
        return await self._begin()

    async def _begin(self) -> int:
        """Start workers and return how many are ready. Raises FunctionStartError if all failed, or are stopped."""
        self._failing.clear()
        names = (f"worker-{number}" for number in range(1, self._config.workers + 1))
        workers = self._workers = [Worker(name, self._config, self._hooks, self._init_limit_s) for name in names]
        for worker in workers:
            task = asyncio.create_task(worker.run(), name=f"{self._config.name} {worker.name}")
            task.add_done_callback(self._crashed)
            task.add_done_callback(partial(self._gone, worker))
            self._tasks.add(task)
        await asyncio.gather(*(worker.first_outcome for worker in workers))
        if not self._is_running or self._workers is not workers:
            raise FunctionStartError(f"{self._config.name}: stopped before its workers were ready")
        failures = [worker.down for worker in workers if worker.down is not None]
        if len(failures) == len(workers):
            raise FunctionStartError(str(failures[0]))
        return len(workers) - len(failures)

    async def invoke(self, event: bytes) -> Invoked:
        """Answer one event as soon as the runtime posted its response, however long its extensions still work.

        Raises RequestTooLarge, and FunctionStopped when the function isn't started or stops before the answer.
        """
        if len(event) > MAX_PAYLOAD_BYTES:
            raise RequestTooLarge(len(event))
        if not self._is_running:
            raise FunctionStopped(f"{self._config.name} is not running; start it first")
        invocation = Invocation(event)
        self._waiting.append(invocation)
        self._dispatch()
        return await invocation.answer

    async def stop(self) -> None:
        """Every process it started is gone, every port closed, every waiting invoker told; idempotent."""
        self._is_running = False
        for worker in (*self._old, *self._workers):
            worker.stop()
        if self._tasks:
            await asyncio.wait(self._tasks)
        self._workers = []
        while self._waiting:
            self._waiting.popleft().abandon()

    def _dispatch(self) -> None:
        """Pair those who wait with idle environments, then see to those who still wait."""
        while (environment := self._idle_environment()) and (invocation := self._first_waiting()):
            environment.give(invocation)
        # A snapshot is restored when there is something to do for it, and a worker whose init failed is tried again.
        for environment, _ in zip(self._snapshots(), self._waiting, strict=False):
            environment.restore()
        asleep = [worker for worker in self._workers if worker.can_wake]
        for worker, _ in zip(asleep, self._waiting, strict=False):
            worker.wake()
        failures = [worker.down for worker in self._workers if worker.down is not None]
        if failures and len(failures) == len(self._workers):
            while invocation := self._first_waiting():
                invocation.fail(failures[-1].payload(invocation.request_id))

    def _idle_environment(self) -> Environment | None:
        environments = (worker.environment for worker in self._workers)
        return next((environment for environment in environments if environment and environment.is_idle), None)

    def _snapshots(self) -> list[Environment]:
        environments = (worker.environment for worker in self._workers)
        return [environment for environment in environments if environment and environment.has_snapshot]

    def _first_waiting(self) -> Invocation | None:
        """Take the longest waiting invocation whose invoker did not give up."""
        while self._waiting:
            invocation = self._waiting.popleft()
            if not invocation.answer.done():
                return invocation
        return None

    def _idle(self, worker: Worker) -> None:
        if worker in self._old:
            worker.retire()
            return
        if worker.environment is not None and worker.environment.has_started:
            self._failing.pop(worker.name, None)
        self._dispatch()

    def _down(self, worker: Worker) -> None:
        if worker in self._old:
            worker.retire()
            return
        self._dispatch()

    def _ended(self, worker: Worker, environment: Environment, failure: Failure) -> None:
        if worker in self._old:
            worker.stop()
            if environment.has_started:
                self._on_event(f"{worker.name} ended, which was replaced already: {failure}")
            return
        if environment.has_started:
            self._on_event(f"{worker.name} ended and is replaced: {failure}")
            return
        # Every worker fails alike, and so does every retry: told once.
        if str(failure) not in self._failing.values():
            self._on_event(f"{worker.name} init failed: {failure}")
        self._failing[worker.name] = str(failure)

    def _gone(self, worker: Worker, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if worker in self._old:
            self._old.remove(worker)

    def _crashed(self, task: asyncio.Task[None]) -> None:
        """Say that a worker's own code failed: that is a fault of this package, and the worker doesn't come back."""
        if not task.cancelled() and (exc := task.exception()):
            self._on_event(f"{task.get_name()} is lost: {exc!r}")
