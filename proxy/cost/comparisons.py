"""What shadows took, as the proxy's comparison records tell: one line for each request that was asked twice."""

from fractions import Fraction
from typing import Annotated, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field

from proxy.routing.decide import Side

SIGN = '"message":"comparison"'

# Each metric of a comparison is over its route alone, or over its group.
_TOLD = ("comparisons", "differences")
_UNTOLD = ("comparisons_failed",)

FlowKey = tuple[str, Side, int]  # route, the side that answered, memory


class Shadow(NamedTuple):
    """The shadows of a flow. Their time is not rounded: it is billed together with the answer's, which is."""

    ran: int
    microseconds: int

    @property
    def milliseconds(self) -> Fraction:
        """The time of all of them."""
        return Fraction(self.microseconds, 1000)


class _Comparison(BaseModel):
    """The fields of a comparison that cost something; proxy/observe.py writes them."""

    model_config = ConfigDict(frozen=True)

    route: str
    shadow: Literal["legacy", "migrated", ""]
    outcome: str
    group: str = ""  # what metrics are over where they are folded
    shadow_ms: Annotated[float, Field(ge=0, allow_inf_nan=False)]
    memory_mb: Annotated[int, Field(alias="function_memory_size", ge=0)]


class Comparisons:
    """The sums over comparison records. Without any, nobody knows what ran: `lines` is then 0."""

    def __init__(self) -> None:
        self.lines = 0
        self.series: set[tuple[str, str]] = set()
        self._shadows: dict[FlowKey, Shadow] = {}
        self._log_bytes: dict[FlowKey, int] = {}

    def take(self, text: str, memory_mb: int | None) -> None:
        """Add a record. Raises ValidationError for one that is damaged."""
        told = _Comparison.model_validate_json(text)
        self.lines += 1
        is_told = told.outcome in ("equal", "different", "candidate_failed")
        self.series |= {(told.group or told.route, metric) for metric in (_TOLD if is_told else _UNTOLD)}
        answered: Side = "legacy" if told.shadow == "migrated" else "migrated"
        key = (told.route, answered, memory_mb or told.memory_mb)
        self._log_bytes[key] = self._log_bytes.get(key, 0) + len(text.encode()) + 1
        if told.outcome != "skipped":
            before = self.shadow(key)
            self._shadows[key] = Shadow(before.ran + 1, before.microseconds + round(told.shadow_ms * 1000))

    def shadow(self, key: FlowKey) -> Shadow:
        """Return the shadows of a flow."""
        return self._shadows.get(key, Shadow(0, 0))

    def log_bytes(self, key: FlowKey) -> int:
        """Return how long the comparison records of a flow are."""
        return self._log_bytes.get(key, 0)
