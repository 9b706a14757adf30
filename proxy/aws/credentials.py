"""In whose name requests are signed: the environment's access key, else what a container credentials endpoint gives.

That is the SDKs' order (botocore 1.44, create_credential_resolver; docs.aws.amazon.com/sdkref/latest/guide/
standardized-credentials.html). A function with SnapStart has no access key in its environment but an endpoint on
loopback, so that no credentials expire in a snapshot (docs.aws.amazon.com/lambda/latest/dg/snapstart-activate.html).
"""

import json
import re
import time
from collections.abc import Callable
from typing import NamedTuple

from proxy.aws.call import Ask, AwsError, CredentialSource

_AHEAD_S = 300.0  # refreshed so long before they expire
_PAUSE_S = 10.0  # the endpoint is not asked more often, whatever it answers
_TIMEOUT_S = 2.0  # of the endpoint, as in botocore
_MAX_BYTES = 65_536

_URL = r"(https?)://(\[[0-9a-f:.]+\]|[a-z0-9.-]+)(:[0-9]{1,5})?(/[!-\"$-~]*)?"
_LOOPBACK = r"localhost|\[::1\]|127(\.(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])){3}"


class Credentials(NamedTuple):
    """An access key and what belongs to it."""

    access_key: str
    secret_key: str
    token: str = ""  # of temporary credentials; goes into X-Amz-Security-Token
    expires_at: float | None = None  # seconds since 1970

    def __repr__(self) -> str:
        return f"<Credentials {self.access_key} {'temporary' if self.token else 'permanent'}>"


class ContainerEndpoint(NamedTuple):
    """Where a container's credentials are had, under the names that the SDKs have for it."""

    url: str = ""  # AWS_CONTAINER_CREDENTIALS_FULL_URI
    token: str = ""  # AWS_CONTAINER_AUTHORIZATION_TOKEN
    token_file: str = ""  # AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: read anew each time, and wins over the token

    def __repr__(self) -> str:
        return f"<ContainerEndpoint {self.url.partition('?')[0]}>"


def credential_source(
    given: Credentials, endpoint: ContainerEndpoint, ask: Ask, now: Callable[[], float] = time.time
) -> CredentialSource:
    """Return what gives current credentials: the given ones if they have an access key, else the endpoint's.

    Nothing is read and nothing raised before the first use, which raises AwsError if there are none.
    """
    if not given.access_key:
        return ContainerCredentials(endpoint, ask, now)

    def current(_timeout_s: float) -> Credentials:
        if not given.secret_key:
            raise _no_credentials("AWS_SECRET_ACCESS_KEY: got none, expected one beside AWS_ACCESS_KEY_ID")
        if not all(map(_is_plain, given[:3])):
            raise _no_credentials("AWS_ACCESS_KEY_ID and its kin: got a control or non-ASCII character in one of them")
        return given

    return current


class ContainerCredentials:
    """Gives an endpoint's credentials, and asks it again only some minutes before they expire."""

    def __init__(self, endpoint: ContainerEndpoint, ask: Ask, now: Callable[[], float] = time.time) -> None:
        self._endpoint = endpoint
        self._ask = ask
        self._now = now
        self._held: _Held | None = None

    def __call__(self, timeout_s: float) -> Credentials:
        """Return current credentials; the ones at hand while they live, if the endpoint fails. Raises AwsError.

        Takes half of the time at most: what is left is for the call that needs them.
        """
        now = self._now()
        held = self._held
        if held is not None and held.since <= now < held.until:  # "since", for clocks are set back, too
            return held.credentials
        try:
            credentials, expires_at = self._fetch(min(timeout_s / 2, _TIMEOUT_S))
        except AwsError:
            if held is None or now >= held.expires_at:
                raise
            self._held = held._replace(since=now, until=now + _PAUSE_S)
            return held.credentials
        # What was given a moment ago is used even if our clock says that it has expired: the clock may be wrong, and
        # the service knows. Half of the life, for credentials that live shorter than we would be ahead.
        life_s = expires_at - now
        kept_s = max(life_s - _AHEAD_S, life_s / 2, _PAUSE_S)
        self._held = _Held(credentials, expires_at, now, now + kept_s)
        return credentials

    def forget(self) -> None:
        """Ask the endpoint again at the next use: what was given before a snapshot is not for its copies."""
        self._held = None

    def _fetch(self, timeout_s: float) -> tuple[Credentials, float]:
        host = _checked_host(self._endpoint.url)
        headers = [(b"host", host.encode()), (b"accept", b"application/json")]
        token = self._token()
        if token:
            headers.append((b"authorization", token.encode()))
        try:
            answer = self._ask("GET", self._endpoint.url, headers, b"", timeout_s)
        except OSError as exc:
            raise _no_credentials(f"container credentials: got no answer from {host}: {exc}") from exc
        if answer.status != 200:
            raise _no_credentials(f"container credentials: got status {answer.status}, expected 200, from {host}")
        found = _parsed(answer.body)
        if found is None:
            what = f"container credentials: got {len(answer.body)} bytes from {host}, expected JSON with "
            raise _no_credentials(what + "AccessKeyId, SecretAccessKey, Token and Expiration (ISO 8601, with a zone)")
        return found

    def _token(self) -> str:
        token = self._endpoint.token
        if self._endpoint.token_file:
            try:
                with open(self._endpoint.token_file, encoding="utf-8") as file:  # noqa: PTH123  # pathlib is one more import
                    token = file.read(_MAX_BYTES)
            except (OSError, ValueError) as exc:
                what = f"AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: cannot be read: {type(exc).__name__}"
                raise _no_credentials(what) from None
        if not _is_plain(token):
            raise _no_credentials(
                "AWS_CONTAINER_AUTHORIZATION_TOKEN: got a line break or another character that no header carries"
            )
        return token

    def __repr__(self) -> str:
        return f"<ContainerCredentials {self._endpoint!r}>"


class _Held(NamedTuple):
    credentials: Credentials
    expires_at: float
    since: float  # good from then, by our clock
    until: float  # to then; all in seconds since 1970


def _checked_host(url: str) -> str:
    """Return the host and port of an endpoint's URL. Raises AwsError unless it is https, or loopback.

    Over plain http the token and the credentials would be anybody's on the way. The SDKs also allow the link-local
    addresses of ECS and EKS; a Lambda function has neither, and the transport of the request path connects to none.
    Source: botocore 1.44, ContainerMetadataFetcher._validate_allowed_url.
    """
    if not url:
        raise _no_credentials("credentials: got neither AWS_ACCESS_KEY_ID nor AWS_CONTAINER_CREDENTIALS_FULL_URI")
    parts = re.fullmatch(_URL, url.lower())
    if parts is None or (parts[1] != "https" and not re.fullmatch(_LOOPBACK, parts[2])):
        raise _no_credentials(
            "AWS_CONTAINER_CREDENTIALS_FULL_URI: got another URL, expected https://…, or http:// with localhost, "
            "127.0.0.0/8 or [::1]"
        )
    return parts[2] + (parts[3] or "")


def _parsed(body: bytes) -> tuple[Credentials, float] | None:
    """Return the credentials in an endpoint's answer and when they expire, or None if they are not there.

    No exception leaves: a JSON error carries the whole text, and the secret with it.
    """
    if len(body) > _MAX_BYTES:
        return None
    from datetime import datetime  # httpx has loaded it; by itself it would cost 2 ms

    try:
        fields = json.loads(body)
        access_key, secret_key, token = fields["AccessKeyId"], fields["SecretAccessKey"], fields["Token"]
        expires = datetime.fromisoformat(fields["Expiration"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    values = (access_key, secret_key, token)
    if expires.tzinfo is None or not all(isinstance(value, str) and value and _is_plain(value) for value in values):
        return None
    return Credentials(*values, expires.timestamp()), expires.timestamp()


def _is_plain(value: str) -> bool:
    return value.isascii() and value.isprintable()


def _no_credentials(message: str) -> AwsError:
    return AwsError(message, code="NoCredentials")
