"""Laws of comparing that hold for any answers."""

import json
import random
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from proxy.message import Headers
from proxy.routing.json_path import Step, parse
from proxy.shadow.compare import MOST_DIFFERENCES, Answer, compare
from proxy.shadow.rules import NO_RULES, Rules
from tests.shadow.answers import JSON, JSON_TYPE, NUMBERS, answer, differences, outline, sides

_PATHS = st.sampled_from(["$", "$.*", "$[*]", "$..*", "$.a", "$.b", "$..a", "$[0]", "$[*].id", "$..at", "$.a[*].b"])
RULES = st.fixed_dictionaries(
    {},
    optional={
        "ignore": st.lists(_PATHS.filter(lambda path: path not in ("$", "$..*")), max_size=2),
        "unordered": st.lists(_PATHS, max_size=2),
        "tolerance": st.dictionaries(_PATHS, st.floats(0, 10), max_size=2),
        "normalise": st.dictionaries(_PATHS, st.sampled_from(["a", "[0-9]+", ".*", "^"]), max_size=2),
        "rename": st.dictionaries(
            st.sampled_from(["$.a", "$..b", "$[*].id"]), st.sampled_from(["z", "b", "a"]), max_size=1
        ),
        "headers": st.lists(st.sampled_from(["etag", "Vary"]), max_size=2),
    },
)
_HEADERS = st.lists(
    st.tuples(
        st.sampled_from([b"Content-Type", b"content-encoding", b"ETag", b"vary"]),
        st.sampled_from([b"application/json", b"a/b+json;", b"gzip", b"br", b"x"]) | st.binary(max_size=5),
    ),
    max_size=4,
).map(lambda pairs: Headers(tuple(pairs)))
_BODIES = (
    st.binary(max_size=30)
    | JSON.map(lambda value: json.dumps(value).encode())
    | st.text(st.sampled_from('[]{}",:0123456789.eE+-NaInfity\\u \ufeff')).map(
        lambda text: text.encode("utf-8", "surrogatepass")
    )
)
_ANSWERS = st.builds(Answer, st.integers(200, 599), _HEADERS, _BODIES)
_JSON_ANSWERS = st.builds(lambda body: Answer(200, Headers((JSON_TYPE,)), body), _BODIES)
_PAIRS = st.tuples(_ANSWERS, _ANSWERS) | st.tuples(_JSON_ANSWERS, _JSON_ANSWERS)


@given(_ANSWERS, RULES.filter(lambda rules: "rename" not in rules))
def test_an_answer_does_not_differ_from_itself(one: Answer, rules: dict[str, Any]) -> None:
    assert compare(Rules.of(rules), one, one) == []


@given(_ANSWERS, RULES)
def test_two_equal_answers_of_legacy_do_not_differ_whatever_is_renamed(one: Answer, rules: dict[str, Any]) -> None:
    assert compare(Rules.of(rules).of_one_side, one, one) == []


@given(JSON, RULES.filter(lambda rules: "rename" not in rules))
def test_json_does_not_differ_from_itself_written_otherwise(value: Any, rules: dict[str, Any]) -> None:
    other = Answer(200, Headers((JSON_TYPE,)), json.dumps(_reversed(value), indent=2).encode())

    assert compare(Rules.of(rules), answer(value), other) == []


@given(_PAIRS, RULES)
def test_any_two_answers_are_compared_without_an_error(pair: tuple[Answer, Answer], rules: dict[str, Any]) -> None:
    assert len(compare(Rules.of(rules), *pair)) <= MOST_DIFFERENCES


@given(JSON, JSON, RULES)
def test_what_is_ignored_as_a_whole_does_not_differ(control: Any, candidate: Any, rules: dict[str, Any]) -> None:
    assert differences(control, candidate, **{**rules, "ignore": ["$"], "headers": []}) == []


@given(JSON, JSON, RULES.filter(lambda rules: "rename" not in rules))
def test_missing_becomes_extra_when_the_sides_are_swapped(control: Any, candidate: Any, rules: dict[str, Any]) -> None:
    ready = Rules.of(rules)
    swapped = {"missing": "extra", "extra": "missing"}

    there = outline(compare(ready, answer(control), answer(candidate)))
    back = outline(compare(ready, answer(candidate), answer(control)))

    assert sorted(there) == sorted((swapped.get(kind, kind), path) for kind, path in back)


@given(JSON, JSON)
def test_values_differ_exactly_when_they_are_not_one_json_value(control: Any, candidate: Any) -> None:
    assert (differences(control, candidate) == []) == (_canonical(control) == _canonical(candidate))


@given(st.lists(JSON, max_size=8), st.randoms(), RULES.filter(lambda rules: "rename" not in rules))
def test_unordered_list_does_not_differ_from_any_permutation(
    value: list[Any], chance: random.Random, rules: dict[str, Any]
) -> None:
    shuffled = chance.sample(value, len(value))
    # A rule for one index says that the place counts.
    by_place: dict[str, Any] = {"ignore": [path for path in rules.get("ignore", ()) if path != "$[0]"]}
    for field in ("tolerance", "normalise"):
        by_place[field] = {path: rule for path, rule in rules.get(field, {}).items() if path != "$[0]"}
    unordered = [*(path for path in rules.get("unordered", ()) if path != "$[0]"), "$"]

    assert differences(value, shuffled, **{**rules, **by_place, "unordered": unordered}) == []


@given(st.lists(JSON, max_size=8), st.randoms())
def test_shuffled_list_has_no_difference_but_its_order(value: list[Any], chance: random.Random) -> None:
    assert outline(differences(value, chance.sample(value, len(value)))) in ([], [("order", "$")])


@given(st.lists(JSON, max_size=5), st.lists(JSON, max_size=5))
def test_unordered_lists_differ_exactly_when_their_elements_do(control: list[Any], candidate: list[Any]) -> None:
    is_equal = sorted(map(_canonical, control)) == sorted(map(_canonical, candidate))

    assert (differences(control, candidate, unordered=["$"]) == []) == is_equal


@given(NUMBERS, NUMBERS, st.integers(0, 10) | st.floats(0, 1e9))
def test_numbers_within_their_tolerance_do_not_differ(control: float, candidate: float, tolerance: float) -> None:
    found = differences(control, candidate, tolerance={"$": tolerance})

    assert found == [] or differences(control, candidate)
    try:
        is_within = abs(control - candidate) <= tolerance
    except OverflowError:
        return
    if is_within:
        assert found == []


@given(JSON, st.floats(0, 10))
def test_moved_numbers_within_their_tolerance_do_not_differ(value: Any, tolerance: float) -> None:
    assert differences(value, _moved(value, tolerance), tolerance={"$": tolerance, "$..*": tolerance}) == []


@given(JSON, JSON)
def test_every_path_that_is_told_can_be_ignored(control: Any, candidate: Any) -> None:
    found = differences(control, candidate)
    paths = [path for _, path in outline(found)]

    assert all(path.endswith("…") or isinstance(parse(path).steps, tuple) for path in paths)
    assert differences(control, candidate, ignore=paths) == []


@given(JSON)
def test_paths_of_rules_are_walked_as_they_match(value: Any) -> None:
    texts = ["$..a", "$..*.b", "$[*].a", "$..a..b", "$.a", "$.*[0]"]
    root = Rules.of({"ignore": texts}).root
    paths = [parse(text) for text in texts]

    for location in _locations(value, ()):
        node = root
        for key in location:
            node = node.child(key)
        covered = any(path.matches(location[:length]) for path in paths for length in range(len(location) + 1))
        assert node.ignored == covered


def test_deep_step_stays_in_force_below_what_it_has_taken() -> None:
    assert parse("$..a.b").steps == (Step("a", is_deep=True), Step("b"))
    assert sorted(parse("$..a.b").advance(0, "a")) == [0, 1]


def test_hostile_paths_and_bodies_do_not_fill_the_memory() -> None:
    rules = Rules.of({"ignore": ["$..a" + ".*" * 20]})
    chance = random.Random(7)
    value: Any = 1
    for level in range(45):
        value = {chance.choice("ab"): value, **({"c": [value, 1]} if level % 5 == 0 else {})}

    assert sides(compare(rules, answer(value), answer([value]))) == [("type", "$", value, [value])]
    assert NO_RULES.root.child("a").child(0) is NO_RULES.root


def _reversed(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _reversed(value[name]) for name in reversed(value)}
    return [_reversed(inner) for inner in value] if isinstance(value, list) else value


def _canonical(value: Any) -> str:
    """Return JSON in one form, by other means than the comparison's."""
    if isinstance(value, dict):
        return f"{{{','.join(f'{name!r}:{_canonical(value[name])}' for name in sorted(value))}}}"
    if isinstance(value, list):
        return f"[{','.join(map(_canonical, value))}]"
    if isinstance(value, float) and value.is_integer():
        return repr(int(value))
    return repr(value)


def _moved(value: Any, by: float) -> Any:
    if isinstance(value, dict):
        return {name: _moved(inner, by) for name, inner in value.items()}
    if isinstance(value, list):
        return [_moved(inner, by) for inner in value]
    is_small = isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e9
    return value + by if is_small else value


def _locations(value: Any, here: tuple[Any, ...]) -> list[tuple[Any, ...]]:
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [here, *(location for key, inner in children for location in _locations(inner, (*here, key)))]
