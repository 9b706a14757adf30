"""`fig explain`: why a request goes where it goes."""

import re
from typing import Annotated, Any

import typer

from proxy.cli import answer
from proxy.cli.command import Command, command
from proxy.cli.options import DOCUMENT, Json, Published, Routes, Store
from proxy.errors import Misuse
from proxy.message import Headers, Pair, Request
from proxy.routing.canary import BUCKETS
from proxy.routing.decide import Side
from proxy.routing.explain import Caller, Candidate, Explanation, as_caller, words
from proxy.routing.explain import explain as explain_request
from proxy.routing.pattern import METHODS
from proxy.routing.table import Route, Table


def explain(
    method: Annotated[str, typer.Argument(metavar="METHOD", help="As the client writes it: GET.")],
    url: Annotated[str, typer.Argument(metavar="URL", help="A path, or a whole URL where routes ask for a host.")],
    headers: Annotated[
        list[str] | None, typer.Option("--header", "-H", metavar="'NAME: VALUE'", help="A header of the request.")
    ] = None,
    key: Annotated[
        str | None, typer.Option("--as", metavar="KEY", help="Ask as the caller with this sticky key.")
    ] = None,
    published: Published = False,
    routes: Routes = DOCUMENT,
    store: Store = "",
    as_json: Json = False,
) -> None:
    """Tell why a request goes where it goes: the route, those that were not taken and why, and who answers."""
    with command(routes, store, as_json=as_json) as this:
        if not published:
            this.only_published()
        request = _request(method, url, headers or [])
        table, by = _published(this) if published else _document(this)
        if key is not None:
            request = _as(table, request, key)
        explanation = explain_request(table, request)
        this.tell(
            {"published": published, "version": table.version if published else None, **_fields(request, explanation)},
            [f"{request.method} {request.target}, by {by}", "", *_in_words(explanation)],
        )


def _document(this: Command) -> tuple[Table, str]:
    """Return the table that functions would load if the document were published."""
    from proxy.routing.compile import compile_table
    from proxy.routing.compiled import load

    document = this.check(this.text())
    return load(compile_table(document, 1)), f"{this.workspace.routes}; --published tells what is in force"


def _published(this: Command) -> tuple[Table, str]:
    from dataclasses import replace

    from proxy.routing.compiled import load

    with this.opened() as opened:
        head = opened.history.head()
        table = load(opened.history.compiled(head.version)) if head.version else Table()
    return replace(table, frozen=head.frozen), f"version {head.version}, which is in force"


def _request(method: str, url: str, headers: list[str]) -> Request:
    parts = re.fullmatch(r"(?:(https?)://([^/?#@]+))?(/[^?#]*)?(?:\?([^#]*))?(?:#.*)?", url)
    if parts is None or not (parts[2] or parts[3]) or not all("!" <= character <= "~" for character in url):
        raise Misuse(f"got the URL {url!r}, expected /path or http(s)://host/path in visible ASCII; %-encode the rest")
    pairs = tuple(map(_pair, headers))
    hosts = [value.decode("latin-1") for value in Headers(pairs).all(b"host")]
    return Request(
        method=method,
        path=parts[3] or "/",
        query=parts[4] or "",
        headers=Headers(pairs),
        body=b"",
        client_ip="",
        scheme=parts[1] or "https",
        host=hosts[0] if hosts else parts[2] or "",
        id="",
        deadline=0.0,
    )


def _pair(header: str) -> Pair:
    name, colon, value = header.partition(":")
    if not colon or not name.strip() or not header.isprintable():
        raise Misuse(f"--header: got {header!r}, expected 'Name: value'")
    return name.strip().encode("latin-1", "replace"), value.strip().encode("latin-1", "replace")


def _as(table: Table, request: Request, key: str) -> Request:
    route = explain_request(table, request).decision.route
    if route is None:
        raise Misuse("--as: no route was found for this request, so there is no sticky key to stand in")
    try:
        return as_caller(route, request, key)
    except ValueError as exc:
        raise Misuse(f"--as: {exc}") from exc


def _in_words(explanation: Explanation) -> list[str]:
    decision, route = explanation.decision, explanation.decision.route
    caller = explanation.caller if decision.bucket is not None else None
    taken = [_named(candidate) for candidate in explanation.candidates if not candidate.rejected]
    frozen = ", frozen" if decision.reason == "frozen" else ""
    if caller is not None and _is_by_chance(caller):
        share = f"migrated for {_percent(caller.taken)} of such requests, else legacy; --as KEY asks as one caller"
        sides = [f"primary   {share}"]
    else:
        sides = [f"{name:<8}  {_side(getattr(decision, name), route)}" for name in ("primary", "shadow", "fallback")]
    rejected = [
        (candidate.route.id, _match(candidate), candidate.rejected)
        for candidate in explanation.candidates
        if candidate.rejected
    ]
    return [
        f"route     {taken[0] if taken else 'none'}",
        *([f"stage     {_stage(route)}{frozen}"] if route else []),
        *(_placed(caller) if caller else []),
        *sides,
        *(f"note      {sentence}" for sentence in explanation.notes),
        *(["", *answer.table(("not taken", "match", "because"), rejected, ["match", "because"])] if rejected else []),
    ]


def _named(candidate: Candidate) -> str:
    asked = f" when {', '.join(map(words, candidate.route.when))}" if candidate.route.when else ""
    return f"{candidate.route.id}  {_match(candidate)}{asked}"


def _match(candidate: Candidate) -> str:
    methods = "ANY" if len(candidate.methods) == len(METHODS) else ",".join(candidate.methods)
    return f"{methods} {candidate.route.template}"


def _stage(route: Route) -> str:
    return f"{route.stage} {route.percent:g} %" if route.stage == "canary" else route.stage


def _side(side: Side | None, route: Route | None) -> str:
    if side == "proxy":
        return "nobody: 410 Gone, the route is retired"
    of = {"migrated": route.handler or route.function, "legacy": route.legacy} if route else {}
    return f"{side or 'none'}{f' ({of[side]})' if side and of.get(side) else ''}"


def _is_by_chance(caller: Caller) -> bool:
    return caller.bucket is None and 0 < caller.taken < BUCKETS


def _percent(buckets: int) -> str:
    return f"{buckets * 100 / BUCKETS:g} %"


def _placed(caller: Caller) -> list[str]:
    takes = f"{_percent(caller.taken)} takes {f'buckets 0 to {caller.taken - 1}' if caller.taken else 'none'}"
    if caller.bucket is None:
        return [f"caller    has no {caller.sticky} in this request: each such one is placed anew", f"bucket    {takes}"]
    first = "" if caller.bucket < caller.taken else f"; this one from {_percent(caller.bucket + 1)} on"
    return [f"caller    {caller.sticky} = {caller.key}", f"bucket    {caller.bucket}: {takes}{first}"]


def _fields(request: Request, explanation: Explanation) -> dict[str, Any]:  # Any: JSON
    decision, route, caller = explanation.decision, explanation.decision.route, explanation.caller
    is_by_chance = decision.bucket is not None and caller is not None and _is_by_chance(caller)
    sides = {name: None if is_by_chance else getattr(decision, name) for name in ("primary", "shadow", "fallback")}
    return {
        "request": {"method": request.method, "path": request.path, "query": request.query, "host": request.host},
        "route": route.id if route else None,
        "stage": route.stage if route else None,
        "percent": route.percent if route and decision.bucket is not None else None,
        "reason": decision.reason,
        "by_chance": is_by_chance,
        **sides,
        "params": route.params(request.path) if route else {},
        "caller": caller._asdict() if caller else None,
        "notes": list(explanation.notes),
        "candidates": [
            {
                "route": candidate.route.id,
                "template": candidate.route.template,
                "methods": list(candidate.methods),
                "when": [words(condition) for condition in candidate.route.when],
                "rejected": candidate.rejected or None,
            }
            for candidate in explanation.candidates
        ],
    }
