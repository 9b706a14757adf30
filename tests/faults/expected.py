"""What has to come of each fault, worked out from the laws alone."""

from typing import NamedTuple

METHODS = ("GET", "POST")
LEGACY_FAULTS = ("ok", "500", "refused", "reset", "stall", "garbage")
# 404-undone and 409 are statuses that the route lists as failures; with the first, nothing was committed.
MIGRATED_FAULTS = ("ok", "500", "raises", "nothing-committed", "404-undone", "409", "hangs", "garbage", "dies")

DIED = 0  # the process is gone: its front door answers, with a 502 of its own
# 504: no answer in time; 502: none that can be used.
_OF_LEGACY = {"ok": 200, "500": 500, "refused": 502, "reset": 502, "stall": 504, "garbage": 502}
_OF_MIGRATED = {"ok": 200, "500": 500, "raises": 502, "nothing-committed": 502, "404-undone": 404, "409": 409}
_OF_MIGRATED |= {"hangs": 504, "garbage": 502, "dies": DIED}
_ANSWERS = ("ok", "500")  # an error is an answer, too
_UNDONE = ("nothing-committed", "404-undone")
# With writes: true. What takes long there is the same as without.
WRITING = ("shadow-writes", "canary-writes", "live-writes")
_NOT_IN_WRITING = ("hangs", "garbage", "dies")


class Case(NamedTuple):
    """One request under two faults."""

    stage: str
    legacy: str
    migrated: str
    method: str
    number: int

    @property
    def path(self) -> str:
        return f"/{self.stage}/{self.legacy}/{self.migrated}/{self.number}"


class Expected(NamedTuple):
    """What the client gets, and how often each side has run the request."""

    status: int
    legacy: int
    migrated: int


def cases() -> list[Case]:
    """Every stage with every fault that it can meet."""
    found: list[Case] = []
    for stage in ("legacy", "shadow", "canary-out", "canary", "live", "migrated", *WRITING):
        for legacy in LEGACY_FAULTS if stage != "migrated" else ("ok",):
            for migrated in _faults_of_migrated(stage):
                found += [Case(stage, legacy, migrated, method, len(found) + i) for i, method in enumerate(METHODS)]
    return found


def is_run_once(case: Case) -> bool:
    """Tell whether a write may be run by one side only: nothing allows it explicitly to be run by both."""
    return case.method == "POST" and case.stage not in WRITING and case.migrated not in _UNDONE


def expected(case: Case) -> Expected:
    """Return what a route's rules make of a case."""
    is_read = case.method == "GET"
    is_shadowed = is_read or case.stage in WRITING
    by_legacy = _OF_LEGACY[case.legacy]
    # A read is sent again once, if the connection gave nothing that is HTTP; and refused is not run at all.
    legacy_runs = {"refused": 0, "garbage": 2 if is_read else 1}.get(case.legacy, 1)
    if case.stage in ("legacy", "canary-out"):
        return Expected(by_legacy, legacy_runs, 0)
    if case.stage in ("shadow", "shadow-writes"):
        # A write that has failed on the side that counts is not to be found on the other.
        counts = case.legacy in _ANSWERS if is_read else case.legacy == "ok"
        return Expected(by_legacy, legacy_runs, 1 if is_shadowed and counts else 0)
    by_migrated = _OF_MIGRATED[case.migrated]
    if case.stage == "migrated" or case.migrated == "dies":
        return Expected(by_migrated, 0, 1)
    if case.migrated in _ANSWERS or (case.migrated == "409" and not is_read):
        has_shadow = case.stage != "canary" and is_shadowed and (is_read or case.migrated != "500")
        return Expected(by_migrated, legacy_runs if has_shadow else 0, 1)
    if not is_read and case.migrated not in _UNDONE:
        return Expected(by_migrated, 0, 1)
    # Legacy is the fallback, and asked in vain or not, it is asked once.
    return Expected(by_legacy if case.legacy in _ANSWERS else by_migrated, legacy_runs, 1)


def _faults_of_migrated(stage: str) -> tuple[str, ...]:
    if stage in ("legacy", "canary-out"):
        return ("ok",)
    return tuple(fault for fault in MIGRATED_FAULTS if stage not in WRITING or fault not in _NOT_IN_WRITING)
