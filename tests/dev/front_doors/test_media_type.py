"""Which media types a REST API takes for binary."""

import pytest

from proxy.dev.front_doors import media_type


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (b"image/png", b"image/png"),
        (b" Image/PNG ; q=0.5, text/html", b"image/png"),
        (b"image/webp,image/png,*/*;q=0.8", b"image/webp"),
        (b"application", b"application"),
        (b"", b""),
    ],
)
def test_first_media_type_counts_without_parameters(value: bytes, expected: bytes) -> None:
    assert media_type.first(value) == expected


@pytest.mark.parametrize(
    ("found", "binary_media_types", "is_binary"),
    [
        (b"image/png", ("image/png", "*/test"), True),
        (b"image/jpg", ("image/png", "*/test"), False),
        (b"image/*", ("image/png", "*/test"), False),
        (b"*/test", ("image/png", "*/test"), False),
        (b"random/test", ("image/png", "*/test"), False),
        (b"*/*", ("image/png", "*/test"), False),
        (b"application/whatever", ("image/png", "application/*"), True),
        (b"application/*", ("image/png", "application/*"), True),
        (b"application", ("image/png", "application/*"), False),
        (b"", ("image/png", "application/*"), False),
        (b"image/png", ("Image/PNG",), True),
        (b"image/png", (), False),
        (b"", ("*/*",), True),
        (b"application", ("*/*",), True),
        (b"text/html", ("*/*",), True),
    ],
)
def test_wildcards_work_on_the_right_and_for_everything(
    found: bytes, binary_media_types: tuple[str, ...], is_binary: bool
) -> None:
    """Recorded live, but for what is beside */*."""
    assert media_type.is_among(found, binary_media_types) is is_binary
