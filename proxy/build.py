"""The parts of the function, put together once for all invocations of an environment.

What only some functions have is imported where it is made: a function starts the sooner.
"""

import os
import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from proxy.after_response import AfterResponse
from proxy.app import App
from proxy.backends.services import Services
from proxy.backends.sides import Sides
from proxy.backends.time_limit import leave_to_main_thread
from proxy.entry import Entry
from proxy.extension import Extension
from proxy.notes import Notes
from proxy.observe import Compared, Observer, failure_of
from proxy.routing.decide import nobody_chooses
from proxy.settings import Settings
from proxy.shadow.late import LateShadows
from proxy.stores.baked import read_baked
from proxy.stores.cached import START_S, CachedTable
from proxy.stores.store import Store
from proxy.usage.caller import caller_of

if TYPE_CHECKING:
    from proxy.backends.secret import SecretHeaders
    from proxy.evidence.code import CodeMarker
    from proxy.evidence.outcome import Outcome
    from proxy.evidence.usage import UsageCounts
    from proxy.message import Request
    from proxy.routing.decide import Side
    from proxy.routing.table import Route
    from proxy.shadow.exchange import Exchange
    from proxy.shadow.run import Shadows

_MOST_TOLD = 5  # differing paths in a line of the log; the evidence has them all


def build(
    settings: Settings, after: AfterResponse | None = None, write: Callable[[str], object] | None = None
) -> Entry:
    """Return the handler of this environment, registered as an extension if it runs in Lambda.

    Whoever hands in `after` runs its jobs, and whoever hands in `write` gets the records' lines.
    """
    if after is None:
        after = AfterResponse(_extension(settings), on_thread=leave_to_main_thread)
        after.start()
    services = Services(settings)
    secret = _secret(settings, services, after)
    sides = Sides(settings, services=services, secret=secret)
    baked = read_baked(settings.baked_table)
    store = _store(settings, services)
    tables = CachedTable(store, baked, settings.table_ttl_s, time.monotonic, after, sides.check)
    observer = Observer(settings, write or write_line, tells_error_text=settings.tells_error_text)
    shadows = LateShadows(lambda: _shadows(settings, services, sides, observer))
    usage, marker = _usage(settings, services), _marker(settings, services)
    notes = Notes(
        observer,
        state_of=sides.state_of,
        caller=caller_of(settings.identities, settings.client_key),
        used=usage.count if usage else lambda _what, _client: None,
        mark=marker.mark if marker else None,
        counts=lambda: {
            "table_failures": tables.failures,
            "after_failed": after.failed,
            "after_dropped": after.dropped,
            "evidence_failures": shadows.failures + sum(one.failures for one in (usage, marker) if one),
        },
        problems=lambda: {
            "table_problem": tables.problem,
            "evidence_problem": shadows.problem
            or next((one.problem for one in (usage, marker) if one and one.problem), ""),
            "secret_problem": secret.problem if secret else "",
        },
    )
    app = App(tables, sides, notes, after, shadows=shadows, chosen=_chosen(settings), code=settings.function_version)

    def read() -> None:
        """Read all that is read before a client waits."""
        if store is not None:
            tables.refresh(START_S)
        if secret is not None:
            secret.refresh(START_S)

    def forget() -> None:
        sides.renew()
        services.renew()

    def restored() -> None:
        forget()  # what was made between the snapshot's hook and the snapshot
        read()

    read()
    if settings.preloads:
        sides.load(tables.current().routes)
    if settings.is_snapshot:
        from proxy.snapshot import around_snapshot

        around_snapshot(forget, restored)
    return Entry(app, after)


def write_line(line: str) -> None:
    """Write one line to standard output in one piece, with nothing left in a buffer when the environment freezes."""
    os.write(sys.stdout.fileno(), line.encode())


def _extension(settings: Settings) -> Extension | None:
    if not settings.runtime_api:
        return None
    try:
        return Extension(settings.runtime_api)
    except OSError:
        return None  # a plain thread does the work; what it has not done when Lambda freezes waits for the next event


def _store(settings: Settings, services: Services) -> Store | None:
    # Each is imported where it is needed: a function has one of them, and starts the sooner.
    kind, _, name = settings.table.partition(":")
    if kind == "file":
        from proxy.stores.file import FileStore

        return FileStore(name)
    if kind == "dynamodb":
        from proxy.stores.dynamodb import DynamoDBStore

        return DynamoDBStore(services.dynamodb().json_call, name)
    return None


def _secret(settings: Settings, services: Services, after: AfterResponse) -> "SecretHeaders | None":
    if not settings.legacy_secret:
        return None
    from proxy.backends.secret import SecretHeaders

    call = services.secrets().json_call
    return SecretHeaders(call, settings.legacy_secret, after, time.monotonic, time.time)


def _usage(settings: Settings, services: Services) -> "UsageCounts | None":
    if not settings.evidence:
        return None
    from proxy.evidence.usage import UsageCounts

    return UsageCounts(services.dynamodb().json_call, settings.evidence.partition(":")[2])


def _marker(settings: Settings, services: Services) -> "CodeMarker | None":
    if not settings.evidence:
        return None
    from proxy.evidence.code import CodeMarker

    return CodeMarker(services.dynamodb().json_call, settings.evidence.partition(":")[2], settings.function_version)


def _chosen(settings: Settings) -> "Callable[[Route, Request], Side | None]":
    if not settings.override_key:
        return nobody_chooses
    from proxy.routing.override import chooser

    return chooser(settings.override_key, time.time)


def _shadows(settings: Settings, services: Services, sides: Sides, observer: Observer) -> "Shadows":
    from proxy.shadow.run import Shadows

    evidence = None
    if settings.evidence:
        from proxy.evidence.table import EvidenceTable

        name = settings.evidence.partition(":")[2]
        evidence = EvidenceTable(services.dynamodb().json_call, name, settings.function_version)

    def tell(exchange: "Exchange", outcome: "Outcome", took_ms: float) -> None:
        request, decision = exchange.request, exchange.decision
        paths = tuple(f"{found['kind']} {found['path']}" for found in outcome.differences[:_MOST_TOLD])
        stage = decision.route.stage if decision.route else ""
        group = decision.route.group if decision.route else ""
        compared = Compared(
            request.id, outcome.route_id, stage, decision.shadow or "", outcome.what, outcome.why, paths, took_ms, group
        )
        failure = failure_of(outcome.error) if outcome.error is not None else None
        observer.compared(compared._replace(failure=failure))

    return Shadows(sides, evidence, tell, leave_to_main_thread)
