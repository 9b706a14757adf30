"""Recorded cases of a route: requests and legacy's answers to them, which the migrated side has to give, too.

They are the evidence of writes, which nobody can run twice to compare. A file holds them:

    {"cases": [{"name": "a new order",
                "request": {"method": "POST", "target": "/orders", "headers": {…}, "body": "…"},
                "response": {"status": 201, "headers": {…}, "body": "…"}}]}

A body that is no text is in "body64" instead. Each side is asked through the proxy, by a signed override; what the two
answers must have in common is what the route's `compare` says. Headers that are secrets are neither recorded nor
compared.
"""

import base64
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from proxy.errors import Misuse, Refused
from proxy.evidence.outcome import Found
from proxy.message import Headers, Pair
from proxy.publishing.recordable import recordable, secret_names
from proxy.routing.override import Side
from proxy.routing.table import Route
from proxy.shadow.compare import Answer, compare
from proxy.shadow.masked import masked_text
from proxy.shadow.redact import redacted
from proxy.shadow.rules import Rules

Json = dict[str, Any]  # Any: JSON


class Asked(NamedTuple):
    """One request, as it is sent."""

    method: str
    target: str
    headers: tuple[Pair, ...]
    body: bytes


class Case(NamedTuple):
    """One recorded case. Without an answer it is still to be recorded."""

    name: str
    asked: Asked
    answer: Answer | None


class Tried(NamedTuple):
    """What came of one case."""

    case: Case
    differences: tuple[Found, ...]  # redacted


class Went(NamedTuple):
    """How all cases went: how many, the methods of those that passed, and which version of the function answered."""

    passed: int
    failed: int
    methods: tuple[str, ...]
    code: str


class Recorded(NamedTuple):
    """Cases with legacy's answers, and the names of headers that are secrets."""

    cases: list[Case]
    left_out: list[str]  # of the answers, or masked in them
    asked_with: list[str]  # of the requests, which stay as their author wrote them


Send = Callable[[Side, Asked], Answer]  # asks one side; raises Refused


def read_cases(path: Path) -> list[Case]:
    """Return the cases in a file. Raises Misuse saying what is wrong with it."""
    try:
        content = json.loads(path.read_bytes())
    except OSError as exc:
        raise Misuse(f"{path}: cannot be read ({exc.strerror}), expected a file of recorded cases") from exc
    except (ValueError, RecursionError) as exc:
        raise Misuse(f"{path}: is no JSON: {exc}") from exc
    cases = content.get("cases") if isinstance(content, dict) else None
    if not isinstance(cases, list) or not cases:
        raise Misuse(f'{path}: got no cases, expected {{"cases": [{{"name": …, "request": …, "response": …}}]}}')
    return [_case(path, number, case) for number, case in enumerate(cases, 1)]


def attempt(route: Route, cases: list[Case], send: Send) -> Iterator[Tried]:
    """Yield what came of each case on the migrated side. Raises Misuse for a case without an answer, Refused."""
    rules = Rules.of(route.compare)
    for case in cases:
        if case.answer is None:
            raise Misuse(f"{case.name}: got no recorded response, expected one; fig contract --record asks legacy")
        key = os.urandom(16)
        found = compare(rules, recordable(case.answer), recordable(send("migrated", case.asked)))
        yield Tried(case, tuple(redacted(one, shows_values=rules.values, key=key) for one in found))


def went(tried: list[Tried], codes: set[str]) -> Went:
    """Return how cases went that some versions of the function have answered. Raises Refused if they were several."""
    if len(codes) > 1:
        names = " and ".join(sorted(codes))
        raise Refused(f"versions {names} of the function have answered: try again when one of them runs alone")
    passed = [one.case.asked.method for one in tried if not one.differences]
    return Went(len(passed), len(tried) - len(passed), tuple(sorted(set(passed))), "".join(codes))


def record(cases: list[Case], send: Send) -> Recorded:
    """Return the cases with legacy's answers of now. Raises Refused."""
    answers = [send("legacy", case.asked) for case in cases]
    return Recorded(
        [case._replace(answer=recordable(answer)) for case, answer in zip(cases, answers, strict=True)],
        left_out=sorted({name for answer in answers for name in secret_names(answer.headers)}),
        asked_with=sorted({name for case in cases for name in secret_names(case.asked.headers)}),
    )


def text_of(cases: list[Case]) -> str:
    """Return the file that holds cases."""
    return json.dumps({"cases": [_fields(case) for case in cases]}, indent=2, ensure_ascii=False) + "\n"


def _case(path: Path, number: int, case: object) -> Case:
    try:
        if not isinstance(case, dict):
            raise TypeError(f"got {type(case).__name__}, expected an object")
        request = case["request"]
        asked = Asked(request["method"], request["target"], _pairs(request), _body(request))
        if not asked.target.startswith("/") or not all("!" <= character <= "~" for character in asked.target):
            raise ValueError(
                f"got the target {masked_text(asked.target, is_link=True)!r}, expected /path in visible ASCII"
            )
        response = case.get("response")
        answer = Answer(int(response["status"]), Headers(_pairs(response)), _body(response)) if response else None
        return Case(str(case.get("name") or f"case {number}"), asked, answer)
    except (LookupError, TypeError, ValueError, AttributeError) as exc:
        what = f"got none, expected {exc}" if isinstance(exc, KeyError) else str(exc)
        raise Misuse(f"{path}: case {number}: {what}") from exc


def _pairs(message: Json) -> tuple[Pair, ...]:
    return tuple(
        (name.encode("latin-1"), str(value).encode("latin-1"))
        for name, values in (message.get("headers") or {}).items()
        for value in _list(values)
    )


def _body(message: Json) -> bytes:
    if "body64" in message:
        return base64.b64decode(message["body64"], validate=True)
    body = message.get("body") or ""
    return body.encode() if isinstance(body, str) else json.dumps(body).encode()


def _fields(case: Case) -> Json:
    asked = case.asked
    request = {"method": asked.method, "target": asked.target, **_message(asked.headers, asked.body)}
    answer = case.answer
    response = {"status": answer.status, **_message(answer.headers.pairs, answer.body)} if answer else None
    return {"name": case.name, "request": request, **({"response": response} if response else {})}


def _message(pairs: tuple[Pair, ...], body: bytes) -> Json:
    headers: dict[str, Any] = {}  # Any: one value, or a list of several
    for name, value in pairs:
        key, text = name.decode("latin-1"), value.decode("latin-1")
        headers[key] = [*_list(headers[key]), text] if key in headers else text
    try:
        return {"headers": headers, "body": body.decode()}
    except UnicodeDecodeError:
        return {"headers": headers, "body64": base64.b64encode(body).decode()}


def _list(value: Any) -> list[Any]:  # Any: JSON
    return value if isinstance(value, list) else [value]


def taken_by(side: Side, headers: Headers) -> None:
    """Make sure that the side that was chosen has answered, or legacy is compared with itself. Raises Refused."""
    got = headers.get(b"x-fig-side")
    if got != side.encode():
        raise Refused(
            f"asked the {side} side, and {'another one' if got else 'nobody who said so'} has answered: "
            "FIG_OVERRIDE_KEY must be the function's own, and the route be published and neither frozen nor retired"
        )
