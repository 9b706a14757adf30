"""`fig parity`: how often the sides agree, what is missing, and how a difference is shown again."""

import json

import pytest

from proxy.evidence.keys import hour_of
from tests.cli.person import Person
from tests.cli.seen import Seen, difference, revision_in

HIDDEN = {"type": "string", "length": 7, "hash": "0123456789abcdef"}


def test_parity_lists_every_route_with_two_sides(ada: Person, seen: Seen) -> None:
    ada.rewrite(
        "  - id: customers.read",
        "  - {id: orders.create, match: POST /orders, handler: 'migrated.orders.api:handler'}\n"
        "  - {id: files, match: GET /files}\n"
        "  - id: customers.read",
    )
    seen.add(ada, "orders.list", "equal", times=399)
    seen.add(ada, "orders.list", "different", difference())
    seen.add(ada, "customers.read", "equal", times=400)

    said = seen.told(ada, "parity")

    assert said == (
        "route           stage   compared  equal    at least  missing\n"
        "orders.read     legacy  0                            400\n"
        "orders.list     shadow  400       99.7 %   98.5 %    163\n"
        "orders.create   legacy  –                            its writes are not compared\n"
        "customers.read  canary  400       100.0 %  99.0 %    nothing\n"
    )


def test_parity_tells_programs_the_same(ada: Person, seen: Seen) -> None:
    seen.add(ada, "orders.list", "equal", times=400)

    fields = json.loads(seen.told(ada, "parity", "--json"))

    assert fields["routes"][1] == {
        "route": "orders.list",
        "stage": "shadow",
        "is_compared": True,
        "compared": 400,
        "equal": 400,
        "share": 1.0,
        "bound": pytest.approx(0.990488, abs=1e-6),
        "missing": 0,
        "untaken": 0,
    }
    assert fields["routes"][0]["share"] is None


def test_document_without_a_route_of_two_sides_says_so(ada: Person, seen: Seen) -> None:
    ada.routes.write_text("version: 1\nroutes: [{id: files, match: GET /files}]\n")

    assert seen.told(ada, "parity") == "no route has two sides: none names a handler or a function\n"


def test_parity_of_a_route_keeps_outcomes_apart_and_shows_how_to_repeat_what_differs(ada: Person, seen: Seen) -> None:
    ada.rewrite("    stage: shadow", "    stage: shadow\n    compare: {values: shown}")
    seen.add(ada, "orders.list", "equal", times=209)
    for _ in range(2):
        seen.add(
            ada, "orders.list", "different", difference(), request={"method": "GET", "target": "/orders?a=[1]&b='"}
        )
    seen.add(
        ada, "orders.list", "different", difference("$.id", "type"), request={"method": "HEAD", "target": "/orders"}
    )
    seen.add(ada, "orders.list", "candidate_failed", why="migrated_timeout")
    seen.add(ada, "orders.list", "comparator_failed", why="RecursionError")
    seen.add(ada, "orders.list", "skipped", why="breaker_open")
    seen.start(ada, "orders.list")
    seen.count(ada, "orders.list", migrated_reads=40, migrated_read_errors=1, legacy_writes=1)
    seen.contract(ada, "orders.list", passed=12)

    said = seen.told(ada, "parity", "orders.list")

    hour = hour_of(seen.clock.wall_s)
    override = f"fig override orders.list SIDE --routes {quoted(str(ada.routes))} | head -1"
    assert said.splitlines() == [
        "orders.list  GET /orders",
        "stage     shadow",
        f"seen      {hour} to {hour} UTC, by version 7 of the function",
        "compared  213: 209 equal (98.1 %, at least 95.2 %), 3 different, 1 failure of the handler "
        "(migrated_timeout 1)",
        "apart     0 lost, 1 not done yet, 1 that the comparator failed at (RecursionError 1)",
        "skipped   1 (breaker_open 1)",
        "missing   812 more equal samples; the gate wants 400 samples, 99 % equal",
        "canary    migrated: 40 reads, 1 failed, 0 writes, 0 failed, 0 refused; "
        "legacy: 0 reads, 0 failed, 1 write, 0 failed, 0 refused",
        "contract  12 passed, 0 failed, ada\ufffd[2J at 2026-12-02T12:00:00Z",
        "",
        "where the two sides differ, the worst first:",
        "  $.total  value 2",
        "    legacy    1250",
        "    migrated  1249.5",
        *(
            f'    curl -gsi -H "$({override.replace("SIDE", side)})" "$URL"\'/orders?a=[1]&b=\'"\'"\'\''
            for side in ("legacy", "migrated")
        ),
        "  $.id  type 1",
        "    legacy    1250",
        "    migrated  1249.5",
        *(f'    curl -gsI -H "$({override.replace("SIDE", side)})" "$URL"/orders' for side in ("legacy", "migrated")),
    ]


def quoted(path: str) -> str:
    """As a shell reads a path with an apostrophe."""
    return "'" + path.replace("'", "'\"'\"'") + "'"


def test_route_that_hides_values_shows_its_template(ada: Person, seen: Seen) -> None:
    found = difference(control=HIDDEN, candidate={"type": "missing"})
    seen.add(ada, "orders.read", "different", found, request={"method": "GET"})

    said = seen.told(ada, "parity", "orders.read")

    assert '    legacy    {"type": "string", "length": 7, "hash": "0123456789abcdef"}\n' in said
    assert '    migrated  {"type": "missing"}\n' in said
    assert said.count('"$URL"/orders/ID\n') == 2


def test_lines_that_repeat_a_request_say_that_its_secrets_are_masked(ada: Person, seen: Seen) -> None:
    request: dict[str, str | bool] = {"method": "GET", "target": "/orders/7?token=***", "is_masked": True}
    seen.add(ada, "orders.read", "different", difference(), request=request)

    lines = seen.told(ada, "parity", "orders.read").splitlines()

    assert lines[-3] == "    # secrets are masked: put your own in place of ***"
    assert all(line.startswith("    curl ") and "'/orders/7?token=***'" in line for line in lines[-2:])


def test_request_that_may_write_is_not_for_repeating(ada: Person, seen: Seen) -> None:
    ada.rewrite("GET /orders/{id}", "GET,POST /orders/{id}")
    seen.add(ada, "orders.read", "different", difference(), request={"method": "POST", "target": "/orders/7"})

    said = seen.told(ada, "parity", "orders.read")

    assert "curl" not in said
    assert "    a request that may write is not for repeating\n" in said


def test_route_of_a_running_fig_dev_is_asked_at_its_door(ada: Person, seen: Seen) -> None:
    seen.add(ada, "orders.list", "different", difference(), request={"method": "GET"})
    place = {"endpoint": seen.endpoint, "region": "eu-west-1", "url": "http://127.0.0.1:8080"}
    ada.workspace.put("dev.json", {"store": "dynamodb:fig-routes", "evidence": seen.table_name, **place})

    result = ada.fig("parity", "orders.list")

    assert (result.exit_code, result.stderr) == (
        0,
        f"evidence: {seen.table_name} at {seen.endpoint} (fig dev)\n",
    )
    assert ' | head -1)" http://127.0.0.1:8080/orders\n' in result.stdout


def test_noisy_paths_are_told_apart_from_the_worst(ada: Person, seen: Seen) -> None:
    for _ in range(3):
        seen.add(ada, "orders.list", "different", difference("$.at"), noise=("$.at",))
    seen.add(ada, "orders.list", "different", difference("$.total"), noise=())

    said = seen.told(ada, "parity", "orders.list")
    fields = json.loads(seen.told(ada, "parity", "orders.list", "--json"))

    worst, _, noise = said.partition("\nnoise, for legacy differs from itself there as well (fig noise orders.list): ")
    assert ("  $.total  value 1\n" in worst, "$.at" in worst, noise) == (True, False, "$.at\n")
    assert fields["noisy"] == ["$.at"]
    assert [path["path"] for path in fields["found"]["paths"]] == ["$.at", "$.total"]


def test_parity_of_a_route_tells_programs_all_of_it(ada: Person, seen: Seen) -> None:
    seen.add(ada, "orders.list", "different", difference(), request={"method": "GET"})
    seen.contract(ada, "orders.list", passed=1, failed=2)

    fields = json.loads(seen.told(ada, "parity", "orders.list", "--json"))

    (path,) = fields["found"]["paths"]
    (example,) = path["examples"]
    assert (path["path"], path["kinds"], example["control"]) == ("$.total", {"value": 1}, 1250)
    assert (fields["revision"], fields["lost"]) == (revision_in(ada, "orders.list"), 0)
    assert (fields["parity"]["missing"], fields["contract"]["failed"]) == (562, 2)


def test_worst_paths_are_ten_and_programs_get_all(ada: Person, seen: Seen) -> None:
    seen.add(ada, "orders.list", "different", *[difference(f"$.of_{number}") for number in range(12)])

    said = seen.told(ada, "parity", "orders.list")

    assert said.endswith("  … and 2 more, which --json has\n")
    assert said.count("  value 1\n") == 10


def test_evidence_shows_nothing_that_a_terminal_would_obey(ada: Person, seen: Seen) -> None:
    """What the evidence holds was sent by clients and answered by others."""
    evil = "\x1b]0;owned\x07\r\n\x9b2J"
    found = difference(f"$.a{evil}", f"value{evil}", f"a{evil}", {evil: evil})
    request = {"method": "GET", "target": f"/orders{evil}$(rm -rf /)"}
    seen.add(ada, "orders.list", "different", found, request=request)
    seen.add(ada, "orders.list", "candidate_failed", why=f"why{evil}")

    said = seen.told(ada, "parity", "orders.list")
    ada.done("publish", "--why", "first", "--force")
    arguments = ("--why", "now", "--evidence", seen.table_name, "--store", ada.store)
    refused = seen.fig(ada, "flip", "orders.list", "live", *arguments)
    assert refused.exit_code == 1
    said += refused.stderr

    assert [character for character in said if not character.isprintable() and character != "\n"] == []
    assert "$(rm" not in said
    assert not [line for line in said.splitlines() if line.startswith("2J")], "it has made a line of its own"


@pytest.mark.parametrize("published", [(), ("--published",)])
def test_parity_is_of_the_document_or_of_what_is_in_force(ada: Person, seen: Seen, published: tuple[str, ...]) -> None:
    """Evidence is of a handler, a match and rules: another handler in the file has none yet."""
    ada.done("publish", "--why", "first", "--force")
    seen.add(ada, "orders.list", "equal", times=2)
    ada.rewrite(
        "match: GET /orders\n    handler: migrated.orders.api:handler",
        "match: GET /orders\n    handler: migrated.customers.api:handler",
    )

    result = seen.fig(ada, "parity", "orders.list", "--evidence", seen.table_name, "--store", ada.store, *published)

    assert result.exit_code == 0
    told = [line for line in result.stdout.splitlines() if line.startswith("compared")]
    nothing = "compared  nothing yet (what is known is of another handler, match or rules)"
    assert told == (
        ["compared  2: 2 equal (100.0 %, at least 34.2 %), 0 different, 0 failures of the handler"]
        if published
        else [nothing]
    )


def test_parity_is_of_the_code_that_runs(ada: Person, seen: Seen) -> None:
    """Code that was just deployed collects its evidence anew."""
    seen.add(ada, "orders.list", "equal", times=400)
    seen.marker("8").mark()

    listed, said = seen.told(ada, "parity"), seen.told(ada, "parity", "orders.list")
    fields = json.loads(seen.told(ada, "parity", "orders.list", "--json"))

    assert "orders.list     shadow  0         400\n" in listed
    assert said.splitlines()[2] == "compared  nothing yet by version 8 of the function (version 7 had 400)"
    assert (fields["code"], fields["found"], fields["parity"]["missing"]) == ("8", None, 400)


def test_route_that_nobody_compared_says_so(ada: Person, seen: Seen) -> None:
    assert seen.told(ada, "parity", "customers.read").splitlines() == [
        "customers.read  GET /customers/{id}",
        "stage     canary 5 %",
        "compared  nothing yet",
    ]


def test_evidence_that_nobody_named_is_misuse(ada: Person) -> None:
    result = ada.fig("parity")

    assert (result.exit_code, result.stderr) == (
        2,
        "got no evidence, expected --evidence dynamodb:TABLE, or FIG_EVIDENCE in the environment, or a fig dev that "
        "runs here\n",
    )


def test_table_of_evidence_that_is_not_there_is_told(ada: Person, seen: Seen) -> None:
    result = seen.fig(ada, "parity", FIG_EVIDENCE="dynamodb:nowhere")

    assert (result.exit_code, result.stdout) == (1, "")
    assert "dynamodb table nowhere: " in result.stderr
    assert result.stderr.endswith("create it, or name another one or another region\n")


def test_route_that_is_not_there_is_misuse(ada: Person, seen: Seen) -> None:
    result = seen.fig(ada, "parity", "orders.lisst", "--evidence", seen.table_name)

    assert (result.exit_code, result.stdout) == (2, "")
    assert "got the route 'orders.lisst', which is not there; fig routes lists them – did you mean" in result.stderr
