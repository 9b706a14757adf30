"""When a target is left alone, for how long, and what it takes to be asked again."""

import sys
import threading
from collections.abc import Callable, Iterator

import pytest
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from proxy.backends.breaker import (
    LONGEST_PAUSE_S,
    MINIMUM,
    PAUSE_S,
    PROBES,
    WINDOW,
    Breaker,
    Permit,
    guarded,
)
from proxy.errors import (
    BadRequest,
    BreakerOpen,
    FigError,
    Gone,
    LegacyBroken,
    LegacyFailed,
    LegacyTimeout,
    LegacyUnreachable,
    LoopDetected,
    MethodRefused,
    MigratedBadResult,
    MigratedFailed,
    MigratedTimeout,
    MigratedUnwanted,
    ResponseTooLarge,
)
from proxy.message import Headers, Request, Response
from tests.samples import request


class Clock:
    """A clock that a test moves by hand."""

    def __init__(self) -> None:
        self.at = 1000.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def breaker(clock: Clock) -> Breaker:
    """A breaker that has seen nothing yet."""
    return Breaker("orders.read migrated", clock)


def told(breaker: Breaker, outcomes: str) -> None:
    """Ask once for each letter, and report: g is a good outcome, b a bad one."""
    for outcome in outcomes:
        breaker.permit().report(is_good=outcome == "g")


def opened(breaker: Breaker) -> Breaker:
    told(breaker, "b" * MINIMUM)
    return breaker


def half_opened(breaker: Breaker, clock: Clock) -> Breaker:
    opened(breaker)
    clock.at += PAUSE_S
    return breaker


# Closed.


@pytest.mark.parametrize(
    ("outcomes", "state"),
    [
        ("", "closed"),
        ("b" * (MINIMUM - 1), "closed"),
        ("b" * MINIMUM, "open"),
        ("g" * WINDOW, "closed"),
        ("gb" * 4 + "g", "closed"),
        ("gb" * 5, "open"),
        ("bg" * 5, "closed"),  # a good outcome opens nothing, whatever came before it
        ("bg" * 5 + "b", "open"),
        ("g" * 6 + "b" * 5, "closed"),  # 5 of 11
        ("g" * 6 + "b" * 6, "open"),
        ("b" * 9 + "g" * 11, "closed"),
        # Of the last 20, and of no more: what came before the window is forgotten.
        ("g" * 1000 + "b" * 9, "closed"),
        ("g" * 1000 + "b" * 10, "open"),
        (("b" * 9 + "g" * 11) * 50, "closed"),
    ],
)
def test_failures_among_the_last_requests_open_the_breaker(breaker: Breaker, outcomes: str, state: str) -> None:
    told(breaker, outcomes)

    assert (breaker.state, breaker.is_open()) == (state, state == "open")


@pytest.mark.parametrize("gap_s", [0.0, 0.001, 3600.0, 7 * 86_400.0])
def test_same_evidence_opens_the_breaker_at_any_traffic(breaker: Breaker, clock: Clock, gap_s: float) -> None:
    states = []
    for _ in range(MINIMUM):
        clock.at += gap_s
        told(breaker, "b")
        states.append(breaker.state)

    assert states == ["closed"] * (MINIMUM - 1) + ["open"]


# Open and half-open.


def test_open_breaker_lets_nobody_through_before_its_pause_is_over(breaker: Breaker, clock: Clock) -> None:
    opened(breaker)

    clock.at += PAUSE_S - 0.5
    with pytest.raises(BreakerOpen) as refused:
        breaker.permit()

    assert str(refused.value) == ("orders.read migrated: got too many failures, expected to be asked again in 0.5 s")
    assert breaker.is_open()
    clock.at += 0.5
    assert (breaker.state, breaker.is_open()) == ("half-open", False)


def test_half_open_breaker_lets_one_probe_through_at_a_time(breaker: Breaker, clock: Clock) -> None:
    probe = half_opened(breaker, clock).permit()

    with pytest.raises(BreakerOpen, match="after the probe that is under way"):
        breaker.permit()
    assert (breaker.state, breaker.is_open()) == ("half-open", True)
    probe.report(is_good=True)

    assert not breaker.is_open()
    breaker.permit()


def test_probes_that_are_good_close_the_breaker(breaker: Breaker, clock: Clock) -> None:
    half_opened(breaker, clock)

    states = []
    for _ in range(PROBES):
        states.append(breaker.state)
        told(breaker, "g")

    assert (states, breaker.state) == (["half-open"] * PROBES, "closed")


def test_good_probe_before_a_bad_one_counts_for_nothing(breaker: Breaker, clock: Clock) -> None:
    half_opened(breaker, clock)

    told(breaker, "gb")
    clock.at += 2 * PAUSE_S
    told(breaker, "g" * (PROBES - 1))

    assert breaker.state == "half-open"


def test_pause_doubles_with_each_failed_probe_up_to_a_minute(breaker: Breaker, clock: Clock) -> None:
    half_opened(breaker, clock)

    pauses = []
    for _ in range(6):
        told(breaker, "b")
        began = clock.at
        while breaker.state == "open":
            clock.at += 1.0
        pauses.append(clock.at - began)

    assert pauses == [10.0, 20.0, 40.0, 60.0, 60.0, 60.0]
    assert LONGEST_PAUSE_S == 60.0


def test_closing_forgets_failures_and_pauses(breaker: Breaker, clock: Clock) -> None:
    half_opened(breaker, clock)
    told(breaker, "b")
    clock.at += 2 * PAUSE_S
    told(breaker, "g" * PROBES)

    told(breaker, "b" * (MINIMUM - 1))
    state = breaker.state
    told(breaker, "b")
    clock.at += PAUSE_S

    assert (state, breaker.state) == ("closed", "half-open")


def test_probe_that_never_comes_back_is_given_up_and_what_it_tells_later_counts_for_nothing(
    breaker: Breaker, clock: Clock
) -> None:
    """A shadow's thread may hang for ever; the target must not be left alone for as long."""
    lost = half_opened(breaker, clock).permit()

    clock.at += LONGEST_PAUSE_S - 1
    was_open = breaker.is_open()
    clock.at += 1
    next_one = breaker.permit()
    lost.report(is_good=False)

    assert (was_open, breaker.state, breaker.is_open()) == (True, "half-open", True)
    next_one.report(is_good=True)
    assert not breaker.is_open()


# Permits.


def test_second_report_of_a_permit_counts_for_nothing(breaker: Breaker) -> None:
    permit = breaker.permit()

    for _ in range(10 * MINIMUM):
        permit.report(is_good=False)
    told(breaker, "b" * (MINIMUM - 2))
    was_open = breaker.is_open()
    told(breaker, "b")

    assert (was_open, breaker.is_open()) == (False, True)


@pytest.mark.parametrize("is_good", [True, False])
def test_permit_of_an_earlier_state_tells_nothing_of_the_new_one(breaker: Breaker, clock: Clock, is_good: bool) -> None:
    early = [breaker.permit() for _ in range(3 * WINDOW)]
    half_opened(breaker, clock)
    probe = breaker.permit()

    for permit in early:
        permit.report(is_good=is_good)

    assert (breaker.state, breaker.is_open()) == ("half-open", True)
    probe.report(is_good=True)
    told(breaker, "g" * (PROBES - 1))
    assert breaker.state == "closed"


def test_probe_that_ends_after_the_breaker_has_closed_tells_nothing_of_the_new_state(
    breaker: Breaker, clock: Clock
) -> None:
    lost = half_opened(breaker, clock).permit()
    clock.at += LONGEST_PAUSE_S
    told(breaker, "g" * PROBES + "b" * (MINIMUM - 1))

    lost.report(is_good=False)

    assert breaker.state == "closed"


@pytest.fixture
def _busy_threads() -> Iterator[None]:
    """Threads that take turns after every few instructions, so that they meet wherever they can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def at_once(count: int, what: Callable[[], object]) -> None:
    """Run it in so many threads that begin together."""
    barrier = threading.Barrier(count)

    def run() -> None:
        barrier.wait()
        what()

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@pytest.mark.usefixtures("_busy_threads")
def test_threads_that_come_at_once_never_get_two_probes() -> None:
    granted_each_time = []
    for _ in range(50):
        clock = Clock()
        breaker, granted = half_opened(Breaker("x", clock), clock), list[Permit]()

        def take(breaker: Breaker = breaker, granted: list[Permit] = granted) -> None:
            try:
                granted.append(breaker.permit())
            except BreakerOpen:
                assert breaker.is_open()

        at_once(8, take)
        granted_each_time.append(len(granted))

    assert granted_each_time == [1] * 50


@pytest.mark.usefixtures("_busy_threads")
def test_threads_that_report_at_once_lose_no_report() -> None:
    breaker = Breaker("x", Clock())

    at_once(MINIMUM - 1, lambda: told(breaker, "b"))
    was_open = breaker.is_open()
    told(breaker, "b")

    assert (was_open, breaker.is_open()) == (False, True)


class AgainstModel(RuleBasedStateMachine):
    """Any history of asking, reporting and waiting: the breaker does what a plain retelling of its rules says."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = Clock()
        self.breaker = Breaker("x", self.clock)
        self.out: list[tuple[Permit, object]] = []  # permits, each with the era that its first report counts in
        self.era = object()
        self.seen: list[bool] = []
        self.again_at: float | None = None  # None: closed
        self.pause_s = PAUSE_S
        self.good_probes = 0
        self.given_up_at: float | None = None  # the probe under way

    def expected(self) -> tuple[str, bool]:
        if self.again_at is None:
            return "closed", False
        if self.clock.at < self.again_at:
            return "open", True
        return "half-open", self.given_up_at is not None and self.clock.at < self.given_up_at

    def asked(self) -> bool:
        """Ask, and return whether that was let through."""
        _, is_open = self.expected()
        try:
            permit = self.breaker.permit()
        except BreakerOpen:
            assert is_open
            return False
        assert not is_open
        if self.again_at is not None:
            self.era, self.given_up_at = object(), self.clock.at + LONGEST_PAUSE_S
        self.out.append((permit, self.era))
        return True

    def reported(self, position: int, is_good: bool) -> None:
        """Report with a permit, for the first time or once more."""
        permit, era = self.out[position]
        self.out[position] = (permit, None)
        permit.report(is_good=is_good)
        if era is not self.era:
            return
        if self.again_at is None:
            self.seen = [*self.seen, is_good][-WINDOW:]
            if not is_good and len(self.seen) >= MINIMUM and 2 * self.seen.count(False) >= len(self.seen):
                self.opens(PAUSE_S)
        elif not is_good:
            self.opens(min(2 * self.pause_s, LONGEST_PAUSE_S))
        else:
            self.era, self.given_up_at = object(), None
            self.good_probes += 1
            if self.good_probes == PROBES:
                self.again_at, self.seen = None, []

    def opens(self, pause_s: float) -> None:
        self.era, self.given_up_at = object(), None
        self.pause_s, self.good_probes = pause_s, 0
        self.again_at = self.clock.at + pause_s

    @rule()
    def ask(self) -> None:
        self.asked()

    @precondition(lambda self: self.out)
    @rule(data=st.data(), is_good=st.booleans())
    def report(self, data: st.DataObject, is_good: bool) -> None:
        self.reported(data.draw(st.integers(0, len(self.out) - 1)), is_good)

    @rule(outcomes=st.text("gb", min_size=1, max_size=MINIMUM))
    def ask_and_report(self, outcomes: str) -> None:
        for outcome in outcomes:
            if self.asked():
                self.reported(-1, outcome == "g")

    @rule(seconds=st.sampled_from([0.5, 4.5, PAUSE_S, 10.0, LONGEST_PAUSE_S]))
    def wait(self, seconds: float) -> None:
        self.clock.at += seconds

    @invariant()
    def state_is_the_models(self) -> None:
        assert (self.breaker.state, self.breaker.is_open()) == self.expected()


AgainstModel.TestCase.settings = hypothesis_settings(max_examples=60, stateful_step_count=40)
TestAgainstModel = AgainstModel.TestCase


# What counts as the target's failure.


class Interrupted(BaseException):
    """No Exception."""


def answers(status: int) -> Callable[[Request], Response]:
    return lambda _: Response(status, Headers(), b"")


def raises(error: BaseException) -> Callable[[Request], Response]:
    def ask(_: Request) -> Response:
        raise error

    return ask


def refused() -> BadRequest:
    return BadRequest("bad_request", "the request cannot be written as HTTP/1.1")


FAILURES: list[type[FigError]] = [
    LegacyFailed,
    LegacyUnreachable,
    LegacyBroken,
    LegacyTimeout,
    MigratedFailed,
    MigratedTimeout,
    MigratedBadResult,
    MigratedUnwanted,
]
NO_FAILURES: list[Callable[[], FigError]] = [ResponseTooLarge, MethodRefused, LoopDetected, Gone, refused]


@pytest.mark.parametrize(
    ("status", "state"),
    [(200, "closed"), (302, "closed"), (404, "closed"), (429, "closed"), (499, "closed"), (500, "open"), (599, "open")],
)
def test_answer_of_500_and_more_is_a_failure_and_is_returned_all_the_same(
    breaker: Breaker, status: int, state: str
) -> None:
    found = [guarded(breaker, answers(status), request()) for _ in range(MINIMUM)]

    assert (found, breaker.state) == ([Response(status, Headers(), b"")] * MINIMUM, state)


@pytest.mark.parametrize(
    ("make", "state"),
    [
        *((make, "open") for make in FAILURES),
        *((make, "closed") for make in NO_FAILURES),
        (ZeroDivisionError, "open"),
        (SystemExit, "open"),
        (KeyboardInterrupt, "open"),
        (Interrupted, "open"),
    ],
)
def test_failure_of_the_target_is_told_from_what_is_none_and_each_is_passed_on(
    breaker: Breaker, make: Callable[[], BaseException], state: str
) -> None:
    for error in [make() for _ in range(MINIMUM)]:
        with pytest.raises(type(error)) as raised:
            guarded(breaker, raises(error), request())
        assert raised.value is error

    assert breaker.state == state


@pytest.mark.parametrize(
    ("make", "noted"),
    [(LegacyTimeout, 0), (MigratedTimeout, 0), (LegacyBroken, MINIMUM), (MigratedFailed, MINIMUM)],
)
def test_target_that_had_less_time_than_otherwise_and_was_too_late_has_not_failed(
    breaker: Breaker, make: type[FigError], noted: int
) -> None:
    """Nor has it done its work: nothing is known of it."""
    for _ in range(MINIMUM):
        with pytest.raises(make):
            guarded(breaker, raises(make("x")), request(), is_hurried=True)

    assert (breaker.state, len(breaker._outcomes)) == ("open" if noted else "closed", noted)


def test_hurried_probe_that_was_too_late_is_given_back(breaker: Breaker, clock: Clock) -> None:
    half_opened(breaker, clock)

    with pytest.raises(LegacyTimeout):
        guarded(breaker, raises(LegacyTimeout("x")), request(), is_hurried=True)

    assert (breaker.state, breaker.is_open()) == ("half-open", False)
    for _ in range(PROBES):
        guarded(breaker, answers(200), request())
    assert breaker.state == "closed"


def test_target_behind_an_open_breaker_is_not_asked(breaker: Breaker) -> None:
    opened(breaker)

    with pytest.raises(BreakerOpen):
        guarded(breaker, raises(AssertionError("asked")), request())


@pytest.mark.parametrize(("status", "is_open"), [(200, False), (503, True)])
def test_guarded_probe_reports_what_came_of_it(breaker: Breaker, clock: Clock, status: int, is_open: bool) -> None:
    half_opened(breaker, clock)

    for _ in range(PROBES if not is_open else 1):
        guarded(breaker, answers(status), request())

    assert (breaker.state, breaker.is_open()) == ("open" if is_open else "closed", is_open)


def test_breaker_shows_its_state_and_for_how_long_it_is_open(breaker: Breaker, clock: Clock) -> None:
    shown = [repr(breaker)]
    opened(breaker)
    clock.at += 3.14
    shown.append(repr(breaker))
    clock.at += 9.26
    shown.append(repr(breaker))

    assert shown == [
        "<Breaker orders.read migrated closed>",
        "<Breaker orders.read migrated open 3.1s>",
        "<Breaker orders.read migrated half-open 12.4s>",
    ]
