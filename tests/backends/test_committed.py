"""A migrated handler's word that nothing was committed: who can give it, how, and who gets to see it."""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from proxy.aws.call import Answer, AwsError
from proxy.aws.sigv4 import Unsigned
from proxy.backends.committed import is_declared_by, taken_from
from proxy.backends.function import Function
from proxy.backends.migrated import Migrated
from proxy.errors import MigratedFailed, MigratedTimeout
from proxy.message import Headers, Response
from tests.samples import request

RETURNS = "tests.backends.handlers:returns"
RAISES = "tests.backends.test_committed:raises"


class Refused(Exception):
    """A handler's own, with the word in it or not."""

    def __init__(self, word: object) -> None:
        super().__init__()
        self.nothing_committed = word


class SaysSo(Exception):
    """A whole class that gives the word."""

    nothing_committed = True


def raises(event: Mapping[str, Any], _context: object) -> None:
    """A handler that raises what its event holds. Any: events are JSON."""
    raise event["raises"]


@pytest.mark.parametrize(
    ("raised", "is_declared"),
    [
        (SaysSo(), True),
        (Refused(True), True),
        # A truth by chance is no word: only True itself is.
        (Refused("yes"), False),
        (Refused(1), False),
        (Refused(None), False),
        (Refused(False), False),
        (ValueError(), False),
        (SystemExit(), False),
    ],
)
def test_exception_gives_the_word_by_an_attribute_that_is_true(raised: BaseException, is_declared: bool) -> None:
    with pytest.raises(MigratedFailed) as failed:
        Migrated(RAISES)(request("POST", event={"raises": raised}))

    assert is_declared_by(raised) == is_declared
    assert failed.value.nothing_committed == is_declared


WORD = "x-fig-nothing-committed"
ERROR = {"statusCode": 503, "body": "{}"}


@pytest.mark.parametrize(
    ("told", "left", "is_declared"),
    [
        ({}, {}, False),
        ({"headers": None, "multiValueHeaders": None}, {"headers": None, "multiValueHeaders": None}, False),
        ({"headers": {WORD: "1"}}, {"headers": {}}, True),
        ({"headers": {"X-Fig-Nothing-Committed": "1", "a": "b"}}, {"headers": {"a": "b"}}, True),
        ({"headers": {WORD: 1}}, {"headers": {}}, True),
        ({"multiValueHeaders": {WORD: ["1"], "a": ["b"]}}, {"multiValueHeaders": {"a": ["b"]}}, True),
        (
            {"headers": {WORD: "1", "a": "b"}, "multiValueHeaders": {"X-FIG-Nothing-Committed": ["1"]}},
            {"headers": {"a": "b"}, "multiValueHeaders": {}},
            True,
        ),
        # Whatever else it says is not that word; no client gets to see it either way.
        ({"headers": {WORD: "0"}}, {"headers": {}}, False),
        ({"headers": {WORD: "true"}}, {"headers": {}}, False),
        ({"headers": {WORD: True}}, {"headers": {}}, False),
        ({"headers": {WORD: ""}}, {"headers": {}}, False),
        ({"headers": {f"{WORD}-not": "1"}}, {"headers": {f"{WORD}-not": "1"}}, False),
        ({"multiValueHeaders": {WORD: ["1", "1"]}}, {"multiValueHeaders": {}}, False),
        ({"multiValueHeaders": {WORD: []}}, {"multiValueHeaders": {}}, False),
    ],
)
@pytest.mark.parametrize("status", [400, 503])
def test_error_gives_the_word_by_a_header_that_no_client_gets_to_see(
    told: dict[str, Any], left: dict[str, Any], is_declared: bool, status: int
) -> None:
    result = {**ERROR, "statusCode": status, **told}
    as_it_was = json.loads(json.dumps(result))

    answer = Migrated(RETURNS)(request("POST", event={"returns": result}))

    expected = {**ERROR, "statusCode": status, **left}
    assert answer == Response(status, Headers(), b"", result=expected, nothing_committed=is_declared)
    assert result == as_it_was  # it may be a constant of the handler's


@pytest.mark.parametrize("status", [200, 201, 302])
def test_success_is_no_word_and_goes_back_untouched(status: int) -> None:
    result = {"statusCode": status, "headers": {WORD: "1"}}

    answer = Migrated(RETURNS)(request("POST", event={"returns": result}))

    assert (answer.result is result, answer.nothing_committed) == (True, False)


@pytest.mark.parametrize("result", [None, "text", ["list"], 7])
def test_result_that_is_no_map_gives_no_word(result: object) -> None:
    assert taken_from(result) == (result, False)


# What was never asked has committed nothing.


def test_handler_that_cannot_be_loaded_has_committed_nothing() -> None:
    """A write goes to the fallback if the primary was never asked."""
    with pytest.raises(MigratedFailed, match="cannot be loaded") as failed:
        Migrated("no.such.module:handler")(request("POST", event={}))

    assert failed.value.nothing_committed


def test_handler_whose_import_took_all_the_time_was_not_asked_and_has_committed_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A write goes to the fallback if the primary was never asked."""
    (tmp_path / "fig_asked.py").write_text("asked = []\ndef handler(event, context): asked.append(event)\n", "utf-8")
    monkeypatch.syspath_prepend(tmp_path)

    with pytest.raises(MigratedTimeout) as failed:
        Migrated("fig_asked:handler")(request("POST", event={}, left_s=-0.1))

    assert failed.value.nothing_committed
    assert sys.modules.pop("fig_asked").asked == []


# A function of its own.


def asked_of_function(answer: Answer | AwsError) -> Response:
    """Ask a function for which Lambda answers so."""

    def send(_asked: Unsigned, _timeout_s: float) -> Answer:
        if isinstance(answer, AwsError):
            raise answer
        return answer

    return Function("orders-prod", send, lambda: 0.0)(request("POST", event={}))


def failure_of_function(answer: Answer | AwsError) -> MigratedFailed:
    with pytest.raises(MigratedFailed) as failed:
        asked_of_function(answer)
    return failed.value


@pytest.mark.parametrize(
    ("payload", "is_declared"),
    [
        ({"errorMessage": "no", "errorType": "NothingCommitted", "stackTrace": []}, True),
        ({"errorMessage": "NothingCommitted", "errorType": "ValueError"}, False),
        ({"errorType": "orders.NothingCommitted"}, False),
        ({"errorType": ["NothingCommitted"]}, False),
        ({}, False),
        ("NothingCommitted", False),
        (None, False),
    ],
)
def test_function_gives_the_word_by_the_type_of_its_error(payload: object, is_declared: bool) -> None:
    failed = Answer(200, Headers(((b"X-Amz-Function-Error", b"Unhandled"),)), json.dumps(payload).encode())

    assert failure_of_function(failed).nothing_committed == is_declared


@pytest.mark.parametrize("body", [b"", b"<html>", b"[" * 100_000])
def test_functions_error_that_cannot_be_read_is_no_word(body: bytes) -> None:
    failed = Answer(200, Headers(((b"X-Amz-Function-Error", b"Unhandled"),)), body)

    assert not failure_of_function(failed).nothing_committed


def test_function_gives_the_word_by_a_header_as_a_handler_in_this_process_does() -> None:
    result = {**ERROR, "headers": {WORD: "1"}}

    answer = asked_of_function(Answer(200, Headers(), json.dumps(result).encode()))

    assert answer == Response(503, Headers(), b"", result={**ERROR, "headers": {}}, nothing_committed=True)


@pytest.mark.parametrize(
    ("answer", "is_committed_nowhere"),
    [
        # Lambda's 4xx: the function was not invoked (too many requests, no such function, not allowed).
        (Answer(429, Headers(), b"{}"), True),
        (Answer(404, Headers(), b"{}"), True),
        (Answer(403, Headers(), b"{}"), True),
        # Nobody knows whether it was.
        (Answer(500, Headers(), b"{}"), False),
        (Answer(502, Headers(), b"{}"), False),
        (AwsError("lambda: no answer", code="Timeout"), False),
        (AwsError("lambda: broken", code="NoAnswer"), False),
        # Without credentials, nothing was sent.
        (AwsError("no credentials", code="NoCredentials"), True),
    ],
)
def test_function_that_was_not_invoked_has_committed_nothing(
    answer: Answer | AwsError, is_committed_nowhere: bool
) -> None:
    """A write is never executed twice, and goes to the fallback if the primary was never asked."""
    assert failure_of_function(answer).nothing_committed == is_committed_nowhere
