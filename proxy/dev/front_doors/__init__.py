"""Local front doors: as strict as AWS's, between an HTTP client and a Lambda function on this machine."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from proxy.dev.front_doors.alb import Alb
from proxy.dev.front_doors.door import FrontDoor, Limits, Refusal
from proxy.dev.front_doors.exchange import ClientAnswer, ClientRequest
from proxy.dev.front_doors.function_url import FunctionUrl
from proxy.dev.front_doors.http_api import HttpApi
from proxy.dev.front_doors.rest_api import RestApi

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "FRONT_DOORS",
    "Alb",
    "ClientAnswer",
    "ClientRequest",
    "FrontDoor",
    "FrontDoorUnavailable",
    "FunctionUrl",
    "HttpApi",
    "Limits",
    "Refusal",
    "RestApi",
    "front_door",
]

_BUILT: tuple[FrontDoor, ...] = (HttpApi(), FunctionUrl(), RestApi(), Alb(), Alb(is_multi_value=False))

FRONT_DOORS: Mapping[str, FrontDoor] = MappingProxyType({door.name: door for door in _BUILT})


class FrontDoorUnavailable(LookupError):
    """There is no such front door; the message lists those that there are."""


def front_door(name: str) -> FrontDoor:
    """The front door of that name; raises FrontDoorUnavailable."""
    if name in FRONT_DOORS:
        return FRONT_DOORS[name]
    *others, last = FRONT_DOORS
    raise FrontDoorUnavailable(f"front door: got {name!r}, expected {', '.join(others)} or {last}")
