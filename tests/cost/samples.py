"""Prices that one can reckon with in one's head, flows, and records as the proxy writes them."""

from fractions import Fraction
from functools import cache
from typing import Any

from proxy.cost.flow import Flow, Workload
from proxy.cost.prices import FreeTier, Rates, read
from proxy.cost.usage import Besides, Setup
from proxy.observe import Compared, Observer, Record
from proxy.settings import Settings

MB = 1024**2
GB = 1024**3
# Nothing but what requests bring about.
BARE = Besides(metrics=Fraction())


@cache
def rates(free_tier: FreeTier = "none", region: str = "us-east-1") -> Rates:
    """The prices that ship with the package."""
    return read().rates(region, free_tier)


def flow(**changed: Any) -> Flow:  # Any: Flow's own fields
    """A million requests of 1 KB, answered by legacy with 10 KB in 100 ms at 1024 MB; nothing is logged."""
    million = Fraction(10**6)
    of: dict[str, Any] = {
        "route": "orders.read",
        "side": "legacy",
        "memory_mb": 1024,
        "requests": million,
        "gateway_units": million,
        "billed_ms": million * 100,
        "overhead_ms": Fraction(),
        "bytes_in": million * 1024,
        "bytes_out": million * 10 * 1024,
        "log_bytes": Fraction(),
    }
    return Flow(**of | changed)


def workload(*flows: Flow) -> Workload:
    """A month of those flows; of the one above, if none is given."""
    return Workload(flows or (flow(),), series=0)


def setup(**changed: Any) -> Setup:  # Any: Setup's own fields
    """A set-up on x86_64 of which nothing costs but what requests bring about: no metrics, snapshots, access log."""
    of: dict[str, Any] = {
        "architecture": "x86_64",
        "besides": BARE,
        "cold_start": "plain",
        "access_log_bytes": Fraction(),
        "environments": Fraction(),
    }
    return Setup(**of | changed)


def line(at_s: float = 1_800_000_000.0, memory_mb: str = "1024", **fields: Any) -> str:  # Any: Record's own fields
    """A line as the proxy writes it, with its end."""
    written: list[str] = []
    known: dict[str, Any] = {
        "request_id": "8f507cfc-1234-4697-b07a-ac58fc914c95",
        "status": 200,
        "code": "",
        "method": "GET",
        "route": "orders.read",
        "stage": "legacy",
        "side": "legacy",
        "reason": "stage",
        "total_ms": 99.5,
        "side_ms": 97.2,
        "bytes_in": 1024,
        "bytes_out": 10 * 1024,
    }
    _observer(written, at_s, memory_mb).record(Record(**known | fields))
    return written[0]


def comparison(memory_mb: str = "1024", **fields: Any) -> str:  # Any: Compared's own fields
    """A line as the proxy writes it of a request that was asked of the other side, too, with its end."""
    written: list[str] = []
    known: dict[str, Any] = {
        "request_id": "8f507cfc-1234-4697-b07a-ac58fc914c95",
        "route": "orders.read",
        "stage": "shadow",
        "shadow": "migrated",
        "what": "equal",
        "why": "",
        "paths": (),
        "shadow_ms": 12.5,
    }
    _observer(written, 1_800_000_000.0, memory_mb).compared(Compared(**known | fields))
    return written[0]


def _observer(written: list[str], at_s: float, memory_mb: str) -> Observer:
    settings = Settings(function_name="fig-proxy", memory_mb=memory_mb)
    return Observer(settings, written.append, clock=lambda: at_s)
