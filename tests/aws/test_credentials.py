"""Credentials: whose come first, how long they are kept, and what no answer of an endpoint may do."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from proxy.aws.call import Answer, AwsError
from proxy.aws.credentials import ContainerCredentials, ContainerEndpoint, Credentials, credential_source
from proxy.message import Headers
from tests.aws.fake_service import FakeClock, FakeService, answer

NOW = 1_767_225_600.0  # 2026-01-01T00:00:00Z
URL = "http://127.0.0.1:9001/2021-04-23/credentials"
ENDPOINT = ContainerEndpoint(URL, "endpoint-token")
NONE = Credentials("", "")


def said(key: str, lives_s: float) -> Answer:
    """Return an endpoint's answer with credentials that live so long from NOW."""
    expires = datetime.fromtimestamp(NOW + lives_s, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    fields = {"AccessKeyId": key, "SecretAccessKey": "s" + key, "Token": "t" + key, "Expiration": expires}
    return answer(200, json.dumps(fields).encode())


def read(key: str, lives_s: float) -> Credentials:
    return Credentials(key, "s" + key, "t" + key, NOW + lives_s)


def test_access_key_of_the_environment_comes_first() -> None:
    given_ = Credentials("AKID", "secret", "token")
    service = FakeService(said("A", 3600))

    current = credential_source(given_, ENDPOINT, service)

    assert (current(1.0), service.asked) == (given_, [])


def test_without_an_access_key_the_endpoint_is_asked() -> None:
    service = FakeService(said("A", 3600))

    credentials = credential_source(NONE, ENDPOINT, service, FakeClock(NOW))(1.0)

    assert credentials == read("A", 3600)
    assert service.asked == [
        (
            "GET",
            URL,
            Headers(
                ((b"host", b"127.0.0.1:9001"), (b"accept", b"application/json"), (b"authorization", b"endpoint-token"))
            ),
            b"",
            0.5,
        )
    ]


def test_endpoint_without_a_token_is_asked_without_one() -> None:
    service = FakeService(said("A", 3600))

    ContainerCredentials(ContainerEndpoint(URL), service, FakeClock(NOW))(1.0)

    assert service.asked[0].headers.get(b"authorization") is None


@pytest.mark.parametrize(
    ("given_", "says"),
    [
        (NONE, "got neither AWS_ACCESS_KEY_ID nor AWS_CONTAINER_CREDENTIALS_FULL_URI"),
        (Credentials("AKID", ""), "AWS_SECRET_ACCESS_KEY: got none"),
        (Credentials("AKID", "secret", "hidden\n"), "got a control or non-ASCII character"),
        (Credentials("AKID", "hidden\udcff"), "got a control or non-ASCII character"),
    ],
)
def test_environment_without_usable_credentials_is_told_on_first_use(given_: Credentials, says: str) -> None:
    current = credential_source(given_, ContainerEndpoint(), FakeService())

    with pytest.raises(AwsError, match=says) as raised:
        current(1.0)

    assert raised.value.code == "NoCredentials"
    assert "hidden" not in str(raised.value)


def test_token_file_is_read_anew_each_time_and_wins_over_the_token(tmp_path: Path) -> None:
    file = tmp_path / "token"
    service = FakeService(said("A", 0))
    clock = FakeClock(NOW)
    current = ContainerCredentials(ContainerEndpoint(URL, "endpoint-token", str(file)), service, clock)

    file.write_text("first")
    current(1.0)
    file.write_text("second")
    clock.at += 60
    current(1.0)

    assert [asked.headers.get(b"authorization") for asked in service.asked] == [b"first", b"second"]


@pytest.mark.parametrize("content", [b"hidden\n", b"hid\r\nden", b"\xffhidden", "hidden é".encode()])
def test_token_that_is_no_header_value_is_refused_and_not_quoted(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "token"
    file.write_bytes(content)
    service = FakeService(said("A", 3600))

    with pytest.raises(AwsError, match="AWS_CONTAINER_AUTHORIZATION_TOKEN") as raised:
        ContainerCredentials(ContainerEndpoint(URL, "", str(file)), service)(1.0)

    assert (service.asked, "hid" in str(raised.value)) == ([], False)


def test_token_file_that_is_not_there_is_told() -> None:
    with pytest.raises(AwsError, match="AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: cannot be read: FileNotFoundError"):
        ContainerCredentials(ContainerEndpoint(URL, "", "/nowhere/token"), FakeService())(1.0)


@pytest.mark.parametrize(
    "url",
    [
        "https://credentials.example/path?q=1",
        "HTTPS://credentials.example:8443",
        "http://localhost/get-credentials",
        "http://LOCALHOST:8080/x",
        "http://127.0.0.1:9001/2021-04-23/credentials",
        "http://127.255.255.254/",
        "http://[::1]:9001/x",
    ],
)
def test_https_and_loopback_are_asked(url: str) -> None:
    service = FakeService(said("A", 3600))

    ContainerCredentials(ContainerEndpoint(url, "token"), service, FakeClock(NOW))(1.0)

    assert [asked.url for asked in service.asked] == [url]


@pytest.mark.parametrize(
    "url",
    [
        "http://credentials.example/",
        "http://169.254.170.2/v2/credentials",
        "http://169.254.170.23/v1/credentials",
        "http://[fd00:ec2::23]/v1/credentials",
        "http://127.0.0.1@credentials.example/",
        "http://127.0.0.1:80@credentials.example/",
        "http://credentials.example#127.0.0.1",
        "http://127.0.0.1.credentials.example/",
        "http://127.0.0.999/",
        "http://1270.0.0.1/",
        "http://localhost.example/",
        "http://localhost\r\nX-Evil: 1/",
        "http://localhost/a b",
        "http://127.0.0.1\\@credentials.example/",
        "http://localho\u017ft/",
        "ftp://localhost/",
        "localhost:8080",
        "https://",
        "http://127.0.0.1/\n",
    ],
)
def test_every_other_url_is_refused_unasked(url: str) -> None:
    """The token and the credentials go to nobody else."""
    service = FakeService(said("A", 3600))

    with pytest.raises(AwsError, match="AWS_CONTAINER_CREDENTIALS_FULL_URI: got another URL"):
        ContainerCredentials(ContainerEndpoint(url, "token"), service)(1.0)

    assert service.asked == []


@pytest.mark.parametrize(
    ("lives_s", "kept_s"),
    [
        (21_600, 21_300),  # five minutes ahead
        (600, 300),
        (400, 200),  # shorter lives: half of it
        (30, 15),
        (12, 10),  # and never more often than every ten seconds,
        (0, 10),
        (-25_200, 10),  # even if our clock is hours ahead of the endpoint's
    ],
)
def test_credentials_are_kept_until_some_time_before_they_expire(lives_s: float, kept_s: float) -> None:
    service = FakeService(said("A", lives_s), said("B", 90_000))
    clock = FakeClock(NOW)
    current = ContainerCredentials(ENDPOINT, service, clock)

    first = current(1.0)
    clock.at = NOW + kept_s - 0.001
    second = current(1.0)
    clock.at = NOW + kept_s
    third = current(1.0)

    assert [first, second, third] == [read("A", lives_s), read("A", lives_s), read("B", 90_000)]
    assert len(service.asked) == 2


def test_clock_that_is_set_back_leads_to_a_new_look() -> None:
    service = FakeService(said("A", 3600), said("B", 3600))
    clock = FakeClock(NOW)
    current = ContainerCredentials(ENDPOINT, service, clock)

    current(1.0)
    clock.at = NOW - 7200

    assert current(1.0) == read("B", 3600)


def test_expiration_may_have_fractions_and_an_offset() -> None:
    """Lambda's endpoint is written in Go, whose JSON tells times so."""
    fields = {
        "AccessKeyId": "A",
        "SecretAccessKey": "S",
        "Token": "T",
        "Expiration": "2026-01-01T02:00:00.5006007+01:00",
    }
    service = FakeService(answer(200, json.dumps(fields).encode()))

    credentials = ContainerCredentials(ENDPOINT, service, FakeClock(NOW))(1.0)

    assert credentials.expires_at == NOW + 3600.5006


GARBAGE = [
    answer(404, b"cannot get credentials for the provided token\n"),
    answer(403, b"{}"),
    answer(500, b""),
    answer(302, said("hidden", 3600).body, location="http://evil.example/"),
    answer(200, b""),
    answer(200, b"null"),
    answer(200, b"[]"),
    answer(200, b'"AccessKeyId"'),
    answer(200, b"\xff\xfe\xfd"),
    answer(200, b"[" * 60_000),
    answer(200, b'{"AccessKeyId":"A","SecretAccessKey":"hidden"'),
    answer(200, b'{"AccessKeyId":"A","SecretAccessKey":"hidden","Token":"T"}'),
    answer(200, b'{"AccessKeyId":"A","SecretAccessKey":"hidden","Token":"T","Expiration":1767225600}'),
    answer(200, b'{"AccessKeyId":"A","SecretAccessKey":"hidden","Token":"T","Expiration":"soon"}'),
    answer(200, b'{"AccessKeyId":"A","SecretAccessKey":"hidden","Token":"T","Expiration":"2026-01-01T01:00:00"}'),
    answer(200, b'{"AccessKeyId":"A","SecretAccessKey":"hidden","Token":null,"Expiration":"2026-01-01T01:00:00Z"}'),
    answer(200, b'{"AccessKeyId":"A","SecretAccessKey":"hidden","Token":"","Expiration":"2026-01-01T01:00:00Z"}'),
    answer(200, b'{"AccessKeyId":"A","SecretAccessKey":"hidden","Token":"a\\nb","Expiration":"2026-01-01T01:00:00Z"}'),
    answer(
        200, b'{"AccessKeyId":"\\ud800","SecretAccessKey":"hidden","Token":"T","Expiration":"2026-01-01T01:00:00Z"}'
    ),
    answer(200, said("A", 3600).body + b" " * 65_536),
]
TROUBLE = [*GARBAGE, TimeoutError("no whole answer in time"), ConnectionError("closed"), OSError("no connection")]


@pytest.mark.parametrize("trouble", TROUBLE)
def test_endpoint_that_fails_is_told_without_what_it_said(trouble: Answer | OSError) -> None:
    with pytest.raises(AwsError, match=r"^container credentials: got .* from 127\.0\.0\.1:9001") as raised:
        ContainerCredentials(ENDPOINT, FakeService(trouble), FakeClock(NOW))(1.0)

    assert raised.value.code == "NoCredentials"
    assert "hidden" not in str(raised.value)
    assert "endpoint-token" not in str(raised.value)


@pytest.mark.parametrize("trouble", TROUBLE)
def test_old_credentials_go_on_while_they_live_when_a_refresh_fails(trouble: Answer | OSError) -> None:
    service = FakeService(said("A", 3600), trouble)
    clock = FakeClock(NOW)
    current = ContainerCredentials(ENDPOINT, service, clock)

    current(1.0)
    clock.at = NOW + 3300
    in_time = current(1.0)
    clock.at += 9.9  # not asked again at once: each try may cost time that the caller has not
    soon_after = current(1.0)
    asked_by_then = len(service.asked)
    clock.at = NOW + 3599.9
    at_last = current(1.0)

    assert [in_time, soon_after, at_last] == [read("A", 3600)] * 3
    assert (asked_by_then, len(service.asked)) == (2, 3)


def test_credentials_that_have_expired_are_not_given_out_again() -> None:
    clock = FakeClock(NOW)
    current = ContainerCredentials(ENDPOINT, FakeService(said("A", 3600), OSError("no connection")), clock)

    current(1.0)
    clock.at = NOW + 3600

    with pytest.raises(AwsError, match="got no answer"):
        current(1.0)


def test_endpoint_that_recovers_is_used_again() -> None:
    clock = FakeClock(NOW)
    current = ContainerCredentials(ENDPOINT, FakeService(said("A", 3600), OSError(), said("B", 7200)), clock)

    current(1.0)
    clock.at = NOW + 3300
    current(1.0)
    clock.at += 10

    assert current(1.0) == read("B", 7200)


@pytest.mark.parametrize(("timeout_s", "allowed_s"), [(0.2, 0.1), (20.0, 2.0)])
def test_endpoint_leaves_time_for_the_call(timeout_s: float, allowed_s: float) -> None:
    service = FakeService(said("A", 3600))

    ContainerCredentials(ENDPOINT, service, FakeClock(NOW))(timeout_s)

    assert service.asked[0].timeout_s == allowed_s


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.floats()
    | st.text()
    | st.sampled_from(["2026-01-01T01:00:00Z", "0001-01-01T00:00Z"]),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)
field_names = st.sampled_from(["AccessKeyId", "SecretAccessKey", "Token", "Expiration"])


@given(st.binary() | st.dictionaries(field_names, json_values).map(lambda fields: json.dumps(fields).encode()))
@example(b'{"AccessKeyId":"A","SecretAccessKey":"S","Token":"T","Expiration":"0001-01-01T00:00:00+23:59"}')
@example(b'{"AccessKeyId":"A","SecretAccessKey":"S","Token":"T","Expiration":"9999-12-31T23:59:59-23:59"}')
def test_no_answer_of_an_endpoint_raises_anything_but_our_error(body: bytes) -> None:
    try:
        credentials = ContainerCredentials(ENDPOINT, FakeService(answer(200, body)), FakeClock(NOW))(1.0)
    except AwsError:
        return

    assert all(credentials[:3])


def test_no_repr_shows_a_secret() -> None:
    service = FakeService(said("A", 3600))

    shown = [
        repr(Credentials("AKID", "hidden", "hidden", 1.0)),
        f"{Credentials('AKID', 'hidden')}",
        repr(ContainerEndpoint("http://localhost/x?hidden", "hidden", "/file")),
        repr(ContainerCredentials(ContainerEndpoint("http://localhost/x", "hidden"), service)),
        repr(answer(200, b"hidden")),
    ]

    assert shown == [
        "<Credentials AKID temporary>",
        "<Credentials AKID permanent>",
        "<ContainerEndpoint http://localhost/x>",
        "<ContainerCredentials <ContainerEndpoint http://localhost/x>>",
        "<Answer 200 6 bytes>",
    ]
