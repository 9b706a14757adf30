"""`fig noise`: what legacy itself answers differently from one time to the next, proposed to be ignored."""

from typing import TYPE_CHECKING, Any

from proxy.cli import answer
from proxy.cli.command import command
from proxy.cli.options import DOCUMENT, Evidence, Json, Published, RouteId, Routes, Store
from proxy.cli.parity import asked_document
from proxy.evidence.found import Counts, OfCode, Path
from proxy.publishing.noise import is_noise, thresholds
from proxy.routing.document import RouteDocument
from proxy.routing.proof import CompareDocument

if TYPE_CHECKING:
    from proxy.shadow.noise import Proposal

_ASK_TWICE = "legacy was never asked twice for one request; compare: {noise: learn} makes it so for 10 % of them"
_PASTE = "put this in place of the route's compare; then it is another question, and its evidence begins anew:"


def noise(
    route: RouteId,
    published: Published = False,
    routes: Routes = DOCUMENT,
    store: Store = "",
    evidence: Evidence = "",
    as_json: Json = False,
) -> None:
    """Propose what to ignore where legacy differs from itself, with the evidence. Nothing is ignored by itself."""
    from proxy.publishing.flip import route_of
    from proxy.routing.compile import compiled_revision

    with command(routes, store, as_json=as_json) as this:
        document, place = asked_document(this, published=published)
        one = route_of(document, route)
        with this.evidence(place, evidence) as reader:
            found = reader.read(one.id).compared(compiled_revision(one))
        counts = found.counts if found is not None else Counts()
        noisy = [path for path in found.paths if is_noise(one, path, counts)] if found is not None else []
        proposals = _proposals(one, found) if found is not None else []
        fields = {
            "route": one.id,
            "asked_twice": counts.noise_total,
            "noisy": [path.path for path in noisy],
            "proposals": [proposal._asdict() for proposal in proposals],
        }
        this.tell(fields, _in_words(one, counts, noisy, proposals))


def _proposals(route: RouteDocument, found: OfCode) -> "list[Proposal]":
    from proxy.shadow.noise import Count, noisy_paths

    counts = {path.path: Count(path.raw_noisy, path.noise, tuple(path.kinds)) for path in found.paths}
    return noisy_paths(counts, found.counts.noise_total, *thresholds(route))


def _in_words(route: RouteDocument, counts: Counts, noisy: list[Path], proposals: "list[Proposal]") -> list[str]:
    if not counts.noise_total:
        return [f"{route.id}: {_ASK_TWICE}"]
    if not noisy:
        return [f"{route.id}: no noise in {counts.noise_total} requests that legacy got twice"]
    lines = [f"{route.id}: legacy got {counts.noise_total} requests twice, and differs from itself"]
    if proposals:
        seen = [f"    # {answer.one_line(f'{one.rule} {one.path}: {one.evidence}')}" for one in proposals]
        lines += [_PASTE, "", *seen, *(f"    {line}" for line in _yaml(route, proposals))]
    named = {one.path if one.rule != "headers" else f"header:{one.path}" for one in proposals}
    if others := [answer.one_line(path.path) for path in noisy if path.path not in named]:
        heading = "noise for which there is no rule that would not hide more than was seen:"
        lines += ["", *answer.indented(others, heading)]
    return lines


def _yaml(route: RouteDocument, proposals: "list[Proposal]") -> list[str]:
    """Return the route's rules as they stand below it, with what is proposed added; a header is left out."""
    import yaml

    compare = route.compare if isinstance(route.compare, CompareDocument) else CompareDocument()
    rules: dict[str, Any] = compare.model_dump(mode="json", exclude_defaults=True)  # Any: JSON
    for one in proposals:
        if one.rule == "headers":
            rules["headers"] = [name for name in rules.get("headers", []) if name.lower() != one.path]
        else:
            rules[one.rule] = list(dict.fromkeys((*rules.get(one.rule, []), one.path)))
    text = yaml.safe_dump({"compare": rules}, sort_keys=False, allow_unicode=True, width=1000)
    return text.splitlines()
