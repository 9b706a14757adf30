"""The JSON Schema of routes.yaml, made from the models: with it, editors complete the file, explain it and check it.

    python -m proxy.routing.schema > proxy/routing/routes.schema.json

It takes whatever the reader takes, and some that the reader refuses: what two routes together show, say.
"""

import json
import sys
from typing import Any

from proxy.routing.document import Document

# The newest that all YAML editors know. Source: npmjs.com/package/yaml-language-server, 1.19 (JSON Schema 7 and below)
_DIALECT = "http://json-schema.org/draft-07/schema#"
_Json = dict[str, Any]  # Any: JSON


def schema() -> _Json:
    """Return the schema as data."""
    generated = Document.model_json_schema()
    return {"$schema": _DIALECT, "title": "routes.yaml", **_tidy(generated, generated.pop("$defs"))}


def text() -> str:
    """Return the schema as the file that is committed."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


def _tidy(node: _Json, models: _Json) -> _Json:
    """Return a schema without pydantic's titles and nulls, and with each model where it is used: in this dialect,
    nothing counts beside a reference.
    """
    if "$ref" in node:
        model = models[node["$ref"].rpartition("/")[2]]
        return _tidy({**model, **{key: value for key, value in node.items() if key not in ("$ref", "default")}}, models)
    if "anyOf" in node and {"type": "null"} in node["anyOf"]:  # None is Python's; in a file there is no such key
        (inner,) = (kind for kind in node["anyOf"] if kind != {"type": "null"})
        return _tidy({**inner, **{key: node[key] for key in node if key not in ("anyOf", "default")}}, models)
    if "patternProperties" in node:  # what a name must be like, where an editor can say so
        ((pattern, values),) = node["patternProperties"].items()
        names = {**node["propertyNames"], "pattern": pattern}
        others = {key: value for key, value in node.items() if key != "patternProperties"}
        return _tidy({**others, "propertyNames": names, "additionalProperties": values}, models)
    return {
        key: _tidied(key, value, models)
        for key, value in node.items()
        if key != "title" and not (key == "default" and isinstance(value, dict | list))
    }


def _tidied(key: str, value: Any, models: _Json) -> Any:  # Any: JSON
    if key == "properties":
        return {name: _tidy(inner, models) for name, inner in value.items()}
    if key in ("default", "examples"):
        return value
    if key == "description":
        return " ".join(value.split())
    if isinstance(value, dict):
        return _tidy(value, models)
    if isinstance(value, list):
        return [_tidy(inner, models) if isinstance(inner, dict) else inner for inner in value]
    return value


if __name__ == "__main__":
    sys.stdout.write(text())
