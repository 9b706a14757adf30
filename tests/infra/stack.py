"""What CloudFormation would make of a template with some parameters: conditions decided, functions resolved.

What only AWS knows stays as it is named: the ARN of the resource X is "<X.Arn>", what !Ref gives for it "<X>".
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from tests.infra.template import Tree

PSEUDO: Mapping[str, str] = {
    "AWS::AccountId": "123456789012",
    "AWS::Partition": "aws",
    "AWS::Region": "eu-west-1",
    "AWS::StackName": "shop",
}
_NOTHING = object()  # what !Ref AWS::NoValue stands for: the property is as if it had not been written


class Stack:
    """The resources and outputs of a template whose conditions hold, by their logical names."""

    def __init__(self, template: Tree, parameters: Mapping[str, str], region: str = PSEUDO["AWS::Region"]) -> None:
        unknown = set(parameters) - set(template["Parameters"])
        assert not unknown, f"got parameters {unknown} that the template has not"
        self._template = template
        defaults = {name: str(spec.get("Default", "")) for name, spec in template["Parameters"].items()}
        self._values = {**PSEUDO, "AWS::Region": region, **defaults, **parameters}
        self.resources: dict[str, Tree] = {
            name: self._resolve(with_globals(template, resource))
            for name, resource in template["Resources"].items()
            if self._is_made(resource)
        }
        self.outputs: dict[str, str] = {
            name: self._resolve(output["Value"])
            for name, output in template["Outputs"].items()
            if self._is_made(output)
        }

    def of_type(self, kind: str) -> dict[str, Tree]:
        """Return the properties of all resources of a type, by their names."""
        return {name: r.get("Properties", {}) for name, r in self.resources.items() if r["Type"] == kind}

    def properties(self, name: str) -> Tree:
        """Return the properties of a resource."""
        properties: Tree = self.resources[name]["Properties"]
        return properties

    def refusals(self) -> list[str]:
        """Return what CloudFormation would say of the parameters, by their patterns and the rules of the template."""
        of_patterns = [
            f"{name}: {spec.get('ConstraintDescription', 'expected another')}"
            for name, spec in self._template["Parameters"].items()
            # A name that only AWS knows fits, whatever stands for it here.
            if not re.fullmatch(rf"<\w+>|{spec.get('AllowedPattern', '.*')}", self._values[name])
        ]
        return of_patterns + [
            assertion["AssertDescription"]
            for rule in self._template.get("Rules", {}).values()
            if self._holds(rule.get("RuleCondition", True))
            for assertion in rule["Assertions"]
            if not self._holds(assertion["Assert"])
        ]

    def resolved(self, value: Any) -> Any:  # Any: as it stands in the template
        """Return what CloudFormation makes of a value in the template, such as {"Condition": NAME}."""
        return self._resolve(value)

    def _is_made(self, thing: Tree) -> bool:
        return "Condition" not in thing or self._holds({"Condition": thing["Condition"]})

    def _holds(self, condition: Any) -> bool:  # Any: as it stands in the template
        resolved = self._resolve(condition)
        assert isinstance(resolved, bool), f"{condition}"
        return resolved

    def _resolve(self, value: Any) -> Any:  # Any: as it stands in the template
        if isinstance(value, list):
            return [item for item in map(self._resolve, value) if item is not _NOTHING]
        if not isinstance(value, dict):
            return value
        if len(value) == 1:
            ((name, argument),) = value.items()
            # A policy has a "Condition", too, which is no function.
            if name in _FUNCTIONS and not (name == "Condition" and isinstance(argument, dict)):
                return _FUNCTIONS[name](self, argument)
        resolved = {key: self._resolve(item) for key, item in value.items()}
        return {key: item for key, item in resolved.items() if item is not _NOTHING}

    # Any: the arguments of functions, as they stand in the template.

    def _ref(self, name: str) -> Any:
        if name == "AWS::NoValue":
            return _NOTHING
        if name in self._values:
            return self._values[name]
        return self._named(name)

    def _get_att(self, path: list[str]) -> str:
        return self._named(".".join(path))

    def _named(self, path: str) -> str:
        """Return what stands for a resource or one of its attributes, which must be in the stack."""
        # Of a function of SAM's, ".Alias" and ".Version" are resources of their own.
        path = re.sub(r"^(\w+)\.Alias$", r"\1Aliaslive", path)
        path = re.sub(r"^(\w+)\.Version\.Version$|^(\w+)Version[0-9a-f]{10}\.Version$", r"\1\2.Version", path)
        name = path.partition(".")[0].removesuffix("Aliaslive")
        assert self._is_made(self._template["Resources"][name]), f"{path}: is not in the stack, expected nobody to ask"
        return f"<{path}>"

    def _sub(self, argument: Any) -> str:
        text, variables = argument if isinstance(argument, list) else (argument, {})
        own = {name: self._resolve(value) for name, value in variables.items()}

        def value_of(match: re.Match[str]) -> str:
            name = match[1]
            if name in own:
                return str(own[name])
            return str(self._ref(name) if "." not in name else self._named(name))

        # ${!NAME} is how a text says ${NAME} itself.
        return re.sub(r"\$\{([^!}][^}]*)\}", value_of, text).replace("${!", "${")

    def _if(self, argument: Any) -> Any:
        condition, yes, no = argument
        return self._resolve(yes if self._holds({"Condition": condition}) else no)

    def _find_in_map(self, argument: Any) -> Any:
        mapping, first, second = map(self._resolve, argument)
        return self._template["Mappings"][mapping][first][second]


def with_globals(template: Tree, resource: Tree) -> Tree:
    """Return a resource with what all functions have in common, if it is a function of SAM's."""
    if resource["Type"] != "AWS::Serverless::Function":
        return resource
    return {**resource, "Properties": {**template["Globals"]["Function"], **resource["Properties"]}}


_FUNCTIONS: Mapping[str, Callable[[Stack, Any], Any]] = {  # Any: see above
    "Ref": Stack._ref,
    "Condition": lambda stack, name: stack._resolve(stack._template["Conditions"][name]),
    "Fn::GetAtt": Stack._get_att,
    "Fn::Sub": Stack._sub,
    "Fn::If": Stack._if,
    "Fn::FindInMap": Stack._find_in_map,
    "Fn::Equals": lambda stack, pair: stack._resolve(pair[0]) == stack._resolve(pair[1]),
    "Fn::Not": lambda stack, one: not stack._holds(one[0]),
    "Fn::And": lambda stack, all_of: all(map(stack._holds, all_of)),
    "Fn::Or": lambda stack, any_of: any(map(stack._holds, any_of)),
    "Fn::Join": lambda stack, args: stack._resolve(args[0]).join(stack._resolve(args[1])),
    "Fn::Split": lambda stack, args: stack._resolve(args[1]).split(stack._resolve(args[0])),
}
