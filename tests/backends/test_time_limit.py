"""Somebody else's code is stopped at the deadline, wherever it waits, and nothing of that is left behind."""

import asyncio
import json
import signal
import socket
import sys
import threading
import time
from base64 import b64decode
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from queue import Queue, SimpleQueue
from types import FrameType
from typing import Any

import pytest

from proxy.after_response import AfterResponse
from proxy.backends.migrated import Migrated
from proxy.backends.time_limit import AGAIN_S, TimeIsUp, leave_to_main_thread, run_until
from proxy.build import build
from proxy.dev.lambda_runtime import FunctionConfig, LocalFunction
from proxy.errors import MigratedFailed, MigratedTimeout
from proxy.message import Headers, Response
from proxy.settings import Settings
from tests.samples import Context, compiled, function_url, put_in_store, request

CALLS = "tests.backends.test_time_limit:calls"
SOON_S = 0.1  # so long that the code has begun by then, on a busy machine as well


def calls(event: Mapping[str, Any], _context: object) -> object:
    """A handler that does what its event holds. Any: events are JSON."""
    return event["calls"]()


def soon() -> float:
    return time.monotonic() + SOON_S


def own(_number: int, _frame: FrameType | None) -> None:
    """The handler's own use of the signal, between its calls."""


@pytest.fixture(params=[signal.SIG_DFL, signal.SIG_IGN, own])
def before(request: pytest.FixtureRequest) -> Iterator[Any]:
    """What is done at SIGALRM as each test begins, when nothing is armed. Any: what `signal.signal` takes."""
    timer = signal.setitimer(signal.ITIMER_REAL, 0)  # of whoever watches over the tests' own time
    earlier = signal.signal(signal.SIGALRM, request.param)
    yield request.param
    signal.signal(signal.SIGALRM, earlier)
    signal.setitimer(signal.ITIMER_REAL, *timer)


def left_behind() -> tuple[object, tuple[float, float]]:
    return signal.getsignal(signal.SIGALRM), signal.getitimer(signal.ITIMER_REAL)


def sleeps() -> None:
    time.sleep(3600)


def computes() -> None:
    while True:
        pass


def swallows_exceptions() -> None:
    while True:
        try:
            time.sleep(3600)
        except Exception:
            continue


def reads_from_a_socket() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.recv(1)


def connects_nowhere() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.accept()


def waits_for_a_lock() -> None:
    lock = threading.Lock()
    lock.acquire()
    lock.acquire()


def waits_for_a_lock_with_a_timeout() -> None:
    threading.Event().wait(3600)


def waits_for_a_queue() -> None:
    Queue[None]().get()


def waits_in_a_generator() -> None:
    next(each for each in iter(lambda: time.sleep(0.001), 1) if each)


ENDLESS: list[Callable[[], None]] = [
    sleeps,
    computes,
    swallows_exceptions,
    reads_from_a_socket,
    connects_nowhere,
    waits_for_a_lock,
    waits_for_a_lock_with_a_timeout,
    waits_for_a_queue,
    waits_in_a_generator,
]


@pytest.mark.parametrize("endless", ENDLESS)
def test_handler_that_never_ends_is_stopped_at_the_deadline_and_the_next_one_is_called(
    before: object, endless: Callable[[], None]
) -> None:
    """The client gets our 504 with a reason code, never the gateway's."""
    migrated = Migrated(CALLS)

    with pytest.raises(MigratedTimeout) as stopped:
        migrated(request(event={"calls": endless}, left_s=SOON_S))
    after = left_behind()
    answer = migrated(request(event={"calls": lambda: {"statusCode": 204}}))

    assert (str(stopped.value), stopped.value.nothing_committed) == (f"{CALLS}: stopped, for its time was up", False)
    assert after == left_behind() == (before, (0.0, 0.0))
    assert answer == Response(204, Headers(), b"", result={"statusCode": 204})


def test_handler_that_ends_in_time_leaves_nothing_armed(before: object) -> None:
    found = run_until(time.monotonic() + 60.0, left_behind_within)

    assert (found, left_behind()) == ("armed", (before, (0.0, 0.0)))


@pytest.mark.parametrize("call", [int, lambda: 1 / 0, sleeps], ids=["returns", "raises", "is stopped"])
def test_timer_that_somebody_else_has_armed_goes_on(before: object, call: Callable[[], object]) -> None:
    signal.setitimer(signal.ITIMER_REAL, 600.0, 7.0)

    with suppress(TimeIsUp, ZeroDivisionError):
        run_until(soon(), call)

    handler, (seconds, again_s) = left_behind()
    assert (handler, 500 < seconds <= 600, again_s) == (before, True, 7.0)
    signal.setitimer(signal.ITIMER_REAL, 0)


@pytest.mark.usefixtures("before")
def test_timer_of_somebody_else_that_is_overdue_rings_for_its_own_handler() -> None:
    rung: list[int] = []
    signal.signal(signal.SIGALRM, lambda number, _: rung.append(number))
    signal.setitimer(signal.ITIMER_REAL, SOON_S / 2)

    with suppress(TimeIsUp):
        run_until(soon(), sleeps)
    deadline = time.monotonic() + 20
    while not rung and time.monotonic() < deadline:
        time.sleep(0.001)

    assert rung == [signal.SIGALRM]


def left_behind_within() -> str:
    seconds, again_s = signal.getitimer(signal.ITIMER_REAL)
    return "armed" if 0 < seconds <= 60 and again_s == AGAIN_S else "not armed"


@pytest.mark.parametrize("error", [ValueError("x"), SystemExit(1), KeyboardInterrupt()])
def test_handler_that_raises_leaves_nothing_armed(before: object, error: BaseException) -> None:
    def fails() -> None:
        raise error

    with pytest.raises(type(error)) as raised:
        run_until(time.monotonic() + 60.0, fails)

    assert raised.value is error
    assert left_behind() == (before, (0.0, 0.0))


def test_handler_that_cleans_up_when_it_is_stopped_does_so(before: object) -> None:
    done: list[str] = []

    def waits() -> None:
        try:
            sleeps()
        finally:
            done.append("cleaned up")

    with pytest.raises(TimeIsUp) as stopped:
        run_until(soon(), waits)

    assert (done, stopped.value.was_begun) == (["cleaned up"], True)
    assert left_behind() == (before, (0.0, 0.0))


def test_answer_that_comes_although_the_time_was_up_is_an_answer(before: object) -> None:
    """Code that catches even this has done its work: better its answer than none."""

    def catches() -> str:
        try:
            sleeps()
        except TimeIsUp:
            return "answer"
        return "not stopped"

    assert run_until(soon(), catches) == "answer"
    assert left_behind() == (before, (0.0, 0.0))


class SlowToGo:
    """Whatever is raised while it goes, Python prints it and goes on."""

    def __del__(self) -> None:
        time.sleep(3600)


def is_stopped_in_a_del() -> None:
    gone = SlowToGo()
    del gone
    time.sleep(3600)


def is_stopped_in_a_bare_except() -> None:
    try:
        time.sleep(3600)
    except:  # noqa: E722  # as libraries have it
        time.sleep(3600)


def is_stopped_in_a_callback_of_asyncio() -> None:
    async def main() -> None:
        asyncio.get_running_loop().call_soon(time.sleep, 3600)  # what it raises is logged, and the loop goes on
        await asyncio.sleep(3600)

    asyncio.run(main())


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize(
    "call", [is_stopped_in_a_del, is_stopped_in_a_bare_except, is_stopped_in_a_callback_of_asyncio]
)
def test_signal_that_was_swallowed_comes_again(before: object, call: Callable[[], None]) -> None:
    with pytest.raises(TimeIsUp):
        run_until(soon(), call)

    assert left_behind() == (before, (0.0, 0.0))


def test_cleaning_up_that_never_ends_is_stopped_as_well(before: object) -> None:
    def waits() -> None:
        try:
            sleeps()
        finally:
            sleeps()

    with pytest.raises(TimeIsUp):
        run_until(soon(), waits)

    assert left_behind() == (before, (0.0, 0.0))


def test_signal_that_comes_on_the_way_out_leaves_nothing_behind(before: object) -> None:
    """It may come on any line after the call, in what that line calls, and more than once."""
    rung: list[str] = []

    def trace(
        frame: FrameType, _what: str, _value: object
    ) -> Any:  # Any: a type of its own, which Python does not name
        caller = frame.f_back
        if run_until.__code__ in (frame.f_code, caller and caller.f_code):
            rung.append(frame.f_code.co_name)
            signal.raise_signal(signal.SIGALRM)
        return trace

    def call() -> str:
        sys._getframe(2).f_trace = trace  # of run_until, which has begun already
        sys.settrace(trace)
        return "answer"

    earlier = sys.gettrace()
    signal.signal(signal.SIGALRM, lambda *_: None)  # for the last ones, when all is put back
    ours = signal.getsignal(signal.SIGALRM)
    try:
        found = run_until(time.monotonic() + 60.0, call)
    finally:
        sys.settrace(earlier)

    assert (found, left_behind()) == ("answer", (ours, (0.0, 0.0)))
    assert {"run_until", "signal"} <= set(rung)


@pytest.mark.parametrize("left_s", [1e-9, 1e-6, 2e-6, 5e-6, 1e-5, 2e-5, 5e-5, 1e-4])
def test_signal_that_comes_just_before_or_after_the_call_leaves_nothing_behind(before: object, left_s: float) -> None:
    outcomes = set()
    for _ in range(200):
        try:
            run_until(time.monotonic() + left_s, int)
            outcomes.add("returned")
        except TimeIsUp:
            outcomes.add("stopped")
        assert left_behind() == (before, (0.0, 0.0))

    assert outcomes <= {"returned", "stopped"}


def test_deadline_that_has_passed_calls_nothing(before: object) -> None:
    called: list[None] = []

    with pytest.raises(TimeIsUp) as late:
        run_until(time.monotonic() - 0.001, lambda: called.append(None))

    assert (called, late.value.was_begun) == ([], False)
    assert left_behind() == (before, (0.0, 0.0))


@pytest.mark.parametrize("left_s", [60.0, -60.0])
def test_in_another_thread_there_is_no_limit(before: object, left_s: float) -> None:
    """A debugger's function runs in one, where no time is ever up; and only the main thread can be interrupted."""
    with ThreadPoolExecutor(1) as thread:
        found = thread.submit(run_until, time.monotonic() + left_s, left_behind).result()

    assert found == left_behind() == (before, (0.0, 0.0))


def test_slow_import_is_not_cut_short(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that is cut short would be cut short each time, and no request would ever be answered."""
    asked = request(event={}, left_s=SOON_S)
    lines = ["import time", f"while time.monotonic() < {asked.deadline}: time.sleep(0.001)"]
    lines += ["def handler(event, context): return {'statusCode': 204}", ""]
    (tmp_path / "fig_slow.py").write_text("\n".join(lines), "utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    migrated = Migrated("fig_slow:handler")

    with pytest.raises(MigratedTimeout) as late:
        migrated(asked)
    answer = migrated(request(event={}))
    sys.modules.pop("fig_slow")

    assert late.value.nothing_committed
    assert answer.status == 204


class NoException(BaseException):
    """As asyncio.CancelledError is none."""


def test_handler_that_raises_what_is_no_exception_is_our_502() -> None:
    """The client gets our 502 with a reason code, never the gateway's."""

    def gives_up() -> None:
        raise NoException

    with pytest.raises(MigratedFailed, match="raised NoException"):
        Migrated(CALLS)(request(event={"calls": gives_up}))


def test_whoever_ends_this_process_ends_it() -> None:
    def is_interrupted() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Migrated(CALLS)(request(event={"calls": is_interrupted}))


def never_ends(_event: Mapping[str, Any], _context: object) -> None:
    """A handler that hangs. Any: events are JSON."""
    sleeps()


def test_in_lambdas_own_runtime_our_504_comes_before_its_timeout_and_the_environment_lives_on(tmp_path: Path) -> None:
    """The client gets our 504 with a reason code, never the gateway's."""
    put_in_store(
        tmp_path,
        compiled(
            """
            hangs: GET /hangs migrated tests.backends.test_time_limit:never_ends
            works: GET /works migrated tests.backends.handlers:echo
            """
        ),
    )
    config = FunctionConfig(
        "proxy.lambda_http.handler",
        code_root=Path(__file__).parents[2],
        environment={"FIG_TABLE": f"file:{tmp_path}", "LEGACY_URL": "http://127.0.0.1:9"},
        timeout_s=2.0,
        workers=1,
    )

    async def main() -> list[dict[str, Any]]:
        function = LocalFunction(config, lambda *_: None, events.append)
        try:
            await function.start()
            asked = [json.dumps(function_url(path=path)).encode() for path in ("/works", "/hangs", "/works")]
            return [json.loads((await function.invoke(each)).payload) for each in asked]
        finally:
            await function.stop()

    events: list[str] = []
    results = asyncio.run(main())

    assert [result["statusCode"] for result in results] == [201, 504, 201]
    assert json.loads(b64decode(results[1]["body"]))["code"] == "migrated_timeout"
    assert len(events) == 1  # it started, and nothing ended


# The threads beside the main one.


def mask() -> set[object]:
    return set(signal.pthread_sigmask(signal.SIG_BLOCK, ()))


def test_thread_that_leaves_the_signal_never_gets_it_and_the_main_one_still_does() -> None:
    with ThreadPoolExecutor(1, initializer=leave_to_main_thread) as thread:
        theirs = thread.submit(mask).result()

    assert (signal.SIGALRM in theirs, signal.SIGALRM in mask()) == (True, False)


def test_work_after_the_answer_is_not_interrupted() -> None:
    masks: SimpleQueue[set[object]] = SimpleQueue()
    entry = build(Settings(), write=lambda _: None)
    entry._after(lambda _: masks.put(mask()))

    result = entry(function_url(), Context())
    del result  # its dropping starts the work

    assert signal.SIGALRM in masks.get(timeout=20)


def test_request_is_stopped_while_work_of_the_last_one_still_waits(before: object) -> None:
    """The system may hand the signal to any thread that does not block it, and only the main one acts on it."""
    release, waits = threading.Event(), threading.Event()
    after = AfterResponse(on_thread=leave_to_main_thread)
    after.start()

    def work(_deadline: float) -> None:
        waits.set()
        release.wait(60)

    after.begin(time.monotonic() + 60)
    after(work)
    after.posted("text")
    assert waits.wait(20)

    with pytest.raises(TimeIsUp):
        run_until(soon(), sleeps)
    release.set()

    assert left_behind() == (before, (0.0, 0.0))
