"""Numbers are never rounded into what is not true."""

import pytest

from proxy.dashboard import figures

NBSP, NARROW = "\N{NO-BREAK SPACE}", "\N{NARROW NO-BREAK SPACE}"


@pytest.mark.parametrize(
    ("part", "text"),
    [
        (None, "–"),
        (0.0, "0 %"),
        (1e-6, "< 0.1 %"),
        (0.001, "0.1 %"),
        (0.2599, "25.9 %"),
        (0.29, "29.0 %"),
        (0.99999, "99.9 %"),
        (1.0, "100 %"),
    ],
)
def test_only_all_of_something_is_100_percent_and_only_nothing_0(part: float | None, text: str) -> None:
    assert figures.share(part) == text.replace(" ", NBSP)


@pytest.mark.parametrize(
    ("ms", "text"),
    [
        (None, "–"),
        (0.44, "0.4 ms"),
        (9.96, "10.0 ms"),
        (84.4, "84 ms"),
        (999.4, "999 ms"),
        (1250, "1.25 s"),
        (12_500, "12 s"),
    ],
)
def test_duration_has_three_digits_at_most(ms: float | None, text: str) -> None:
    assert figures.took(ms) == text.replace(" ", NBSP)


@pytest.mark.parametrize(
    ("per_s", "text"), [(None, "–"), (0.0, "0/s"), (0.034, "0.03/s"), (12.34, "12.3/s"), (212.6, "213/s")]
)
def test_rate_is_as_exact_as_it_is_large(per_s: float | None, text: str) -> None:
    assert figures.rate(per_s) == text


def test_thousands_are_set_apart() -> None:
    assert figures.count(1234567) == f"1{NARROW}234{NARROW}567"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(-3, "just now"), (59, "just now"), (61, "1 min ago"), (7300, "2 h ago"), (200_000, "2 d ago")],
)
def test_time_that_has_passed_stands_still_for_a_minute(seconds: float, text: str) -> None:
    """Else every history on every page would be sent again every second."""
    assert figures.ago(seconds).replace(NBSP, " ") == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(90.0, "1.5 min"), (300.0, "5 min"), (306.1, "5 min"), (3600.0, "1 h"), (604_800.0, "7 d"), (45, "45 s")],
)
def test_window_is_named_by_what_it_was_asked_for(seconds: float, text: str) -> None:
    assert figures.length(seconds) == text.replace(" ", NBSP)


def test_moment_of_the_history_is_told_to_the_second() -> None:
    assert figures.moment("2026-01-31T16:00:00.123Z") == "2026-01-31 16:00:00 UTC"
