"""The part of a template that moto's CloudFormation makes; the rest it drops without a word."""

import re
from collections.abc import Callable, Mapping, Set
from typing import Any, Final

from tests.infra.stack import Stack
from tests.infra.template import Tree

TYPES: Final = frozenset(
    {
        "AWS::CloudWatch::Dashboard",
        "AWS::DynamoDB::Table",
        "AWS::IAM::ManagedPolicy",
        "AWS::IAM::Role",
        "AWS::Lambda::Function",
        "AWS::Logs::LogGroup",
        "AWS::SNS::Topic",
    }
)

Resolve = Callable[[Any], Any]  # Any: values as they stand in the template, and what they come to

_NOTHING: Final = {"Ref": "AWS::NoValue"}
_VARIABLE = re.compile(r"\$\{(\w+)((?:\.\w+)*)\}")


def carried(translated: Tree, parameters: Mapping[str, str]) -> Tree:
    """Return a translated template with what moto makes of it, and nothing that it would drop.

    A name such as <HttpApi.ApiEndpoint> stands for what is asked of a resource that is left out; moto would refuse the
    template, or answer None. Conditions are decided here, for moto leaves a hole in a list where AWS::NoValue is
    chosen, and so are maps, for it takes a parameter of the same name for the map. Rules are CloudFormation's alone.
    """
    resources = {name: _table(resource) for name, resource in translated["Resources"].items()}
    kept = {name: resource for name, resource in resources.items() if resource["Type"] in TYPES}
    template = {key: part for key, part in translated.items() if key != "Rules"} | {"Resources": kept}
    rewritten: Tree = _rewritten(template, set(resources) - set(kept), Stack(translated, parameters).resolved)
    return rewritten


def _table(resource: Tree) -> Tree:
    """Return a global table as a table: moto does not know the type. Of its replicas, this region's is the table."""
    if resource["Type"] != "AWS::DynamoDB::GlobalTable":
        return resource
    properties = {key: value for key, value in resource["Properties"].items() if key != "Replicas"}
    here, *_ = resource["Properties"]["Replicas"]
    assert here["Region"] == {"Ref": "AWS::Region"}
    own = {key: value for key, value in here.items() if key != "Region"}
    return {**resource, "Type": "AWS::DynamoDB::Table", "Properties": {**properties, **own}}


def _rewritten(value: Any, left_out: Set[str], resolved: Resolve) -> Any:  # Any: see Resolve
    match value:
        case str(text):
            return _VARIABLE.sub(lambda found: f"<{found[1]}{found[2]}>" if found[1] in left_out else found[0], text)
        case {"Ref": str(name)} if name in left_out:
            return f"<{name}>"
        case {"Fn::GetAtt": [str(name), attribute]} if name in left_out:
            return f"<{name}.{attribute}>"
        case {"Fn::If": [condition, yes, no]}:
            return _rewritten(yes if resolved({"Condition": condition}) else no, left_out, resolved)
        case {"Fn::FindInMap": _}:
            return resolved(value)
        case list(items):
            rewritten = [_rewritten(item, left_out, resolved) for item in items]
            return [item for item in rewritten if item != _NOTHING]
        case dict(fields):
            return {key: _rewritten(item, left_out, resolved) for key, item in fields.items()}
    return value
