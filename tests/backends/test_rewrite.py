"""Names of the legacy system in its answers become the client's; everything else stays as it is, byte for byte."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.backends.rewrite import PublicName

PUBLIC = PublicName(b"http", b"legacy.internal:8080", b"https", b"api.shop.example")
PLAIN = PublicName(b"http", b"legacy.internal", b"https", b"api.shop.example:8443")


@pytest.mark.parametrize(
    ("value", "rewritten"),
    [
        (b"http://legacy.internal:8080/next?x#f", b"https://api.shop.example/next?x#f"),
        (b"HTTP://Legacy.Internal:8080/next", b"https://api.shop.example/next"),
        (b"http://legacy.internal:8080", b"https://api.shop.example"),
        (b"//legacy.internal:8080/next", b"//api.shop.example/next"),
        # Nothing but an exact match: another port, host, suffix, prefix, or user information is another place.
        (b"http://legacy.internal/next", b"http://legacy.internal/next"),
        (b"http://legacy.internal:80801/", b"http://legacy.internal:80801/"),
        (b"http://legacy.internal:8080.evil.example/", b"http://legacy.internal:8080.evil.example/"),
        (b"http://x@legacy.internal:8080/", b"http://x@legacy.internal:8080/"),
        (
            b"https://other.example/?to=http://legacy.internal:8080/",
            b"https://other.example/?to=http://legacy.internal:8080/",
        ),
        (b"/next", b"/next"),
        (b"next/../x", b"next/../x"),
        (b"#top", b"#top"),
        (b"", b""),
        (b"urn:isbn:1", b"urn:isbn:1"),
        (b"mailto:x@legacy.internal:8080", b"mailto:x@legacy.internal:8080"),
    ],
)
@pytest.mark.parametrize("name", [b"Location", b"content-location"])
def test_reference_to_legacy_leads_to_the_proxy(name: bytes, value: bytes, rewritten: bytes) -> None:
    assert PUBLIC.rewrite((name, value)) == (name, rewritten)


@pytest.mark.parametrize(
    ("value", "rewritten"),
    [
        (b"http://legacy.internal/x", b"https://api.shop.example:8443/x"),
        (b"http://legacy.internal:80/x", b"https://api.shop.example:8443/x"),
        (b"https://legacy.internal:443/x", b"https://api.shop.example:8443/x"),
        (b"http://legacy.internal:443/x", b"http://legacy.internal:443/x"),
    ],
)
def test_default_port_is_the_same_place_with_and_without_its_number(value: bytes, rewritten: bytes) -> None:
    assert PLAIN.rewrite((b"Location", value)) == (b"Location", rewritten)


@pytest.mark.parametrize(
    ("value", "rewritten"),
    [
        (b"0;url=http://legacy.internal:8080/", b"0;url=https://api.shop.example/"),
        (b"5; URL='http://legacy.internal:8080/a'", b"5; URL='https://api.shop.example/a'"),
        (b"5", b"5"),
        (b"0; url=/here", b"0; url=/here"),
    ],
)
def test_refresh_keeps_its_form_around_the_reference(value: bytes, rewritten: bytes) -> None:
    assert PUBLIC.rewrite((b"Refresh", value)) == (b"Refresh", rewritten)


@pytest.mark.parametrize(
    ("value", "rewritten"),
    [
        (
            b"s=1; Domain=legacy.internal; Path=/app; Secure; HttpOnly; SameSite=None; Partitioned; "
            b"Expires=Wed, 21 Oct 2099 07:28:00 GMT",
            b"s=1; Domain=api.shop.example; Path=/app; Secure; HttpOnly; SameSite=None; Partitioned; "
            b"Expires=Wed, 21 Oct 2099 07:28:00 GMT",
        ),
        (b"s=1;domain=.LEGACY.internal;path=/", b"s=1;domain=api.shop.example;path=/"),
        (b"s=1; Domain=other.example", b"s=1; Domain=other.example"),
        (b"s=Domain=legacy.internal", b"s=Domain=legacy.internal"),
        (b"__Host-s=1; Domain=legacy.internal; Path=/", b"__Host-s=1; Path=/"),
        (b";;;", b";;;"),
        (b"", b""),
    ],
)
def test_cookie_of_the_legacy_host_becomes_the_clients(value: bytes, rewritten: bytes) -> None:
    assert PUBLIC.rewrite((b"Set-Cookie", value)) == (b"Set-Cookie", rewritten)


@given(st.sampled_from([b"Location", b"Refresh", b"Set-Cookie", b"Content-Location"]), st.binary(max_size=60))
def test_value_that_does_not_name_legacy_is_the_very_same(name: bytes, value: bytes) -> None:
    pair = (name, value.replace(b"legacy", b""))

    assert PUBLIC.rewrite(pair) is pair
