"""A seeded corpus of endpoints: legacy asked twice, and the migrated side, with noise and real differences injected.

Every volatile field is found, and no real difference is masked: not by noise, and not by the rules that it leads to.
"""

import json
import random
import uuid
from collections import Counter, defaultdict
from collections.abc import Callable
from typing import NamedTuple

import pytest

from proxy.message import Headers
from proxy.shadow.compare import Answer, compare
from proxy.shadow.noise import Count, is_reported, noisy_paths
from proxy.shadow.rules import Rules
from tests.shadow.answers import JSON_TYPE, Json

EXCHANGES = 200
SEEDS = range(6)


def _set(*keys: str | int, to: Callable[[random.Random], Json]) -> Callable[[Json, random.Random], None]:
    def change(body: Json, chance: random.Random) -> None:
        for inner in _at(body, keys[:-1]):
            inner[keys[-1]] = to(chance)

    return change


def _at(body: Json, keys: tuple[str | int, ...]) -> list[Json]:
    level = [body]
    for key in keys:
        level = [inner for outer in level for inner in (outer if key == "*" else [outer[key]])]
    return level


def _timestamp(chance: random.Random) -> str:
    return f"2026-11-27T{chance.randrange(24):02}:00:{chance.randrange(60):02}.{chance.randrange(1000):03}Z"


def _uuid(chance: random.Random) -> str:
    return str(uuid.UUID(int=chance.getrandbits(128)))


def _shuffle(*keys: str | int) -> Callable[[Json, random.Random], None]:
    def change(body: Json, chance: random.Random) -> None:
        for inner in _at(body, keys):
            chance.shuffle(inner)

    return change


def _maybe(body: Json, chance: random.Random) -> None:
    if chance.random() < 0.5:
        body["debug"] = {"node": chance.randrange(9)}


# By the rule that silences it.
VOLATILE: dict[tuple[str, str], Callable[[Json, random.Random], None]] = {
    ("ignore", "$.generatedAt"): _set("generatedAt", to=_timestamp),
    ("ignore", "$.requestId"): _set("requestId", to=_uuid),
    ("ignore", "$.hits"): _set("hits", to=lambda chance: chance.randrange(10**6)),
    ("ignore", "$.items[*].etag"): _set("items", "*", "etag", to=_uuid),
    ("ignore", "$.items[*].seen.at"): _set("items", "*", "seen", "at", to=_timestamp),
    ("ignore", "$.meta['trace-id']"): _set("meta", "trace-id", to=_uuid),
    ("ignore", "$.debug"): _maybe,
    ("unordered", "$.items"): _shuffle("items"),
    ("unordered", "$.items[*].tags"): _shuffle("items", "*", "tags"),
}


def _fault(*keys: str | int, to: Callable[[Json], Json]) -> Callable[[Json], None]:
    def change(body: Json) -> None:
        inner = _at(body, keys[:-1])[0]
        inner[keys[-1]] = to(inner[keys[-1]])

    return change


def _drop(*keys: str | int) -> Callable[[Json], None]:
    def change(body: Json) -> None:
        for inner in _at(body, keys[:-1]):
            del inner[keys[-1]]

    return change


# By the kind and path that it is told as.
FAULTS: dict[tuple[str, str], Callable[[Json], None]] = {
    ("value", "$.total"): _fault("total", to=lambda total: total + 0.01),
    ("type", "$.count"): _fault("count", to=str),
    ("value", "$.items[*].price"): _fault("items", 1, "price", to=lambda price: price + 1),
    ("missing", "$.items[*].sku"): _drop("items", "*", "sku"),
    ("type", "$.items[*].seen.by"): _fault("items", 2, "seen", "by", to=lambda by: None),
    ("extra", "$.meta.next"): lambda body: body["meta"].update(next="/page/2"),
    ("extra", "$.items[*]"): lambda body: body["items"].append({**body["items"][0], "id": "O-99999"}),
    ("value", "$.items[*].flags[*]"): _fault("items", 0, "flags", 1, to=lambda flag: not flag),
}


def _body(chance: random.Random) -> Json:
    return {
        "generatedAt": "2026-01-01T00:00:00Z",
        "requestId": "-",
        "hits": 0,
        "total": chance.randrange(10**6) / 100,
        "count": chance.randrange(50),
        "meta": {"page": 1, "trace-id": "-"},
        "items": [
            {
                "id": f"O-{1000 + at}",
                "sku": f"SKU-{chance.randrange(10**6)}",
                "price": chance.randrange(10**5),
                "etag": "-",
                "seen": {"at": "-", "by": "shop"},
                "tags": chance.sample(["new", "sale", "old", "blue", "gift"], 4),
                "flags": [True, False, True],
            }
            for at in range(chance.randrange(3, 9))
        ],
    }


class Triple(NamedTuple):
    """Answers to one request."""

    legacy: Answer
    again: Answer
    migrated: Answer


def _corpus(seed: int) -> tuple[list[Triple], set[tuple[str, str]], set[tuple[str, str]]]:
    """Return triples, the rules that their noise asks for, and the kinds and paths of their faults."""
    chance = random.Random(seed)
    volatile = chance.sample(sorted(VOLATILE), 5)
    faults = chance.sample(sorted(FAULTS), 4)
    triples = []
    for _ in range(EXCHANGES):
        body = _body(chance)
        answers = []
        for side in ("legacy", "again", "migrated"):
            mine = json.loads(json.dumps(body))
            if side == "migrated":
                for fault in faults:
                    if chance.random() < 0.15:
                        FAULTS[fault](mine)
            for rule in volatile:
                VOLATILE[rule](mine, chance)
            answers.append(Answer(200, Headers((JSON_TYPE,)), json.dumps(mine).encode()))
        triples.append(Triple(*answers))
    return triples, set(volatile), set(faults)


def _counts(rules: Rules, triples: list[Triple]) -> dict[str, Count]:
    raw: Counter[str] = Counter()
    noise: Counter[str] = Counter()
    kinds: defaultdict[str, set[str]] = defaultdict(set)
    for triple in triples:
        found = compare(rules, triple.legacy, triple.migrated)
        for difference in found:
            kinds[difference.path].add(difference.kind)
        raw.update({difference.path for difference in found})
        noise.update({difference.path for difference in compare(rules, triple.legacy, triple.again)})
    return {path: Count(raw[path], noise[path], kinds[path]) for path in raw | noise}


@pytest.mark.parametrize("seed", SEEDS)
def test_every_volatile_field_is_proposed_and_no_real_difference_masked(seed: int) -> None:
    triples, volatile, faults = _corpus(seed)

    counts = _counts(Rules.of({}), triples)
    reported = {path for path, count in counts.items() if is_reported(count.raw, count.noise, EXCHANGES)}
    proposals = noisy_paths(counts, EXCHANGES)

    assert {(proposal.rule, proposal.path) for proposal in proposals} == volatile
    assert reported == {path for _, path in faults}


@pytest.mark.parametrize("seed", SEEDS)
def test_proposed_rules_silence_the_noise_and_nothing_else(seed: int) -> None:
    triples, volatile, faults = _corpus(seed)
    rules = Rules.of({rule: [path for each, path in volatile if each == rule] for rule in ("ignore", "unordered")})

    again = [compare(rules, triple.legacy, triple.again) for triple in triples]
    found = {
        (difference.kind, difference.path)
        for triple in triples
        for difference in compare(rules, triple.legacy, triple.migrated)
    }

    assert again == [[]] * EXCHANGES
    assert found == faults
