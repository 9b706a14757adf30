"""Which element of legacy's list is compared with which of the migrated one.

First what is equal, then what has the same id, then the rest by position. So one changed element is told as one
difference, and one removed element does not make all that follow it differ.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from proxy.shadow.forms import is_loose, is_within

# What APIs call an element's identity, the likeliest first.
ID_NAMES = ("id", "_id", "uuid", "guid", "key", "sku", "code", "slug", "name")

# With several tolerances in one element, trying each with each would take the square of the list.
_MOST_TRIED = 64


class Element(NamedTuple):
    """An element of a list, its position and its form."""

    position: int
    value: object
    form: object


Pair = tuple[Element, Element]
# What a member of an element is worth as an id: the same for both sides, or None if it is none.
IdOf = Callable[[Element, str, bool], object]
# The numbers with a tolerance in an element, each with it.
NumbersOf = Callable[[Element, bool], list[tuple[float, float]]]


class Pairing(NamedTuple):
    """What is compared with what. Pairs that are surely equal may be absent."""

    pairs: Sequence[Pair]
    missing: Sequence[Element]  # of legacy, without a partner
    extra: Sequence[Element]  # of the migrated side, without a partner
    is_reordered: bool  # what is equal, or has the same id, stands in another order


class Pairer:
    """Pairs elements of two lists; how ids and numbers are read is given."""

    def __init__(self, id_of: IdOf, numbers_of: NumbersOf) -> None:
        self._id_of = id_of
        self._numbers_of = numbers_of

    def pair(self, control: list[Element], candidate: list[Element], *, is_ordered: bool) -> Pairing:
        """Return the pairs of two lists, in legacy's order."""
        settled: list[Pair] = []
        if is_ordered:
            settled, control, candidate = self._in_place(control, candidate)
        equal, missing, extra = self._equal(control, candidate)
        if is_ordered and (missing or extra):
            # Not the same elements in another order, so an equal one elsewhere proves little: [0, 5] is not [5, 0, 0].
            equal, missing, extra = [], control, candidate
        same_id, missing, extra = self._same_id(missing, extra)
        paired = min(len(missing), len(extra))
        by_position = list(zip(missing[:paired], extra[:paired], strict=True))
        return Pairing(
            sorted(settled + equal + same_id + by_position, key=lambda pair: pair[0].position),
            missing[paired:],
            extra[paired:],
            is_ordered and _crosses(equal + same_id),
        )

    def _in_place(
        self, control: list[Element], candidate: list[Element]
    ) -> tuple[list[Pair], list[Element], list[Element]]:
        """Take away what is equal at the same place: in lists of one length anywhere, else at both ends."""
        settled: list[Pair] = []

        def is_settled(pair: Pair) -> bool:
            if not self._is_equal(pair):
                return False
            if is_loose(pair[0].form):
                settled.append(pair)
            return True

        if len(control) == len(candidate):
            rest = [pair for pair in zip(control, candidate, strict=True) if not is_settled(pair)]
            return settled, [mine for mine, _ in rest], [theirs for _, theirs in rest]
        for _ in range(2):  # from the front, then from the back
            same = _count_while(is_settled, zip(control, candidate, strict=False))
            control, candidate = control[same:][::-1], candidate[same:][::-1]
        return settled, control, candidate

    def _equal(
        self, control: list[Element], candidate: list[Element]
    ) -> tuple[list[Pair], list[Element], list[Element]]:
        """Pair what is equal, wherever it stands."""
        waiting: dict[object, list[Element]] = {}
        for element in reversed(candidate):
            waiting.setdefault(element.form, []).append(element)
        pairs: list[Pair] = []
        loose: dict[object, list[Element]] = {}
        for element in control:
            same = waiting.get(element.form)
            if same and is_loose(element.form):
                loose.setdefault(element.form, []).append(element)
            elif same:
                pairs.append((element, same.pop()))
        for form, elements in loose.items():
            pairs += self._close(elements, waiting[form])
        return pairs, *_without(control, candidate, pairs)

    def _close(self, control: list[Element], candidate: list[Element]) -> list[Pair]:
        """Pair elements of one form whose numbers are within their tolerances, the smallest first."""
        ours = sorted(((self._numbers_of(element, False), element) for element in control), key=_numbers)
        theirs = sorted(((self._numbers_of(element, True), element) for element in candidate), key=_numbers)
        pairs: list[Pair] = []
        start = 0
        for numbers, element in ours:
            first, tolerance = numbers[0]
            while start < len(theirs) and _is_below(theirs[start][0][0][0], first, tolerance):
                start += 1
            for at in range(start, min(start + _MOST_TRIED, len(theirs))):
                others, other = theirs[at]
                if _are_within(numbers, others):
                    pairs.append((element, other))
                    del theirs[at]
                    break
                if _is_below(first, others[0][0], tolerance):
                    break
        return pairs

    def _same_id(
        self, control: list[Element], candidate: list[Element]
    ) -> tuple[list[Pair], list[Element], list[Element]]:
        """Pair objects by the first member that looks like an id, and is one on both sides."""
        for name in ID_NAMES if control and candidate else ():
            ours = self._by_id(control, name, is_migrated=False)
            theirs = self._by_id(candidate, name, is_migrated=True) if ours else {}
            pairs = [(element, theirs[known]) for known, element in ours.items() if known in theirs]
            if pairs:
                return pairs, *_without(control, candidate, pairs)
        return [], control, candidate

    def _by_id(self, elements: list[Element], name: str, *, is_migrated: bool) -> dict[object, Element]:
        found: dict[object, Element] = {}
        for element in elements:
            known = self._id_of(element, name, is_migrated)
            if known is None or known in found:
                return {}  # an element without it, or two with one: it tells nothing apart
            found[known] = element
        return found

    def _is_equal(self, pair: Pair) -> bool:
        mine, theirs = pair
        if mine.form is not theirs.form and mine.form != theirs.form:
            return False
        return not is_loose(mine.form) or _are_within(self._numbers_of(mine, False), self._numbers_of(theirs, True))


def _are_within(numbers: list[tuple[float, float]], others: list[tuple[float, float]]) -> bool:
    return len(numbers) == len(others) and all(
        is_within(number, other, tolerance) for (number, tolerance), (other, _) in zip(numbers, others, strict=True)
    )


def _is_below(number: float, other: float, tolerance: float) -> bool:
    return number < other and not is_within(number, other, tolerance)


def _numbers(entry: tuple[list[tuple[float, float]], Element]) -> list[float]:
    return [number for number, _ in entry[0]]


def _count_while(is_settled: Callable[[Pair], bool], pairs: Iterable[Pair]) -> int:
    count = 0
    for pair in pairs:
        if not is_settled(pair):
            break
        count += 1
    return count


def _without(
    control: list[Element], candidate: list[Element], pairs: list[Pair]
) -> tuple[list[Element], list[Element]]:
    ours = {mine.position for mine, _ in pairs}
    others = {theirs.position for _, theirs in pairs}
    return (
        [element for element in control if element.position not in ours],
        [element for element in candidate if element.position not in others],
    )


def _crosses(pairs: list[Pair]) -> bool:
    places = [theirs.position for _, theirs in sorted(pairs, key=lambda pair: pair[0].position)]
    return places != sorted(places)
