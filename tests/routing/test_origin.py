"""The origin of a legacy system: scheme, host and port, and nothing else."""

import pytest

from proxy.routing.origin import check_origin, hosts_of


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("http://legacy.example.com", "http://legacy.example.com"),
        ("https://legacy.example.com:8443/", "https://legacy.example.com:8443"),
        ("http://10.0.0.7:1", "http://10.0.0.7:1"),
        ("http://[::1]:8080", "http://[::1]:8080"),
        ("http://my_host", "http://my_host"),
    ],
)
def test_origin_is_kept_without_its_slash(url: str, origin: str) -> None:
    assert check_origin(url) == origin


@pytest.mark.parametrize(
    "url",
    [
        "",
        "legacy.example.com",
        "//legacy.example.com",
        "ftp://legacy.example.com",
        "HTTP://legacy.example.com",
        "http://",
        "http:///x",
        "http://h/api",
        "http://h//",
        "http://h?x",
        "http://h#x",
        "http://h:0",
        "http://h:65536",
        "http://h:port",
        "http://h:",
        "http://h:\u0668\u0660",
        "http://u:p@h",
        "http://good.example\\@evil.example",
        "http://good.example @evil.example",
        "http://h\r\nX: 1",
        "http://h\n",
        "http://[::1",
        "http://caf\u00e9.example",
    ],
)
def test_url_that_is_more_than_an_origin_is_refused(url: str) -> None:
    """Nothing that is published can choose a host outside the function's allow-list."""
    with pytest.raises(ValueError, match=r"^got "):
        check_origin(url)


def test_password_in_a_url_is_not_repeated() -> None:
    with pytest.raises(ValueError, match=r"^got ") as refused:
        check_origin("https://user:SECRET@legacy.example.com")

    expected = "expected http(s)://host[:port] without path, query or credentials"
    assert str(refused.value) == f"got 'https://…@legacy.example.com', {expected}"


@pytest.mark.parametrize(
    ("origin", "hosts"),
    [
        ("https://old.example", ("old.example", "old.example:443")),
        ("https://OLD.example:443", ("old.example:443", "old.example")),
        ("https://old.example:80", ("old.example:80",)),
        ("http://old.example", ("old.example", "old.example:80")),
        ("http://old.example:80", ("old.example:80", "old.example")),
        ("http://old.example:443", ("old.example:443",)),
        ("http://old.example:8080", ("old.example:8080",)),
        ("https://[2001:DB8::443]", ("[2001:db8::443]", "[2001:db8::443]:443")),
        ("https://[::1]:8443", ("[::1]:8443",)),
    ],
)
def test_host_is_the_same_in_any_case_and_with_or_without_the_port_of_its_scheme(
    origin: str, hosts: tuple[str, ...]
) -> None:
    assert hosts_of(origin) == hosts
