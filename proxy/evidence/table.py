"""Evidence kept in a DynamoDB table, seen from the function: it only ever adds, and asks no SDK (see `keys`)."""

import json
import time
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from proxy.aws.call import AwsError
from proxy.errors import EvidenceFailed
from proxy.evidence import keys
from proxy.evidence.outcome import Found, Outcome

# (operation, payload, timeout_s) -> what the service answers; raises AwsError. Any: JSON of the service's own shape.
JsonCall = Callable[[str, Mapping[str, object], float], dict[str, Any]]

_FLUSH_S = 1.0
_MAX_SAMPLES = 10  # of one comparison
_MAX_SAMPLE_BYTES = 4096
_MAX_TEXT = 1024  # characters of a path
_CURES = {
    "AccessDeniedException": "allow dynamodb:UpdateItem on it",
    "ResourceNotFoundException": "create it, or name the one that evidence is kept in",
}
_Values = Mapping[str, Mapping[str, str]]  # attributes: {"kind": {"S": "value"}}


class EvidenceTable:
    """Adds to counters, and overwrites examples, by UpdateItem alone. For one thread at a time.

    `code` is the function's version. An update is sent at most once, unless the table said that it was not executed:
    what is lost on the way is missing here, and nothing is counted twice. `now` is for durations, `wall` the time.
    """

    def __init__(
        self,
        call: JsonCall,
        table_name: str,
        code: str,
        *,
        now: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self._call = call
        self._table_name = table_name
        self._code = code
        self._now = now
        self._wall = wall
        # By route and revision: the places of this environment, and how many examples of each it has written.
        self._seen: dict[tuple[str, str], dict[str, int]] = {}
        # By route, revision and hour: what has been counted and not been written yet.
        self._waiting: dict[tuple[str, str, str], dict[str, int]] = {}
        self._flushed_at = float("-inf")

    def start(self, route_id: str, revision: str, timeout_s: float, *, is_write: bool = False) -> float:
        """Note that a comparison begins, and return when, in seconds since 1970. Raises EvidenceFailed."""
        wall_s = self._wall()
        counts = _of_kind({keys.STARTED: 1, keys.slot_of(wall_s): 1}, is_write=is_write)
        self._count(route_id, revision, counts, self._now() + timeout_s, wall_s)
        return wall_s

    def finish(self, outcome: Outcome, timeout_s: float) -> None:
        """Note what became of a comparison: the outcome first, then where it differs. Raises EvidenceFailed."""
        ends = self._now() + timeout_s
        counts: dict[str, int] = {outcome.what: 1}
        began_at = outcome.began_at
        if began_at is not None:
            counts.update({keys.FINISHED: 1, keys.slot_of(began_at): -1})
        if outcome.why:
            counts[f"{keys.WHY}{outcome.what}_{_text(outcome.why)[:64]}"] = 1
        if outcome.noise is not None:
            counts[keys.NOISE_TOTAL] = 1
        counted_at = self._wall() if began_at is None else began_at
        counts = _of_kind(counts, is_write=outcome.is_write)
        if outcome.untaken:
            counts[f"{keys.UNTAKEN}{_text(outcome.untaken)[:64]}"] = 1
        self._count(outcome.route_id, outcome.revision, counts, ends, counted_at)
        for place in self._places(outcome):
            key = keys.path_key(outcome.revision, self._code, place.name)
            named = {"kind": {"S": place.kind}, "path": {"S": place.path}}
            self._update(outcome.route_id, key, place.counts, named, ends)
        for name, found in self._samples(outcome):
            slot = self._slot(outcome, name)
            key = keys.sample_key(outcome.revision, self._code, name, slot)
            self._update(outcome.route_id, key, {}, {"example": {"S": _example(found, outcome, self._wall())}}, ends)

    def count(self, route_id: str, revision: str, counts: Mapping[str, int], timeout_s: float) -> None:
        """Add to a canary's counters, with what else comes within a second.

        An environment that ends loses what came after the last second's writing, errors and all: written at once, they
        would be a greater share than they are. Raises EvidenceFailed; what the table did not take is lost then, for
        nobody knows whether it was added.
        """
        waiting = self._waiting.setdefault((route_id, revision, keys.hour_of(self._wall())), {})
        for name, number in counts.items():
            waiting[name] = waiting.get(name, 0) + number
        began = self._now()
        if began - self._flushed_at > _FLUSH_S:
            self._flushed_at = began
            while self._waiting:
                (route_id, revision, hour), added = self._waiting.popitem()
                key = keys.count_key(revision, self._code, hour)
                self._update(route_id, key, added, {}, began + timeout_s)

    def _count(self, route_id: str, revision: str, counts: Mapping[str, int], ends: float, wall_s: float) -> None:
        key = keys.count_key(revision, self._code, keys.hour_of(wall_s))
        self._update(route_id, key, counts, {}, ends)

    def _places(self, outcome: Outcome) -> "list[_Place]":
        """Return what is counted of a comparison, each place once, however many elements of a list differ there."""
        added = {keys.RAW: 1} if outcome.noise is None else {keys.RAW: 1, keys.RAW_NOISY: 1}
        places: dict[str, _Place] = {}
        for found in outcome.differences:
            place = self._place(outcome, *_where(found))
            places.setdefault(place.name, place).counts.update(added)
        for path in outcome.noise or ():
            place = self._place(outcome, "", _text(path))
            places.setdefault(place.name, place).counts[keys.NOISE] = 1
        return list(places.values())

    def _place(self, outcome: Outcome, kind: str, path: str) -> "_Place":
        """Return where a difference is counted; past MAX_PLACES, all further ones are counted together."""
        name = keys.place_of(kind, path)
        seen = self._seen.setdefault((outcome.route_id, outcome.revision), {})
        if name not in seen and len(seen) >= keys.MAX_PLACES:
            return _Place(keys.place_of("", keys.REST), "", keys.REST, {})
        seen.setdefault(name, 0)
        return _Place(name, kind[:_MAX_TEXT], path[:_MAX_TEXT], {})

    def _samples(self, outcome: Outcome) -> list[tuple[str, Found]]:
        """Return the first difference of each place, by the place's name."""
        first: dict[str, Found] = {}
        for found in outcome.differences:
            first.setdefault(self._place(outcome, *_where(found)).name, found)
        return list(first.items())[:_MAX_SAMPLES]

    def _slot(self, outcome: Outcome, place: str) -> int:
        seen = self._seen[outcome.route_id, outcome.revision]
        number = seen.get(place, 0)
        if place in seen:
            seen[place] = number + 1
        return number % keys.SLOTS

    def _update(self, route_id: str, key: str, added: Mapping[str, int], named: _Values, ends: float) -> None:
        left_s = ends - self._now()
        if left_s <= 0:
            raise EvidenceFailed(f"dynamodb table {self._table_name}: the time was used up before {key} was written")
        try:
            self._call("DynamoDB_20120810.UpdateItem", self._payload(route_id, key, added, named), left_s)
        except AwsError as exc:
            cure = f"; {_CURES[exc.code]}" if exc.code in _CURES else ""
            raise EvidenceFailed(f"dynamodb table {self._table_name}: {exc}{cure}") from exc

    def _payload(self, route_id: str, key: str, added: Mapping[str, int], named: _Values) -> Mapping[str, object]:
        numbers = {name: {"N": str(number)} for name, number in added.items()}
        kept = {**named, keys.EXPIRY: keys.expiry_at(self._wall())}
        # By placeholders: DynamoDB reserves some six hundred words, and "path" is one of them.
        places = {name: f"{position}" for position, name in enumerate((*numbers, *kept))}
        adding = ", ".join(f"#{places[name]} :{places[name]}" for name in numbers)
        setting = ", ".join(f"#{places[name]} = :{places[name]}" for name in kept)
        return {
            "TableName": self._table_name,
            "Key": keys.key_of(route_id, key),
            "UpdateExpression": f"SET {setting}{f' ADD {adding}' if adding else ''}",
            "ExpressionAttributeNames": {f"#{place}": name for name, place in places.items()},
            "ExpressionAttributeValues": {f":{places[name]}": value for name, value in ({**numbers, **kept}).items()},
        }

    def __repr__(self) -> str:
        return f"<EvidenceTable {self._table_name}>"


class _Place(NamedTuple):
    """A kind of difference at a path, and what is added there."""

    name: str
    kind: str
    path: str
    counts: dict[str, int]


def _of_kind(counts: dict[str, int], *, is_write: bool) -> dict[str, int]:
    """Return counters of a comparison; of one that may write, each twice."""
    return {**counts, **{f"{keys.WRITES}{name}": number for name, number in counts.items()}} if is_write else counts


def _where(found: Found) -> tuple[str, str]:
    return _text(found.get("kind", "")), _text(found.get("path", ""))


def _example(found: Found, outcome: Outcome, wall_s: float) -> str:
    """Return an example as JSON of at most 4 KB: without the request, or the values, if it would be larger."""
    when = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(wall_s))
    kind, path = _where(found)
    for example in (
        {**found, "request": dict(outcome.request), "when": when},
        {**found, "when": when},
    ):
        text = json.dumps(example)
        if len(text) <= _MAX_SAMPLE_BYTES:
            return text
    return json.dumps({"kind": kind[:64], "path": path[:256], "when": when, "is_cut": True})


def _text(value: object) -> str:
    """Return a text that DynamoDB takes: the name of a member in somebody's JSON may hold half a character."""
    return str(value).encode("utf-8", "replace").decode()
