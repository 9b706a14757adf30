"""Names of paths that no route lists: bounded, and without anybody's data."""

import random
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.usage.unlisted import MOST, OTHERS, UnlistedPaths


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/", "/"),
        ("/orders", "/orders"),
        ("/orders/", "/orders/"),
        ("/v2/orders", "/v2/orders"),
        ("/orders/7", "/orders/{id}"),
        ("/orders/O-5001/lines/3", "/orders/{id}/lines/{id}"),
        ("/users/0a1b2c3d-0000-4111-8222-333344445555", "/users/{id}"),
        ("/users/DEADBEEF", "/users/{id}"),
        ("/objects/deadbeef", "/objects/{id}"),
        ("/reset/eyJhbGciOiJIUzI1NiJ9.e30", "/reset/{id}"),
        ("/people/Ada", "/people/{id}"),
        ("/people/ada%40example.com", "/people/{id}"),
        ("/reports/sales.csv", "/reports/sales.csv"),
        ("/health-check", "/health-check"),
        ("/" + "a" * 33, "/{id}"),
        ("/a/b/c/d/e/f/g/h", "/a/b/c/d/e/f/g/h"),
        ("/a/b/c/d/e/f/g/h/i/j", "/a/b/c/d/e/f/g/h/…"),
        ("//a", "//a"),
        ("/../etc", "/{id}/etc"),
    ],
)
def test_what_looks_like_data_becomes_id(path: str, name: str) -> None:
    assert UnlistedPaths().name(path) == name


def test_a_hundred_thousand_random_paths_have_two_hundred_names_and_one_for_the_rest() -> None:
    """Cardinality stays bounded."""
    chance = random.Random(7)
    paths = UnlistedPaths()
    letters = "abcdefghijklmnopqrstuvwxyz"

    names = {
        paths.name("/" + "/".join("".join(chance.choices(letters, k=6)) for _ in range(3))) for _ in range(100_000)
    }

    assert len(names) == MOST + 1
    assert OTHERS in names


def test_path_with_a_name_keeps_it_when_there_are_too_many_others() -> None:
    paths = UnlistedPaths()
    first = paths.name("/orders/7")
    for number in range(1000):
        paths.name("/" + "".join(chr(97 + int(digit)) for digit in str(number)))

    assert (first, paths.name("/orders/8"), paths.name("/never/seen")) == ("/orders/{id}", "/orders/{id}", OTHERS)


def test_thousands_of_ids_are_one_name() -> None:
    paths = UnlistedPaths()

    names = {paths.name(f"/orders/{uuid.UUID(int=number)}") for number in range(5000)}

    assert names == {"/orders/{id}"}


@given(st.text(st.characters(codec="ascii")).map(lambda text: f"/{text}"))
def test_any_path_has_a_name_that_is_short_and_plain(path: str) -> None:
    name = UnlistedPaths().name(path)

    assert len(name) <= 300
    assert set(name) <= set("abcdefghijklmnopqrstuvwxyz0123456789/._-{}…")
