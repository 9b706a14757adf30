"""Shadows that were measured: the proxy's comparison records tell which ran, and how long."""

import json
from fractions import Fraction

import pytest

from proxy.cost import notes, records
from proxy.cost.estimate import estimate
from proxy.cost.given import SERIES_PER_FLOW
from tests.cost.samples import comparison, line, rates, setup

SHADOWED = line(stage="shadow", total_ms=99.5, side_ms=97.2)


def test_shadows_are_those_that_ran_and_take_the_time_that_they_took() -> None:
    lines = [SHADOWED, SHADOWED, SHADOWED, comparison(shadow_ms=12.5), comparison(shadow_ms=7.25)]

    measured = records.read(lines, "traffic.log")

    (flow,) = measured.flows
    assert (flow.requests, flow.shadowed, flow.shadow_ms) == (Fraction(3), Fraction(2), Fraction("19.75"))
    assert flow.shadow_bytes_in == 2 * 1024
    assert (measured.shadows, measured.notes) == ("measured", ())


@pytest.mark.parametrize(
    ("shadow", "stage", "side"), [("migrated", "shadow", "legacy"), ("legacy", "live", "migrated")]
)
def test_shadow_belongs_to_the_side_that_answered(shadow: str, stage: str, side: str) -> None:
    lines = [line(stage=stage, side=side), line(side="proxy"), comparison(shadow=shadow, stage=stage)]

    flows = records.read(lines, "traffic.log").flows

    assert {flow.side: flow.shadowed for flow in flows} == {side: 1, "proxy": 0}


def test_comparison_that_was_skipped_ran_nothing_and_was_logged_all_the_same() -> None:
    skipped = comparison(what="skipped", why="sampled_out", shadow_ms=0.0)

    (flow,) = records.read([SHADOWED, skipped], "traffic.log").flows
    (alone,) = records.read([SHADOWED], "traffic.log").flows

    assert (flow.shadowed, flow.shadow_ms) == (Fraction(), Fraction())
    assert flow.log_bytes - alone.log_bytes == len(skipped)


def test_metrics_of_comparisons_and_fallbacks_are_counted_as_the_records_declare_them() -> None:
    lines = [
        line(),
        line(fallback="migrated_timeout"),
        comparison(),
        comparison(what="different"),
        comparison(route="orders.list"),
        comparison(what="skipped"),
    ]
    declared = {
        (metric["Name"], *(told[name] for name in directive["Dimensions"][0]))
        for told in map(json.loads, lines)
        for directive in told["_aws"]["CloudWatchMetrics"]
        for metric in directive["Metrics"]
    }

    measured = records.read(lines, "traffic.log")

    assert measured.series == len(declared) == SERIES_PER_FLOW + 1 + 2 * 2 + 1


def test_damaged_comparison_is_told_as_any_damaged_record() -> None:
    damaged = comparison().replace('"shadow_ms":12.500', '"shadow_ms":"long"')

    measured = records.read([SHADOWED, damaged], "traffic.log")

    (note,) = measured.notes
    assert note.startswith("traffic.log: left out 1 damaged records, the first: line 2: shadow_ms: input should be")


def test_time_that_was_measured_is_not_told_to_be_assumed() -> None:
    workloads = [
        records.read(lines, "traffic.log").workload(Fraction(1), "as it is")
        for lines in ([SHADOWED], [SHADOWED, comparison()])
    ]

    told = [list(notes.of(estimate(one, setup(), rates()), one, setup(), rates())) for one in workloads]

    assumed = "a shadow takes as long here as the answer did: the other side's own time is not known"
    assert [assumed in lines for lines in told] == [True, False]
