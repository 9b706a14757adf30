"""Ask an AWS service over whatever can carry a request: signed, in time, and at most twice."""

import json
import time
from binascii import crc32
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from proxy.aws.sigv4 import Scope, Unsigned, sign
from proxy.message import Headers, Pair

if TYPE_CHECKING:
    from proxy.aws.credentials import Credentials


class Answer(NamedTuple):
    """What came back, whole."""

    status: int
    headers: Headers
    body: bytes

    def __repr__(self) -> str:  # the body may hold credentials
        return f"<Answer {self.status} {len(self.body)} bytes>"


# (method, url, headers, body, timeout_s) -> Answer. The headers go out as they are, Host and Content-Length among them.
# Raises TimeoutError when no whole answer came in time, ConnectionError when a connection broke before any answer, and
# OSError for everything else; never with a header or a part of the answer in the message.
Ask = Callable[[str, str, list[Pair], bytes, float], Answer]

# Gives current credentials within so many seconds, or raises AwsError.
CredentialSource = Callable[[float], "Credentials"]


class AwsError(Exception):
    """A service, or the way to it, failed. The message never holds a credential.

    `status` is the answer's, 0 without one. `code` is the service's own short name for the error, such as
    ResourceNotFoundException ("" if it told none), or Timeout, NoAnswer, BadAnswer or NoCredentials.
    """

    def __init__(self, message: str, *, code: str, status: int = 0) -> None:
        super().__init__(message)
        self.code = code
        self.status = status


# The SDKs of AWS correct their clock at these codes; DynamoDB's is InvalidSignatureException ("Signature expired", or
# "not yet current"), which a wrong secret gets, too. botocore (1.44) corrects nothing.
_CLOCK_CODES = frozenset(
    {
        "AuthFailure",
        "InvalidSignatureException",
        "RequestExpired",
        "RequestInTheFuture",
        "RequestTimeTooSkewed",
        "SignatureDoesNotMatch",
    }
)
_SKEW_S = 240.0  # services allow five minutes; the SDK for Kotlin corrects from four, too (ClockSkewInterceptor)
_THROTTLE_CODES = frozenset(
    {
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "ThrottlingException",
        "TooManyRequestsException",
    }
)
# How AWS names operations that change nothing; only they are sent again when nobody knows whether they were executed.
_READS = ("BatchGet", "Describe", "Get", "List", "Query", "Scan", "TransactGet")
_TEXT_LIMIT = 300


class Client:
    """Asks one service at one URL (`https://host[:port]`). `now` is the wall clock, `clock` one for durations.

    `json_version` is that of the JSON protocol that the service speaks, for `json_call`.
    """

    def __init__(
        self,
        ask: Ask,
        credentials: CredentialSource,
        url: str,
        scope: Scope,
        *,
        json_version: bytes = b"1.0",
        now: Callable[[], float] = time.time,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._ask = ask
        self._credentials = credentials
        self._url = url.rstrip("/")
        self._scope = scope
        self._json_type = b"application/x-amz-json-" + json_version
        self._now = now
        self._clock = clock
        self._offset_s = 0.0  # what the service's clock is ahead of ours
        self._hidden: tuple[str, ...] = ()  # what no message may hold

    def json_call(self, target: str, payload: Mapping[str, object], timeout_s: float) -> dict[str, Any]:
        """Return what an operation answers, such as DynamoDB_20120810.GetItem; a read may be asked twice.

        Any: JSON of the service's own shape. Raises AwsError.
        """
        headers = ((b"content-type", self._json_type), (b"x-amz-target", target.encode()))
        body = json.dumps(payload, separators=(",", ":")).encode()
        is_read = target.rpartition(".")[2].startswith(_READS)
        answer = self.send(Unsigned("POST", "/", headers, body), timeout_s, is_read=is_read)
        told = answer.headers.get(b"x-amz-crc32")
        if told is not None and told != b"%d" % crc32(answer.body):
            raise self._bad_answer(answer, "a body that does not fit its x-amz-crc32")
        if answer.status != 200:
            raise self.failure(answer)
        try:
            result = json.loads(answer.body)
        except (ValueError, RecursionError):
            result = None
        if not isinstance(result, dict):
            raise self._bad_answer(answer, "no JSON object")
        return result

    def send(self, request: Unsigned, timeout_s: float, *, is_read: bool = False) -> Answer:
        """Return the service's answer to one request, whatever its status; `failure` tells what an error says.

        Adds Host, Content-Length and the signature. The request is sent again at most once: if the service refused it
        (too many requests, or our clock is wrong), or, for a read, after a 5xx or a connection that broke before any
        answer. A write is never executed twice. Raises AwsError when there is no whole answer in time.
        """
        ends = self._clock() + timeout_s
        signed_at, outcome = self._exchange(request, ends)
        if self._may_repeat(outcome, signed_at, is_read) and self._clock() < ends:
            _, outcome = self._exchange(request, ends)
        if isinstance(outcome, Answer):
            return outcome
        code = "Timeout" if isinstance(outcome, TimeoutError) else "NoAnswer"
        raise AwsError(f"{self._scope.service}: got no answer from {self._url}: {outcome}", code=code) from outcome

    def failure(self, answer: Answer) -> AwsError:
        """Return the error of an answer, its text cut to one line.

        Services quote the whole request, session token and all, below a signature that does not fit.
        """
        code, text = _told(answer)
        for hidden in self._hidden:
            text = text.replace(hidden, "…")
        what = f"{self._scope.service}: got {answer.status} {code}: {text[:_TEXT_LIMIT]}"
        return AwsError(what, code=code, status=answer.status)

    def _exchange(self, request: Unsigned, ends: float) -> tuple[float, Answer | OSError]:
        """Return the time that was signed, and what became of the request."""
        credentials = self._credentials(ends - self._clock())
        self._hidden = tuple(filter(None, (credentials.secret_key, credentials.token)))
        signed_at = self._now() + self._offset_s
        host = (b"host", self._url.partition("://")[2].encode())
        request = request._replace(headers=(host, *request.headers))
        length = (b"content-length", b"%d" % len(request.body))
        headers = [*request.headers, length, *sign(request, credentials, self._scope, signed_at)]
        url = f"{self._url}{request.path}?{request.query}" if request.query else self._url + request.path
        left_s = ends - self._clock()
        if left_s <= 0:
            return signed_at, TimeoutError("the time was used up before it could be asked")
        try:
            return signed_at, self._ask(request.method, url, headers, request.body, left_s)
        except OSError as exc:
            return signed_at, exc

    def _may_repeat(self, outcome: Answer | OSError, signed_at: float, is_read: bool) -> bool:
        if not isinstance(outcome, Answer):
            # A kept connection may have been closed while the request was on its way.
            return is_read and isinstance(outcome, ConnectionError)
        if outcome.status < 400:
            return False
        code, _ = _told(outcome)
        if code in _CLOCK_CODES:
            return self._corrects_clock(outcome, signed_at)
        # What was throttled was not executed; of a 5xx nobody knows.
        return code in _THROTTLE_CODES or (is_read and outcome.status >= 500)

    def _corrects_clock(self, answer: Answer, signed_at: float) -> bool:
        """Take over the service's time if the signature was made at another; False if it was not."""
        served_at = _seconds(answer.headers.get(b"date"))
        # By the time that was signed: an environment that froze between signing and sending has a good clock.
        if served_at is None or abs(served_at - signed_at) <= _SKEW_S:
            return False
        self._offset_s = served_at - self._now()
        return True

    def _bad_answer(self, answer: Answer, got: str) -> AwsError:
        return AwsError(f"{self._scope.service}: got {got} from {self._url}", code="BadAnswer", status=answer.status)

    def __repr__(self) -> str:
        return f"<Client {self._scope.service} {self._scope.region} {self._url}>"


def _told(answer: Answer) -> tuple[str, str]:
    """Return the short code and the first line of what an answer says of an error; "" for what it does not say."""
    try:
        fields = json.loads(answer.body)
    except (ValueError, RecursionError):
        fields = None
    if not isinstance(fields, dict):
        fields = {}
    # "com.amazonaws.dynamodb.v20120810#ResourceNotFoundException" in DynamoDB's body; in Lambda's header,
    # "ResourceNotFoundException:http://…".
    kind = fields.get("__type") or (answer.headers.get(b"x-amzn-errortype") or b"").decode("latin-1")
    code = str(kind).partition(":")[0].rpartition("#")[2]
    text = str(fields.get("message") or fields.get("Message") or "")
    return code if code.isalnum() else "", text.partition("\n")[0]


def _seconds(date: bytes | None) -> float | None:
    """Return the seconds since 1970 of a Date header, in GMT as all are (RFC 9110, 5.6.7); None if there are none."""
    from calendar import timegm  # both are only needed when a clock is wrong
    from email.utils import parsedate

    fields = parsedate((date or b"").decode("latin-1"))
    try:
        return float(timegm(fields)) if fields else None
    except (ValueError, OverflowError):
        return None
