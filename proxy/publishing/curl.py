"""Requests that show a difference again, as a person can paste them: one to each side."""

import re
import shlex

from proxy.evidence.found import Example
from proxy.message import SAFE_METHODS
from proxy.routing import pattern
from proxy.routing.document import RouteDocument
from proxy.shadow.masked import MASK


def curls(route: RouteDocument, example: Example, program: str = "fig", options: str = "", url: str = "") -> list[str]:
    """Return a curl line for each side; with the real target if the example has it, else with the route's template.

    Before them stands a comment if the target's secrets were masked. The first line of `fig override` is the header by
    which a tester chooses a side; `program` is how `fig` is called, `options` what it is told beside. A write is not to
    be repeated.
    """
    request = example.get("request")
    asked = request if isinstance(request, dict) else {}
    parsed = pattern.parse(route.match)
    method = str(asked.get("method") or parsed.methods[0])
    if method not in SAFE_METHODS:
        return ["a request that may write is not for repeating"]
    target = asked.get("target")
    is_real = isinstance(target, str) and re.fullmatch(r"/[!-~]*", target) is not None
    path = str(target) if is_real else re.sub(r"\{(\w+)\+?\}", lambda name: name[1].upper(), parsed.template)
    # Globbing off: a target's brackets are its own. A target is what a client has sent, so it is quoted.
    how = {"GET": "curl -gsi", "HEAD": "curl -gsI"}.get(method, f"curl -gsi -X {method}")
    where = shlex.quote(url + path) if url else f'"$URL"{shlex.quote(path)}'
    override = f"{program} override {route.id}"
    asking = [f'{how} -H "$({override} {side}{options} | head -1)" {where}' for side in ("legacy", "migrated")]
    return [f"# secrets are masked: put your own in place of {MASK}", *asking] if asked.get("is_masked") else asking
