"""The template as data: PyYAML with CloudFormation's short tags."""

from pathlib import Path
from typing import Any

import yaml

INFRA = Path(__file__).parents[2] / "infra"
FILE = INFRA / "template.yaml"
TEXT = FILE.read_text("utf-8")

Tree = dict[str, Any]  # Any: a template is JSON of a hundred shapes


class _Loader(yaml.SafeLoader):
    """Reads !Sub, !GetAtt and their kin as the functions that they are short for."""


def _function(loader: yaml.SafeLoader, suffix: str, node: yaml.Node) -> Tree:
    content: Any  # Any: whatever the node holds
    if isinstance(node, yaml.MappingNode):
        content = loader.construct_mapping(node, deep=True)
    elif isinstance(node, yaml.SequenceNode):
        content = loader.construct_sequence(node, deep=True)
    else:
        assert isinstance(node, yaml.ScalarNode), f"{node}"
        content = loader.construct_scalar(node)
    if suffix in ("Ref", "Condition"):
        return {suffix: content}
    if suffix == "GetAtt":
        resource, _, attribute = content.partition(".")
        return {"Fn::GetAtt": [resource, attribute]}
    return {f"Fn::{suffix}": content}


yaml.add_multi_constructor("!", _function, _Loader)


def parse(text: str) -> Tree:
    """Return a template with every short tag written out."""
    template: Tree = yaml.load(text, _Loader)
    return template
