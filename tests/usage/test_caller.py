"""Under which name a caller is counted."""

from typing import Any

import pytest

from proxy.usage.caller import MOST, OTHERS, caller_of, hashed
from tests.samples import request

KEY = "k" * 32
ALL = ("claim:sub", "header:x-api-key", "api-key", "agent")


def event(**context: Any) -> dict[str, Any]:  # Any: JSON of the front door
    return {"requestContext": context}


@pytest.mark.parametrize(
    ("headers", "context", "name"),
    [
        ({}, {}, ""),
        ({b"User-Agent": b"okhttp/4.12.0"}, {}, "agent:okhttp"),
        ({b"User-Agent": b"Mozilla/5.0 (X11; Ada's laptop)"}, {}, "agent:mozilla"),
        ({b"User-Agent": b"(odd)"}, {}, ""),
        ({b"X-API-Key": b"secret-1", b"User-Agent": b"curl/8"}, {}, hashed("header:x-api-key", "secret-1", KEY)),
        ({}, {"identity": {"apiKeyId": "key-1"}}, hashed("api-key", "key-1", KEY)),
        ({}, {"identity": {"apiKeyId": None}}, ""),
        (
            {b"X-API-Key": b"secret-1"},
            {"authorizer": {"jwt": {"claims": {"sub": "ada"}}}},
            hashed("claim:sub", "ada", KEY),
        ),
    ],
)
def test_first_identity_that_a_request_has_counts(
    headers: dict[bytes, bytes], context: dict[str, Any], name: str
) -> None:
    asked = request(headers=tuple(headers.items()), event=event(**context))

    assert caller_of(ALL, KEY)(asked) == name


def test_name_gives_no_secret_away_and_is_another_with_another_key() -> None:
    """No header value, cookie, token or body reaches a log unredacted."""
    one, other = hashed("header:x-api-key", "secret-1", KEY), hashed("header:x-api-key", "secret-1", "x" * 32)

    assert "secret" not in one
    assert one != other
    assert one == "header:x-api-key:" + one.rpartition(":")[2]
    assert len(one.rpartition(":")[2]) == 12


def test_same_value_under_two_identities_has_two_names() -> None:
    assert hashed("claim:sub", "ada", KEY)[-12:] != hashed("header:x-user", "ada", KEY)[-12:]


def test_ten_thousand_callers_have_five_hundred_names_and_one_for_the_rest() -> None:
    """Cardinality stays bounded."""
    name = caller_of(("header:x-api-key",), KEY)

    names = {name(request(headers=((b"x-api-key", b"%d" % number),))) for number in range(10_000)}

    assert len(names) == MOST + 1
    assert OTHERS in names
