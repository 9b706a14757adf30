"""`fig cost`: what a month costs, from measured traffic or given numbers, and what of it is the proxy's doing."""

import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, get_args

import typer

from proxy.cli.doors import Door, misuse
from proxy.cost import asked, given, notes, prices, records, report
from proxy.cost.compare import Case, cases, compare
from proxy.cost.estimate import estimate
from proxy.cost.flow import Workload
from proxy.cost.metering import MEMORY_MB
from proxy.cost.money import quantity
from proxy.cost.usage import Architecture, FrontDoor, Place, Setup
from proxy.errors import FigError

# Whether a load balancer keeps repeated headers changes nothing in its price.
_DOORS: dict[Door, FrontDoor] = {Door(name): name for name in get_args(FrontDoor)} | {Door.ALB_SINGLE: "alb"}
_MEMORY_MB = 1536
_NUMBERS, _MEASURED, _WHERE = "A month in numbers", "A month as measured", "Where it runs"
_BESIDES, _ASKED = "What requests do not show", "What is asked"


def _option(panel: str, says: str, *names: str, **more: Any) -> Any:  # Any: what typer's own Option takes and returns
    return typer.Option(*names, help=says, rich_help_panel=panel, **more)


Text = str | None
Requests = Annotated[
    Text, _option(_NUMBERS, "Requests a month: 250k, 10M, 1B. With --traffic, of that mix.", metavar="N")
]
RequestKb = Annotated[Text, _option(_NUMBERS, "Body of a request (12).", metavar="KB")]
ResponseKb = Annotated[Text, _option(_NUMBERS, "Body of an answer (46).", metavar="KB")]
Duration = Annotated[
    Text, _option(_NUMBERS, "The function's time for a request, its waiting too (120ms).", metavar="TIME")
]
Memory = Annotated[
    int | None, _option(_NUMBERS, "The function's memory (1536).", metavar="MB", min=MEMORY_MB[0], max=MEMORY_MB[1])
]
SideOfAll = Annotated[given.Answering | None, _option(_NUMBERS, "Who answers what no --route names (legacy).")]
Routes = Annotated[
    list[str] | None,
    _option(_NUMBERS, "A route's part of the requests. Repeat it for more routes.", metavar="ID=SHARE%[,SIDE][,TIME]"),
]
LogBytes = Annotated[Text, _option(_NUMBERS, f"Bytes logged for a request ({given.LOG_BYTES}).", metavar="N")]
Traffic = Annotated[
    Path | None,
    _option(_MEASURED, "The proxy's records, as logged or from `aws logs tail`; - is stdin.", metavar="FILE"),
]
Period = Annotated[Text, _option(_MEASURED, "The time they took (first to last).", metavar="TIME")]
Legacy = Annotated[Place, _option(_WHERE, "Where legacy is; what is sent to the internet is data out.")]
HadDoor = Annotated[bool, _option(_WHERE, "Legacy had this front door before the proxy came.", "--had-front-door")]
Tier = Annotated[prices.FreeTier, _option(_WHERE, "Free units to count; an account has them once, for all in it.")]
PriceFile = Annotated[
    Path | None, _option(_WHERE, "Your own prices, in the form of proxy/cost/prices.toml.", "--prices", metavar="FILE")
]
Count = Annotated[Text, _option(_BESIDES, "In a month.", metavar="N")]
ItemKb = Annotated[Text, _option(_BESIDES, "An item read or written (1).", metavar="KB")]
MessageKb = Annotated[Text, _option(_BESIDES, "A WebSocket message (1).", metavar="KB")]
Metrics = Annotated[Text, _option(_BESIDES, "Custom metrics (those in the proxy's records).", metavar="N")]
Shadow = Annotated[Text, _option(_ASKED, "Run that share on the other side, too.", metavar="SHARE%")]
Memories = Annotated[Text, _option(_ASKED, "Compare memory sizes, with a time if known.", metavar="MB[@TIME],…")]
Example = Annotated[bool, _option(_ASKED, "The worked example: three functions, three volumes.", "--example")]
Svg = Annotated[Path | None, _option(_ASKED, "Draw a chart; needs the extra `chart`.", metavar="FILE")]
Json = Annotated[bool, _option(_ASKED, "For programs.", "--json")]


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
    front_door: Annotated[Door, _option(_WHERE, "The front door.")] = Door.HTTP_API,
    region: Annotated[str, _option(_WHERE, "The region.", metavar="NAME")] = "us-east-1",
    architecture: Annotated[Architecture, _option(_WHERE, "The function's architecture.")] = "x86_64",
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
    with _refusals():
        book = _prices(price_file)
        if example:
            _refuse_with("--example", {"--requests": requests, "--traffic": traffic})
            _tell_example(book, svg, as_json)
            return
        rates = asked.value("--region", region, lambda name: book.rates(name, free_tier))
        setup = Setup(_DOORS[front_door], architecture, legacy_at, had_door, asked.besides(of_month))
        if traffic is not None:
            _refuse_with("--traffic", {**of_request, "--side": side, "--route": route})
            workload = asked.measured(_records(traffic, memory), requests, period)
        else:
            if requests is None and any(of_month.values()):
                requests = "0"
            workload = asked.given(requests, of_request, memory or _MEMORY_MB, side or "legacy", route or [])
            if period:
                misuse("--period: got no --traffic with it, whose time it could tell; leave it out")
        workload = asked.shadowed(workload, shadow)
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
