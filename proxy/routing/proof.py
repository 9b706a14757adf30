"""What routes.yaml says of how a route proves itself: shadow, comparing, noise, the gate, and falling back."""

from typing import Annotated, Literal

from pydantic import Discriminator, Field, Tag, field_validator

from proxy.routing import json_path, renaming
from proxy.routing.amounts import Count, Duration, Percent, Share, Status, Tolerance, one_or_a_map
from proxy.routing.strict import MAP_TAG, WORD_TAG, ListOf, Strict, tag
from proxy.routing.written import HeaderName, JsonPath, MemberName, Regex


class NoiseDocument(Strict):
    """What counts as noise: what differs between two answers of legacy to one request."""

    percent: Percent = 10.0
    """Of the compared requests with a safe method, how many are sent to legacy twice."""
    relative: Share = Field(default=20.0, json_schema_extra={"default": "20%"})
    """A difference is told if it is more frequent than noise by more than this share of both together."""
    absolute: Share = Field(default=0.03, json_schema_extra={"default": "0.03%"})
    """And by more than this share of the requests."""


class CompareDocument(Strict):
    """How the two sides' answers are compared."""

    ignore: ListOf[JsonPath] = ()
    """Parts of a JSON body that may differ, such as $.updated_at."""
    unordered: ListOf[JsonPath] = ()
    """Lists of a JSON body whose order does not count."""
    tolerance: dict[JsonPath, Tolerance] = Field(default={})
    """Numbers of a JSON body that may differ by so much, such as {$.total: 0.01}."""
    normalise: dict[JsonPath, Regex] = Field(default={})
    """Texts of a JSON body, and a regular expression for what is taken out of them before they are compared."""
    rename: dict[JsonPath, MemberName] = Field(default={})
    """Members of legacy's JSON body, and what the migrated side calls them, such as {$.customer: customer_id}."""
    headers: ListOf[HeaderName] = ()
    """Headers of the response that are compared, too."""
    values: Literal["hashed", "shown"] = "hashed"
    """Whether examples of differences show values; hashed ones only tell whether two are the same."""
    noise: Annotated[
        Annotated[Literal["off", "learn"], Tag(WORD_TAG)] | Annotated[NoiseDocument, Tag(MAP_TAG)],
        Discriminator(tag),
        one_or_a_map(("off", "learn"), "{percent: 10}"),
    ] = "off"
    """learn: legacy is asked twice for some requests, and what differs then is proposed to be ignored (fig noise)."""

    @field_validator("rename")
    @classmethod
    def _keeps_members_apart(cls, rename: dict[str, str]) -> dict[str, str]:
        renamed: renaming.Renamed = {}
        for path, name in rename.items():
            renaming.check(json_path.parse(path), name, renamed)
        return rename

    @property
    def noise_percent(self) -> float:
        """How many of the compared requests legacy gets twice."""
        if self.noise == "off":
            return 0.0
        return NoiseDocument().percent if self.noise == "learn" else self.noise.percent


class ShadowDocument(Strict):
    """How the other side is asked after the answer."""

    percent: Percent = 100.0
    """Of the requests that have a shadow, how many are shadowed. Writes of a live route always are."""
    timeout: Duration = Field(default=5.0, json_schema_extra={"default": "5s"})
    """How long the shadow may take. The function's environment is busy until it is done."""


class FallbackDocument(Strict):
    """When legacy answers in place of a migrated side that failed."""

    statuses: ListOf[Status] = ()
    """Statuses of the migrated side that count as its failure, 400 to 599."""
    after: Duration | None = None
    """How long the migrated side may take for a read before legacy is asked; by default half of the time that is left.

    A request that may write keeps all of it: one that was cut off may be committed, and legacy could not run it again.
    """


class GateDocument(Strict):
    """What has to be known before `fig flip` lets the migrated side answer clients."""

    samples: Count = 400
    """How many comparisons there have to be; of reads and of writes each, where a route has both compared."""
    target: Share = Field(default=99.0, json_schema_extra={"default": "99%"})
    """What share of them is equal, at least: the lower bound of its 95 % confidence interval counts."""
    writes: Count = 100
    """How many writes that no shadow may run the canary must have answered, for a route to go on to live or migrated;
    and of how many answers legacy's share of errors counts there."""

    @field_validator("target")
    @classmethod
    def _can_be_reached(cls, target: float) -> float:
        if target >= 100:
            raise ValueError("got 100%, expected less: no number of samples proves that all others are equal, too")
        return target
