"""Who may do what in a stack."""

from typing import NamedTuple

from tests.infra.stack import Stack
from tests.infra.template import Tree


class Grant(NamedTuple):
    """One action on one resource."""

    action: str
    resource: str


def of_role(stack: Stack, role: str) -> set[Grant]:
    """Return what a role is allowed, by its own policies and the ones of the template that it has."""
    properties = stack.properties(role)
    granted = {grant for policy in properties.get("Policies", []) for grant in of_document(policy["PolicyDocument"])}
    for arn in properties.get("ManagedPolicyArns", []):
        granted |= of_policy(stack, arn.strip("<>"))
    return granted


def of_policy(stack: Stack, policy: str) -> set[Grant]:
    """Return what a managed policy of the template allows."""
    return of_document(stack.properties(policy)["PolicyDocument"])


def of_document(document: Tree, effect: str = "Allow") -> set[Grant]:
    """Return what a policy document allows, or denies."""
    return {
        Grant(action, resource)
        for statement in document["Statement"]
        if statement["Effect"] == effect
        for action in _listed(statement["Action"])
        for resource in _listed(statement["Resource"])
    }


def _listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value
