"""How commands answer, whatever the terminal is."""

import os
import subprocess
import sys

import pytest

from proxy.cli.answer import MAX_LINES, harmless, indented, one_line, table
from tests.cli.person import Person


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("orders.read: legacy → canary 5 %", "orders.read: legacy → canary 5 %"),
        ("two\nlines", "two\nlines"),
        ("\x1b]0;title\x07", "\ufffd]0;title\ufffd"),
        ("a\tb\rc\u202ed", "a\ufffdb\ufffdc\ufffdd"),
        ("\udcff", "\ufffd"),
    ],
)
def test_what_a_terminal_would_obey_is_not_shown(text: str, shown: str) -> None:
    assert harmless(text) == shown


def test_what_somebody_wrote_stays_on_one_line() -> None:
    assert one_line(" why\n  not\t") == "why not"


def test_list_stands_below_its_heading() -> None:
    assert indented(["a", "b"], "two:") == ["two:", "  a", "  b"]
    assert indented(["a"]) == ["  a"]
    assert indented([], "none:") == []


def test_list_is_cut_off_where_nobody_reads_on() -> None:
    lines = [str(number) for number in range(MAX_LINES + 2)]

    assert indented(lines[:-2])[-1] == f"  {MAX_LINES - 1}"
    assert indented(lines)[-2:] == [f"  {MAX_LINES - 1}", "  … and 2 more, which --json has"]


def test_table_leaves_out_empty_columns_and_takes_text_as_it_is() -> None:
    rows = [("[red]a", "", "x" * 200), ("b", "", "\x1b")]

    assert table(("one", "two", "three"), rows) == ["one     three", f"[red]a  {'x' * 200}", "b       \ufffd"]


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252"])
def test_terminal_that_cannot_show_an_arrow_is_no_reason_to_fail(ada: Person, encoding: str) -> None:
    ada.done("publish", "--why", "first", "--force")
    command = [
        sys.executable,
        "-m",
        "proxy.cli",
        "flip",
        "orders.list",
        "live",
        "--why",
        "now",
        "--force",
        "--store",
        ada.store,
    ]

    result = subprocess.run(
        [*command, "--routes", str(ada.routes)],
        capture_output=True,
        check=True,
        env={**os.environ, "PYTHONIOENCODING": encoding},
    )

    assert b"  orders.list: shadow ? live\n" in result.stdout
