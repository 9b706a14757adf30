"""What is wrong with routes that are each right by themselves: ties, routes that nothing reaches, split groups, slow
look-ups.

Asked before a document is published, never on the request path.
"""

from collections.abc import Iterator, Sequence

from proxy.routing.compile import unpublished
from proxy.routing.document import RouteDocument
from proxy.routing.groups import split_groups
from proxy.routing.listed import Problem, listed
from proxy.routing.reachable import unreachable
from proxy.routing.ties import ties
from proxy.routing.witness import fresh_text
from proxy.routing.worst_lookup import MOST_STEPS, too_slow


def problems(routes: Sequence[RouteDocument]) -> Iterator[Problem]:
    """Yield what is wrong with routes together. Each problem's message says what was got and what was expected.

    Routes that tie are not told to hide each other, and what nothing can reach is told once look-ups are fast: finding
    it takes look-ups.
    """
    yield from split_groups(routes)
    every = listed(routes)
    table = unpublished(routes)
    fresh = fresh_text(every)
    tied = list(ties(every, fresh, MOST_STEPS))
    slow = list(too_slow(every, table))
    yield from tied
    yield from slow
    if not slow:
        known = {problem.position for problem in tied}
        yield from (problem for problem in unreachable(every, table, fresh) if problem.position not in known)
