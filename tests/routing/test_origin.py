"""The origin of a legacy system: scheme, host and port, and nothing else."""

import pytest

from proxy.routing.origin import check_origin


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
