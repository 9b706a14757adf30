"""`fig cost`: what a month costs, from measured traffic or given numbers, and what of it is the proxy's doing."""

import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, get_args

import typer

from proxy.cli.cost_options import (
    DEFAULT_MEMORY_MB,
    WHERE,
    AccessLog,
    Apart,
    Count,
    Duration,
    Environments,
    Example,
    HadDoor,
    ItemKb,
    Json,
    Legacy,
    LogBytes,
    Memories,
    Memory,
    MessageKb,
    Metrics,
    Period,
    PriceFile,
    RequestKb,
    Requests,
    ResponseKb,
    Restores,
    Routes,
    Shadow,
    SideOfAll,
    Start,
    Svg,
    Tier,
    Traffic,
    Versions,
    option,
)
from proxy.cli.doors import Door, misuse
from proxy.cli.given import one_of
from proxy.cost import asked, notes, prices, records, report
from proxy.cost.compare import Case, cases, compare
from proxy.cost.estimate import estimate
from proxy.cost.flow import Workload
from proxy.cost.money import quantity
from proxy.cost.ready import Architecture
from proxy.cost.usage import FrontDoor, Setup
from proxy.errors import FigError

# Whether a load balancer keeps repeated headers changes nothing in its price.
_DOORS: dict[Door, FrontDoor] = {Door(name): name for name in get_args(FrontDoor)} | {Door.ALB_SINGLE: "alb"}


def cost(
    requests: Requests = None,
    request_kb: RequestKb = None,
    response_kb: ResponseKb = None,
    duration: Duration = None,
    memory: Memory = None,
    side: SideOfAll = None,
    route: Routes = None,
    log_bytes: LogBytes = None,
    traffic: Traffic = None,
    period: Period = None,
    front_door: Annotated[Door, option(WHERE, "The front door.", **one_of(Door))] = Door.HTTP_API,
    region: Annotated[str, option(WHERE, "The region.", metavar="NAME")] = "us-east-1",
    architecture: Annotated[Architecture, option(WHERE, "The function's architecture.")] = "arm64",
    apart: Apart = None,
    cold_start: Start = "snap-start",
    versions: Versions = None,
    restores: Restores = None,
    legacy_at: Legacy = "internet",
    had_door: HadDoor = False,
    free_tier: Tier = "none",
    price_file: PriceFile = None,
    dynamodb_reads: Count = None,
    dynamodb_writes: Count = None,
    item_kb: ItemKb = None,
    websocket_messages: Count = None,
    connection_minutes: Count = None,
    message_kb: MessageKb = None,
    metrics: Metrics = None,
    environments: Environments = None,
    access_log_bytes: AccessLog = None,
    shadow: Shadow = None,
    compare_memory: Memories = None,
    example: Example = False,
    svg: Svg = None,
    as_json: Json = False,
) -> None:
    """Tell what a month costs on AWS, and what of it is the proxy's doing. Exit 0: done, 1: refused, 2: misuse."""
    of_request = {
        "--request-kb": request_kb,
        "--response-kb": response_kb,
        "--duration": duration,
        "--log-bytes": log_bytes,
    }
    of_month = {
        "--dynamodb-reads": dynamodb_reads,
        "--dynamodb-writes": dynamodb_writes,
        "--item-kb": item_kb,
        "--websocket-messages": websocket_messages,
        "--connection-minutes": connection_minutes,
        "--message-kb": message_kb,
        "--metrics": metrics,
    }
    of_stack = {
        "--versions": versions,
        "--restores": restores,
        "--environments": environments,
        "--access-log-bytes": access_log_bytes,
    }
    with _refusals():
        book = _prices(price_file)
        if example:
            _refuse_with("--example", {"--requests": requests, "--traffic": traffic})
            _tell_example(book, svg, as_json)
            return
        rates = asked.value("--region", region, lambda name: book.rates(name, free_tier))
        setup = Setup(
            _DOORS[front_door],
            architecture,
            legacy_at,
            had_door,
            asked.besides(of_month),
            asked.cold_start(cold_start, of_stack),
            asked.access_log_bytes(of_stack),
            asked.environments(of_stack),
        )
        if traffic is not None:
            _refuse_with("--traffic", {**of_request, "--side": side, "--route": route})
            workload = asked.measured(_records(traffic, memory), requests, period)
        else:
            if requests is None and any(of_month.values()):
                requests = "0"
            workload = asked.given(requests, of_request, memory or DEFAULT_MEMORY_MB, side or "legacy", route or [])
            if period:
                misuse("--period: got no --traffic with it, whose time it could tell; leave it out")
        workload = asked.running_apart(asked.shadowed(workload, shadow), apart or [])
        _tell(workload, setup, rates, asked.value("--compare-memory", compare_memory or "", cases), svg, as_json)


def _tell(
    workload: Workload, setup: Setup, rates: prices.Rates, cases: tuple[Case, ...], svg: Path | None, as_json: bool
) -> None:
    month = estimate(workload, setup, rates)
    comparisons = tuple(compare(case, workload, setup, rates) for case in cases)
    told = report.Report(month, comparisons, setup, rates, tuple(notes.of(month, workload, setup, rates)))
    if svg is not None:
        from proxy.cost import chart

        title = f"{quantity(month.requests)} requests a month in {rates.region}"
        _write(svg, chart.svg(title, chart.bars(told)))
    typer.echo(json.dumps(report.as_data(told)) if as_json else report.text(told))


def _tell_example(book: prices.Prices, svg: Path | None, as_json: bool) -> None:
    from proxy.cost import example

    cells = example.cells(book)
    if svg is not None:
        from proxy.cost import chart

        title = f"{max(example.REQUESTS):,} requests a month in {example.REGION}"
        _write(svg, chart.svg(title, chart.example_bars(cells)))
    typer.echo(json.dumps(report.example_data(cells)) if as_json else report.example_text(cells))


def _refuse_with(option: str, others: Mapping[str, object]) -> None:
    for other, value in others.items():
        if value:
            misuse(f"{option}: got {other} with it, expected one of the two")


def _records(path: Path, memory_mb: int | None) -> records.Measured:
    if str(path) == "-":
        return records.read(sys.stdin, "stdin", memory_mb)
    try:
        # Logs may hold anything; what cannot be read is no record of the proxy's.
        with path.open(encoding="utf-8", errors="replace") as lines:
            return records.read(lines, path.name, memory_mb)
    except OSError as exc:
        misuse(f"--traffic: got {path}, which cannot be read ({exc.strerror}); name a file that is there")


def _prices(path: Path | None) -> prices.Prices:
    if path is None:
        return prices.read()
    try:
        return prices.read(path.read_text("utf-8"), path.name)
    except UnicodeDecodeError as exc:
        misuse(f"--prices: got {path}, where byte {exc.start} is not UTF-8; save the file as UTF-8")
    except OSError as exc:
        misuse(f"--prices: got {path}, which cannot be read ({exc.strerror}); name a file that is there")


def _write(path: Path, document: str) -> None:
    try:
        path.write_text(document, "utf-8")
    except OSError as exc:
        misuse(f"--svg: got {path}, which cannot be written ({exc.strerror}); name a file in a folder that is there")


@contextmanager
def _refusals() -> Iterator[None]:
    try:
        yield
    except asked.Unusable as exc:
        misuse(str(exc))
    except FigError as exc:
        typer.echo(str(exc), err=True)
        raise typer.Exit(1) from exc
