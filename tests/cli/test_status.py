"""`fig status`: the numbers of a dashboard in a terminal, and where every route stands."""

import contextlib
import fcntl
import json
import os
import pty
import re
import signal
import struct
import subprocess
import sys
import termios
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from proxy.cli.status import again_and_again, seconds_of
from proxy.errors import Misuse
from proxy.metrics.as_json import to_json
from proxy.metrics.records import RecordMetrics
from tests.cli.person import OF_AWS, Person, run
from tests.cli.seen import Seen
from tests.metrics.fake_dashboard import dashboard
from tests.metrics.lines import NOON, Clock, comparison_line, exchange_line

LINES = (
    *[exchange_line(NOON - 3, total_ms=20.0, client="agent:okhttp")] * 6,
    exchange_line(NOON - 200, total_ms=20.0, status=503),
    *[exchange_line(NOON - 3, route="customers.read", side="migrated", total_ms=5.0)] * 3,
    *[exchange_line(NOON - 3, route="unlisted", stage="unlisted", path="/invoices/{id}", client="agent:curl")] * 2,
    comparison_line(NOON - 3, route="orders.list"),
)


def snapshot(*lines: str) -> bytes:
    """What a dashboard answers after these lines of its workers."""
    metrics = RecordMetrics(Clock())
    for line in lines:
        metrics.add(line)
    return json.dumps(to_json(metrics.snapshot(300))).encode()


@pytest.fixture
def house(ada: Person) -> Iterator[list[tuple[str, str | None]]]:
    """A dashboard as that of a fig dev which runs in Ada's folder, and what it was asked."""
    ada.done("publish", "--why", "the first table", "--force")
    with dashboard(200, snapshot(*LINES)) as (url, asked):
        ada.workspace.put("dev.json", {"dashboard": {"url": url, "token": "the token"}})
        yield asked


def plain(said: str, person: Person) -> list[str]:
    """What was said, without what is different each time."""
    said = re.sub(r"127\.0\.0\.1:\d+", "127.0.0.1:PORT", said)
    entry = person.history.entries(1)[0]
    return said.replace(entry.who, "ada@home").replace(entry.when[:10], "DAY").splitlines()


def test_status_tells_totals_routes_and_what_is_left(ada: Person, house: list[tuple[str, str | None]]) -> None:
    ada.done("flip", "orders.read", "shadow", "--why", "compare, for a week")

    said = ada.done("status")

    assert house == [("/api/snapshot?window=300", "Bearer the token")]
    assert plain(said, ada) == [
        "version 2; the last 5 min by the dashboard at http://127.0.0.1:PORT",
        "migrated: 27.2 % of the traffic now, 25.0 % in 5 min; 0 of 3 routes",
        "! orders.read: 1 of 7 requests failed",
        "",
        "side      requests  rate    errors  p50     p95     p99",
        "legacy    9         0.03/s  11.1 %  20 ms   20 ms   20 ms",
        "migrated  3         0.01/s  0 %     5.2 ms  5.2 ms  5.2 ms",
        "proxy     0         0/s     –       –       –       –",
        "",
        *ROUTES,
        "",
        "left: 2 shadow, 1 canary",
        "who still asks legacy:",
        "  orders.read  agent:okhttp  6",
        "  /invoices/{id}  agent:curl  2",
        "  orders.read  nobody in particular  1",
        "what no route lists:",
        "  /invoices/{id}  2",
    ]


ROUTES = """\
route           stage       traffic  migrated  errors legacy  errors migrated  p95 legacy  p95 migrated  last flip
orders.read     shadow      0.02/s   0 %       14.2 %                          20 ms                     legacy → shadow, DAY ada@home: compare, for a week
orders.list     shadow      0/s                                                                          added, shadow, DAY ada@home: the first table
customers.read  canary 5 %  0.01/s   100 %                    0 %                          5.2 ms        added, canary 5 %, DAY ada@home: the first table
unlisted        unlisted    0.01/s   0 %       0 %                             10 ms\
""".splitlines()  # noqa: E501  # as wide as it is


def test_status_tells_programs_the_same(ada: Person, seen: Seen, house: list[tuple[str, str | None]]) -> None:
    seen.add(ada, "orders.list", "equal", times=400)

    told = fields(seen, ada)

    assert (told["version"], told["window_s"]) == (1, 300.0)
    assert told["migrated_share"] == {"now": pytest.approx(3 / 11), "window": 0.25, "routes": 0.0}
    assert told["stages"] == {"legacy": 1, "shadow": 1, "canary": 1, "live": 0, "migrated": 0, "retired": 0}
    by_id = {route["route"]: route for route in told["routes"]}
    assert by_id["orders.list"]["parity"] == {
        "compared": 400,
        "equal": 400,
        "share": 1.0,
        "bound": pytest.approx(0.990488, abs=1e-6),
        "missing": 0,
    }
    assert by_id["customers.read"]["sides"]["migrated"]["requests"] == 3
    assert told["legacy_usage"][0] == {"what": "orders.read", "client": "agent:okhttp", "requests": 6}
    assert told["unlisted_paths"] == {"/invoices/{id}": 2}


def fields(seen: Seen, person: Person) -> dict[str, Any]:  # Any: JSON
    result = seen.fig(person, "status", "--json", "--store", person.store, "--evidence", seen.table_name)
    assert result.exit_code == 0, result.output
    told: dict[str, Any] = json.loads(result.stdout)
    return told


def test_last_flip_is_told_with_who_and_why(ada: Person, seen: Seen, house: list[tuple[str, str | None]]) -> None:
    ada.done("flip", "orders.read", "shadow", "--why", "compare, for a week")

    flip = next(route["last_flip"] for route in fields(seen, ada)["routes"] if route["route"] == "orders.read")

    entry = ada.history.entries(1)[0]
    assert flip == {
        "what": "legacy → shadow",
        "who": entry.who,
        "when": entry.when,
        "why": "compare, for a week",
        "version": 2,
    }


def test_what_others_have_written_stays_on_its_line(ada: Person, house: list[tuple[str, str | None]]) -> None:
    """A reason is others' text: it neither moves the cursor nor looks like a line of its own."""
    ada.done("flip", "orders.read", "shadow", "--why", "see\nroute  \x1b[2J")

    said = ada.done("status")

    assert "\x1b" not in said
    assert any("see route \N{REPLACEMENT CHARACTER}[2J" in line for line in said.splitlines())


def test_dashboard_that_does_not_answer_any_more_is_refused(ada: Person) -> None:
    ada.done("publish", "--why", "the first table", "--force")
    with dashboard(200, b"") as (url, _):
        ada.workspace.put("dev.json", {"dashboard": {"url": url, "token": "the token"}})

    assert "does not answer any more" in ada.refused("status")


def test_dashboard_that_answers_something_else_is_told_with_all_the_rest(ada: Person) -> None:
    ada.done("publish", "--why", "the first table", "--force")
    with dashboard(401, b"") as (url, _):
        ada.workspace.put("dev.json", {"dashboard": {"url": url, "token": "old"}})

        said = ada.done("status")

    assert "got 401 Unauthorized" in said
    assert "customers.read" in said


def test_status_without_any_numbers_is_misuse(ada: Person) -> None:
    ada.done("publish", "--why", "the first table", "--force")

    assert "got no numbers, expected --namespace Fig/STACK" in ada.refused("status", code=2)


@pytest.mark.parametrize(
    ("named", "environ"), [(["--namespace", "Fig/shop"], {}), ([], {"FIG_METRICS_NAMESPACE": "Fig/shop"})]
)
def test_numbers_of_a_stack_come_from_cloudwatch(ada: Person, named: list[str], environ: dict[str, str]) -> None:
    ada.done("publish", "--why", "the first table", "--force")
    side = {"MetricName": "errors_by_side", "Dimensions": [{"Name": "side", "Value": "legacy"}]}

    with mock_aws():
        account = boto3.client(
            "cloudwatch", region_name="eu-west-1", aws_access_key_id="none", aws_secret_access_key="none"
        )
        account.put_metric_data(Namespace="Fig/shop", MetricData=[{**side, "Value": 0.0}])
        account.close()
        of_ada = ["--routes", str(ada.routes), "--store", ada.store]
        result = run(["status", "--json", *named, *of_ada], **{**OF_AWS, **environ})

    told = json.loads(result.stdout)
    assert (result.exit_code, told["source"]) == (0, "CloudWatch, namespace Fig/shop")
    assert [problem["text"] for problem in told["problems"]] == []


def test_namespace_that_is_none_is_misuse(ada: Person) -> None:
    ada.done("publish", "--why", "the first table", "--force")

    result = run(["status", "--namespace", "Fig shop", "--routes", str(ada.routes), "--store", ada.store], **OF_AWS)

    assert result.exit_code == 2
    assert "namespace: got 'Fig shop'" in result.stderr


@pytest.mark.parametrize(("window", "seconds"), [("90s", 90), ("5m", 300), ("2h", 7200), ("30d", 2_592_000)])
def test_window_is_a_time(window: str, seconds: float) -> None:
    assert seconds_of(window) == seconds


@pytest.mark.parametrize("window", ["", "0", "5", "-5m", "5 m", "5min", "1.5h", "99999999d", "\u0665m"])
def test_window_that_is_no_time_is_misuse(window: str) -> None:
    with pytest.raises(Misuse, match="--window: got"):
        seconds_of(window)


@pytest.mark.parametrize("window", ["31d", "90d", "721h"])
def test_window_that_is_longer_than_numbers_are_kept_for_is_misuse(ada: Person, window: str) -> None:
    """It was told as a bad request to the dashboard, and the exit code said that all was well."""
    said = ada.refused("status", "--window", window, code=2)

    assert said == f"--window: got {window!r}, expected 30d at most\n"


def test_watching_goes_on_until_it_is_interrupted() -> None:
    done: list[str] = []

    def pause() -> None:
        done.append("pause")
        if len(done) == 6:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        again_and_again(lambda: done.append("step"), pause)

    assert done == ["step", "pause"] * 3


def test_watching_without_a_terminal_prints_anew_until_ctrl_c(ada: Person, house: list[tuple[str, str | None]]) -> None:
    command = [sys.executable, "-m", "proxy.cli", "status", "--watch", "--json", "--store", ada.store]
    with subprocess.Popen(
        [*command, "--routes", str(ada.routes)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as watching:
        assert watching.stdout is not None
        assert watching.stderr is not None
        told = [json.loads(watching.stdout.readline())["version"] for _ in range(2)]
        watching.send_signal(signal.SIGINT)
        rest = watching.stderr.read()

    assert (told, watching.returncode) == ([1, 1], 130)
    assert "Traceback" not in rest


def test_watching_in_a_terminal_fits_into_it(ada: Person, house: list[tuple[str, str | None]]) -> None:
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 80, 0, 0))
    command = [sys.executable, "-m", "proxy.cli", "status", "--watch", "--store", ada.store]
    environ = {
        **{name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES")},
        "TERM": "xterm",
    }
    with subprocess.Popen(
        [*command, "--routes", str(ada.routes)], stdin=theirs, stdout=theirs, stderr=subprocess.DEVNULL, env=environ
    ) as watching:
        os.close(theirs)
        said = ""
        while "/invoices/{id}  2" not in said:
            said += os.read(ours, 65_536).decode()
        watching.send_signal(signal.SIGINT)
        with contextlib.suppress(OSError):  # a terminal whose last writer is gone
            while os.read(ours, 65_536):
                continue
    os.close(ours)

    shown = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", said).replace("\r", "").splitlines()
    assert watching.returncode == 130
    assert max(map(len, shown)) <= 80
    assert "a wider terminal has: last flip, migrated, errors legacy" in shown
