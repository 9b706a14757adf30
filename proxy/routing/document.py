"""routes.yaml, as a person writes it: the checked models.

The only place that validates, and never on the request path: pydantic and yaml cost 150 ms at start. The text under a
field is what editors show (see `schema`).
"""

from collections import Counter
from typing import Annotated, Literal

from pydantic import ConfigDict, Discriminator, Field, JsonValue, Tag, ValidationInfo, field_validator

from proxy.routing import pattern
from proxy.routing.amounts import Day, Duration, Percent, Retries, Share, Version, one_or_a_map
from proxy.routing.origin import check_origin
from proxy.routing.proof import CompareDocument, FallbackDocument, GateDocument, ShadowDocument
from proxy.routing.strict import MAP_TAG, WORD_TAG, ListOf, Strict, tag
from proxy.routing.table import Stage
from proxy.routing.words import flow, hint, refuse
from proxy.routing.written import (
    FunctionName,
    HeaderName,
    HeaderValue,
    HostName,
    Match,
    Name,
    RawName,
    RawValue,
    Reference,
    RelativePath,
    Sticky,
)

# What a route's clients cannot do without; `fig doctor` refuses a front door that does not carry it.
Need = Literal["raw-path", "raw-query", "repeated-headers", "streaming", "large-body"]


class LegacyDocument(Strict):
    """A legacy system; the one under `legacy` answers everything unlisted."""

    url: str = Field(
        default="${LEGACY_URL}",
        json_schema_extra={"pattern": r"^https?://|\$\{", "examples": ["${LEGACY_URL}", "https://old.example.com"]},
    )
    """http(s)://host[:port], or ${NAME}, which the function resolves from its own environment."""
    timeout: Duration = Field(default=20.0, json_schema_extra={"default": "20s"})
    """How long its whole answer may take, such as 20s, 300ms or 1m; at most 15m."""
    # The client's, by default: with another Host, signed requests fail, and applications emit links around the proxy.
    host: Literal["client", "legacy"] = "client"
    """Under whose name it is asked: the one that the client used, or its own."""
    keep_alive: bool = True
    """false: a new connection for every request, for a system that cannot be trusted with kept ones."""

    @field_validator("url")
    @classmethod
    def _is_an_origin(cls, url: str) -> str:
        return url if "${" in url else check_origin(url)


class WhenDocument(Strict):
    """What a request must have beside method and path; '*' as a value asks only that there is one."""

    host: HostName | None = None
    """The host that the client asked for, without its port."""
    header: dict[HeaderName, HeaderValue] = Field(default={})
    """Headers by name, in any case."""
    query: dict[RawName, RawValue] = Field(default={})
    """Parameters of the query, percent-encoded as clients send them."""
    cookie: dict[RawName, RawValue] = Field(default={})
    """Cookies by name."""

    @field_validator("header")
    @classmethod
    def _names_each_header_once(cls, header: dict[str, str]) -> dict[str, str]:
        times = Counter(name.lower() for name in header)
        if twice := [name for name in header if times[name.lower()] > 1]:
            raise ValueError(f"got {flow(twice)}, which are one header, expected it once")
        return header


class SloDocument(Strict):
    """What is promised of a route; dashboards draw it."""

    p95: Duration | None = None
    """95 % of the answers are faster than this."""
    errors: Share | None = None
    """At most this share of the answers are errors, such as 0.5%."""


# What the validators below say, as far as a schema can say it.
_NEEDS_ONE: JsonValue = {"stage": {"enum": ["shadow", "canary", "live", "migrated"]}}
_ROUTE_RULES: dict[str, JsonValue] = {
    "allOf": [
        {
            "if": {"properties": _NEEDS_ONE, "required": ["stage"]},
            "then": {"anyOf": [{"required": ["handler"]}, {"required": ["function"]}]},
        },
        {
            "if": {"properties": {"stage": {"const": "canary"}}, "required": ["stage"]},
            "then": {"required": ["percent"]},
        },
        {"not": {"required": ["handler", "function"]}},
    ]
}


class RouteDocument(Strict):
    """One route as a person writes it."""

    model_config = ConfigDict(json_schema_extra=_ROUTE_RULES)

    id: Name
    """The route's name, also in logs and metrics; each route has its own."""
    match: Match
    """METHOD[,METHOD] or ANY, and a path: {name} is one segment, {name+} at the end one or more."""
    when: WhenDocument = WhenDocument()
    """What a request must have beside method and path."""
    stage: Stage = "legacy"
    """Who answers: legacy; legacy, compared with the handler (shadow); the handler for some callers (canary), or for
    all, compared with legacy (live); the handler alone (migrated); nobody, 410 Gone (retired)."""
    # validate_default: whether one is needed is asked of a route without one, too. `function` comes first, so that
    # `handler`, whose check needs both, sees it.
    function: FunctionName | None = None
    """Another Lambda function that is the migrated side: its name or ARN."""
    handler: Reference | None = Field(default=None, validate_default=True)
    """The migrated side in this function: module:attribute."""
    percent: Percent | None = Field(default=None, validate_default=True)
    """The share of callers that a canary takes, 0 to 100, at most two decimals."""
    sticky: Sticky = "ip"
    """What tells callers apart, so that each stays on one side: ip, or header:, cookie:, query:, claim: or path: and a
    name."""
    group: Name | None = None
    """Routes of one group take the same callers into their canaries, so that who writes new reads new; they all have
    the same sticky."""
    writes: bool = False
    """true: a shadow may write. A live route's legacy then keeps getting what clients write."""
    shadow: ShadowDocument = ShadowDocument()
    """How the other side is asked after the answer."""
    legacy: Name | None = None
    """The legacy system that answers this route: one of `backends`."""
    timeout: Duration | None = None
    """How long legacy's whole answer may take; the default is that of its legacy system."""
    retries: Retries = 1
    """How often a GET, HEAD or OPTIONS is sent again if a connection broke before any answer, 0 to 3."""
    fallback: Annotated[
        Annotated[Literal["never"], Tag(WORD_TAG)] | Annotated[FallbackDocument, Tag(MAP_TAG)],
        Discriminator(tag),
        one_or_a_map(("never",), "{statuses: [503]}"),
    ] = FallbackDocument()
    """Whether legacy answers when the migrated side fails: never, or for which statuses, too. A write falls back only
    if the handler says that nothing was committed."""
    compare: Annotated[
        Annotated[bool, Tag(WORD_TAG)] | Annotated[CompareDocument, Tag(MAP_TAG)],
        Discriminator(tag),
        one_or_a_map((True, False), "{ignore: [$.updated_at]}"),
    ] = False
    """How the two sides' answers are compared, in shadow and live; and whether they are in a canary, too."""
    gate: GateDocument = GateDocument()
    """What has to be known before fig flip lets the migrated side answer clients."""
    contract: RelativePath | None = None
    """A file of recorded requests and legacy's answers, which the migrated side must give, too (fig contract)."""
    slo: SloDocument = SloDocument()
    """What is promised of this route."""
    needs: ListOf[Need] = ()
    """What its clients cannot do without; fig doctor refuses a front door that does not carry it."""
    owner: str = ""
    """Whom to ask."""
    tags: ListOf[str] = ()
    """Words to find the route by."""
    sunset: Day | None = None
    """The day on which the endpoint ends."""

    @field_validator("handler")
    @classmethod
    def _is_there_when_its_stage_needs_it(cls, handler: str | None, info: ValidationInfo) -> str | None:
        stage = info.data.get("stage", "legacy")  # absent when the stage itself is wrong
        function = info.data.get("function")
        if handler is not None and function is not None:
            raise ValueError(f"got {handler!r} and the function {function!r}, expected one of the two")
        if stage not in ("legacy", "retired") and handler is None and function is None and "function" in info.data:
            raise ValueError(f"stage {stage} needs a handler, such as migrated.orders.api:handler, or a function")
        return handler

    @field_validator("percent")
    @classmethod
    def _is_there_for_a_canary(cls, percent: float | None, info: ValidationInfo) -> float | None:
        if info.data.get("stage") == "canary" and percent is None:
            raise ValueError("stage canary needs a percent, such as 5")
        return percent

    @field_validator("sticky")
    @classmethod
    def _names_a_parameter_of_the_match(cls, sticky: str, info: ValidationInfo) -> str:
        kind, _, name = sticky.partition(":")
        if kind == "path" and "match" in info.data:
            segments = pattern.parse(info.data["match"]).segments
            known = [segment[1:-1].removesuffix("+") for segment in segments if segment.startswith("{")]
            if name not in known:
                without = "another key: its match has no parameter"
                refuse(sticky, f"a parameter of its match: {', '.join(known)}{hint(name, known)}" if known else without)
        return sticky


class Document(Strict):
    """A whole routes.yaml."""

    version: Version
    """The version of this format: 1."""
    legacy: LegacyDocument = LegacyDocument()
    """The legacy system, which answers everything that is not listed."""
    backends: dict[Name, LegacyDocument] = Field(default={})
    """Other legacy systems by name, which routes name with `legacy:`."""
    routes: ListOf[RouteDocument] = ()
    """The endpoints. The most specific wins, so their order does not matter."""
