"""Headers that legacy wants of its callers, out of a secret: which are taken, when they are read, where they go."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.after_response import AfterResponse
from proxy.aws.call import AwsError
from proxy.backends.secret import SecretHeaders
from proxy.backends.services import Services
from proxy.backends.sides import Sides
from proxy.build import build
from proxy.message import Pair
from proxy.publishing.session import embedded_session
from proxy.routing.decide import Decision
from proxy.routing.table import Route
from proxy.settings import Settings, resolve
from tests.conftest import Function
from tests.raw_legacy import OK, RawLegacy, echo, say
from tests.samples import function_url, request, table
from tests.stores.embedded import embedded_dynamodb

ID = "legacy/headers"
GOOD = '{"X-Api-Key": "s3cret"}'
SENT: list[Pair] = [(b"X-Api-Key", b"s3cret")]


class Clock:
    """A clock that a test moves by hand."""

    def __init__(self, at: float) -> None:
        self.at = at

    def __call__(self) -> float:
        return self.at


class Vault:
    """Secrets Manager, and all else that the headers of a secret need: clocks, and somebody who runs what is deferred.

    `holds` is the text of the secret, or an error.
    """

    def __init__(self, holds: object = GOOD) -> None:
        self.holds = holds
        self.asked: list[tuple[str, Mapping[str, object], float]] = []
        self.deferred: list[Callable[[float], None]] = []
        self.now, self.wall = Clock(100.0), Clock(1_800_000_000.0)
        self.headers = SecretHeaders(self, ID, self.deferred.append, self.now, self.wall)

    def __call__(self, target: str, payload: Mapping[str, object], timeout_s: float) -> dict[str, Any]:
        self.asked.append((target, payload, timeout_s))
        if isinstance(self.holds, Exception):
            raise self.holds
        return {"Name": ID} if self.holds is None else {"Name": ID, "SecretString": self.holds}

    def sent(self) -> list[Pair]:
        """What a request without headers of its own is sent with."""
        return self.headers.put_into([])

    def after_answer(self) -> int:
        """Run what was deferred, with 30 s left for it; return how much that was."""
        jobs, self.deferred[:] = self.deferred[:], []
        for job in jobs:
            job(self.now() + 30.0)
        return len(jobs)

    def pass_time(self, seconds: float, clocks: str = "both") -> None:
        self.now.at += seconds if clocks != "wall" else 0.0
        self.wall.at += seconds if clocks != "monotonic" else 0.0


# What is taken.


@pytest.mark.parametrize(
    ("text", "pairs"),
    [
        (GOOD, SENT),
        ('{"Authorization": "Basic YTpi", "x-a": "b c;d=\\"e\\""}',
         [(b"Authorization", b"Basic YTpi"), (b"x-a", b'b c;d="e"')]),
        (json.dumps({f"h{number}": "v" for number in range(20)}), [(b"h%d" % number, b"v") for number in range(20)]),
        (json.dumps({"x": "v" * 8192}), [(b"x", b"v" * 8192)]),
        ('{"!#$%&\'*+-.^_`|~": "v"}', [(b"!#$%&'*+-.^_`|~", b"v")]),
    ],
)  # fmt: skip
def test_secret_is_a_json_object_of_headers(text: str, pairs: list[Pair]) -> None:
    vault = Vault(text)

    sent = vault.sent()

    assert sent == pairs
    assert vault.asked == [("secretsmanager.GetSecretValue", {"SecretId": ID}, 2.0)]
    assert vault.headers.problem == ""


MARK = "hunter2"
MALFORMED: list[tuple[object, str]] = [
    (None, "got a secret without SecretString, expected a JSON object of headers"),
    (MARK, "got 7 characters that are no JSON, expected an object of headers"),
    ("", "got 0 characters that are no JSON, expected an object of headers"),
    ("[" * 100_000, "got 100000 characters that are no JSON, expected an object of headers"),
    (f'"{MARK}"', "got no JSON object of 1 to 20 headers, expected one such as {name: value}"),
    (f'["{MARK}"]', "got no JSON object of 1 to 20 headers, expected one such as {name: value}"),
    ("{}", "got no JSON object of 1 to 20 headers, expected one such as {name: value}"),
    (json.dumps({f"{MARK}{number}": "v" for number in range(21)}),
     "got no JSON object of 1 to 20 headers, expected one such as {name: value}"),
    *((json.dumps({"ok": "v", name: MARK}), "header 2: got a name that is none, expected letters, digits and hyphens")
      for name in ("", " ", "a b", f"{MARK}:", "a\r\nb", "a\n", "\x00", "é", "\u212aey", "\ud800", "(a)", '"a"')),
    *((json.dumps({name: MARK}), "header 1: got a name that only the proxy itself sends, expected another")
      for name in ("Host", "content-length", "Transfer-Encoding", "connection", "TE", "Trailer", "Upgrade", "Via",
                   "Expect", "Keep-Alive", "Forwarded", f"X-Forwarded-{MARK}", "x-forwarded-for", f"X-Fig-{MARK}",
                   "x-fig-shadow")),
    *((json.dumps({"ok": value}), "header 1: got no text of 1 to 8192 characters, expected a value")
      for value in ("", None, 7, True, [MARK], {"a": MARK}, MARK * 2000)),
    *((json.dumps({"ok": value}),
       "header 1: got a value with a line break, a space at an end or a non-ASCII character")
      for value in (f"{MARK}\r\nx: y", f"{MARK}\n", f" {MARK}", f"{MARK} ", f"{MARK}\x00", f"{MARK}\t1", f"{MARK}é",
                    f"{MARK}\x7f", f"{MARK}\ud800")),
    (json.dumps({"X-Key": MARK, "x-key": MARK}), "got a name in two spellings, expected each header once"),
]  # fmt: skip


@pytest.mark.parametrize(("holds", "says"), MALFORMED)
def test_malformed_secret_is_refused_without_being_quoted_and_the_newest_good_one_stays(
    holds: object, says: str
) -> None:
    """No header value, token or body reaches a log."""
    vault = Vault()
    vault.sent()
    vault.holds = holds

    vault.headers.refresh(1.0)

    assert vault.sent() == SENT
    assert vault.headers.problem == f"legacy secret: {says}"
    assert MARK not in vault.headers.problem + repr(vault.headers)


@given(
    st.text() | st.recursive(st.none() | st.integers() | st.text(), st.lists) | st.dictionaries(st.text(), st.text())
)
def test_no_secret_makes_reading_it_raise_or_a_header_that_is_none(found: object) -> None:
    vault = Vault(found if isinstance(found, str) else json.dumps(found))

    for name, value in vault.sent():
        assert name
        assert not set(name) - set(b"!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
        assert value.strip() == value != b""
        assert all(0x20 <= octet < 0x7F for octet in value)


def test_service_that_fails_leaves_the_newest_good_secret_and_says_why() -> None:
    vault = Vault()
    vault.sent()
    vault.holds = AwsError("secretsmanager: got 400 ResourceNotFoundException: gone", code="ResourceNotFoundException")

    vault.headers.refresh(1.0)
    broken = vault.headers.problem
    sent = vault.sent()
    vault.holds = '{"X-Api-Key": "next"}'
    vault.headers.refresh(1.0)

    assert broken == "legacy secret: secretsmanager: got 400 ResourceNotFoundException: gone"
    assert (sent, vault.sent()) == (SENT, [(b"X-Api-Key", b"next")])
    assert vault.headers.problem == ""


def test_secret_shows_how_many_headers_it_has_and_what_is_wrong_with_it() -> None:
    vault = Vault()
    shown = [repr(vault.headers)]
    vault.sent()
    shown.append(repr(vault.headers))
    vault.holds = "{}"
    vault.headers.refresh(1.0)
    shown.append(repr(vault.headers))

    assert shown == [
        "<SecretHeaders 0 headers>",
        "<SecretHeaders 1 headers>",
        "<SecretHeaders 1 headers, legacy secret: got no JSON object of 1 to 20 headers, expected one such as "
        "{name: value}>",
    ]


# In place of what.


@pytest.mark.parametrize("name", ["X-Api-Key", "x-api-key", "X-API-KEY"])
def test_header_replaces_all_of_the_clients_of_its_name_whatever_the_case(name: str) -> None:
    """Nothing a client sends can stand beside, or in place of, what legacy is to be told."""
    vault = Vault(json.dumps({name: "s3cret"}))

    sent = vault.headers.put_into(
        [(b"Host", b"a"), (b"x-API-key", b"guess"), (b"X-Api-Key-2", b"kept"), (b"X-API-KEY", b"guess"), (b"z", b"1")]
    )

    assert sent == [(b"Host", b"a"), (b"X-Api-Key-2", b"kept"), (b"z", b"1"), (name.encode(), b"s3cret")]


def test_secret_that_another_thread_refreshes_meanwhile_is_sent_whole_and_replaces_its_own_names() -> None:
    """Of two secrets, never the headers of one and the names of the other: the client's own would slip through."""
    vault = Vault('{"old": "1"}')
    vault.sent()

    def pairs() -> Iterator[Pair]:
        yield b"old", b"guess"
        vault.holds = '{"new": "2"}'
        vault.headers.refresh(1.0)
        yield b"OLD", b"guess"

    assert vault.headers.put_into(pairs()) == [(b"old", b"1")]  # type: ignore[arg-type]  # read once, as a list is


# When it is read.


@pytest.mark.parametrize("clocks", ["both", "monotonic", "wall"])
def test_secret_is_read_again_after_five_minutes_behind_an_answer(clocks: str) -> None:
    """By either clock: a frozen environment's monotonic one may stand still, and the other may be set back."""
    vault = Vault()
    vault.sent()
    vault.holds = '{"X-Api-Key": "next"}'

    vault.pass_time(300.0, clocks)
    assert (vault.sent(), vault.after_answer()) == (SENT, 0)
    vault.pass_time(0.1, clocks)
    assert vault.sent() == SENT
    assert len(vault.asked) == 1

    assert vault.after_answer() == 1
    assert vault.sent() == [(b"X-Api-Key", b"next")]
    assert len(vault.asked) == 2


def test_secret_is_not_read_again_for_each_request_of_one_invocation() -> None:
    vault = Vault()
    vault.sent()
    vault.pass_time(301.0)

    for _ in range(5):
        vault.sent()

    assert vault.after_answer() == 1


def test_read_that_was_dropped_for_want_of_time_is_asked_for_again() -> None:
    """What is deferred may be dropped; a rotation must be followed all the same."""
    vault = Vault()
    vault.sent()
    vault.pass_time(301.0)
    vault.sent()
    vault.deferred.clear()

    vault.pass_time(10.1)
    vault.sent()

    assert vault.after_answer() == 1


def test_read_behind_an_answer_takes_no_longer_than_there_is_time() -> None:
    vault = Vault()
    vault.sent()
    vault.pass_time(301.0)
    vault.sent()
    [job] = vault.deferred

    job(vault.now() + 0.25)

    assert vault.asked[-1] == ("secretsmanager.GetSecretValue", {"SecretId": ID}, 0.25)


@pytest.mark.parametrize("clocks", ["both", "monotonic", "wall"])
def test_secret_is_read_again_behind_an_answer_by_which_legacy_refuses_at_most_every_ten_seconds(clocks: str) -> None:
    vault = Vault()
    vault.sent()

    reads = []
    for _ in range(30):  # a refusal in each of 30 seconds
        vault.pass_time(1.0, clocks)
        vault.headers.refused()
        assert vault.sent() == SENT
        reads.append(vault.after_answer())

    assert sum(reads) == 2
    assert [at for at, read in enumerate(reads, 1) if read] == [11, 22]


def test_secret_that_could_not_be_read_is_waited_for_by_one_request_in_ten_seconds() -> None:
    vault = Vault(AwsError("down", code="NoAnswer"))

    for _ in range(100):
        assert vault.sent() == []
        vault.pass_time(0.25)

    assert len(vault.asked) == 3
    vault.holds = GOOD
    vault.pass_time(10.0)
    assert vault.sent() == SENT


def test_secret_whose_newest_read_has_failed_is_read_again_after_ten_seconds_behind_an_answer() -> None:
    vault = Vault()
    vault.sent()
    vault.holds = AwsError("down", code="NoAnswer")
    vault.headers.refresh(1.0)

    vault.pass_time(10.0)
    vault.sent()
    early = vault.after_answer()
    vault.pass_time(0.1)
    vault.sent()

    assert (early, vault.after_answer()) == (0, 1)


# Where it goes.


def test_secret_goes_to_the_origin_of_legacy_url_and_to_no_other_backend(
    make_transport: Callable[..., Any],  # Any: a fixture's own arguments
) -> None:
    """Nothing that is published can lead the secret away: not even a table that gives `legacy` another URL."""
    with RawLegacy() as own, RawLegacy() as other:
        vault = Vault()
        variables = {"LEGACY_URL": own.origin, "OTHER": other.origin, "HOST": f"127.0.0.1:{own.port}"}
        sides = Sides(Settings(), partial(resolve, environ=variables), make_transport, secret=vault.headers)
        unlisted = Decision("legacy", None, None, "unlisted")
        by_name = Decision("legacy", None, None, "stage", Route("a", "/", legacy="other"))

        for url in ("${LEGACY_URL}", own.origin, "http://${HOST}", "${OTHER}", other.origin):
            of = table(legacy=url)
            sides.ask(unlisted, of, request())
            sides.ask_instead(by_name, of, request())

        assert [b"\r\nX-Api-Key: s3cret\r\n" in sent for sent in own.requests] == [True] * 6
        assert [b"s3cret" in sent for sent in other.requests] == [False] * 4


@pytest.mark.parametrize("variables", [{}, {"LEGACY_URL": "http://elsewhere.example"}, {"LEGACY_URL": "no origin"}])
def test_secret_goes_nowhere_where_legacy_url_does_not_lead(
    make_transport: Callable[..., Any],  # Any: a fixture's own arguments
    variables: dict[str, str],
) -> None:
    with RawLegacy() as server:
        sides = Sides(Settings(), partial(resolve, environ=variables), make_transport, secret=Vault().headers)

        sides.ask(Decision("legacy", None, None, "unlisted"), table(legacy=server.origin), request())

        assert b"s3cret" not in server.requests[0]


@pytest.mark.parametrize(("status", "is_read_again"), [(200, 0), (400, 0), (401, 1), (403, 1), (404, 0), (503, 0)])
def test_legacy_that_lets_nobody_in_has_the_secret_read_again(
    make_transport: Callable[..., Any],  # Any: a fixture's own arguments
    status: int,
    is_read_again: int,
) -> None:
    with RawLegacy(say(b"HTTP/1.1 %d X\r\nContent-Length: 0\r\n\r\n" % status)) as server:
        vault = Vault()
        environ = {"LEGACY_URL": server.origin}
        sides = Sides(Settings(), partial(resolve, environ=environ), make_transport, secret=vault.headers)
        vault.sent()
        vault.pass_time(11.0)

        answer = sides.ask(Decision("legacy", None, None, "unlisted"), table(), request())

        assert (answer.status, vault.after_answer()) == (status, is_read_again)


# The whole function, over real sockets.


def answer_of(text: object) -> bytes:
    body = json.dumps({"Name": ID, "SecretString": text}).encode()
    return b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)


def settings_for(url: str) -> Settings:
    return Settings(
        legacy_secret=ID, region="eu-west-1", secrets_url=url, access_key="AKIDEXAMPLE", secret_key="very-s3cret"
    )


@pytest.mark.parametrize(("text", "has_problem"), [(GOOD, False), (GOOD.replace("}", ""), True)])
def test_function_reads_its_secret_at_start_and_tells_nothing_of_it(
    monkeypatch: pytest.MonkeyPatch, text: str, has_problem: bool
) -> None:
    """No header value, cookie, token or body reaches a log unredacted."""
    refusing = say(b"HTTP/1.1 401 X\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
    with RawLegacy(say(answer_of(text))) as service, RawLegacy(refusing) as server:
        monkeypatch.setenv("LEGACY_URL", server.origin)
        after, lines = AfterResponse(), list[str]()
        settings = settings_for(service.origin)
        function = Function(build(settings, after, lines.append), after, lines)
        read_at_start = list(service.requests)

        result = function(function_url(headers={"x-api-key": "guess"}))

        [sent] = server.requests
    [head] = [request.partition(b"\r\n\r\n")[0].lower() for request in read_at_start]
    assert head.startswith(b"post / http/1.1\r\n")
    assert b"\r\ncontent-type: application/x-amz-json-1.1\r\n" in head
    assert b"\r\nx-amz-target: secretsmanager.getsecretvalue\r\n" in head
    assert b"/eu-west-1/secretsmanager/aws4_request" in head
    assert (b"x-api-key: s3cret" in sent.lower(), b"guess" in sent) == (not has_problem, has_problem)
    [record] = function.records
    assert ("secret_problem" in record) == has_problem
    assert "s3cret" not in json.dumps([result, record]) + repr(settings)


@pytest.fixture(scope="module")
def secrets_url() -> Iterator[str]:
    """The URL of an embedded Secrets Manager: moto's server is all services in one."""
    with embedded_dynamodb() as url:
        yield url


class Keys:
    """A legacy system that lets in whoever has one of its keys."""

    def __init__(self, *good: str) -> None:
        self.good = set(good)
        self.given: list[str] = []

    def __call__(self, asked: bytes) -> bytes:
        given = asked.partition(b"\r\nX-Api-Key: ")[2].partition(b"\r\n")[0].decode()
        self.given.append(given)
        return OK if given in self.good else b"HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n"


class Rotated:
    """A function with a secret in an embedded Secrets Manager, before a legacy system with keys."""

    def __init__(self, secrets_url: str, name: str, origin: str, make_transport: Callable[..., Any]) -> None:
        client = embedded_session("eu-west-1").client("secretsmanager", endpoint_url=secrets_url)
        client.create_secret(Name=name, SecretString='{"X-Api-Key": "old"}')
        self._put = partial(client.put_secret_value, SecretId=name)
        self._services = Services(settings_for(secrets_url))
        self.now = Clock(0.0)
        self.deferred: list[Callable[[float], None]] = []
        self.headers = SecretHeaders(self._services.secrets().json_call, name, self.deferred.append, self.now, self.now)
        self.headers.refresh(20.0)
        environ = {"LEGACY_URL": origin}
        self._sides = Sides(Settings(), partial(resolve, environ=environ), make_transport, secret=self.headers)

    def rotate(self) -> None:
        self._put(SecretString='{"X-Api-Key": "new"}')

    def ask(self, count: int) -> list[int]:
        """The statuses of so many requests, each with what comes after its answer."""
        statuses = []
        for _ in range(count):
            statuses.append(self._sides.ask(Decision("legacy", None, None, "unlisted"), table(), request()).status)
            while self.deferred:
                self.deferred.pop()(self.now() + 30.0)
        return statuses

    def close(self) -> None:
        self._services.renew()


def test_secret_that_is_rotated_while_both_values_are_good_is_followed_without_a_failed_request(
    secrets_url: str,
    make_transport: Callable[..., Any],  # Any: a fixture's own arguments
) -> None:
    keys = Keys("old")
    with RawLegacy(echo(keys)) as server:
        rotated = Rotated(secrets_url, "rotated", server.origin, make_transport)

        statuses = rotated.ask(2)
        keys.good.add("new")
        rotated.rotate()
        statuses += rotated.ask(2)
        rotated.now.at += 301.0  # the old value is good for longer than the secret is kept
        statuses += rotated.ask(2)
        keys.good.remove("old")
        statuses += rotated.ask(2)
        rotated.close()

    assert rotated.headers.problem == ""
    assert statuses == [200] * 8
    assert keys.given == ["old"] * 5 + ["new"] * 3


def test_secret_whose_old_value_is_no_longer_good_fails_one_request_and_not_the_next(
    secrets_url: str,
    make_transport: Callable[..., Any],  # Any: a fixture's own arguments
) -> None:
    keys = Keys("old")
    with RawLegacy(echo(keys)) as server:
        rotated = Rotated(secrets_url, "replaced", server.origin, make_transport)

        statuses = rotated.ask(1)
        keys.good = {"new"}
        rotated.rotate()
        rotated.now.at += 11.0
        statuses += rotated.ask(2)
        rotated.close()

    assert (statuses, keys.given) == ([200, 401, 200], ["old", "old", "new"])


def test_secret_that_is_not_there_is_told_and_the_request_goes_on_without(secrets_url: str) -> None:
    """The proxy must never be the reason that a client is refused."""
    services = Services(settings_for(secrets_url))
    headers = SecretHeaders(services.secrets().json_call, "absent", lambda _: None, Clock(0.0), Clock(0.0))

    headers.refresh(20.0)
    services.renew()

    # AWS answers 400 here, and moto 404.
    assert re.match(r"legacy secret: secretsmanager: got 40[04] ResourceNotFoundException: ", headers.problem)
    assert headers.put_into([(b"a", b"b")]) == [(b"a", b"b")]
