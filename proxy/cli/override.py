"""`fig override`: a signed header by which a tester asks one side of a route, whatever its stage."""

import os
import time
from typing import Annotated, get_args

import typer

from proxy.cli.command import Command, command
from proxy.cli.given import one_of
from proxy.cli.options import DOCUMENT, Json, RouteId, Routes
from proxy.errors import Misuse, Refused
from proxy.routing.document import RouteDocument
from proxy.routing.override import ANYONE, HEADER, LONGEST_S, Override, Side
from proxy.settings import MIN_KEY

KEY = "FIG_OVERRIDE_KEY"
_LONGEST_MIN = LONGEST_S // 60


def override(
    route: RouteId,
    side: Annotated[
        Side, typer.Argument(metavar="SIDE", help=f"{' or '.join(get_args(Side))}.", **one_of(get_args(Side)))
    ],
    key: Annotated[
        str, typer.Option("--as", metavar="KEY", help="Only for the caller with this sticky key; else for anyone.")
    ] = ANYONE,
    minutes: Annotated[int, typer.Option(metavar="N", min=1, max=_LONGEST_MIN, help="How long it is good for.")] = 15,
    routes: Routes = DOCUMENT,
    as_json: Json = False,
) -> None:
    """Print a signed header that sends a tester's requests to one side of a route; clients cannot make one.

    It is signed with FIG_OVERRIDE_KEY, the function's own; a fig dev that runs here has one.
    """
    from proxy.publishing.flip import route_of

    with command(routes, as_json=as_json) as this:
        found = route_of(this.check(this.text()), route)
        _check(found, side)
        if not key:
            raise Misuse(f"--as: got no {found.sticky}, expected one; without --as the header is good for anyone")
        expires_at = int(time.time()) + minutes * 60
        value = Override(side, route, key, expires_at).sign(signing_key(this))
        until = time.strftime("%H:%M:%S UTC", time.gmtime(expires_at))
        who = "whoever has it" if key == ANYONE else f"the caller whose {found.sticky} is {key}"
        header = f"{HEADER.decode()}: {value}"
        this.tell(
            {
                "header": HEADER.decode(),
                "value": value,
                "route": route,
                "side": side,
                "subject": key,
                "expires_at": expires_at,
            },
            [header, f"asks the {side} side of {route} until {until}, for {who}: curl -H '{header}' …"],
        )


def _check(route: RouteDocument, side: Side) -> None:
    if route.stage == "retired":
        raise Refused(f"{route.id}: is retired, so that nobody answers it any more; flip it back first")
    if side == "migrated" and not (route.handler or route.function):
        raise Refused(f"{route.id}: has no handler and no function, so that there is no migrated side to ask")


def signing_key(this: Command) -> str:
    """Return the key that the function knows, too. Raises Misuse."""
    from proxy.publishing.store_choice import DEV_FILE

    key = os.environ.get(KEY, "") or this.workspace.get(DEV_FILE).get("override_key", "")
    if not isinstance(key, str) or len(key) < MIN_KEY:
        raise Misuse(
            f"{KEY}: got {'a key that is too short' if key else 'none'}, expected the function's own, of {MIN_KEY} "
            "characters or more, in the environment; or a fig dev that runs here"
        )
    return key
