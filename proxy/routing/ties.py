"""Routes between which a request cannot choose: one template, but for names, and conditions as many and as exact."""

from collections.abc import Callable, Hashable, Iterator, Sequence

from proxy.routing.compile import precedence
from proxy.routing.listed import Listed, Problem
from proxy.routing.pattern import METHODS
from proxy.routing.source import ANY_VALUE
from proxy.routing.witness import path_of, request_for, words


def ties(routes: Sequence[Listed], fresh: str, most: int) -> Iterator[Problem]:
    """Yield a problem for each route that ties with an earlier one, naming that one and a request that both match.

    Where more than `most` routes with conditions stand at one template and method, nothing is compared: so many are
    refused for the time that a look-up takes, and each would have to be compared with each.
    """
    for group in _grouped(routes, _template_and_precedence):
        if group[0].asked and len(group) > most * len(METHODS):
            continue
        for comparable in _grouped(group, _values_that_all_ask_for(group)):
            yield from _ties(comparable, fresh)


def _ties(routes: Sequence[Listed], fresh: str) -> Iterator[Problem]:
    seen: list[Listed] = []
    for route in routes:
        found = next(((other, witness) for other in seen if (witness := _witness(other, route, fresh))), None)
        if found:
            other, witness = found
            yield Problem(
                route.position,
                "match",
                f"got {route.shown}, which ties with {other.words} on {witness}, "
                "expected one of them to go or to ask for more with when:",
            )
        if route.asked or not found:  # without conditions, whatever ties with this one ties with that other one, too
            seen.append(route)


def _witness(one: Listed, other: Listed, fresh: str) -> str:
    """Return a request that both routes match, in words; "" if there is none."""
    method = next((method for method in one.methods if method in other.methods), None)
    if method is None or _ask_for_different_values(one, other):
        return ""
    path = path_of(one.segments, fresh)
    asked = one.asked + other.asked
    return words(method, path, asked, fresh) if request_for(method, path, asked, fresh) else ""


def _ask_for_different_values(one: Listed, other: Listed) -> bool:
    return any(
        (mine.source, mine.name) == (theirs.source, theirs.name)
        and ANY_VALUE not in (mine.value, theirs.value)
        and mine.value != theirs.value
        for mine in one.asked
        for theirs in other.asked
    )


def _template_and_precedence(route: Listed) -> Hashable:
    kinds = ("{+}" if part.endswith("+}") else "{}" if part.startswith("{") else part for part in route.segments)
    return tuple(kinds), precedence(route.asked)


def _values_that_all_ask_for(routes: Sequence[Listed]) -> Callable[[Listed], Hashable]:
    """Return what tells routes apart for certain: their values for what each of them asks one value of.

    A hundred tenants, each with its host, are a hundred groups of one and not five thousand pairs.
    """
    shared = set.intersection(*({(source, name) for source, name, _ in _exact(route)} for route in routes))
    return lambda route: tuple(value for source, name, value in _exact(route) if (source, name) in shared)


def _exact(route: Listed) -> list[tuple[str, str, str]]:
    return [condition for condition in route.asked if condition.value != ANY_VALUE]


def _grouped(routes: Sequence[Listed], key: Callable[[Listed], Hashable]) -> list[list[Listed]]:
    groups: dict[Hashable, list[Listed]] = {}
    for route in routes:
        groups.setdefault(key(route), []).append(route)
    return [group for group in groups.values() if len(group) > 1]
