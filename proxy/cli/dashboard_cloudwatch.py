"""The CloudWatch dashboard of a routing table, as text that CloudWatch takes, and in the template of a stack."""

import json
import re
from pathlib import Path

from proxy.errors import Misuse, Refused
from proxy.metrics.cloudwatch_body import Stack, widgets
from proxy.metrics.cloudwatch_widgets import Widget
from proxy.routing.document import Document

_is_stack = re.compile(r"Fig/([A-Za-z][A-Za-z0-9-]{0,127})").fullmatch
_FRONT_DOOR = "${FrontDoorMetrics}"
# The body in a template is the block of text that !Sub is given first.
_BODY = re.compile(
    r"(?<=\n)(  Dashboard:\n(?:(?:    .*)?\n)*?      DashboardBody: !Sub\n        - \|\n)((?:          .*\n)+)"
)
# An alarm with a condition is not in every stack, and a body that names what is not there is refused.
_ALARM = re.compile(r"^  (\w+):(?:  #.*)?\n    Type: AWS::CloudWatch::Alarm$(?!\n    Condition:)", re.MULTILINE)
_NAMES = re.compile(r"\$\{(?=PROP\()")  # CloudWatch's own, which !Sub is to leave alone


def body_for(document: Document, *, namespace: str, region: str, is_folded: bool = False) -> str:
    """Return the body of a dashboard for a stack whose metrics are in Fig/STACK, as PutDashboard takes it.

    Alarms and front door are not in it: only the template knows their names. Raises Misuse for another namespace.
    """
    match = _is_stack(namespace)
    if match is None:
        raise Misuse(f"--namespace: got {namespace!r}, expected Fig/ and the name of a stack")
    name = f"{match[1]}-proxy"
    stack = Stack(namespace, region, f"/aws/lambda/{name}", name, is_folded=is_folded)
    return _text(widgets(document, stack))


def body_for_template(document: Document, alarms: tuple[str, ...], *, is_folded: bool = False) -> str:
    """Return the same for a template's !Sub: with names of resources in it, and these alarms."""
    stack = Stack(
        namespace="${Fig}",
        region="${AWS::Region}",
        log_group="${ProxyLogs}",
        function="${ProxyFunction}",
        alarms=[f"${{{alarm}.Arn}}" for alarm in alarms],
        front_door=_FRONT_DOOR,
        is_folded=is_folded,
    )
    escaped = _NAMES.sub("${!", _text(widgets(document, stack)))
    return escaped.replace(json.dumps(_FRONT_DOOR), _FRONT_DOOR)


def put_into(template: Path, document: Document, *, is_folded: bool = False) -> bool:
    """Put the dashboard into a template's Dashboard resource, and tell whether that has changed anything.

    Everything else in the file stays as it is. Raises Misuse for a file that cannot be read or written, Refused for one
    without the resource.
    """
    try:
        before = template.read_text("utf-8")
        after = placed(before, document, name=str(template), is_folded=is_folded)
        if after != before:
            template.write_text(after, "utf-8")
    except (OSError, UnicodeDecodeError) as exc:
        raise Misuse(f"--into: got {template}, which cannot be used: {exc}") from exc
    return after != before


def placed(template: str, document: Document, *, name: str = "template", is_folded: bool = False) -> str:
    """Return the text of a template with the dashboard of a table in it. Raises Refused if it has no place for one."""
    if len(_BODY.findall(template)) != 1:
        expected = "expected one resource Dashboard with DashboardBody: !Sub and a block of text"
        raise Refused(f"{name}: got no place for a dashboard, {expected}")
    body = body_for_template(document, tuple(_ALARM.findall(template)), is_folded=is_folded)
    indented = "".join(f"          {line}\n" for line in body.splitlines())
    return _BODY.sub(lambda match: match[1] + indented, template)


def _text(widgets: list[Widget]) -> str:
    """Return the body with a line for each widget, so that a change shows where it is."""
    rows = ",\n".join(f"  {json.dumps(widget, ensure_ascii=False)}" for widget in widgets)
    return f'{{"widgets": [\n{rows}\n]}}'
