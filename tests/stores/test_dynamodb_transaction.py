"""A transaction that is sent until it is known what became of it."""

from collections.abc import Sequence
from typing import Any

import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError, EndpointConnectionError, ReadTimeoutError

from proxy.stores.dynamodb_transaction import Outcome, Patience, execute

WRITES: list[dict[str, Any]] = [{"Put": {}}, {"Update": {}}]
URL = "http://dynamodb.example"


class Service:
    """Answers a transaction with what a test wants, the last for ever; every call and every pause takes a second."""

    def __init__(self, *answers: Exception | None) -> None:
        self._answers = list(answers)
        self.tokens: list[str] = []
        self.pauses: list[float] = []
        self.now_s = 0.0

    def transact_write_items(self, *, TransactItems: Sequence[Any], ClientRequestToken: str) -> None:  # noqa: N803  # boto3's
        assert TransactItems is WRITES
        self.tokens.append(ClientRequestToken)
        self.now_s += 1
        answer = self._answers[min(len(self.tokens), len(self._answers)) - 1]
        if answer is not None:
            raise answer

    def sleep(self, pause_s: float) -> None:
        """Note a pause."""
        self.pauses.append(pause_s)


def cancelled(*codes: str) -> ClientError:
    """Return what DynamoDB says when it cancels: a code for each write."""
    response: Any = {  # Any: botocore's stubs do not know the reasons
        "Error": {"Code": "TransactionCanceledException", "Message": f"please refer to {codes}"},
        "CancellationReasons": [{"Code": code} for code in codes],
        "ResponseMetadata": {"HTTPStatusCode": 400},
    }
    return ClientError(response, "TransactWriteItems")


def failed(code: str, status: int = 400) -> ClientError:
    """Return another error of the service."""
    response: Any = {"Error": {"Code": code, "Message": "why"}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(response, "TransactWriteItems")


def outcome_of(service: Service, timeout_s: float = 60.0) -> Outcome:
    """Return what becomes of a transaction."""
    patience = Patience(timeout_s, lambda: service.now_s, service.sleep)
    return execute(service, WRITES, patience)  # type: ignore[arg-type]  # as much of a client as is needed


CANCELLED: list[Exception] = [
    cancelled("None", "TransactionConflict"),
    cancelled("TransactionConflict", "ConditionalCheckFailed"),
    cancelled("ThrottlingError", "None"),
    cancelled("None", "ProvisionedThroughputExceeded"),
]
UNKNOWN: list[Exception] = [
    failed("TransactionInProgressException"),
    failed("TransactionConflictException"),
    failed("ThrottlingException"),
    failed("ProvisionedThroughputExceededException"),
    failed("RequestLimitExceeded"),
    failed("ReplicatedWriteConflictException"),
    failed("InternalServerError", 500),
    failed("502", 502),
    failed("ServiceUnavailable", 503),
    ReadTimeoutError(endpoint_url=URL),
    ConnectTimeoutError(endpoint_url=URL),
    EndpointConnectionError(endpoint_url=URL),
]


@pytest.mark.parametrize("answer", UNKNOWN, ids=str)
def test_transaction_that_may_have_been_executed_is_sent_again_under_the_same_token(answer: Exception) -> None:
    """A write is never executed twice: under one token DynamoDB executes it once, however often it arrives."""
    service = Service(answer, answer, None)

    assert outcome_of(service) == Outcome("written")
    assert (len(service.tokens), len(set(service.tokens))) == (3, 1)


@pytest.mark.parametrize("answer", CANCELLED, ids=str)
def test_transaction_that_was_cancelled_is_sent_again_under_another_token(answer: Exception) -> None:
    service = Service(answer, answer, None)

    assert outcome_of(service) == Outcome("written")
    assert (len(service.tokens), len(set(service.tokens))) == (3, 3)


@pytest.mark.parametrize("answer", [cancelled("None", "ConditionalCheckFailed"), cancelled("ConditionalCheckFailed")])
def test_condition_that_is_not_met_is_an_answer(answer: ClientError) -> None:
    service = Service(answer)

    assert (outcome_of(service), len(service.tokens)) == (Outcome("refused"), 1)


@pytest.mark.parametrize(
    "answer",
    [
        failed("AccessDeniedException"),
        failed("ResourceNotFoundException"),
        failed("ValidationException"),
        cancelled("None", "ValidationError"),
        cancelled("ItemCollectionSizeLimitExceeded", "None"),
    ],
    ids=str,
)
def test_what_will_not_pass_is_raised_at_once(answer: ClientError) -> None:
    service = Service(answer)

    with pytest.raises(ClientError) as caught:
        outcome_of(service)

    assert (caught.value, len(service.tokens)) == (answer, 1)


@pytest.mark.parametrize("answer", CANCELLED + UNKNOWN, ids=str)
def test_when_the_time_has_run_out_nobody_knows(answer: Exception) -> None:
    service = Service(answer)

    assert outcome_of(service, timeout_s=5) == Outcome("unknown", str(answer))
    assert 3 <= len(service.tokens) <= 5


def test_pauses_grow_and_are_never_the_same_for_two() -> None:
    one, other = (Service(*[failed("ThrottlingException")] * 12, None) for _ in range(2))

    outcome_of(one)
    outcome_of(other)

    longest = [min(0.05 * 2**number, 1.0) for number in range(12)]
    assert all(most / 2 <= pause <= most for pause, most in zip(one.pauses, longest, strict=True))
    assert one.pauses != other.pauses
