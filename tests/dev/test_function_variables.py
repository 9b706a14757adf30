"""The variables of the function in `fig dev`."""

import pytest

from proxy.dev.domain_tables import DomainTable
from proxy.dev.function_variables import url_problem, variables
from proxy.routing.reader import read

GIVEN = {"LEGACY_URL": "http://127.0.0.1:9000", "FIG_TABLE": "dynamodb:t"}
TEXT = """\
version: 1
backends: {reports: {url: "${REPORTS_URL}"}, plain: {url: "https://plain.example"}}
# handlers read ${SHOP_KEY} and ${AWS_REGION} and ${FIG_TABLE}
"""
ENVIRON = {
    "REPORTS_URL": "http://reports.example:81/",
    "SHOP_KEY": "k",
    "AWS_REGION": "eu-central-1",
    "FIG_TABLE": "dynamodb:theirs",
    "LEGACY_URL": "http://theirs.example",
    "OTHER": "never",
}


def test_function_gets_what_is_given_named_and_defined_and_may_ask_whom_the_document_names() -> None:
    tables = [DomainTable("books", {})]

    assert variables(GIVEN, read(TEXT), TEXT, tables, ENVIRON) == {
        **GIVEN,
        "REPORTS_URL": "http://reports.example:81/",
        "SHOP_KEY": "k",
        "BOOKS_TABLE": "books",
        "FIG_LEGACY_HOSTS": "127.0.0.1:9000,reports.example:81,plain.example",
    }


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("${LEGACY_URL}", None),
        ("${REPORTS_URL}", None),
        ("${OLD_URL}", "got no value for ${OLD_URL}, expected OLD_URL in the environment of fig dev; "
         "end it, then: export OLD_URL=http://… and start it again"),
        ("${SHOP_KEY}", "${SHOP_KEY}: got 'k', expected http(s)://host[:port] without path, query or credentials"),
    ],
)  # fmt: skip
def test_url_is_right_if_its_variables_have_values_that_make_one(url: str, problem: str | None) -> None:
    assert url_problem(url, {**ENVIRON}) == problem
    if problem is None:
        assert url_problem(url, {"REPORTS_URL": "https://a"}) is None, "LEGACY_URL always has one"
