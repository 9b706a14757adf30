"""What is noise, what is reported, and which rules are proposed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.routing.json_path import parse
from proxy.shadow.noise import Count, Proposal, is_reported, noisy_paths


@pytest.mark.parametrize(
    ("raw", "noise", "total", "reported"),
    [
        (0, 0, 0, False),
        (0, 0, 100, False),
        (1, 0, 100, True),
        (100, 100, 100, False),
        (50, 100, 100, False),
        (59, 40, 100, False),  # 19 of 99 is 19 %
        (60, 40, 100, False),  # 20 of 100 is 20 %, and not more
        (61, 40, 100, True),
        (1, 0, 3333, True),  # 0.030003 %
        (1, 0, 3334, False),
        (3, 0, 10_000, False),
        (4, 0, 10_000, True),
    ],
)
def test_difference_is_reported_if_it_is_clearly_more_frequent_than_noise(
    raw: int, noise: int, total: int, reported: bool
) -> None:
    assert is_reported(raw, noise, total) == reported


def test_thresholds_can_be_moved() -> None:
    assert is_reported(60, 40, 100, relative=0.19)
    assert not is_reported(60, 20, 100, relative=0.19, absolute=0.5)


@given(st.integers(0, 1000), st.integers(0, 1000), st.integers(0, 1000))
def test_what_is_not_more_frequent_than_noise_is_never_reported(raw: int, noise: int, total: int) -> None:
    assert not (is_reported(raw, noise, total) and raw <= noise)


@given(st.integers(1, 1000))
def test_difference_in_every_comparison_without_any_noise_is_always_reported(total: int) -> None:
    assert is_reported(total, 0, total)


def test_noisy_path_becomes_a_proposal_with_its_evidence() -> None:
    counts = {
        "$.items[*].at": Count(98, 97, ["value"]),
        "$.items": Count(40, 41, ["order"]),
        "$.total": Count(30, 0, ["value"]),
        "header:date": Count(99, 99, ["header"]),
        "status": Count(1, 1, ["status"]),
        "body": Count(9, 9, ["value"]),
        "$": Count(9, 9, ["value"]),
        "$[*]": Count(9, 9, ["value"]),
        "$.*": Count(9, 9, ["value"]),
        "$.a.b.c.d.e.f.g.h.i.j.k.l…": Count(9, 9, ["value"]),
        "*": Count(9, 9),
        "$.rare": Count(0, 0),
    }

    found = noisy_paths(counts, 100)

    assert found == [
        Proposal("unordered", "$.items", 40, 41, 100),
        Proposal("ignore", "$.items[*].at", 98, 97, 100),
        Proposal("headers", "date", 99, 99, 100),
    ]
    assert found[1].evidence == "differs in 98 of 100 comparisons, and between two answers of legacy in 97"


def test_what_legacy_alone_shows_is_proposed_too() -> None:
    assert noisy_paths({"$.at": Count(0, 5)}, 100) == [Proposal("ignore", "$.at", 0, 5, 100)]


def test_what_an_other_proposal_covers_is_not_proposed_again() -> None:
    counts = {"$.debug": Count(9, 9, ["missing"]), "$.debug.node": Count(9, 9), "$.debug.xs": Count(9, 9, ["order"])}

    assert [proposal.path for proposal in noisy_paths(counts, 100)] == ["$.debug"]


@pytest.mark.parametrize(
    ("noisy", "reported"),
    [
        ("$.item", "$.item.price"),
        ("$.items", "$.items[*].price"),
        ("$.users.*", "$.users.total"),
        ("$.users.*", "$.users.*.name"),
        ("$.a", "$.a.b.c.d.e.f.g.h.i.j.k.l…"),
    ],
)
def test_rule_that_would_hide_what_is_reported_is_not_proposed(noisy: str, reported: str) -> None:
    assert noisy_paths({noisy: Count(9, 9), reported: Count(50, 0)}, 100) == []
    assert [proposal.path for proposal in noisy_paths({noisy: Count(9, 9)}, 100)] == [noisy]


@pytest.mark.parametrize(
    ("noisy", "reported"),
    [
        ("$.item.at", "$.item"),
        ("$.item.at", "$.item.attic"),
        ("$.items[*].at", "$.at"),
        ("$.a", "status"),
        ("$.a", "body"),
    ],
)
def test_rule_beside_what_is_reported_is_proposed(noisy: str, reported: str) -> None:
    assert [proposal.path for proposal in noisy_paths({noisy: Count(9, 9), reported: Count(50, 0)}, 100)] == [noisy]


_PATHS = st.sampled_from(
    ["$", "$.a", "$.a.b", "$[*]", "$[*].a", "$.*", "$.*.b", "header:etag", "status", "body", "$.a…"]
)


@given(st.dictionaries(_PATHS, st.builds(Count, st.integers(0, 100), st.integers(0, 100), st.just(("value",)))))
def test_no_proposal_hides_what_is_reported_and_each_has_noise(counts: dict[str, Count]) -> None:
    reported = [path for path, (raw, noise, _) in counts.items() if is_reported(raw, noise, 100)]

    for proposal in noisy_paths(counts, 100):
        assert proposal.noise > 0
        if proposal.rule == "ignore":
            steps = len(parse(proposal.path).steps)
            for path in reported:
                if path.startswith("$"):
                    location = tuple(
                        "O-5001" if step.key is None else step.key for step in parse(path.removesuffix("…")).steps
                    )
                    assert not parse(proposal.path).matches(location[:steps])
