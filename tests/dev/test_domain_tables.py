"""The tables that the handlers' own table.py files define."""

from pathlib import Path

import pytest

from migrated.customers import table as customers
from migrated.orders import table as orders
from proxy.dev.domain_tables import DomainTable, tables_in

ROOT = Path(__file__).parents[2]
LITERAL = {"KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}]}


def write(root: Path, domain: str, text: str) -> None:
    """Write a domain's table.py."""
    folder = root / "migrated" / domain
    folder.mkdir(parents=True)
    (folder / "table.py").write_text(text, encoding="utf-8")


def test_tables_of_the_sample_are_found_by_the_same_rule() -> None:
    tables, problems = tables_in(ROOT)

    assert [table.definition for table in tables] == [customers.DEFINITION, orders.DEFINITION]
    assert [table.variable for table in tables] == ["CUSTOMERS_TABLE", "ORDERS_TABLE"]
    assert problems == []


def test_folder_without_handlers_has_those_of_the_installed_package(tmp_path: Path) -> None:
    """For that is what a function imports there."""
    assert tables_in(tmp_path) == tables_in(ROOT)


@pytest.mark.parametrize("text", [f"DEFINITION = {LITERAL}", f"DEFINITION: dict[str, object] = {LITERAL}\nimport os\n"])
def test_definition_is_read_without_running_the_file(tmp_path: Path, text: str) -> None:
    write(tmp_path, "books", f"import no_such_module\n{text}")

    assert tables_in(tmp_path) == ([DomainTable("books", LITERAL)], [])


@pytest.mark.parametrize("text", ["", "definition = {}", "DEFINITION: dict[str, object]", "def broken("])
def test_file_without_a_definition_has_no_table(tmp_path: Path, text: str) -> None:
    write(tmp_path, "books", text)

    assert tables_in(tmp_path) == ([], [])


@pytest.mark.parametrize("value", ["dict(a=1)", "{'a': open('b')}", "{**OTHER}", "7", "[1]"])
def test_definition_that_is_no_dict_of_plain_values_is_told(tmp_path: Path, value: str) -> None:
    write(tmp_path, "books", f"DEFINITION = {value}")

    tables, [problem] = tables_in(tmp_path)

    assert tables == []
    assert problem.startswith("migrated/books/table.py: got a DEFINITION that is computed, expected a dict")


def test_name_is_the_domain_s_and_long_enough_for_dynamodb() -> None:
    names = [DomainTable(domain, {}).name for domain in ("books", "hr")]

    assert names == ["books", "hr-table"]
