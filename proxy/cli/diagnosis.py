"""What a front door takes from the routes behind it: losses, unmet needs, and settings that come between."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from proxy.events.losses import Capability, FrontDoor, Row, of
from proxy.routing.document import Document, Need

# What a route may need -> what the front door must carry for it.
_CAPABILITIES: Mapping[Need, tuple[Capability, ...]] = {
    "raw-path": ("raw-path",),
    "raw-query": ("raw-query", "query-order"),
    "repeated-headers": ("repeated-request-headers", "repeated-response-headers"),
    "streaming": ("streaming",),
    "large-body": ("large-body",),
}
# Carried in part, and that part is what the need is about: a REST API loses nothing but slashes at a path's front, and
# a large body is one that a load balancer's 1 MB would not carry.
_ENOUGH: frozenset[tuple[FrontDoor, Capability]] = frozenset(
    {
        ("rest-api", "raw-path"),
        ("rest-api", "large-body"),
        ("http-api", "large-body"),
        ("http-api-v1", "large-body"),
        ("function-url", "large-body"),
    }
)
LARGER_BODIES = (
    "an answer that is too large becomes a 502 response_too_large, logged with its route: let legacy answer with a "
    "redirect to object storage, or lead that path past the proxy (a CloudFront behaviour with legacy as its origin)"
)


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """Everything that `fig doctor` has to say; `refused` is what makes it exit with 1."""

    lost: tuple[Row, ...]
    refused: tuple[str, ...]
    settings: tuple[str, ...]


def diagnose(document: Document, front_door: FrontDoor, template: str = "") -> Diagnosis:
    """Return what a front door loses, which routes need just that, and what a template sets against them.

    Raises ValueError or yaml.YAMLError for text that is no template.
    """
    rows = of(front_door)
    return Diagnosis(
        lost=tuple(row for row in rows if row.carried != "yes"),
        refused=tuple(unmet_needs(document, front_door)),
        settings=tuple(_settings(template, document)) if template else (),
    )


def unmet_needs(document: Document, front_door: FrontDoor) -> Iterator[str]:
    """Yield a line for every need of a route that the front door does not carry, with what is lost."""
    carried = {row.capability: row for row in of(front_door)}
    for route in document.routes:
        for need in route.needs:
            for capability in _CAPABILITIES[need]:
                row = carried[capability]
                if row.carried != "yes" and (front_door, capability) not in _ENOUGH:
                    yield f"{route.id} needs {need}, which {front_door} does not carry: {row.says}"


def _settings(template: str, document: Document) -> Iterator[str]:
    """Yield what a CloudFormation or SAM template sets that would come between clients and legacy."""
    for name, kind, properties in _resources(template):
        if kind in ("AWS::Serverless::HttpApi", "AWS::ApiGatewayV2::Api") and properties.get("CorsConfiguration"):
            yield f"{name}: CorsConfiguration makes the gateway answer preflights and drop legacy's own CORS headers"
        if kind == "AWS::Lambda::Url" and properties.get("Cors"):
            yield f"{name}: Cors makes the function URL add CORS headers to those of legacy: clients see them twice"
        if kind == "AWS::Serverless::Function" and _function_url_has_cors(properties):
            yield f"{name}: FunctionUrlConfig.Cors makes the function URL add CORS headers to those of legacy"
        if kind in ("AWS::Serverless::Api", "AWS::ApiGateway::Stage") and _caches(properties):
            yield _caching(name, document)


def _resources(template: str) -> Iterator[tuple[str, str, Mapping[str, Any]]]:  # Any: a template's own data
    document = yaml.load(template, Loader=_TagsIgnored)  # noqa: S506  # a SafeLoader, below
    resources = document.get("Resources") if isinstance(document, dict) else None
    if not isinstance(resources, dict):
        raise ValueError("got no Resources, expected a CloudFormation or SAM template")
    for name, resource in resources.items():
        if isinstance(resource, dict):
            properties = resource.get("Properties")
            yield str(name), str(resource.get("Type")), properties if isinstance(properties, dict) else {}


def _caches(properties: Mapping[str, Any]) -> bool:  # Any: a template's own data
    methods = properties.get("MethodSettings") or []
    return bool(properties.get("CacheClusterEnabled")) or any(
        isinstance(method, dict) and method.get("CachingEnabled") for method in methods
    )


def _function_url_has_cors(properties: Mapping[str, Any]) -> bool:  # Any: a template's own data
    url = properties.get("FunctionUrlConfig")
    return isinstance(url, dict) and bool(url.get("Cors"))


def _caching(name: str, document: Document) -> str:
    moved = [route.id for route in document.routes if route.stage != "legacy"]
    also = f"; a flip of {', '.join(moved)} would be seen late" if moved else ""
    return f"{name}: response caching gives one caller's answer to others where it depends on who asks{also}"


class _TagsIgnored(yaml.SafeLoader):
    """Reads !Ref, !Sub and the like as their plain content."""


def _plain(loader: yaml.SafeLoader, _suffix: str, node: yaml.Node) -> Any:  # Any: whatever the node holds
    if isinstance(node, yaml.MappingNode):
        return loader.construct_mapping(node, deep=True)
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    return node.value


_TagsIgnored.add_multi_constructor("!", _plain)
