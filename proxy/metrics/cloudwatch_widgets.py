"""The widgets of a CloudWatch dashboard, and their places on its grid.

Source: docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch-Dashboard-Body-Structure.html, read 2026-11.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Final

# Any: JSON of CloudWatch's own shape, throughout.
Widget = dict[str, Any]
Metric = list[Any]  # namespace, name, dimensions and their values, then options; or [{"expression": …}]

WIDTH: Final = 24
HEIGHT: Final = 6
# CloudWatch takes 500, and took 100 once; a page of more is nobody's overview. It draws up to 500 metrics in a graph.
MOST_WIDGETS: Final = 100


def graph(title: str, region: str, metrics: Sequence[Metric], stat: str = "Sum", **more: Any) -> Widget:
    """Return curves over time, a point for each minute unless `more` says otherwise."""
    properties = {"title": title, "region": region, "stat": stat, "period": 60, "metrics": list(metrics), **more}
    return {"type": "metric", "properties": properties}


def text(markdown: str) -> Widget:
    """Return a text, in Markdown."""
    return {"type": "text", "properties": {"markdown": markdown}}


def alarms(title: str, arns: Sequence[str]) -> Widget:
    """Return the states of alarms."""
    return {"type": "alarm", "properties": {"title": title, "alarms": list(arns)}}


def log(title: str, region: str, group: str, query: str) -> Widget:
    """Return what a query finds in a log group. It reads the log each time that it is shown, which costs money."""
    return {
        "type": "log",
        "properties": {"title": title, "region": region, "query": f"SOURCE '{group}' | {query}", "view": "table"},
    }


def line(label: str, value: float) -> dict[str, Any]:
    """Return annotations that draw one horizontal line."""
    return {"annotations": {"horizontal": [{"label": label, "value": value}]}}


def in_percent(most: float | None = None) -> dict[str, Any]:
    """Return a left axis that begins at 0, and ends at `most` if it is given."""
    return {"yAxis": {"left": {"min": 0, **({} if most is None else {"max": most}), "label": "%", "showUnits": False}}}


def search(schema: str, terms: str, stat: str) -> str:
    """Return the expression that finds metrics; `schema` is namespace and dimensions, a quote around the first."""
    return f"SEARCH('{{{schema}}} {terms}', '{stat}', 60)"


class Grid:
    """Widgets in rows, from the top."""

    def __init__(self) -> None:
        self.widgets: list[Widget] = []
        self._y = 0

    @property
    def room(self) -> int:
        """How many further widgets there may be."""
        return MOST_WIDGETS - len(self.widgets)

    def row(self, *widgets: Widget, height: int = HEIGHT) -> None:
        """Add a row of widgets that share its width."""
        width = WIDTH // len(widgets)
        for at, widget in enumerate(widgets):
            last = WIDTH - width * at if at == len(widgets) - 1 else width
            place = {"x": width * at, "y": self._y, "width": last, "height": height}
            self.widgets.append({"type": widget["type"], **place, "properties": widget["properties"]})
        self._y += height

    def rows(self, widgets: Sequence[Widget], of: int) -> None:
        """Add rows of so many widgets; the last has the rest."""
        for some in _parts(widgets, of):
            self.row(*some)


def _parts(widgets: Sequence[Widget], of: int) -> Iterator[Sequence[Widget]]:
    for at in range(0, len(widgets), of):
        yield widgets[at : at + of]
