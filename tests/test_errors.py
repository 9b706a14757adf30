"""The tree of errors, and what a client sees of each."""

import json
import re
from collections.abc import Iterator

import pytest

from proxy import errors
from proxy.errors import BadDocument, BadRequest, FigError, answer


def tree(kind: type[FigError]) -> Iterator[type[FigError]]:
    yield kind
    for child in kind.__subclasses__():
        # Others stand in the rooms that raise them; which of those are loaded is a matter of the other tests.
        if child.__module__ == errors.__name__:
            yield from tree(child)


CLIENTS = [
    (errors.NotAnHttpEvent, 400, "unsupported_event", "this function answers HTTP requests only"),
    (errors.MethodRefused, 405, "method_refused", "this method is not forwarded"),
    (errors.LegacyFailed, 502, "legacy_failed", "the backend gave no usable answer"),
    (errors.LegacyUnreachable, 502, "legacy_unreachable", "the backend could not be reached"),
    (errors.LegacyBroken, 502, "legacy_broken", "the backend's answer was incomplete or malformed"),
    (errors.LegacyTimeout, 504, "legacy_timeout", "the backend did not answer in time"),
    (errors.MigratedFailed, 502, "migrated_failed", "the handler failed"),
    (errors.MigratedBadResult, 502, "migrated_bad_result", "the handler gave no usable answer"),
    (errors.ResponseTooLarge, 502, "response_too_large", "the answer is too large to be carried"),
    (FigError, 500, "internal", "the proxy failed"),
]


@pytest.mark.parametrize(("kind", "status", "code", "says"), CLIENTS)
def test_answer_tells_the_code_and_nothing_of_the_message(
    kind: type[FigError], status: int, code: str, says: str
) -> None:
    error = kind("legacy: connect to 10.0.0.7:8080 refused, token SECRET")

    response = answer(error, "request-1")

    assert (response.status, response.code) == (status, code)
    assert response.headers.pairs == ((b"Content-Type", b"application/json"),)
    assert json.loads(response.body) == {"code": code, "message": says, "requestId": "request-1"}


def test_answer_to_a_bad_request_carries_its_own_code() -> None:
    response = answer(BadRequest("bad_path", "the path holds a control character"), 'id "1" é')

    assert response.status == 400
    assert json.loads(response.body) == {
        "code": "bad_path",
        "message": "the path holds a control character",
        "requestId": 'id "1" é',
    }


def test_bad_document_holds_its_problems_and_says_them_all() -> None:
    error = BadDocument(["routes.yaml:1:1 one", "routes.yaml:2:1 two"])

    assert (error.problems, str(error)) == (
        ["routes.yaml:1:1 one", "routes.yaml:2:1 two"],
        "routes.yaml:1:1 one\nroutes.yaml:2:1 two",
    )


def test_tree_in_the_docstring_is_the_tree_of_the_classes() -> None:
    drawn = re.findall(r"(?m)^[│├└─ ]*(\w+)", (errors.__doc__ or "").split("\n\n")[1])

    assert drawn == [kind.__name__ for kind in tree(FigError)]


def test_every_code_is_of_one_class_only() -> None:
    codes = [kind.code for kind in tree(FigError) if "code" in vars(kind)]

    assert len(codes) == len(set(codes))
