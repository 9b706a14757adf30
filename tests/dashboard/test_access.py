"""Who is let in, by what was asked alone."""

import pytest

from proxy.dashboard.access import Access, Asked, Verdict, check_binding, is_loopback, names_of
from proxy.errors import Misuse

ACCESS = Access("secret-token", port=8081)
HERE = "127.0.0.1:8081"
COOKIE = f"other=1; fig_dashboard_8081={ACCESS.session}"


def asked(
    method: str = "GET",
    host: str = HERE,
    origin: str = "",
    token: str = "",
    bearer: str = "",
    cookie: str = "",
) -> Asked:
    return Asked(method, host, origin, token, bearer, cookie)


@pytest.mark.parametrize(
    ("request_", "verdict"),
    [
        (asked(), "no_token"),
        (asked(token="secret-token"), "log_in"),
        (asked(token="secret-toke"), "no_token"),
        (asked(token="sécret"), "no_token"),
        (asked(cookie=COOKIE), "go"),
        (asked(cookie=COOKIE, token="old"), "log_in"),  # a link of before is cleaned all the same
        (asked(cookie=f"fig_dashboard_8081={ACCESS.token}"), "no_token"),
        (asked(cookie=f"fig_dashboard_8082={ACCESS.session}"), "no_token"),
        (asked(bearer="secret-token"), "go"),
        (asked(bearer=ACCESS.session), "no_token"),
        (asked(bearer="wrong"), "no_token"),
        # Another name that was made to lead here has a browser's trust, and is refused before anything else.
        (asked(host="evil.example.com", cookie=COOKIE), "bad_host"),
        (asked(host="evil.example.com:8081", token="secret-token"), "bad_host"),
        (asked(host="", cookie=COOKIE), "bad_host"),
        (asked(host="user@127.0.0.1", cookie=COOKIE), "bad_host"),
        (asked(host="127.0.0.1:8081/x", cookie=COOKIE), "bad_host"),
        (asked(host="127.0.0.1:port", cookie=COOKIE), "bad_host"),
        (asked(host="169.254.169.254", cookie=COOKIE), "bad_host"),
        # A tunnel ends at another port.
        (asked(host="localhost:9000", cookie=COOKIE), "go"),
        (asked(host="[::1]:8081", cookie=COOKIE), "go"),
        # A page from another port of this machine, or from elsewhere.
        (asked(origin="http://127.0.0.1:8080", cookie=COOKIE), "bad_origin"),
        (asked("POST", origin="http://127.0.0.1:8080", cookie=COOKIE), "bad_origin"),
        (asked("POST", origin="https://evil.example.com", cookie=COOKIE), "bad_origin"),
        (asked("POST", origin="null", cookie=COOKIE), "bad_origin"),
        (asked("POST", cookie=COOKIE), "bad_origin"),
        (asked("POST", origin=f"http://{HERE}", cookie=COOKIE), "go"),
        (asked("POST", bearer="secret-token"), "go"),
        (asked("POST", origin=f"http://{HERE}", token="secret-token"), "no_token"),  # a link only ever reads
        (asked("WEBSOCKET", cookie=COOKIE), "bad_origin"),
        (asked("WEBSOCKET", bearer="secret-token"), "bad_origin"),
        (asked("WEBSOCKET", origin="http://localhost:8081", cookie=COOKIE), "bad_origin"),
        (asked("WEBSOCKET", origin=f"http://{HERE}", cookie=COOKIE), "go"),
        (asked("WEBSOCKET", origin=f"HTTP://{HERE}".lower(), host=HERE.upper(), cookie=COOKIE), "go"),
        (asked("WEBSOCKET", origin=f"file://{HERE}", cookie=COOKIE), "bad_origin"),
        (asked("WEBSOCKET", origin=f"http://{HERE}"), "no_token"),
        (asked("WEBSOCKET", origin=f"http://{HERE}", token="secret-token"), "no_token"),
    ],
)
def test_request_is_judged_by_host_then_origin_then_token(request_: Asked, verdict: Verdict) -> None:
    assert ACCESS.judge(request_) == verdict


@pytest.mark.parametrize(
    ("access", "host", "is_ours"),
    [
        (Access(bound="10.0.0.7"), "10.0.0.7:8081", True),
        (Access(bound="10.0.0.7"), "10.0.0.8:8081", False),
        (Access(bound="dash.example.com"), "DASH.example.com", True),
        (Access(names=frozenset({"dash.example.com"})), "dash.example.com", True),
        (Access(bound="0.0.0.0"), "10.0.0.7:8081", True),
        (Access(bound="0.0.0.0"), "dash.example.com", False),
        (Access(bound="::"), "[2001:db8::1]:8081", True),
        (Access(bound="0.0.0.0"), "[2001:db8::1", False),
    ],
)
def test_names_that_lead_to_a_dashboard_are_those_it_was_told(access: Access, host: str, is_ours: bool) -> None:
    assert access.is_ours(host) is is_ours


def test_each_start_has_a_token_of_its_own() -> None:
    one, other = Access(), Access()

    assert one.token != other.token
    assert one.session != other.session
    assert len(one.token) >= 32
    assert one.token not in repr(one)


@pytest.mark.parametrize(
    ("access", "link"),
    [
        (Access("t", port=8081), "http://127.0.0.1:8081/fig/?token=t"),
        (Access("t", "0.0.0.0", 8081, is_secure=True), "https://127.0.0.1:8081/fig/?token=t"),
        (Access("t", "::1", 8081), "http://[::1]:8081/fig/?token=t"),
    ],
)
def test_link_opens_the_dashboard(access: Access, link: str) -> None:
    assert access.link == link


@pytest.mark.parametrize(
    ("host", "has_tls", "is_insecure"),
    [
        ("127.0.0.1", False, False),
        ("127.0.0.2", False, False),
        ("localhost", False, False),
        ("::1", False, False),
        ("0.0.0.0", True, False),
        ("10.0.0.7", False, True),
    ],
)
def test_address_may_be_bound_that_only_this_machine_reaches_or_with_tls(
    host: str, has_tls: bool, is_insecure: bool
) -> None:
    check_binding(host, has_tls=has_tls, is_insecure=is_insecure)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.0.0.7", "dash.example.com", ""])
def test_address_that_others_reach_needs_tls_or_insecure(host: str) -> None:
    with pytest.raises(Misuse, match="--tls-cert"):
        check_binding(host, has_tls=False, is_insecure=False)

    assert not is_loopback(host)


def test_names_are_host_names_without_a_port() -> None:
    assert names_of(["Dash.example.com", "dash"]) == {"dash.example.com", "dash"}
    for name in ("https://dash", "dash:8081", "a/b", "", "a@b"):
        with pytest.raises(Misuse, match="--name"):
            names_of([name])
