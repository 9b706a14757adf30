"""`fig override`: what it signs, and what it refuses to sign."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from proxy.cli.app import app
from proxy.routing.decide import decide
from proxy.routing.override import chooser
from proxy.routing.table import Table
from tests.routing.tables import table
from tests.samples import request

KEY = "k" * 32
ROUTES = """version: 1
routes:
  - {id: read, match: GET /orders, handler: "migrated.orders.api:handler", sticky: "header:x-user"}
  - {id: bare, match: GET /bare}
  - {id: gone, match: GET /gone, handler: "migrated.orders.api:handler", stage: retired}
"""
TABLE: Table = table(
    {
        "id": "read",
        "match": "GET /orders",
        "handler": "some.module:handler",
        "stage": "legacy",
        "sticky": "header:x-user",
    }
)


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "routes.yaml").write_text(ROUTES)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FIG_OVERRIDE_KEY", KEY)


def fig(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["override", *arguments])


@pytest.mark.parametrize(
    ("options", "user", "side"),
    [((), b"ada", "migrated"), (("--as", "ada"), b"ada", "migrated"), (("--as", "ada"), b"eve", "legacy")],
)
def test_what_it_prints_is_what_the_function_takes(options: tuple[str, ...], user: bytes, side: str) -> None:
    fields = json.loads(fig("read", "migrated", "--json", *options).stdout)

    asked = request(
        "GET", "/orders", headers=((fields["header"].encode(), fields["value"].encode()), (b"x-user", user))
    )
    decision = decide(TABLE, asked, chooser(KEY, lambda: fields["expires_at"] - 1.0))

    assert decision.primary == side


@pytest.mark.parametrize(
    ("arguments", "exit_code", "says"),
    [
        (("bare", "migrated"), 1, "has no handler and no function"),
        (("gone", "legacy"), 1, "is retired"),
        (("raed", "legacy"), 2, "did you mean 'read'?"),
        (("read", "proxy"), 2, ""),
        (("read", "legacy", "--minutes", "61"), 2, ""),
        (("read", "legacy", "--as", ""), 2, "--as: got no header:x-user"),
    ],
)
def test_what_cannot_be_asked_for_is_not_signed(arguments: tuple[str, ...], exit_code: int, says: str) -> None:
    done = fig(*arguments)

    assert (done.exit_code, done.stdout) == (exit_code, "")
    assert says in done.stderr


@pytest.mark.parametrize("key", ["", "hunter2"])
def test_key_that_is_missing_or_too_short_is_told_and_not_shown(key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FIG_OVERRIDE_KEY", key)

    done = fig("read", "legacy")

    assert done.exit_code == 2
    assert "FIG_OVERRIDE_KEY: got " in done.stderr
    assert "hunter2" not in done.output
