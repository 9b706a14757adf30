"""The published routes.yaml -> the file, unless that holds what was never published."""

import pytest

from proxy.errors import Refused
from proxy.publishing.pull import Pulled, pull
from proxy.stores.file_history import FileHistory
from tests.publishing.people import DOCUMENT, put, with_line

LIST_LIVE = with_line(DOCUMENT, "stage: shadow", "stage: live")
READ_SHADOW = with_line(DOCUMENT, "stage: legacy", "stage: shadow")
OWNED = with_line(DOCUMENT, "match: GET /orders\n", "match: GET /orders\n    owner: shop\n")


def test_file_that_is_not_there_is_written(history: FileHistory) -> None:
    put(history)

    assert pull(history, None, None) == Pulled(1, DOCUMENT)


def test_file_that_says_the_same_keeps_its_own_comments(history: FileHistory) -> None:
    put(history)

    assert pull(history, f"# tidied up\n{DOCUMENT}", None) == Pulled(1, None)


@pytest.mark.parametrize("base", [None, 1, 9])
def test_file_that_was_in_force_is_replaced(history: FileHistory, base: int | None) -> None:
    put(history)
    put(history, LIST_LIVE)

    assert pull(history, DOCUMENT, base) == Pulled(2, LIST_LIVE)


def test_file_that_says_nothing_is_replaced(history: FileHistory) -> None:
    put(history)

    assert pull(history, "version: 1", None) == Pulled(1, DOCUMENT)


@pytest.mark.parametrize(
    ("base", "lost"),
    [
        (1, ["  orders.read: legacy → shadow"]),
        # Without a base, all that differs may be somebody's work.
        (None, ["  orders.read: legacy → shadow", "  orders.list: live → shadow"]),
        (9, ["  orders.read: legacy → shadow", "  orders.list: live → shadow"]),
    ],
)
def test_file_with_what_was_never_published_is_left_alone(
    history: FileHistory, base: int | None, lost: list[str]
) -> None:
    put(history)
    put(history, LIST_LIVE)

    with pytest.raises(Refused) as refused:
        pull(history, READ_SHADOW, base)

    assert str(refused.value).splitlines() == [
        "the file holds what was never published, and that would be lost:",
        *lost,
        "fig publish makes that the next version; --force overwrites it",
    ]
    assert pull(history, READ_SHADOW, base, is_forcing=True) == Pulled(2, LIST_LIVE)


def test_field_that_requests_need_not_know_is_not_lost_either(history: FileHistory) -> None:
    put(history)
    put(history, LIST_LIVE)

    with pytest.raises(Refused, match=r"orders\.list: owner none → shop"):
        pull(history, OWNED, 1)


def test_file_that_cannot_be_read_is_left_alone(history: FileHistory) -> None:
    put(history)

    with pytest.raises(Refused) as refused:
        pull(history, "version: 2\n", None)

    first, last = str(refused.value).splitlines()
    assert first.startswith("routes.yaml:1:10 version: got 2")
    assert last == "the file cannot be read, and all of it would be lost; --force overwrites it"
    assert pull(history, "version: 2\n", None, is_forcing=True) == Pulled(1, DOCUMENT)


def test_nothing_is_pulled_before_anything_is_published(history: FileHistory) -> None:
    with pytest.raises(Refused, match="nothing has been published yet, so there is nothing to pull; fig publish is fi"):
        pull(history, None, None, is_forcing=True)
