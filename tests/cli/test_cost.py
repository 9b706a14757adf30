"""`fig cost`: what it answers, what it refuses, and how it exits."""

import json
import shlex
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from proxy.cli.cost import cost
from tests.cost.samples import line

FIG = CliRunner()
APP = typer.Typer(pretty_exceptions_enable=False)
APP.command("cost")(cost)


def fig_cost(*arguments: str | Path, stdin: str = "") -> Result:
    return FIG.invoke(APP, [str(argument) for argument in arguments], input=stdin)


def data(*arguments: str | Path, stdin: str = "") -> dict[str, object]:
    result = fig_cost(*arguments, "--json", stdin=stdin)
    assert (result.exit_code, result.stderr) == (0, "")
    found = json.loads(result.stdout)
    assert isinstance(found, dict)
    return found


@pytest.fixture
def traffic(tmp_path: Path) -> Path:
    """Ten hours of two routes, a record of each at every full hour."""
    path = tmp_path / "traffic.log"
    lines = [
        line(at_s=1_800_000_000 + hour * 3600, route=route, side=side, stage=side)
        for hour in range(11)
        for route, side in (("orders.read", "legacy"), ("customers.read", "migrated"))
    ]
    path.write_text("START RequestId: x\n" + "".join(lines))
    return path


def test_month_in_numbers_is_answered_with_its_bill_and_the_proxys_part() -> None:
    result = fig_cost("--requests", "10M")

    assert (result.exit_code, result.stderr) == (0, "")
    rows = {row.split("  ")[0]: row.split()[-1] for row in result.stdout.splitlines() if row}
    # 10.00 + 2.00; 1.2 million GB-seconds × 0.0000133334; a GB for 730 hours × 0.0000015046; 58 KB each: 553.1 GB
    # × 0.09; 997 + 274 bytes each: 11.84 GB × 0.50; 3 × 0.30; a read every 2.5 seconds × 0.125 per million
    assert rows["HTTP API requests"] == "10.00"
    assert rows["Lambda requests"] == "2.00"
    assert rows["Lambda GB-seconds (arm64)"] == "16.00"
    assert rows["SnapStart snapshots (GB-seconds)"] == "3.95"
    assert rows["data out (GB)"] == "49.78"
    assert rows["CloudWatch logs (GB)"] == "5.92"
    assert rows["CloudWatch metrics"] == "0.90"
    assert rows["DynamoDB read units"] == "0.13"
    assert rows["total"] == "88.69"
    assert "the proxy adds 88.69 USD, 8.87 per million requests: data out (GB) 49.78, Lambda GB-" in result.stdout
    assert (
        "note: given: requests of 12 KB, answers of 46 KB, 120 ms at 1024 MB, 997 bytes logged for each\n"
        in result.stdout
    )


def test_commands_of_the_readme_are_answered() -> None:
    readme = Path(__file__).parents[2] / "README.md"
    commands = [line for line in readme.read_text("utf-8").splitlines() if line.startswith("fig cost ")]

    ended = [fig_cost(*shlex.split(command)[2:]) for command in commands]

    assert len(ended) == 4
    assert [(each.exit_code, each.stderr) for each in ended] == [(0, "")] * 4


# The worked example: a function that answers by itself, on x86_64, without logs and metrics, and nothing kept ready.
ALONE = (
    "--architecture",
    "x86_64",
    "--cold-start",
    "plain",
    "--access-log-bytes",
    "0",
    "--environments",
    "0",
    "--side",
    "migrated",
    "--log-bytes",
    "0",
    "--metrics",
    "0",
    "--requests",
    "1M",
    "--request-kb",
    "12",
    "--response-kb",
    "46",
    "--duration",
    "120ms",
    "--memory",
    "1536",
)


def test_worked_example_is_found_again_from_its_numbers() -> None:
    cells = json.loads(fig_cost("--example", "--json").stdout)

    month = data(*ALONE)

    assert month["usd"] == cells[0]["usd"] == 8.148218
    assert month["proxy"] == {"usd": 0, "by_meter": {}}


@pytest.mark.parametrize(
    ("arguments", "usd"),
    [
        (["--front-door", "rest-api"], 10.648218),
        (["--front-door", "function-url"], 7.148218),
        (["--front-door", "alb"], 24.679480),  # 7.148218 + 16.425 + 58 KB × 10^6 / 1024² / 0.4 × 0.008
        (["--front-door", "alb-single"], 24.679480),
        (["--architecture", "arm64"], 7.548224),
        (["--region", "eu-west-1"], 8.258218),
        (["--free-tier", "always"], 1),
        (["--free-tier", "first-year"], 0),
        (["--request-kb", "513"], 9.148218),
        (["--log-bytes", "1073.741824"], 8.648218),  # together a GB
        (["--metrics", "10"], 11.148218),
        (["--dynamodb-reads", "2M", "--dynamodb-writes", "1M", "--item-kb", "4"], 10.898218),
        (["--websocket-messages", "1M", "--connection-minutes", "4M", "--message-kb", "33"], 11.148218),
        (["--shadow", "100%", "--legacy-at", "aws"], 11.148224),
        (["--side", "legacy", "--legacy-at", "aws"], 8.148218),
        (["--side", "legacy"], 9.178186),  # 12 KB × 10^6 / 1024² × 0.09 more
        (["--apart", "all"], 11.348224),  # 0.20 and 3.000006 more: the proxy waits as long as the function works
        (["--apart", "*=512"], 9.348220),  # 0.20 and 1.000002 more
        (["--cold-start", "snap-start"], 14.079351),  # 1.5 GB × 2,628,000 s × 0.0000015046 more
        (["--cold-start", "snap-start", "--versions", "2", "--restores", "10k"], 22.107481),  # 11.862266 + 2.096997
        # 2 × 1.5 GB × 2,628,000 s × 0.0000041667 more, and the work at 0.0000097222: 1.749996 instead of 3.000006
        (["--cold-start", "provisioned"], 39.748470),
        (["--cold-start", "provisioned:0"], 8.148218),
        (["--access-log-bytes", "1073.741824"], 8.648218),
        (["--environments", "10"], 8.273218),  # a read for each request: 0.125 more
        (["--environments", "0.5"], 8.213918),  # 525,600 reads, every 2.5 seconds for half the month
    ],
)
def test_each_option_changes_what_it_says(arguments: list[str], usd: float) -> None:
    assert data(*ALONE, *arguments)["usd"] == pytest.approx(usd, abs=1e-6)


def test_memory_sizes_are_compared_with_what_is() -> None:
    month = data(*ALONE, "--compare-memory", "512,1536@60ms")

    assert month["memory"] == [
        {"memory_mb": 512, "average_ms": 120, "usd": 6.148214, "change_usd": -2.000004, "break_even_ms": 360},
        {"memory_mb": 1536, "average_ms": 60, "usd": 6.648215, "change_usd": -1.500003, "break_even_ms": 120},
    ]


def test_routes_take_their_part() -> None:
    month = data("--requests", "1M", "--route", "orders.read=40%,migrated,60ms", "--route", "reports=5%,900ms")

    routes = month["routes"]
    assert isinstance(routes, list)
    assert [(row["route"], row["side"], row["requests"]) for row in routes] == [
        ("orders.read", "migrated", 400_000),
        ("reports", "legacy", 50_000),
        ("unlisted", "legacy", 550_000),
    ]


def test_websockets_alone_need_no_requests() -> None:
    assert data("--websocket-messages", "1M", "--connection-minutes", "1M")["usd"] == 1.25


def test_no_requests_cost_nothing() -> None:
    assert data("--requests", "0", "--compare-memory", "512")["usd"] == 0


def test_measured_traffic_is_scaled_to_a_month_by_the_time_it_took(traffic: Path) -> None:
    by_dates, by_period = data("--traffic", traffic), data("--traffic", traffic, "--period", "20h")

    assert by_dates["requests"] == 22 * 73  # eleven records in ten hours; a month has 730
    assert by_period["requests"] == 22 * 36.5
    charges = by_dates["charges"]
    assert isinstance(charges, list)
    quantities = {charge["meter"]: charge["quantity"] for charge in charges}
    assert quantities["lambda-arm64-gb-seconds"] == 160.6  # 1,606 requests of 99.5 ms, each billed as 100, with a GB
    assert quantities["data-out-gb"] == 0.016082  # 10 KB each, and 1 KB to legacy for the half that it answers
    assert quantities["metrics"] == 6
    assert quantities["snap-start-restored-gb"] == 1606  # each record of these samples is an environment's first
    assert quantities["dynamodb-read-units"] == 1606  # an environment that sleeps in between reads before each
    notes = by_dates["notes"]
    assert isinstance(notes, list)
    assert notes[:2] == [
        "22 measured requests, times 73: from 10.00 hours to the 730 of a month",
        "traffic.log: 1 lines were left out that are no records of exchanges",
    ]


def test_measured_mix_may_be_scaled_to_a_number_of_requests(traffic: Path) -> None:
    month = data("--traffic", traffic, "--requests", "10M")

    routes = month["routes"]
    assert isinstance(routes, list)
    assert {(row["route"], row["side"]): row["requests"] for row in routes} == {
        ("customers.read", "migrated"): 5_000_000,
        ("orders.read", "legacy"): 5_000_000,
    }


def test_measured_traffic_may_come_through_a_pipe(traffic: Path) -> None:
    assert data("--traffic", "-", stdin=traffic.read_text())["usd"] == data("--traffic", traffic)["usd"]


def test_shadowing_measured_traffic_is_a_question_too(traffic: Path) -> None:
    without, shadowed = data("--traffic", traffic), data("--traffic", traffic, "--shadow", "50%")

    assert without["shadows"] == {"usd": 0, "by_meter": {}}
    assert isinstance(shadowed["usd"], float)
    assert isinstance(without["usd"], float)
    assert shadowed["usd"] > without["usd"]


def test_routes_of_measured_traffic_run_apart_as_they_are_told_to(traffic: Path) -> None:
    here, apart = data("--traffic", traffic), data("--traffic", traffic, "--apart", "customers.*=512")

    rows = apart["routes"]
    assert isinstance(rows, list)
    assert [(row["route"], row["apart"]) for row in rows] == [("customers.read", 803), ("orders.read", 0)]
    used = [_quantities(month) for month in (here, apart)]
    assert used[1]["lambda-requests"] - used[0]["lambda-requests"] == 803
    # 98 of the 100 ms are the side's: 803 times with half a GB
    assert used[1]["lambda-arm64-gb-seconds"] - used[0]["lambda-arm64-gb-seconds"] == pytest.approx(39.347)
    assert used[1]["snap-start-cached-gb-seconds"] == 1.5 * used[0]["snap-start-cached-gb-seconds"]


def _quantities(month: dict[str, object]) -> dict[str, float]:
    charges = month["charges"]
    assert isinstance(charges, list)
    return {charge["meter"]: charge["quantity"] for charge in charges}


def test_own_prices_are_used(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text('[regions.us-east-1.http-api-requests]\nper = 1\ntiers = [{ from = 0, usd = "1" }]\n')

    month = data("--requests", "100", "--prices", own, "--log-bytes", "0", "--metrics", "0", "--response-kb", "0")

    charges = month["charges"]
    assert isinstance(charges, list)
    assert charges[0] == {"meter": "http-api-requests", "quantity": 100, "free": 0, "usd": 100}


@pytest.mark.parametrize("arguments", [["--requests", "10M", "--compare-memory", "512"], ["--example"]])
def test_chart_is_written_beside_the_answer(tmp_path: Path, arguments: list[str]) -> None:
    chart = tmp_path / "cost.svg"

    result = fig_cost(*arguments, "--svg", chart)

    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == fig_cost(*arguments).stdout
    assert "<svg" in chart.read_text("utf-8")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "--requests: got none, expected the requests of a month; or take --traffic FILE, or --example"),
        (["--requests", "abc"], "--requests: got 'abc', expected a number such as 250000, 250k, 10M or 1B"),
        (["--requests", "-5"], "--requests: got '-5', expected a number"),
        (["--requests", "9999999B"], "--requests: got '9999999B', expected at most 10^15"),
        (["--requests", ""], "--requests: got '', expected a number"),
        (["--requests", "1M", "--duration", "120"], "--duration: got '120', expected a time such as 120ms"),
        (["--requests", "1M", "--shadow", "110%"], "--shadow: got '110%', expected a percentage"),
        (["--requests", "1M", "--message-kb", "129"], "--message-kb: got '129', expected at most 128"),
        (["--requests", "1M", "--compare-memory", "64"], "--compare-memory: got '64', expected MB[@TIME]"),
        (["--requests", "1M", "--route", "a"], "--route: got 'a', expected ID=SHARE%"),
        (["--requests", "1M", "--route", "a=60%", "--route", "b=60%"], "--route: got routes that take 120%"),
        (
            ["--requests", "1M", "--region", "eu-west1"],
            "--region: got 'eu-west1', expected one of eu-west-1, us-east-1, did",
        ),
        (["--requests", "1M", "--period", "1h"], "--period: got no --traffic with it"),
        (["--requests", "1M", "--example"], "--example: got --requests with it, expected one of the two"),
        (["--requests", "1M", "--prices", "nope.toml"], "--prices: got nope.toml, which cannot be read (No such file"),
        (
            ["--traffic", "nope.log"],
            "--traffic: got nope.log, which cannot be read (No such file or directory); name a",
        ),
        (["--traffic", "."], "--traffic: got ., which cannot be read (Is a directory)"),
        (["--traffic", "-", "--duration", "1s"], "--traffic: got --duration with it, expected one of the two"),
        (["--requests", "1M", "--apart", "orders.*"], "--apart: got 'orders.*', which fits no route of the month"),
        (["--requests", "1M", "--apart", "all=64"], "--apart: got 'all=64', expected ROUTE[=MB] with 128 to 10240 MB"),
        (["--requests", "1M", "--apart", "=512"], "--apart: got '=512', expected ROUTE[=MB]"),
        (["--requests", "1M", "--apart", "all="], "--apart: got 'all=', expected ROUTE[=MB]"),
        (
            ["--requests", "1M", "--cold-start", "warm"],
            "--cold-start: got 'warm', expected snap-start, provisioned[:N]",
        ),
        (["--requests", "1M", "--cold-start", "plain:2"], "--cold-start: got 'plain:2', expected snap-start"),
        (["--requests", "1M", "--cold-start", "provisioned:x"], "--cold-start: got 'x', expected a number"),
        (
            ["--requests", "1M", "--cold-start", "plain", "--restores", "9"],
            "--restores: got it with --cold-start plain, expected it with snap-start alone",
        ),
        (["--requests", "1M", "--svg", "nope/cost.svg"], "--svg: got nope/cost.svg, which cannot be written"),
    ],
)
def test_misuse_is_told_in_one_line_with_what_was_wanted(arguments: list[str], said: str) -> None:
    result = fig_cost(*arguments)

    assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (2, "", 1)
    assert result.stderr.startswith(said)


@pytest.mark.parametrize("memory", ["127", "10241", "much"])
def test_memory_that_no_function_has_is_misuse(memory: str) -> None:
    assert fig_cost("--requests", "1M", "--memory", memory).exit_code == 2


def test_traffic_and_a_number_cannot_both_tell_the_pace(traffic: Path) -> None:
    result = fig_cost("--traffic", traffic, "--requests", "1M", "--period", "1h")

    assert (result.exit_code, result.stderr) == (2, "--requests: got --period with it, expected one of the two\n")


def test_traffic_of_a_moment_needs_to_be_told_what_it_stands_for() -> None:
    result = fig_cost("--traffic", "-", stdin=line(at_s=1_800_000_000) + line(at_s=1_800_000_003))

    assert (result.exit_code, result.stderr) == (
        2,
        "--traffic: got records of 3 seconds, expected a minute or more; say --period TIME if they stand for more, or "
        "--requests N of a month\n",
    )


@pytest.mark.parametrize("text", ["", "\n\n", "START RequestId: x\n", "\x00\xff", line()[:200]])
def test_traffic_without_records_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "traffic.log"
    path.write_text(text, "latin-1")

    result = fig_cost("--traffic", path)

    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("traffic.log: got no record of an exchange in ")


def test_own_prices_with_mistakes_are_refused_with_all_of_them(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text('[regions.us-east-1.metrics]\nper = 0\ntiers = [{ from = 0, usd = "free" }]\n')

    result = fig_cost("--requests", "1M", "--prices", own)

    assert (result.exit_code, result.stdout) == (1, "")
    assert [problem.rsplit(": ", 1)[0] for problem in result.stderr.splitlines()] == [
        "own.toml: regions.us-east-1.metrics.per",
        "own.toml: regions.us-east-1.metrics.tiers.0.usd",
    ]


def test_missing_prices_are_refused_with_what_to_write(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text('[regions.eu-north-1.lambda-requests]\nper = 1\ntiers = [{ from = 0, usd = "1" }]\n')

    result = fig_cost("--requests", "1M", "--prices", own, "--region", "eu-north-1")

    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.splitlines()[0] == (
        "no price of HTTP API requests in eu-north-1; "
        "write [regions.eu-north-1.http-api-requests] into a file and name it with --prices"
    )
    assert len(result.stderr.splitlines()) == 7
