"""What a sample shows, and that no secret is in it."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.message import Headers
from proxy.shadow.compare import Answer, compare
from proxy.shadow.difference import MISSING, MOST_STEPS, Difference, Kind
from proxy.shadow.redact import redacted
from proxy.shadow.rules import Rules
from tests.shadow.answers import JSON, JSON_TYPE, answer, differences

KEY = bytes(range(32))
OTHER_KEY = bytes(32)


def _side(value: object, *, shows_values: bool = False, path: str = "$.a", key: bytes = KEY) -> Any:
    return redacted(Difference("value", path, value, MISSING), shows_values=shows_values, key=key)["control"]


def test_value_is_shown_as_its_type_and_length_and_a_hash() -> None:
    shown = redacted(Difference("type", "$.a", "0791234567", 7), shows_values=False, key=KEY)

    assert shown == {
        "kind": "type",
        "path": "$.a",
        "control": {"type": "string", "length": 10, "hash": shown["control"]["hash"]},
        "candidate": {"type": "number", "hash": shown["candidate"]["hash"]},
    }
    assert len(shown["control"]["hash"]) == len(shown["candidate"]["hash"]) == 16


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (MISSING, {"type": "missing"}),
        (None, {"type": "null"}),
        ([1, 2], {"type": "array", "size": 2}),
        ({"a": "secret"}, {"type": "object", "size": 1}),
    ],
)
def test_what_has_no_value_of_its_own_is_shown_as_its_type_and_size(value: object, shown: dict[str, object]) -> None:
    assert _side(value) == shown


def test_equal_values_have_equal_hashes_under_one_key_only() -> None:
    assert _side("a") == _side("a")
    assert _side(1) == _side(1.0)
    assert _side("a") != _side("b")
    assert _side("1")["hash"] != _side(1)["hash"]
    assert _side(True)["hash"] != _side(1)["hash"]
    assert _side("a")["hash"] != _side("a", key=OTHER_KEY)["hash"]


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("a", "a"),
        ("a\r\nb\x1b[31m\u2028", r"a\r\nb\x1b[31m\u2028"),
        ("\ud800", r"\ud800"),
        ("é😀", "é😀"),
        ("x" * 120, "x" * 120),
        ("x" * 121, "x" * 119 + "…"),
        ("\n" * 120, r"\n" * 59 + "\\…"),
        (7, 7),
        (0.1, 0.1),
        (True, True),
        (MISSING, {"type": "missing"}),
        (10**200, "1" + "0" * 118 + "…"),
        (float("nan"), "nan"),
        (float("-inf"), "-inf"),
        ([1], {"type": "array", "size": 1}),
        (("a", "b\n"), ["a", r"b\n"]),
    ],
)
def test_value_is_shown_on_one_line_where_the_route_says_so(value: object, shown: object) -> None:
    assert _side(value, shows_values=True) == shown


def test_null_is_shown_as_null() -> None:
    assert _side(None, shows_values=True) is None


def test_status_is_always_shown() -> None:
    shown = redacted(Difference("status", "status", 200, 500), shows_values=False, key=KEY)

    assert shown == {"kind": "status", "path": "status", "control": 200, "candidate": 500}


def _where_values_are_shown(control: Answer, candidate: Answer, **rules: object) -> list[dict[str, Any]]:
    found = compare(Rules.of({**rules, "values": True}), control, candidate)
    return [redacted(difference, shows_values=True, key=KEY) for difference in found]


def _body_where_values_are_shown(control: Any, candidate: Any, **rules: object) -> Any:
    [found] = _where_values_are_shown(answer(control), answer(candidate), **rules)
    return found["control"]


def _header_where_values_are_shown(name: str, value: str) -> Any:
    control = answer({}, (name.encode(), value.encode()))
    [found] = _where_values_are_shown(control, answer({}), headers=[name])
    return found["control"]


@pytest.mark.parametrize(
    "name",
    [
        "authorization",
        "cookie",
        "set-cookie",
        "proxy-authorization",
        "x-api-key",
        "x-amz-security-token",
        "www-authenticate",
        "x-session-id",
        "x-csrf-token",
        "x-hub-signature-256",
        "x-auth",
    ],
)
def test_secret_header_is_hidden_even_where_values_are_shown(name: str) -> None:
    [shown] = _header_where_values_are_shown(name, "hunter2")

    assert shown.keys() == {"type", "length", "hash"}


@pytest.mark.parametrize(
    ("control", "candidate"),
    [
        ({"password": "hunter2"}, {"password": "x"}),
        ({"user": {"accessToken": "hunter2"}}, {"user": {"accessToken": "x"}}),
        ({"tokens": ["hunter2"]}, {"tokens": ["x"]}),
        ({"tokens": {"web": [{"value": "hunter2"}]}}, {"tokens": {"web": [{"value": "x"}]}}),
        ({"Client_Secret": "hunter2"}, {}),
        ({"api-key": "hunter2"}, {"api-key": 1}),
        ({"card": {"cvc": "hunter2"}}, {"card": {}}),
        ({"pwd": "hunter2"}, {"pwd": "x"}),
    ],
)
def test_what_lies_under_the_name_of_a_secret_is_hidden_even_where_values_are_shown(
    control: Any, candidate: Any
) -> None:
    assert _body_where_values_are_shown(control, candidate).keys() == {"type", "length", "hash"}


@pytest.mark.parametrize(
    "name",
    [
        "user.password",
        "access token",
        "password2024x",
        "x-api-key:",
        "пароль",
        "client_credentials_for_the_partner_of_our_shop_api",
        "anna@example.com",
        "",
    ],
)
def test_what_lies_under_a_name_that_is_not_in_the_path_is_hidden_even_where_values_are_shown(name: str) -> None:
    """Nobody can tell by the path what it is."""
    shown = _body_where_values_are_shown({name: {"a": "hunter2"}}, {name: {"a": "x"}})

    assert shown.keys() == {"type", "length", "hash"}


@pytest.mark.parametrize("levels", [MOST_STEPS, MOST_STEPS + 5])
def test_what_lies_below_the_cut_of_its_path_is_hidden_even_where_values_are_shown(levels: int) -> None:
    control, candidate = {"password": "hunter2"}, {"password": "x"}
    for _ in range(levels):
        control, candidate = {"a": control}, {"a": candidate}  # type: ignore[dict-item]  # JSON, a level deeper each

    assert _body_where_values_are_shown(control, candidate).keys() == {"type", "length", "hash"}


def test_secret_that_only_the_migrated_side_calls_by_its_name_is_hidden_even_where_values_are_shown() -> None:
    shown = _body_where_values_are_shown({"word": "hunter2"}, {"password": "x"}, rename={"$.word": "password"})

    assert shown.keys() == {"type", "length", "hash"}


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("location", "https://app.example/cb?code=hunter2&page=2", "https://app.example/cb?code=***&page=***"),
        (
            "link",
            '<https://a.example/b?X-Amz-Signature=hunter2>; rel="next"',
            '<https://a.example/b?X-Amz-Signature=***>; rel="next"',
        ),
        ("referer", "https://anna:hunter2@a.example/?q=hunter2", "https://***@a.example/?q=***"),
        ("refresh", "0; url=/cb?a=1&code=hunter2", "0; url=/cb?a=1&code=***"),
        ("etag", "hunter3", "hunter3"),
    ],
)
def test_secrets_in_links_are_masked_where_values_are_shown(name: str, value: str, shown: str) -> None:
    assert _header_where_values_are_shown(name, value) == [shown]
    assert "hunter2" not in json.dumps(_side(value, shows_values=True)) or name == "referer"


def test_secret_in_a_long_text_is_masked_before_the_text_is_cut() -> None:
    text = f"https://a.example/?token={'hunter2' * 100}&code=hunter2&{'x' * 10**6}&token=hunter2"

    shown = _side(text, shows_values=True)

    assert (shown.rstrip("x…"), len(shown)) == ("https://a.example/?token=***&code=***&", 120)


def test_whole_body_is_hidden_even_where_values_are_shown() -> None:
    assert _side(b"hunter2", shows_values=True, path="body").keys() == {"type", "length", "hash"}


@pytest.mark.parametrize("size", [0, 15, 65])
def test_key_that_could_be_found_is_refused(size: int) -> None:
    with pytest.raises(ValueError, match="key"):
        _side("a", key=b"k" * size)


# As keys, too: a word alone would pass for a field.
SECRETS = ("hunter2 xyz", "sk_live_4eC39HqLyjWDarjtT1", "anna.muster@example.com", "756.9217.0769.85", "0791234567")


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize("shows_values", [False, True])
def test_no_seeded_secret_is_in_a_sample(secret: str, shows_values: bool) -> None:
    """No header value, cookie, token or body reaches a mismatch sample unredacted."""
    names = ["authorization", "cookie", "set-cookie", "proxy-authorization", "x-api-key"]
    rules = Rules.of({"headers": names, "values": shows_values})
    body = {
        "password": secret,
        "token": [secret, {"x": secret}],
        "sessions": {"a": {secret: 1}},
        "holder": {"b": secret} if not shows_values else 1,
        "whole": {"c": {"d": secret}},
        "customer 1": {secret: {secret: 1}},
    }
    headers = Headers((JSON_TYPE, *((name.encode(), secret.encode()) for name in names)))
    one = Answer(200, headers, json.dumps(body).encode())
    other = Answer(500, Headers((JSON_TYPE,)), b'{"holder": 2, "token": ["x"], "whole": {}, "sessions": {"a": {}}}')
    text = Answer(200, headers, f"<p>{secret}</p>".encode())

    found = compare(rules, one, other) + compare(rules, other, one) + compare(rules, one, text)
    shown = json.dumps([redacted(difference, shows_values=rules.values, key=KEY) for difference in found])

    assert len(found) > 25
    assert secret not in shown
    assert secret not in repr(found)


@given(JSON, JSON, st.booleans())
def test_sample_of_any_difference_is_json_for_any_reader(control: Any, candidate: Any, shows_values: bool) -> None:
    found = differences(control, candidate)

    shown = [redacted(difference, shows_values=shows_values, key=KEY) for difference in found]

    text = json.dumps(shown, allow_nan=False, ensure_ascii=False)
    assert json.loads(text.encode()) == shown
    assert "\n" not in text


@given(st.text(min_size=3), st.sampled_from(["missing", "extra", "type", "value", "order"]))
def test_hidden_text_is_not_in_its_sample(text: str, kind: Kind) -> None:
    shown = redacted(Difference(kind, "$.a", text, [text]), shows_values=False, key=KEY)

    assert shown["control"].keys() == {"type", "length", "hash"}
    assert shown["candidate"] == {"type": "array", "size": 1}
