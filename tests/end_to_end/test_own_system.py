"""`fig dev` for a system of one's own: its variables, its name, and what is told of the sample's routes."""

import json
from pathlib import Path

from tests.raw_legacy import RawLegacy

from .client import Ask, proxied
from .house import ROUTES, House, until
from .test_commands import fig

NONE = "version: 1\nroutes: []\n"
REPORTS = """version: 1
backends: {reports: {url: "${REPORTS_URL}"}}
routes:
  - {id: reports.read, match: "GET /reports", legacy: reports}
"""


def test_variable_without_a_value_is_told_with_its_place_and_the_cure(tmp_path: Path, frugal: tuple[str, ...]) -> None:
    """Else the terminal says that a version is published, while functions stay on an older one."""
    with House(tmp_path, *frugal, routes=NONE) as house:
        house.edit(REPORTS)
        told = house.wait_for_line(lambda line: "REPORTS_URL" in line)
        stays = house.wait_for_line(lambda line: line.endswith("stays in force"))

    assert told == (
        "fig | routes.yaml:2:27 backends.reports.url: got no value for ${REPORTS_URL}, expected REPORTS_URL in the "
        "environment of fig dev; end it, then: export REPORTS_URL=http://… and start it again"
    )
    assert stays == "fig | table version 1 stays in force"


def test_house_does_not_begin_with_a_variable_that_has_no_value(tmp_path: Path) -> None:
    house = House(tmp_path, routes=REPORTS).start()
    try:
        code = house.wait()
        house.check()
    finally:
        house.kill()

    assert (code, len(house.lines)) == (1, 1)
    assert house.lines[0].startswith("routes.yaml:2:27 backends.reports.url: got no value for ${REPORTS_URL}")


def test_variable_that_is_named_later_reaches_the_functions(tmp_path: Path, frugal: tuple[str, ...]) -> None:
    with (
        RawLegacy() as reports,
        House(tmp_path, *frugal, routes=NONE, environment={"REPORTS_URL": reports.origin}) as house,
    ):
        house.edit(REPORTS)
        house.wait_for_line(lambda line: line.startswith("fig | FIG_LEGACY_HOSTS, REPORTS_URL changed: 1 new worker"))
        until(lambda: proxied(house, Ask("GET", "/reports")).body == b"ok")
        shown = house.lines

    assert [line for line in shown if "cannot use" in line] == []


def test_first_version_is_published_because_the_house_has_started(tmp_path: Path, frugal: tuple[str, ...]) -> None:
    with House(tmp_path, *frugal, routes=NONE) as house:
        entries = json.loads(fig(house, "history --json").stdout)["entries"]

    assert [entry["why"] for entry in entries] == ["fig dev started"]


def test_every_command_works_without_a_route(tmp_path: Path, frugal: tuple[str, ...]) -> None:
    commands = ("check", "routes", "routes --published", "explain GET /orders", "diff", "doctor", "schema", "status")
    changing = (
        "publish --why 'the same'",
        "freeze --why tried",
        "thaw --why tried",
        "pull --force",
        "parity",
        "history",
    )

    with House(tmp_path, *frugal, "--dashboard-port", "0", routes=NONE) as house:
        for command in (*commands, *changing):
            fig(house, command)


def test_sample_s_routes_before_another_system_are_told(tmp_path: Path, frugal: tuple[str, ...]) -> None:
    """The sample's handler would answer 404 to what the other system knows."""
    with RawLegacy() as legacy, House(tmp_path, *frugal, "--legacy", legacy.origin, routes=ROUTES) as house:
        lines = house.lines

    told = [line for line in lines if "sample shop's" in line]
    assert told == [
        "fig | these routes are the sample shop's, not those of your system: "
        "customers.read, customers.list, orders.read, orders.list, orders.create"
    ]


def test_what_to_try_names_no_path_of_the_sample_before_another_system(tmp_path: Path, frugal: tuple[str, ...]) -> None:
    with RawLegacy() as legacy, House(tmp_path, *frugal, "--legacy", legacy.origin, routes=NONE) as house:
        tried = [line.strip() for line in house.lines if line.startswith("  curl ")]

    assert tried == [f"curl -i {house.url}/"]


def test_legacy_whose_name_leads_nowhere_is_told_at_the_start(tmp_path: Path, frugal: tuple[str, ...]) -> None:
    with House(tmp_path, *frugal, "--legacy", "https://old.example.invalid", routes=NONE) as house:
        told = house.wait_for_line(lambda line: "old.example.invalid leads nowhere" in line)

    assert told.startswith("fig | legacy: the name old.example.invalid leads nowhere (")
    assert told.endswith("); what goes there is answered with 502")


def test_second_house_in_a_folder_is_refused_and_leaves_the_note_of_the_first(
    tmp_path: Path, frugal: tuple[str, ...]
) -> None:
    """Else the first one runs on, and no command finds it."""
    with House(tmp_path, *frugal, routes=NONE) as house:
        second = House(tmp_path, *frugal, routes=NONE).start()
        try:
            code = second.wait()
        finally:
            second.kill()
        fig(house, "history")

    assert code == 1
    assert second.lines == [
        f"a fig dev runs for routes.yaml already, at {house.url} (process {house.pid}); end that one, or start this "
        "one with a routes.yaml in another folder"
    ]


def test_note_of_another_house_is_not_removed(tmp_path: Path, frugal: tuple[str, ...]) -> None:
    with House(tmp_path, *frugal, routes=NONE) as house:
        note = tmp_path / ".fig/dev.json"
        other = json.loads(note.read_text()) | {"pid": 1}
        note.write_text(json.dumps(other))
        house.stop()

        assert json.loads(note.read_text()) == other


def test_house_that_was_killed_does_not_keep_the_next_one_out(tmp_path: Path, frugal: tuple[str, ...]) -> None:
    with House(tmp_path, *frugal, routes=NONE) as house:
        house.kill()
    assert (tmp_path / ".fig/dev.json").exists()

    with House(tmp_path, *frugal, routes=NONE) as house:
        fig(house, "history")


def test_folder_that_cannot_be_written_is_told(tmp_path: Path, frugal: tuple[str, ...]) -> None:
    """Else it seems to be well, and no command finds it."""
    (tmp_path / ".fig").write_text("no folder")

    with House(tmp_path, *frugal, routes=NONE) as house:
        lines = house.lines

    assert [line for line in lines if ".fig" in line] == [
        "fig | .fig cannot be written, so no other command will find this fig dev; let it be written and start again"
    ]


def test_unlisted_request_shows_its_path(tmp_path: Path, frugal: tuple[str, ...]) -> None:
    with House(tmp_path, *frugal, routes=NONE) as house:
        proxied(house, Ask("GET", "/search"))

        house.wait_for_line(lambda line: line.startswith("200 GET    unlisted /search ← legacy "))
