"""What the evidence of a route says: how often its sides agree, what its gate misses, and where they differ."""

import json
import re
import shlex

from proxy.dashboard import figures
from proxy.dashboard.markup import Html, join, table, tag
from proxy.dashboard.pages.parts import code_line
from proxy.dashboard.sources import Sources
from proxy.evidence.found import Counts, Example, Path, RouteEvidence
from proxy.publishing.curl import curls
from proxy.publishing.kinds import is_compared
from proxy.publishing.noise import is_noise
from proxy.publishing.parity import parity_in, percent, shortfall
from proxy.routing import pattern
from proxy.routing.compile import compiled_revision
from proxy.routing.document import RouteDocument

_WORST = 10
_MAX_VALUE = 300  # characters of an example's side


def proof(route: RouteDocument, evidence: RouteEvidence, *, is_kept: bool) -> Html:
    """Return how often the sides agree, and what is missing before the route may go on."""
    heading = tag("h2", "Do both sides agree?")
    if not is_kept:
        return join(heading, tag("p", "No evidence is kept: name a table with --evidence.", class_="quiet"))
    if not (route.handler or route.function):
        return join(heading, tag("p", "It has one side only: no handler and no function is named.", class_="quiet"))
    if not is_compared(route):
        text = "What it writes is not compared; its contract and the reads of its group speak for it."
        return join(heading, tag("p", text, class_="quiet"), _contract(route, evidence))
    revision = compiled_revision(route)
    found = evidence.compared(revision)
    counts = found.counts if found is not None else Counts()
    parity = parity_in(found, route)
    short = shortfall(evidence, route)
    rows = [
        ("at least, with 95 % confidence", percent(parity.bound) if parity.compared else figures.NONE),
        ("wanted by its gate", f"{figures.percent(route.gate.target)} of {figures.count(route.gate.samples)} samples"),
        ("equal samples still missing", figures.count(parity.missing) if parity.missing else "none"),
        ("compared", figures.count(counts.compared)),
        ("different", figures.count(counts.different)),
        ("failures of the handler", _with_reasons(counts, "candidate_failed", counts.candidate_failed)),
        ("skipped", _with_reasons(counts, "skipped", counts.skipped)),
        ("lost with their process", figures.count(counts.lost)),
        ("not done yet", figures.count(counts.under_way)),
    ]
    return join(
        heading,
        tag("p", percent(parity.share), tag("span", " of the comparisons were equal", class_="dim"), class_="main")
        if parity.compared
        else None,
        _progress(parity.compared, route.gate.samples) if parity.missing else tag("p", "✓ The gate is passed."),
        tag("p", short, class_="dim") if short else None,
        tag("dl", *(join(tag("dt", name), tag("dd", value)) for name, value in rows)),
        _contract(route, evidence),
    )


def differing(route: RouteDocument, evidence: RouteEvidence, sources: Sources) -> Html:
    """Return the worst paths at which the sides differ, with an example each and requests that show it again."""
    heading = tag("h2", "Where they differ")
    found = evidence.compared(compiled_revision(route))
    paths = [path for path in found.paths if path.raw] if found is not None else []
    noisy = [path for path in paths if found is not None and is_noise(route, path, found.counts)]
    told = [path for path in paths if path not in noisy]
    if not told:
        nothing = "No difference was found." if found is not None and found.counts.compared else "Nothing was compared."
        return join(heading, tag("p", nothing, class_="quiet"), _noise(noisy))
    more = len(told) - _WORST
    return join(
        heading,
        *(_path(route, path, sources) for path in told[:_WORST]),
        tag("p", f"… and {more} more; fig parity {route.id} --json has all", class_="dim") if more > 0 else None,
        _noise(noisy),
    )


def asking(route: RouteDocument, sources: Sources) -> Html:
    """Return a request to paste, as a client would send it, and how to find out where it goes."""
    url = sources.url
    parsed = pattern.parse(route.match)
    path = re.sub(r"\{(\w+)\+?\}", lambda name: name[1].upper(), parsed.template)
    method = parsed.methods[0] if parsed.methods else "GET"
    how = "curl -i" if method in ("GET", "ANY", "*") else f"curl -i -X {method}"
    where = shlex.quote(url + path) if url else f'"$URL"{shlex.quote(path)}'
    return join(
        tag("h2", "Ask it"),
        tag("p", "As a client does:", class_="dim"),
        code_line(f"{how} {where}"),
        tag("p", "Why a request goes where it goes:", class_="dim"),
        code_line(f"{sources.program} {shlex.join(['explain', method, path, '--published', *sources.options])}"),
    )


def _path(route: RouteDocument, path: Path, sources: Sources) -> Html:
    counted = [f"{kind}, {figures.count(number)} times".removeprefix(", ") for kind, number in path.kinds.items()]
    kinds = "; ".join(counted)
    example = path.examples[0] if path.examples else None
    shown: list[Html] = []
    if example is not None:
        shown = [_sides(example)]
        for line in curls(route, example, sources.program, options_of(sources), sources.url):
            shown.append(code_line(line))
    return tag(
        "details",
        tag("summary", tag("code", path.path), tag("span", f" {kinds}", class_="dim")),
        *shown,
        class_="path",
        data_key=path.path,
    )


def options_of(sources: Sources) -> str:
    """Return what `fig override` is told beside: only which document, for it asks no store."""
    options = list(sources.options)
    at = options.index("--routes") if "--routes" in options else None
    return f" {shlex.join(options[at : at + 2])}" if at is not None else ""


def _sides(example: Example) -> Html:
    rows: list[list[Html | str]] = [
        [name, tag("code", _short(example[side]))]
        for name, side in (("legacy", "control"), ("migrated", "candidate"))
        if side in example
    ]
    when = str(example.get("when", ""))
    return join(
        tag("p", f"Newest example, {figures.moment(when)}", class_="dim") if when else None,
        table(["Side", "Value (redacted)"], rows, caption="An example of the difference"),
    )


def _noise(noisy: list[Path]) -> Html | None:
    if not noisy:
        return None
    names = ", ".join(path.path for path in noisy[:_WORST])
    return tag("p", f"Noise, for legacy differs from itself there as well: {names}", class_="dim")


def _contract(route: RouteDocument, evidence: RouteEvidence) -> Html | None:
    result = evidence.contract(compiled_revision(route))
    if result is None:
        return None
    told = f"Contract: {result.passed} passed, {result.failed} failed; {result.who}, {figures.moment(result.when)}"
    return tag("p", told, class_="dim")


def _progress(compared: int, samples: int) -> Html:
    part = min(1.0, compared / samples) if samples else 1.0
    text = f"{figures.count(compared)} of {figures.count(samples)} samples"
    return tag(
        "div", tag("span", style=f"width:{part * 100:.1f}%"), class_="progress", role="img", aria_label=text, title=text
    )


def _with_reasons(counts: Counts, outcome: str, number: int) -> str:
    reasons = ", ".join(f"{reason} {times}" for reason, times in counts.reasons.get(outcome, {}).items())
    return f"{figures.count(number)} ({reasons})" if reasons else figures.count(number)


def _short(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _MAX_VALUE else f"{text[:_MAX_VALUE]}…"
