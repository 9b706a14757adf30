"""What a person who brings a legacy system of their own should know at the start."""

import asyncio
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from urllib.parse import urlsplit

from proxy.routing.document import Document

_OF_THE_SAMPLE = ("migrated.customers.", "migrated.orders.")


def sample_routes(document: Document) -> str:
    """Return what to know of the routes that the sample's handlers answer, in front of another legacy system."""
    names = [route.id for route in document.routes if (route.handler or "").startswith(_OF_THE_SAMPLE)]
    if not names:
        return ""
    return (
        f"these routes are the sample shop's, not those of your system: {', '.join(names)}\n"
        "begin without routes: README, With your own API"
    )


def tell_if_unknown(origin: str, on_event: Callable[[str], None]) -> None:
    """Look a legacy system's name up, and tell if nobody knows it; returns at once."""
    loop = asyncio.get_running_loop()
    host = urlsplit(origin).hostname or ""

    def look_up() -> None:
        try:
            socket.getaddrinfo(host, None)
        except (OSError, UnicodeError) as exc:
            reason = getattr(exc, "strerror", None) or str(exc)
            told = f"legacy: the name {host} leads nowhere ({reason}); what goes there is answered with 502"
            with suppress(RuntimeError):  # the house has ended meanwhile
                loop.call_soon_threadsafe(on_event, told)

    # A daemon, not the loop's own executor: a look-up can take half a minute, and would hold up the end of the house.
    threading.Thread(target=look_up, daemon=True).start()
