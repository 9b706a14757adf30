"""`fig contract`: does the migrated side give legacy's recorded answers? The evidence of writes."""

import json
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import typer

from proxy.cli import answer
from proxy.cli.command import Command, command
from proxy.cli.options import DOCUMENT, Evidence, Json, RouteId, Routes
from proxy.cli.override import signing_key
from proxy.errors import FigError, Misuse, Refused
from proxy.message import Headers
from proxy.publishing.contract import Asked, Recorded, Tried, Went, attempt, read_cases, record, taken_by, text_of, went
from proxy.routing.document import RouteDocument
from proxy.routing.override import HEADER, Override, Side
from proxy.shadow.compare import Answer

_TIMEOUT_S = 30.0
_GOOD_FOR_S = 600
_MAX_VALUE = 100  # characters of a side's value
CODE_HEADER = b"x-fig-code"


def contract(
    route: RouteId,
    url: Annotated[
        str, typer.Option(metavar="URL", help="Where the proxy answers; without it, a fig dev that runs here.")
    ] = "",
    records: Annotated[bool, typer.Option("--record", help="Ask legacy, and write its answers into the file.")] = False,
    routes: Routes = DOCUMENT,
    evidence: Evidence = "",
    as_json: Json = False,
) -> None:
    """Send a route's recorded requests to its migrated side, and compare with legacy's recorded answers.

    They are really executed: for writes, use a stack of your own for tests, or fig dev.
    """
    from proxy.publishing.flip import route_of
    from proxy.routing.compile import compiled_revision, compiled_route

    with command(routes, as_json=as_json) as this:
        found = route_of(this.check(this.text()), route)
        compiled = compiled_route(found)
        path = _file(this, found)
        cases = read_cases(path)
        send = _sender(this, found, url)
        if records:
            recorded = record(cases, send)
            path.write_text(text_of(recorded.cases), encoding="utf-8")
            this.tell(
                {
                    "route": route,
                    "recorded": len(recorded.cases),
                    "file": str(path),
                    "left_out": recorded.left_out,
                    "asked_with": recorded.asked_with,
                },
                _recorded_lines(recorded, path),
            )
            return
        tried = list(attempt(compiled, cases, send))
        failed = [one for one in tried if one.differences]
        result, revision = went(tried, send.codes), compiled_revision(found)
        kept = _keep(this, evidence, compiled.id, revision, result)
        this.tell(
            {
                "route": route,
                "revision": revision,
                "code": result.code,
                "passed": result.passed,
                "failed": len(failed),
                "cases": [_fields(one) for one in tried],
                "kept": kept,
            },
            [
                *(line for one in failed for line in _lines(one)),
                f"{route}: {result.passed} of {len(tried)} recorded cases pass",
                kept,
            ],
        )
        if failed:
            raise typer.Exit(1)


def _file(this: Command, route: RouteDocument) -> Path:
    if route.contract is None:
        raise Misuse(
            f"{route.id}: got no contract, expected the file of its cases in {this.workspace.routes}, such as "
            "contract: migrated/orders/contract.json"
        )
    return this.workspace.routes.parent / route.contract


def _sender(this: Command, route: RouteDocument, url: str) -> "_Sender":
    from proxy.publishing.store_choice import DEV_FILE

    where = url or this.workspace.get(DEV_FILE).get("url", "")
    if not isinstance(where, str) or urlsplit(where).scheme not in ("http", "https"):
        raise Misuse(f"--url: got {where or 'none'}, expected http(s)://host, where the proxy answers, or a fig dev")
    return _Sender(where.rstrip("/"), route.id, signing_key(this))


class _Sender:
    """Asks the side that it is told to, through the proxy."""

    def __init__(self, url: str, route_id: str, key: str) -> None:
        self._url = url
        self._route_id = route_id
        self._key = key
        self.codes: set[str] = set()  # the versions of the function that have answered

    def __call__(self, side: Side, asked: Asked) -> Answer:
        """Return a side's answer. Raises Refused."""
        import httpx

        value = Override(side, self._route_id, "*", int(time.time()) + _GOOD_FOR_S).sign(self._key)
        headers = [*asked.headers, (HEADER, value.encode())]
        try:
            with httpx.Client(trust_env=False, timeout=_TIMEOUT_S) as client:
                sent = client.build_request(
                    asked.method, self._url + asked.target, headers=headers, content=asked.body or None
                )
                response = client.send(sent, stream=True)
                body = b"".join(response.iter_raw())
        except (httpx.ProtocolError, httpx.InvalidURL) as exc:
            # Its text may hold a header, of either message.
            raise Refused(f"{self._url}: got no answer: {type(exc).__name__}") from exc
        except httpx.HTTPError as exc:
            raise Refused(f"{self._url}: got no answer: {exc}") from exc
        received = Headers(tuple(response.headers.raw))
        taken_by(side, received)
        self.codes.add((received.get(CODE_HEADER) or b"").decode("latin-1"))
        return Answer(response.status_code, _own(received), body)


def _own(received: Headers) -> Headers:
    # What the way adds to each answer says nothing of either side.
    left_out = (
        HEADER,
        CODE_HEADER,
        b"date",
        b"server",
        b"connection",
        b"content-length",
        b"transfer-encoding",
        b"apigw-requestid",
    )
    return Headers(tuple(pair for pair in received if pair[0].lower() not in left_out))


def _keep(this: Command, named: str, route_id: str, revision: str, result: Went) -> str:
    """Note the result where the gate looks for it; return in words what became of that."""
    from proxy.evidence.found import ContractResult
    from proxy.publishing.author import local_user
    from proxy.publishing.evidence_choice import EXPECTED, choose_evidence, open_evidence

    place = choose_evidence(this.workspace, named)
    if place is None:
        return f"not noted anywhere, so the gate does not know: expected {EXPECTED}"
    when = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    noted = ContractResult(result.passed, result.failed, local_user(), when, result.code, result.methods)
    try:
        with open_evidence(place) as reader:
            reader.put_contract(route_id, revision, noted)
    except FigError as exc:
        return f"not noted, so the gate does not know: {exc}"
    return f"noted in {place.name}"


def _recorded_lines(recorded: Recorded, path: Path) -> list[str]:
    left_out, asked_with = (answer.one_line(", ".join(names)) for names in (recorded.left_out, recorded.asked_with))
    return [
        f"{len(recorded.cases)} answers of legacy recorded in {path}; bodies are as they came: read them first",
        *([f"left out or masked, for they hold secrets: {left_out}"] if left_out else []),
        *(
            [f"the requests hold secrets, as before: {asked_with}; use some that are worth nothing"]
            if asked_with
            else []
        ),
    ]


def _lines(tried: Tried) -> list[str]:
    differences = [
        f"{found['kind']} at {found['path']}: {_short(found['control'])} → {_short(found['candidate'])}"
        for found in tried.differences
    ]
    return answer.indented(differences, f"{tried.case.name}: differs from legacy's recorded answer")


def _short(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _MAX_VALUE else f"{text[: _MAX_VALUE - 1]}…"


def _fields(tried: Tried) -> dict[str, object]:
    return {"name": tried.case.name, "passed": not tried.differences, "differences": tried.differences}
