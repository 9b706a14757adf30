"""Several writes that happen together or not at all, sent until it is known which."""

import random
import uuid
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from botocore.exceptions import ClientError, HTTPClientError
from botocore.exceptions import ConnectionError as NoConnectionError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_FIRST_PAUSE_S = 0.05
_LONGEST_PAUSE_S = 1.0

# Somebody else was at the same items, or there was no room: the same transaction may pass in a moment.
# Source: docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html and
# docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html
_PASSING_REASONS = frozenset({"TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"})
_PASSING_CODES = frozenset(
    {
        "InternalServerError",
        "ProvisionedThroughputExceededException",
        "ReplicatedWriteConflictException",
        "RequestLimitExceeded",
        "ThrottlingException",
        "TransactionConflictException",
        "TransactionInProgressException",
    }
)


class Outcome(NamedTuple):
    """What became of a transaction. Unknown: the time ran out, and it may have been executed or may yet be."""

    what: Literal["written", "refused", "unknown"]
    why: str = ""


class Patience(NamedTuple):
    """How long to go on, and by which clock."""

    timeout_s: float
    now: Callable[[], float]
    sleep: Callable[[float], object]


def execute(client: "DynamoDBClient", writes: Sequence[Any], patience: Patience) -> Outcome:
    """Send a transaction until it is written, or refused for one of its conditions, or the time has run out.

    Attempts whose outcome is unknown carry one token, by which DynamoDB executes them once, however many arrive within
    ten minutes. Still, one whose answer was lost may come back as refused, by itself: the caller looks whose the items
    are. Any: the stubs have a type for each kind of write. Raises ClientError, BotoCoreError for what will not pass.
    """
    ends = patience.now() + patience.timeout_s
    longest_s = _FIRST_PAUSE_S
    token = uuid.uuid4().hex
    while True:
        try:
            client.transact_write_items(TransactItems=writes, ClientRequestToken=token)
            return Outcome("written")
        except ClientError as exc:
            reasons = _reasons(exc)
            if not _will_pass(exc, reasons):
                if "ConditionalCheckFailed" in reasons:
                    return Outcome("refused")
                raise
            why = str(exc)
            if reasons:
                # It was cancelled for certain. That its token may be used again is nowhere promised.
                token = uuid.uuid4().hex
        except (NoConnectionError, HTTPClientError) as exc:
            why = str(exc)
        # Publishers that collided must not come back at the same moment.
        pause_s = random.uniform(longest_s / 2, longest_s)  # noqa: S311  # no secret
        if patience.now() + pause_s >= ends:
            return Outcome("unknown", why)
        patience.sleep(pause_s)
        longest_s = min(2 * longest_s, _LONGEST_PAUSE_S)


def _reasons(exc: ClientError) -> frozenset[str]:
    """Return why a transaction was cancelled, one code for each write; "None" for one that was not the cause."""
    # Any: botocore's stubs do not know that this error carries reasons.
    response: dict[str, Any] = {**exc.response}
    return frozenset(reason.get("Code", "None") for reason in response.get("CancellationReasons", ()))


def _will_pass(exc: ClientError, reasons: frozenset[str]) -> bool:
    status = exc.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    return bool(reasons & _PASSING_REASONS) or exc.response["Error"]["Code"] in _PASSING_CODES or status >= 500
