"""What CloudWatch takes as the body of a dashboard, as a JSON schema: moto takes any text.

Sources, read 2026-11: docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch-Dashboard-Body-Structure.html
(widgets, and the properties of text, log, metric and alarm status widgets) and cloudwatch_limits.html (500 metrics in a
graph, 2500 in a dashboard).
"""

from typing import Any

from jsonschema import Draft202012Validator

# Any: JSON, throughout.
Schema = dict[str, Any]


def _object(required: list[str], **properties: Schema) -> Schema:
    return {"type": "object", "required": required, "properties": properties, "additionalProperties": False}


_TEXT: Schema = {"type": "string", "minLength": 1}
_REGION: Schema = {"type": "string", "pattern": "^[a-z]{2}(-[a-z]+)+-[0-9]$"}
_STAT: Schema = {"type": "string", "pattern": "^(SampleCount|Average|Sum|Minimum|Maximum|p[0-9]{1,2}([.][0-9]+)?)$"}
_PERIOD: Schema = {"type": "integer", "minimum": 60, "multipleOf": 60}
_ID: Schema = {"type": "string", "pattern": "^[a-z][A-Za-z0-9_]*$", "maxLength": 255}
_SIDE: Schema = {"enum": ["left", "right"]}
_OPTIONS = _object(
    [],
    color=_TEXT,
    label=_TEXT,
    id=_ID,
    period=_PERIOD,
    region=_REGION,
    stat=_STAT,
    visible={"type": "boolean"},
    yAxis=_SIDE,
)
_EXPRESSION = _object(
    ["expression"],
    expression={"type": "string", "minLength": 1, "maxLength": 2048},
    color=_TEXT,
    label=_TEXT,
    id=_ID,
    period=_PERIOD,
    region=_REGION,
    visible={"type": "boolean"},
    yAxis=_SIDE,
)
_METRIC: Schema = {
    "oneOf": [
        {"type": "array", "prefixItems": [_EXPRESSION], "items": False, "minItems": 1},
        # Namespace, name, and up to thirty dimensions with their values; the options last.
        {
            "type": "array",
            "prefixItems": [_TEXT, _TEXT],
            "items": {"anyOf": [_TEXT, _OPTIONS]},
            "minItems": 2,
            "maxItems": 63,
        },
    ]
}
_AXIS = _object([], min={"type": "number"}, max={"type": "number"}, label=_TEXT, showUnits={"type": "boolean"})
_LINE = _object(
    ["value"],
    value={"type": "number"},
    label=_TEXT,
    color=_TEXT,
    fill={"enum": ["above", "below"]},
    visible={"type": "boolean"},
    yAxis=_SIDE,
)
_PROPERTIES = {
    "metric": _object(
        ["metrics", "region"],
        metrics={"type": "array", "items": _METRIC, "minItems": 1, "maxItems": 500},
        region=_REGION,
        title=_TEXT,
        stat=_STAT,
        period=_PERIOD,
        view={"enum": ["timeSeries", "singleValue", "gauge", "bar", "pie", "table"]},
        stacked={"type": "boolean"},
        yAxis=_object([], left=_AXIS, right=_AXIS),
        annotations=_object([], horizontal={"type": "array", "items": _LINE}),
    ),
    "text": _object(["markdown"], markdown=_TEXT, background={"enum": ["solid", "transparent"]}),
    "log": _object(
        ["query", "region"],
        query={"type": "string", "pattern": "^SOURCE '[A-Za-z0-9_/.#-]{1,512}' [|] ", "maxLength": 10_000},
        region=_REGION,
        title=_TEXT,
        view={"enum": ["table", "timeSeries", "bar", "pie"]},
        stacked={"type": "boolean"},
    ),
    "alarm": _object(["alarms"], alarms={"type": "array", "items": _TEXT, "minItems": 1, "maxItems": 100}, title=_TEXT),
}
BODY: Schema = _object(
    ["widgets"],
    widgets={
        "type": "array",
        "maxItems": 500,
        "items": {
            "oneOf": [
                _object(
                    ["type", "properties"],
                    type={"const": kind},
                    x={"type": "integer", "minimum": 0, "maximum": 23},
                    y={"type": "integer", "minimum": 0},
                    width={"type": "integer", "minimum": 1, "maximum": 24},
                    height={"type": "integer", "minimum": 1, "maximum": 1000},
                    properties=properties,
                )
                for kind, properties in _PROPERTIES.items()
            ]
        },
    },
)


def problems(body: Any) -> list[str]:
    """Everything in which a body is not one that CloudWatch takes."""
    found = [f"{error.json_path}: {error.message[:200]}" for error in Draft202012Validator(BODY).iter_errors(body)]
    if found:
        return found
    for at, widget in enumerate(body["widgets"]):
        if widget.get("x", 0) + widget.get("width", 6) > 24:
            found.append(f"widgets[{at}]: reaches beyond the 24 columns")
        rows = widget["properties"].get("metrics", [])
        ids = [row[-1]["id"] for row in rows if isinstance(row[-1], dict) and "id" in row[-1]]
        if len(ids) != len(set(ids)):
            found.append(f"widgets[{at}]: two metrics have one id")
        # A plain metric is namespace and name, and pairs of a dimension and its value.
        if any(sum(isinstance(part, str) for part in row) % 2 for row in rows):
            found.append(f"widgets[{at}]: a dimension has no value")
    if sum(len(widget["properties"].get("metrics", [])) for widget in body["widgets"]) > 2500:
        found.append("more than 2500 metrics")
    return found
