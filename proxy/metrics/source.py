"""Where a dashboard's numbers come from: one question, answered by the local workers' records or by CloudWatch."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple, Protocol

Side = Literal["legacy", "migrated", "proxy"]
SIDES: tuple[Side, ...] = ("legacy", "migrated", "proxy")
LONGEST_S = 30 * 86_400.0  # of a window


class Bucket(NamedTuple):
    """How many answers took at most so long, and longer than the bucket before."""

    up_to_ms: float
    answers: int


@dataclass(frozen=True, slots=True)
class Flow:
    """What one side has answered of one route in a window. Percentiles are None where nothing is known of them."""

    requests: int = 0
    errors: int = 0
    p50_ms: float | None = None
    p95_ms: float | None = None
    p99_ms: float | None = None
    latency: tuple[Bucket, ...] = ()  # the distribution, where the source knows it


class Point(NamedTuple):
    """One moment of a curve: what was answered from `at`, in seconds since 1970, for `seconds`."""

    at: float
    seconds: float
    requests: Mapping[Side, int]
    errors: Mapping[Side, int]
    p95_ms: Mapping[Side, float | None]


@dataclass(frozen=True, slots=True)
class RouteNumbers:
    """What is known of one route in a window; "unlisted" is a route here, too."""

    flows: Mapping[Side, Flow] = field(default_factory=dict)
    fallbacks: int = 0
    comparisons: int = 0  # told in the window; the evidence has what counts for the gate
    differences: int = 0
    breaker: str = ""  # the newest state that was told, if it is not closed


class Usage(NamedTuple):
    """Who still asks legacy for what: `what` is a route's id, or the name of an unlisted path."""

    what: str
    client: str
    requests: int


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All numbers of a window that ends at `at`, in seconds since 1970."""

    at: float
    window_s: float
    routes: Mapping[str, RouteNumbers]
    series: Sequence[Point]  # oldest first
    legacy_usage: Sequence[Usage]  # the most first
    unlisted_paths: Mapping[str, int]  # requests by name of the path, at most 200 and "*"
    table_version: int = 0  # the newest that was told
    table_problem: str = ""  # why functions cannot read the newest table, if they say so
    problem: str = ""  # why these numbers are not complete, if they are not
    usage_days: str = ""  # what legacy_usage and unlisted_paths are of, in words; "": of the window


class Metrics(Protocol):
    """A source of numbers."""

    name: str  # where they come from, for people

    def snapshot(self, window_s: float) -> Snapshot:
        """Return the numbers of the last seconds. Never raises: what cannot be had is told in `problem`."""
