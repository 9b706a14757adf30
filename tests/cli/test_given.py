"""Words and numbers that the command line refuses."""

from importlib.metadata import version

import pytest

from tests.cli.person import Person, run


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (
            ["flip", "orders.read", "lve", "--why", "now"],
            "got 'lve', expected 'legacy', 'shadow', 'canary', 'live', 'migrated' or 'retired' – did you mean 'live'?",
        ),
        (["cost", "--side", "legcy"], "got 'legcy', expected 'legacy' or 'migrated' – did you mean 'legacy'?"),
        (["dev", "--front-door", "functionurl"], "did you mean 'function-url'?"),
        (["doctor", "--front-door", "nginx"], "'alb' or 'alb-single'."),
        (["override", "orders.read", "new"], "got 'new', expected 'legacy' or 'migrated'"),
        (
            ["flip", "orders.read", "canary", "--percent", "5%", "--why", "now"],
            "got '5%', expected a number from 0 to 100, without %",
        ),
        (
            ["flip", "orders.read", "canary", "--percent", "500", "--why", "now"],
            "got '500', expected a number from 0 to 100",
        ),
        (["flip", "orders.read", "canary", "--percent", "nan", "--why", "now"], "got 'nan', expected a number from"),
        (["flip", "orders.read", "canary", "--percent", "few", "--why", "now"], "got 'few', expected a number from"),
    ],
)
def test_word_or_number_that_cannot_be_is_told_with_what_was_expected(
    ada: Person, arguments: list[str], says: str
) -> None:
    result = run(arguments, FIG_TABLE=ada.store, COLUMNS="200")

    said = " ".join(result.stderr.replace("│", " ").split())
    assert result.exit_code == 2
    assert says.removesuffix(".") in said
    assert "Value error" not in said


def test_version_is_told() -> None:
    result = run(["--version"])

    assert (result.exit_code, result.stdout) == (0, f"fig {version('fig-proxy')}\n")
