"""Who publishes, when and why; and what needs force."""

import pytest

from proxy.errors import Misuse, Refused
from proxy.publishing.author import Author, local_user
from tests.publishing.people import WHEN, author


@pytest.mark.parametrize("why", ["", " ", "\n\t"])
def test_change_without_a_reason_is_misuse(why: str) -> None:
    """Every change of a route is a versioned, conditional write with who and why, and prints its own undo."""
    with pytest.raises(Misuse, match=r"--why: got '.*', expected the reason"):
        Author("ada", why)


def test_time_of_a_change_is_utc_to_the_millisecond() -> None:
    assert author().when() == WHEN


def test_everything_that_needs_force_is_told_at_once_with_the_cure() -> None:
    with pytest.raises(Refused) as refused:
        author().insist(["one thing", "another thing"], "--force does it")

    assert str(refused.value).splitlines() == ["one thing", "another thing", "--force does it"]


def test_what_is_forced_is_kept_for_the_record() -> None:
    assert author(is_forcing=True).insist(["one thing"], "--force does it") == ("one thing",)


def test_nothing_to_object_to_needs_no_force() -> None:
    assert author().insist([], "--force does it") == ()


def test_user_of_this_machine_has_a_name() -> None:
    assert local_user()
