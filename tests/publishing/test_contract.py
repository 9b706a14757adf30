"""Recorded cases: what a file may hold, and what is made of the answers."""

import json
from pathlib import Path

import pytest

from proxy.errors import Misuse, Refused
from proxy.evidence.outcome import Found
from proxy.message import Headers
from proxy.publishing.contract import Asked, Case, Tried, Went, attempt, read_cases, record, taken_by, text_of, went
from proxy.routing.override import Side
from proxy.routing.table import Route
from proxy.shadow.compare import Answer

REQUEST = {"method": "POST", "target": "/orders", "headers": {"content-type": "application/json"}, "body": '{"a": 1}'}
JSON = Headers(((b"content-type", b"application/json"), (b"vary", b"a"), (b"vary", b"b")))
ROUTE = Route("orders.create", "/orders", compare={"ignore": ["$.id"]})


def written(path: Path, *cases: object) -> Path:
    path.write_text(json.dumps({"cases": cases}))
    return path


def test_what_was_recorded_is_read_again_as_it_was(tmp_path: Path) -> None:
    cases = read_cases(written(tmp_path / "cases.json", {"name": "one", "request": REQUEST}))
    answers = [Answer(201, JSON, b'{"id": 7}'), Answer(200, Headers(), b"\xff\x00")]

    for answer in answers:
        recorded = record(cases, lambda side, asked, answer=answer: answer)  # type: ignore[misc]  # bound for the loop
        (tmp_path / "again.json").write_text(text_of(recorded.cases))

        assert read_cases(tmp_path / "again.json") == recorded.cases
        assert recorded.cases[0].answer == answer
        assert (recorded.left_out, recorded.asked_with) == ([], [])


SECRETS = Headers(
    (
        (b"Content-Type", b"application/json"),
        (b"Set-Cookie", b"sid=s3cr3t"),
        (b"X-Auth", b"s3cr3t"),
        (b"Location", b"/cb?page=2&code=s3cr3t"),
    )
)


def test_secrets_in_headers_are_not_recorded_and_the_names_of_those_headers_are_told(tmp_path: Path) -> None:
    """The file is meant for a repository."""
    asked = {**REQUEST, "headers": {"Authorization": "s3cr3t", "Accept": "*/*"}}
    cases = read_cases(written(tmp_path / "cases.json", {"name": "one", "request": asked}))

    recorded = record(cases, lambda side, asked: Answer(200, SECRETS, b"{}"))

    [case] = recorded.cases
    assert case.answer is not None
    assert case.answer.headers.pairs == (
        (b"Content-Type", b"application/json"),
        (b"Location", b"/cb?page=2&code=***"),
    )
    assert case.asked == cases[0].asked, "what is asked is its author's to change"
    assert (recorded.left_out, recorded.asked_with) == (["location", "set-cookie", "x-auth"], ["authorization"])


def test_secrets_that_are_not_recorded_are_not_missed_in_the_answer(tmp_path: Path) -> None:
    route = ROUTE._replace(compare={"headers": ["set-cookie", "x-auth", "location"]})
    cases = record(
        read_cases(written(tmp_path / "cases.json", {"name": "one", "request": REQUEST})),
        lambda side, asked: Answer(200, SECRETS, b"{}"),
    ).cases
    moved = Headers(tuple((name, value.replace(b"page=2", b"page=3")) for name, value in SECRETS))

    (equal,) = attempt(route, cases, lambda side, asked: Answer(200, SECRETS, b"{}"))
    (different,) = attempt(route, cases, lambda side, asked: Answer(200, moved, b"{}"))

    assert equal.differences == ()
    assert [found["path"] for found in different.differences] == ["header:location"]


@pytest.mark.parametrize("shows_values", [False, True])
def test_difference_from_a_recorded_answer_is_redacted_as_an_example_is(tmp_path: Path, shows_values: bool) -> None:
    recorded = {"status": 200, "headers": {"content-type": "application/json"}, "body": '{"pwd": "s3cr3t", "a": 1}'}
    cases = read_cases(written(tmp_path / "cases.json", {"name": "one", "request": REQUEST, "response": recorded}))
    route = ROUTE._replace(compare={"values": shows_values})

    (tried,) = attempt(route, cases, lambda side, asked: Answer(200, JSON, b'{"pwd": "s3cr3t too", "a": 2}'))

    secret, total = tried.differences
    assert secret["control"].keys() == {"type", "length", "hash"}
    assert (total["control"], total["candidate"]) == (1, 2) or not shows_values
    assert "s3cr3t" not in json.dumps(tried.differences)


def test_target_that_is_refused_is_told_without_its_secrets(tmp_path: Path) -> None:
    asked = {"method": "GET", "target": "/a b?token=s3cr3t"}

    with pytest.raises(Misuse) as refused:
        read_cases(written(tmp_path / "cases.json", {"request": asked}))

    assert "got the target '/a b?token=***', expected /path in visible ASCII" in str(refused.value)


def test_migrated_side_has_to_give_the_recorded_answer_by_the_routes_own_rules(tmp_path: Path) -> None:
    recorded = {"status": 201, "headers": {"content-type": "application/json"}, "body": '{"id": 7, "a": 1}'}
    cases = read_cases(written(tmp_path / "cases.json", {"name": "one", "request": REQUEST, "response": recorded}))
    asked: list[tuple[Side, Asked]] = []

    def send(side: Side, request: Asked) -> Answer:
        asked.append((side, request))
        return Answer(201, JSON, b'{"id": 8, "a": %d}' % len(asked))

    (equal,), (different,) = list(attempt(ROUTE, cases, send)), list(attempt(ROUTE, cases, send))

    assert equal.differences == ()
    assert [(found["kind"], found["path"]) for found in different.differences] == [("value", "$.a")]
    assert asked == [("migrated", Asked("POST", "/orders", ((b"content-type", b"application/json"),), b'{"a": 1}'))] * 2


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("", "is no JSON"),
        ("[]", "got no cases"),
        ('{"cases": []}', "got no cases"),
        ('{"cases": [7]}', "case 1: got int, expected an object"),
        ('{"cases": [{}]}', "case 1: got none, expected 'request'"),
        ('{"cases": [{"request": {"method": "GET"}}]}', "case 1: got none, expected 'target'"),
        ('{"cases": [{"request": {"method": "GET", "target": "/a b"}}]}', "expected /path in visible ASCII"),
        ('{"cases": [{"request": {"method": "GET", "target": "/", "body64": "?"}}]}', "case 1: "),
    ],
)
def test_file_that_holds_no_cases_is_told_with_what_is_wrong(tmp_path: Path, content: str, says: str) -> None:
    (tmp_path / "cases.json").write_text(content)

    with pytest.raises(Misuse) as refused:
        read_cases(tmp_path / "cases.json")

    assert says in str(refused.value)


def test_case_that_was_not_recorded_yet_is_not_tried(tmp_path: Path) -> None:
    cases = read_cases(written(tmp_path / "cases.json", {"name": "one", "request": REQUEST}))

    def nobody(_side: Side, _asked: Asked) -> Answer:
        raise AssertionError("nobody is to be asked")

    with pytest.raises(Misuse, match="one: got no recorded response"):
        list(attempt(ROUTE, cases, nobody))


@pytest.mark.parametrize("got", [None, b"legacy"])
def test_answer_that_does_not_say_that_it_is_the_chosen_sides_counts_for_nothing(got: bytes | None) -> None:
    """Else legacy would be compared with itself, and pass."""
    headers = Headers(((b"x-fig-side", got),) if got else ())

    with pytest.raises(Refused, match="asked the migrated side"):
        taken_by("migrated", headers)


def tried(method: str, *differences: Found) -> Tried:
    return Tried(Case(method, Asked(method, "/orders", (), b""), Answer(200, JSON, b"")), differences)


def test_contract_went_by_the_methods_of_the_cases_that_passed() -> None:
    cases = [tried("POST"), tried("POST"), tried("GET"), tried("PUT", {"kind": "status", "path": "status"})]

    assert went(cases, {"8"}) == Went(3, 1, ("GET", "POST"), "8")
    assert went([], {""}) == Went(0, 0, (), "")


def test_contract_that_two_versions_have_answered_says_nothing_of_either() -> None:
    """A deployment was under way."""
    with pytest.raises(Refused, match="versions 7 and 8 of the function have answered: try again"):
        went([tried("POST")], {"8", "7"})
