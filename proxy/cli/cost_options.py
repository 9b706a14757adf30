"""The options of `fig cost`, by the question that they answer."""

from pathlib import Path
from typing import Annotated, Any, get_args

import typer

from proxy.cli.given import one_of
from proxy.cost import given, prices
from proxy.cost.metering import MEMORY_MB
from proxy.cost.usage import ACCESS_LOG_BYTES, Place

DEFAULT_MEMORY_MB = 1024  # the template's
NUMBERS, MEASURED, WHERE = "A month in numbers", "A month as measured", "Where it runs"
BESIDES, ASKED = "What requests do not show", "What is asked"


def option(panel: str, says: str, *names: str, **more: Any) -> Any:  # Any: what typer's own Option takes and returns
    return typer.Option(*names, help=says, rich_help_panel=panel, **more)


Text = str | None
Requests = Annotated[
    Text, option(NUMBERS, "Requests a month: 250k, 10M, 1B. With --traffic, of that mix.", metavar="N")
]
RequestKb = Annotated[Text, option(NUMBERS, "Body of a request (12).", metavar="KB")]
ResponseKb = Annotated[Text, option(NUMBERS, "Body of an answer (46).", metavar="KB")]
Duration = Annotated[
    Text, option(NUMBERS, "The function's time for a request, its waiting too (120ms).", metavar="TIME")
]
Memory = Annotated[
    int | None,
    option(NUMBERS, f"The function's memory ({DEFAULT_MEMORY_MB}).", metavar="MB", min=MEMORY_MB[0], max=MEMORY_MB[1]),
]
SideOfAll = Annotated[
    given.Answering | None,
    option(NUMBERS, "Who answers what no --route names (legacy).", **one_of(get_args(given.Answering))),
]
Routes = Annotated[
    list[str] | None,
    option(NUMBERS, "A route's part of the requests. Repeat it for more routes.", metavar="ID=SHARE%[,SIDE][,TIME]"),
]
LogBytes = Annotated[Text, option(NUMBERS, f"Bytes logged for a request ({given.LOG_BYTES}).", metavar="N")]
Traffic = Annotated[
    Path | None,
    option(MEASURED, "The proxy's records, as logged or from `aws logs tail`; - is stdin.", metavar="FILE"),
]
Period = Annotated[Text, option(MEASURED, "The time they took (first to last).", metavar="TIME")]
Apart = Annotated[
    list[str] | None,
    option(
        WHERE, "Routes that have a function of their own. Repeat it for more functions.", metavar="ROUTE-OR-GLOB[=MB]"
    ),
]
Start = Annotated[str, option(WHERE, "How environments start: snap-start, provisioned[:N] or plain.", metavar="HOW")]
Versions = Annotated[Text, option(WHERE, "With snap-start: published versions that are kept (1).", metavar="N")]
Restores = Annotated[
    Text, option(WHERE, "With snap-start: environments started in a month (those in the records, or 0).", metavar="N")
]
Environments = Annotated[
    Text, option(BESIDES, "Environments that read the routing table (those busy on average).", metavar="N")
]
AccessLog = Annotated[
    Text, option(BESIDES, f"Bytes of an HTTP API's access log for a request ({ACCESS_LOG_BYTES}).", metavar="N")
]
Legacy = Annotated[Place, option(WHERE, "Where legacy is; what is sent to the internet is data out.")]
HadDoor = Annotated[bool, option(WHERE, "Legacy had this front door before the proxy came.", "--had-front-door")]
Tier = Annotated[prices.FreeTier, option(WHERE, "Free units to count; an account has them once, for all in it.")]
PriceFile = Annotated[
    Path | None, option(WHERE, "Your own prices, in the form of proxy/cost/prices.toml.", "--prices", metavar="FILE")
]
Count = Annotated[Text, option(BESIDES, "In a month.", metavar="N")]
ItemKb = Annotated[Text, option(BESIDES, "An item read or written (1).", metavar="KB")]
MessageKb = Annotated[Text, option(BESIDES, "A WebSocket message (1).", metavar="KB")]
Metrics = Annotated[Text, option(BESIDES, "Custom metrics (those in the proxy's records).", metavar="N")]
Shadow = Annotated[Text, option(ASKED, "Run that share on the other side, too.", metavar="SHARE%")]
Memories = Annotated[Text, option(ASKED, "Compare memory sizes, with a time if known.", metavar="MB[@TIME],…")]
Example = Annotated[bool, option(ASKED, "The worked example: three functions, three volumes.", "--example")]
Svg = Annotated[Path | None, option(ASKED, "Draw a chart; needs the extra `chart`.", metavar="FILE")]
Json = Annotated[bool, option(ASKED, "For programs.", "--json")]
