"""Which request targets reach the function, and as what."""

import pytest

from proxy.dev.front_doors.target import MalformedTarget, Target, host_name, parse


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        (b"/", Target(b"/")),
        (b"//v1/orders", Target(b"//v1/orders")),
        (b"/a#b?c#d", Target(b"/a#b?c#d")),
        (b"/http://other.example/", Target(b"/http://other.example/")),
        (b"http://shop.example/a%2Fb?c", Target(b"/a%2Fb?c", b"shop.example")),
        (b"HTTPS://shop.example:8443", Target(b"/", b"shop.example:8443")),
        (b"http://shop.example?c", Target(b"/?c", b"shop.example")),
        (b"http://[::1]:80//x", Target(b"//x", b"[::1]:80")),
    ],
)
def test_path_and_absolute_form_are_accepted(target: bytes, expected: Target) -> None:
    assert parse(target) == expected


@pytest.mark.parametrize(
    "target", [b"*", b"shop.example:443", b"a/b", b"?q", b"http:///a", b"http://me@shop.example/", b"ftp://x/", b""]
)
def test_other_forms_are_refused(target: bytes) -> None:
    with pytest.raises(MalformedTarget):
        parse(target)


@pytest.mark.parametrize(
    ("authority", "name"),
    [
        (b"shop.example", "shop.example"),
        (b"shop.example:8080", "shop.example"),
        (b"shop.example:", "shop.example"),
        (b"127.0.0.1:80", "127.0.0.1"),
        (b"[::1]:80", "[::1]"),
        (b"[::1]", "[::1]"),
        (b"", ""),
    ],
)
def test_domain_name_has_no_port(authority: bytes, name: str) -> None:
    assert host_name(authority) == name
