"""Headers that legacy wants of its callers, out of a secret in Secrets Manager.

They go to the host of LEGACY_URL alone, whatever a table says, and in place of a client's headers of the same names.
The secret is read at start, again behind an answer every five minutes, and soon after legacy has refused somebody: a
secret that is rotated while both values are good is followed without a failed request.
Source: docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html
"""

import json
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from proxy.aws.call import AwsError
from proxy.message import Pair

REFRESH_S = 300.0
PAUSE_S = 10.0  # after a refusal or a failure, it is not read more often
TIMEOUT_S = 2.0
START_S = 1.0  # a start that hangs is no start

Call = Callable[[str, Mapping[str, object], float], dict[str, Any]]  # Client.json_call. Any: JSON
Defer = Callable[[Callable[[float], None]], None]

_MAX_HEADERS = 20
_MAX_VALUE = 8192
_TOKEN = frozenset(b"!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz")  # RFC 9110, 5.6.2, in lower case
# They frame the message or say how it came here, which is the proxy's to say.
_NOT_ANYBODYS = frozenset(
    (
        *("connection", "content-length", "expect", "forwarded", "host", "keep-alive", "te", "trailer"),
        *("transfer-encoding", "upgrade", "via"),
    )
)
_OWN_PREFIXES = ("x-fig-", "x-forwarded-")


class SecretHeaders:
    """The header pairs of one secret. Reading never raises: what is at hand stays, and `problem` says why.

    `call` is Client.json_call of Secrets Manager, `now` time.monotonic, `wall` time.time.
    """

    def __init__(
        self, call: Call, secret_id: str, defer: Defer, now: Callable[[], float], wall: Callable[[], float]
    ) -> None:
        self._call = call
        self._id = secret_id
        self._defer = defer
        self._now = now
        self._wall = wall
        self._read = self._deferred = _NEVER
        self._pairs: tuple[Pair, ...] = ()
        self.problem = ""  # why the newest read gave none; "" when it did

    def put_into(self, pairs: list[Pair]) -> list[Pair]:
        """Return a request's headers with the secret's in place of any of the same names.

        Waits only when none are at hand, at most TIMEOUT_S in PAUSE_S.
        """
        age_s = self._age_s(self._read)
        if not self._pairs and age_s > PAUSE_S:
            self.refresh(TIMEOUT_S)
        elif age_s > (PAUSE_S if self.problem else REFRESH_S):
            self._refresh_behind_answer()
        secret = self._pairs  # read once: another thread may refresh it
        names = {name.lower() for name, _ in secret}
        return [*(pair for pair in pairs if pair[0].lower() not in names), *secret]

    def refused(self) -> None:
        """Legacy has answered 401 or 403: another value may be in the secret by now."""
        if self._age_s(self._read) > PAUSE_S:
            self._refresh_behind_answer()

    def refresh(self, timeout_s: float) -> None:
        """Read the secret now."""
        self._read = _Moment(self._now(), self._wall())
        try:
            answer = self._call("secretsmanager.GetSecretValue", {"SecretId": self._id}, timeout_s)
            self._pairs = _parsed(answer.get("SecretString"))
            self.problem = ""
        except (AwsError, ValueError) as exc:
            self.problem = f"legacy secret: {exc}"

    def _age_s(self, since: "_Moment") -> float:
        # A frozen environment's monotonic clock may stand still.
        return max(self._now() - since.now, self._wall() - since.wall)

    def _refresh_behind_answer(self) -> None:
        # Asked for again after a while: what is deferred may be dropped for want of time.
        if self._age_s(self._deferred) > PAUSE_S:
            self._deferred = _Moment(self._now(), self._wall())
            self._defer(lambda deadline: self.refresh(min(TIMEOUT_S, deadline - self._now())))

    def __repr__(self) -> str:  # names only, and not even these: they tell how legacy is entered
        return f"<SecretHeaders {len(self._pairs)} headers{', ' + self.problem if self.problem else ''}>"


class _Moment(NamedTuple):
    now: float
    wall: float


_NEVER = _Moment(-1e9, -1e9)


def _parsed(text: object) -> tuple[Pair, ...]:
    """Return the header pairs in a secret's text. Raises ValueError, which never quotes it."""
    if not isinstance(text, str):
        raise ValueError("got a secret without SecretString, expected a JSON object of headers")
    try:
        fields = json.loads(text)
    except (ValueError, RecursionError):
        # None: a JSON error carries the whole text.
        raise ValueError(f"got {len(text)} characters that are no JSON, expected an object of headers") from None
    if not isinstance(fields, dict) or not 0 < len(fields) <= _MAX_HEADERS:
        raise ValueError(f"got no JSON object of 1 to {_MAX_HEADERS} headers, expected one such as {{name: value}}")
    pairs = tuple(_pair(position, name, value) for position, (name, value) in enumerate(fields.items(), 1))
    if len({name.lower() for name, _ in pairs}) < len(pairs):
        raise ValueError("got a name in two spellings, expected each header once")
    return pairs


def _pair(position: int, name: str, value: object) -> Pair:
    lower = name.lower()
    # The Kelvin sign becomes an ASCII k in lower case, so the name itself is looked at as well.
    if not name.isascii() or not name or not _TOKEN.issuperset(lower.encode()):
        raise ValueError(f"header {position}: got a name that is none, expected letters, digits and hyphens")
    if lower in _NOT_ANYBODYS or lower.startswith(_OWN_PREFIXES):
        raise ValueError(f"header {position}: got a name that only the proxy itself sends, expected another")
    if not isinstance(value, str) or not 0 < len(value) <= _MAX_VALUE:
        raise ValueError(f"header {position}: got no text of 1 to {_MAX_VALUE} characters, expected a value")
    if not value.isascii() or not value.isprintable() or value != value.strip():
        raise ValueError(
            f"header {position}: got a value with a line break, a space at an end or a non-ASCII character"
        )
    return name.encode(), value.encode()
