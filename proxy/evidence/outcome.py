"""What became of one comparison of the two sides, and who keeps it."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Literal, NamedTuple, Protocol

What = Literal["equal", "different", "candidate_failed", "comparator_failed", "skipped"]
Found = Mapping[str, Any]  # a redacted difference. Any: JSON with kind, path, control and candidate


class Outcome(NamedTuple):
    """One comparison, once it is over. Nothing in it is unredacted but `error`, which no evidence keeps."""

    route_id: str
    revision: str  # of the question that was asked; see proxy/routing/revision.py
    what: What
    why: str = ""  # a short code of what failed or why it was skipped: "migrated_timeout", "breaker_open"
    differences: tuple[Found, ...] = ()
    # "method", and where the route shows values "target", and "is_masked" if secrets were taken out of it.
    request: Mapping[str, str | bool] = MappingProxyType({})
    began_at: float | None = None  # when a start was noted, as `Evidence.start` has told
    # Paths at which two answers of legacy to this request differ; None: legacy was not asked twice.
    noise: tuple[str, ...] | None = None
    is_write: bool = False  # the request was one that may write
    error: BaseException | None = None  # what the handler has failed with, for the log
    untaken: str = ""  # why legacy lacks a write that it was owed after the answer: "no_time", "legacy_5xx"


class Evidence(Protocol):
    """Where evidence is kept, seen from the function. Every method raises EvidenceFailed, and takes a time limit."""

    def start(self, route_id: str, revision: str, timeout_s: float, *, is_write: bool = False) -> float:
        """Note that a comparison begins, and return when: one that kills the process is counted by this alone."""

    def finish(self, outcome: Outcome, timeout_s: float) -> None:
        """Note what became of a comparison; of one that was skipped, nothing was noted before."""

    def count(self, route_id: str, revision: str, counts: Mapping[str, int], timeout_s: float) -> None:
        """Add to a canary's counters: migrated_writes, migrated_write_errors, migrated_write_refusals, …"""
