"""Work that runs once the client has its answer. The thread is real; what it waits for is in the test's hands."""

import gc
import json
import time
from collections.abc import Callable
from queue import SimpleQueue
from threading import Event, Semaphore

import pytest

from proxy.after_response import MARGIN_S, MAX_JOBS, AfterResponse, Posted

SOON_S = 5.0


class Lambda:
    """Lambda's side of the loop: notes what it was told, and begins an invocation when the test says so."""

    def __init__(self, *, fails_on: str = "") -> None:
        self.told: list[str] = []
        self.asked = Semaphore(0)
        self._begun = Semaphore(0)
        self._fails_on = fails_on

    def begin(self) -> None:
        self._begun.release()

    def ask(self) -> None:
        self._tell("ask")
        self.asked.release()

    def take(self) -> None:
        self._begun.acquire(timeout=60)
        self._tell("take")

    def _tell(self, what: str) -> None:
        if self._fails_on == what:
            raise ConnectionError("the API is gone")
        self.told.append(what)


def still() -> float:
    """A clock that never moves: nothing ever takes too long."""
    return 1000.0


def invoke(after: AfterResponse, *jobs: Callable[[float], None], left_s: float = 60.0) -> object:
    """One invocation up to its result, which the caller holds."""
    after.begin(after._now() + left_s)
    for job in jobs:
        after(job)
    return after.posted({"statusCode": 200})


def test_jobs_run_in_their_order_with_the_deadline_of_the_invocation() -> None:
    after, ran = AfterResponse(now=still), []
    after.begin(1060.0)

    after(lambda deadline: ran.append(("first", deadline)))
    after(lambda deadline: ran.append(("second", deadline)))
    before = list(ran)
    after.work()

    assert (before, ran) == ([], [("first", 1060.0 - MARGIN_S), ("second", 1060.0 - MARGIN_S)])


def test_job_that_raises_is_counted_and_the_next_one_runs() -> None:
    after, ran = AfterResponse(now=still), []
    after.begin(1060.0)

    after(lambda _: [][0])
    after(lambda _: ran.append("second"))
    after.work()

    assert (ran, after.failed, after.dropped, after.problem) == (["second"], 1, 0, "IndexError")


def test_job_may_ask_for_another() -> None:
    after, ran = AfterResponse(now=still), []
    after.begin(1060.0)

    after(lambda _: after(lambda _: ran.append("second")))
    after.work()

    assert ran == ["second"]


def test_jobs_without_room_are_dropped_and_counted() -> None:
    after, ran = AfterResponse(now=still), []
    after.begin(1060.0)

    for number in range(MAX_JOBS + 3):
        after(lambda _, number=number: ran.append(number))  # type: ignore[misc]  # mypy infers no lambda with a default
    after.work()

    assert (ran, after.dropped) == (list(range(MAX_JOBS)), 3)


def test_jobs_without_time_are_dropped_and_counted() -> None:
    after, ran = AfterResponse(now=still), []
    after.begin(1000.0 + MARGIN_S / 2)

    after(lambda _: ran.append("late"))
    after.work()

    assert (ran, after.dropped, after.failed) == ([], 1, 0)


@pytest.mark.parametrize(
    "result", [{"statusCode": 200, "body": "é", "cookies": ["a=1"]}, {}, "text", ["list"], None, 7]
)
def test_result_is_posted_as_it_is(result: object) -> None:
    after = AfterResponse(now=still)
    after.begin(1060.0)

    posted = after.posted(result)

    assert posted == result
    assert json.dumps(posted) == json.dumps(result)
    assert isinstance(posted, Posted) == isinstance(result, dict)


def test_work_starts_when_nobody_holds_the_answer_any_more() -> None:
    """The shadow never delays the answer: work started earlier would compete with its posting."""
    done = Event()
    after = AfterResponse(now=still)
    after.start()
    result = invoke(after, lambda _: done.set())

    is_early = done.wait(0.4)  # longer than the grace for wrappers, which counts by the clock that stands still
    del result
    gc.collect()

    assert (is_early, done.wait(SOON_S)) == (False, True)


@pytest.mark.parametrize("result", ["text", ["list"], None])
def test_work_after_an_answer_that_cannot_tell_when_it_is_dropped_starts_at_once(result: object) -> None:
    done = Event()
    after = AfterResponse(now=still)
    after.start()
    after.begin(1060.0)
    after(lambda _: done.set())

    after.posted(result)

    assert done.wait(SOON_S)


def test_wrapper_that_holds_the_answer_for_ever_does_not_hang_the_function() -> None:
    done = Event()
    after = AfterResponse()
    after.start()

    result = invoke(after, lambda _: done.set())

    assert done.wait(SOON_S)
    assert result == {"statusCode": 200}


def test_lambda_is_asked_for_the_next_event_only_when_the_work_is_done() -> None:
    aws, steps = Lambda(), SimpleQueue[str]()
    after = AfterResponse(aws, now=still)
    after.start()
    assert aws.asked.acquire(timeout=SOON_S)

    for _ in range(3):
        aws.begin()
        invoke(after, lambda _: steps.put(f"work after {aws.told}"))
        assert aws.asked.acquire(timeout=SOON_S)

    assert aws.told == ["ask", "take", "ask", "take", "ask", "take", "ask"]
    assert [steps.get(timeout=SOON_S) for _ in range(3)] == [
        "work after ['ask', 'take']",
        "work after ['ask', 'take', 'ask', 'take']",
        "work after ['ask', 'take', 'ask', 'take', 'ask', 'take']",
    ]


def test_answer_that_was_held_too_long_does_not_end_the_next_invocation_early() -> None:
    """Once a wrapper was slow, its dropped answer must not count for the invocation after it."""
    aws, first_done, second_done = Lambda(), Event(), Event()
    after = AfterResponse(aws)
    after.start()
    assert aws.asked.acquire(timeout=SOON_S)
    aws.begin()
    held = invoke(after, lambda _: first_done.set())
    assert first_done.wait(SOON_S)
    assert aws.asked.acquire(timeout=SOON_S)
    del held
    gc.collect()

    aws.begin()
    after.begin(time.monotonic() + 60)
    is_early = aws.asked.acquire(timeout=0.4)
    after(lambda _: second_done.set())
    after.posted("text")

    assert not is_early
    assert second_done.wait(SOON_S)
    assert aws.asked.acquire(timeout=SOON_S)


@pytest.mark.parametrize(("fails_on", "failures"), [("ask", 1), ("take", 2)])
def test_without_the_api_a_plain_thread_goes_on_with_the_work(fails_on: str, failures: int) -> None:
    """A lost ask is the last one; a lost event loses nothing, since the next ask goes out on a new connection."""
    aws, done = Lambda(fails_on=fails_on), [Event(), Event()]
    after = AfterResponse(aws, now=still)
    after.start()

    for event in done:
        aws.begin()
        invoke(after, lambda _, event=event: event.set())  # type: ignore[misc]  # mypy infers no lambda with a default
        assert event.wait(SOON_S)

    assert (after.failed, after.problem) == (failures, "ConnectionError")
