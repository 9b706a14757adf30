"""What has to come of each fault, worked out from the laws alone."""

from typing import NamedTuple

METHODS = ("GET", "POST")
LEGACY_FAULTS = ("ok", "500", "refused", "reset", "stall", "garbage")
MIGRATED_FAULTS = ("ok", "500", "raises", "nothing-committed", "hangs", "garbage", "dies")

DIED = 0  # the process is gone: its front door answers, with a 502 of its own
# 504: no answer in time; 502: none that can be used.
_OF_LEGACY = {"ok": 200, "500": 500, "refused": 502, "reset": 502, "stall": 504, "garbage": 502}
_OF_MIGRATED = {"ok": 200, "500": 500, "raises": 502, "nothing-committed": 502, "hangs": 504, "garbage": 502, "dies": 0}
_ANSWERS = ("ok", "500")  # an error is an answer, too


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
    for stage in ("legacy", "shadow", "canary-out", "canary", "live", "migrated"):
        for legacy in LEGACY_FAULTS if stage != "migrated" else ("ok",):
            for migrated in MIGRATED_FAULTS if stage in ("shadow", "canary", "live", "migrated") else ("ok",):
                found += [Case(stage, legacy, migrated, method, len(found) + i) for i, method in enumerate(METHODS)]
    return found


def expected(case: Case) -> Expected:
    """Return what the default rules make of a case."""
    is_read = case.method == "GET"
    by_legacy = _OF_LEGACY[case.legacy]
    # A read is sent again once, if the connection gave nothing that is HTTP; and refused is not run at all.
    legacy_runs = {"refused": 0, "garbage": 2 if is_read else 1}.get(case.legacy, 1)
    if case.stage in ("legacy", "canary-out"):
        return Expected(by_legacy, legacy_runs, 0)
    if case.stage == "shadow":
        return Expected(by_legacy, legacy_runs, 1 if is_read and case.legacy in _ANSWERS else 0)
    by_migrated = _OF_MIGRATED[case.migrated]
    if case.stage == "migrated" or case.migrated == "dies":
        return Expected(by_migrated, 0, 1)
    if case.migrated in _ANSWERS:
        has_shadow = case.stage == "live" and is_read
        return Expected(by_migrated, legacy_runs if has_shadow else 0, 1)
    if not is_read and case.migrated != "nothing-committed":
        return Expected(by_migrated, 0, 1)
    return Expected(by_legacy if case.legacy in _ANSWERS else by_migrated, legacy_runs, 1)
