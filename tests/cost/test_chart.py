"""The chart: a picture, and nothing but a picture."""

import re
import subprocess
import sys
from fractions import Fraction
from xml.etree import ElementTree

import pytest

from proxy.cost import chart, example
from proxy.cost.chart import Bar
from proxy.cost.compare import Case, compare
from proxy.cost.estimate import estimate
from proxy.cost.flow import Workload
from proxy.cost.meters import Meter
from proxy.cost.prices import read
from proxy.cost.report import Report
from proxy.cost.usage import Setup
from tests.cost.samples import flow, rates

SVG = "{http://www.w3.org/2000/svg}"


def texts(document: str) -> list[str]:
    return [text for node in ElementTree.fromstring(document).iter(f"{SVG}text") if (text := node.text)]


def report(workload: Workload, *cases: Case) -> Report:
    setup = Setup()
    comparisons = tuple(compare(case, workload, setup, rates()) for case in cases)
    return Report(estimate(workload, setup, rates()), comparisons, setup, rates(), ())


def test_chart_shows_every_bar_with_its_dollars_and_what_they_are_for() -> None:
    bars = [Bar("now", {Meter.HTTP_API: Fraction(10), Meter.DATA_OUT: Fraction("2.345")}), Bar("then", {})]

    shown = texts(chart.svg("a month", bars))

    assert {"a month", "now: 12.35", "then: 0.00", "HTTP API requests", "data out (GB)", "USD a month"} <= set(shown)
    assert "Lambda requests" not in shown


def test_chart_runs_nothing_and_loads_nothing() -> None:
    document = chart.svg("a month", [Bar("now", {Meter.HTTP_API: Fraction(10)})])

    assert "script" not in document
    assert set(re.findall(r"(?:https?:)?//[^\"'\s<)]+", document)) == {"http://www.w3.org/2000/svg"}
    assert "url(" not in document


def test_same_numbers_make_the_same_file() -> None:
    bars = [Bar("now", {Meter.HTTP_API: Fraction(10)})]

    assert chart.svg("a month", bars) == chart.svg("a month", bars)
    assert not re.search(r"20\d\d-\d\d-\d\d", chart.svg("a month", bars))


@pytest.mark.parametrize("bars", [[], [Bar("nothing", {})]])
def test_chart_of_nothing_is_a_chart(bars: list[Bar]) -> None:
    assert ElementTree.fromstring(chart.svg("a month", bars)).tag == f"{SVG}svg"


def test_names_are_only_text_and_shortened_where_they_are_too_long() -> None:
    shown = texts(chart.svg("<a> & b", [Bar("<script>" + "x" * 50, {Meter.HTTP_API: Fraction(1)})]))

    assert "<a> & b" in shown
    assert "<script>" + "x" * 31 + "…: 1.00" in shown


def test_bars_are_memory_sizes_if_they_are_compared() -> None:
    bars = chart.bars(report(Workload((flow(),), 3), Case(512), Case(2048, Fraction(60))))

    assert [bar.label for bar in bars] == ["now", "512 MB, 100 ms", "2,048 MB, 60 ms"]


def test_bars_are_routes_the_dearest_first_and_the_rest_together() -> None:
    flows = tuple(flow(route=f"r{number}").times(Fraction(number)) for number in range(1, 15))

    bars = chart.bars(report(Workload(flows, 3)))

    assert [bar.label for bar in bars] == [
        *(f"r{number} (legacy)" for number in range(14, 2, -1)),
        "other routes",
        "of no route",
    ]
    total = report(Workload(flows, 3)).estimate.usd
    assert sum(sum(bar.usd.values(), Fraction()) for bar in bars) == total


def test_bars_of_the_example_are_its_functions() -> None:
    bars = chart.example_bars(example.cells(read()))

    assert [bar.label for bar in bars] == ["120 ms at 1536 MB", "60 ms at 1536 MB", "60 ms at 512 MB"]


def test_drawing_leaves_no_finder_of_modules_behind() -> None:
    chart.svg("a month", [])

    assert [finder for finder in sys.meta_path if not hasattr(finder, "find_spec")] == []


def test_missing_library_is_named_with_the_extra_that_brings_it() -> None:
    program = "import sys; sys.modules['pygal'] = None; from proxy.cost import chart; chart.svg('a month', [])"

    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)

    assert ended.returncode == 1
    assert ended.stderr.endswith("--svg: got no pygal to draw with; install it with pip install 'fig-proxy[chart]'\n")
