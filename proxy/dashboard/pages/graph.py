"""A chart with a heading, and in words what it shows, for those who do not see it."""

from nicegui import ui

from proxy.dashboard.charts import Options, of_update


class Graph:
    """A chart that is only sent what has changed."""

    def __init__(self, heading: str, options: Options) -> None:
        self._heading = heading
        self._sent: Options = {}
        with ui.element("figure").classes("panel graph"):
            ui.html(heading, sanitize=False, tag="h2")
            # SVG, for its colours may be variables of the page's theme.
            self._chart = ui.echart(options, renderer="svg").classes("chart")
            self._chart.props(f'role="img" aria-label="{heading}"')

    def show(self, options: Options, words: str) -> None:
        """Show other data; `words` say the same."""
        update = of_update(options)
        if update != self._sent:
            self._sent = update
            self._chart.run_chart_method("setOption", update)
            self._chart.props(f'aria-label="{self._heading}: {words}"')
