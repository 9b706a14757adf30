"""What a client and a backend say in confidence is nowhere to be found: not in the log, the table or on a terminal."""

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path

import boto3
import pytest

from tests.faults import house
from tests.faults.secret_handler import SECRET, hidden_by_name
from tests.raw_legacy import RawLegacy, say

BODY = json.dumps({"name": f"{SECRET}-old", "a": 1, **hidden_by_name("old")}).encode()
LEGACY = (
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nETag: SEEDED-SECRET-old\r\n"
    b"Set-Cookie: sid=SEEDED-SECRET-old\r\nX-Token: SEEDED-SECRET-old\r\nX-Auth: SEEDED-SECRET-old\r\n"
    b"Location: https://app.example/cb?code=SEEDED-SECRET-old\r\n%sContent-Length: %d\r\n\r\n%s"
)
COMPARE = "compare: {headers: [etag, set-cookie, x-token], noise: {percent: 100}"
# Where values are shown, those that nothing calls a secret are, of course.
SHOWN = "compare: {values: shown, headers: [set-cookie, x-token, x-auth, location], ignore: [$.name]"
ROUTES = f"""
version: 1
routes:
  - {{id: hashed, match: "GET /hashed/{{n}}", stage: shadow, handler: "tests.faults.secret_handler:handler",
     {COMPARE}}}, contract: cases.json}}
  - {{id: shown, match: "GET /shown/{{token}}", stage: shadow, handler: "tests.faults.secret_handler:handler",
     {SHOWN}}}, contract: cases.json}}
  - {{id: failing, match: "GET /fail/{{n}}", stage: live, handler: "tests.faults.secret_handler:handler"}}
"""
CLIENT = {
    "authorization": f"Bearer {SECRET}",
    "cookie": f"sid={SECRET}",
    "x-api-key": SECRET,
    "x-fig-side": f"migrated.{SECRET}",
    "user-agent": f"({SECRET})",
}
QUERY = f"page=2&token={SECRET}&api_key={SECRET}&code={SECRET}&X-Amz-Signature={SECRET}&{SECRET}@example.com={SECRET}"


@pytest.mark.timeout(180)
def test_secrets_of_clients_and_backends_are_in_no_log_no_table_and_no_output(tmp_path: Path) -> None:
    """No header value, cookie, token or body reaches a log or a mismatch sample unredacted."""
    said: list[str] = []
    (tmp_path / "routes.yaml").write_text(ROUTES)
    with RawLegacy(say(LEGACY % (b"", len(BODY), BODY))) as legacy, house.evidence() as evidence:
        document, variables = house.publish(tmp_path / "store", ROUTES)
        variables |= {
            "LEGACY_URL": legacy.origin,
            "AWS_ENDPOINT_URL_DYNAMODB": evidence.url,
            "FIG_EVIDENCE": f"dynamodb:{house.TABLE}",
            "FIG_CLIENT_IDENTITY": "header:x-api-key",
            "FIG_CLIENT_KEY": "k" * 32,
        }

        async def scenario() -> None:
            function = house.function(variables, say=said.append)
            try:
                await function.start()
                for path in (f"/unlisted/{SECRET}", f"/hashed/{SECRET}", f"/shown/{SECRET}", f"/fail/{SECRET}"):
                    assert await house.ask(function, path, headers=CLIENT, query=QUERY) == 200
                await house.until_idle(function)
            finally:
                await function.stop()

        asyncio.run(scenario())
        stored = everything_in(evidence.url)
        outputs = [
            fig(tmp_path, evidence.url, *command)
            for command in (
                ["parity"],
                ["parity", "hashed"],
                ["parity", "shown"],
                ["parity", "hashed", "--json"],
                ["parity", "shown", "--json"],
                ["noise", "hashed"],
            )
        ]
        different = evidence.of(document, "hashed").counts.different

    assert different == 1, "the two sides differ, so there is an example"
    assert any('"fallback":"migrated_failed"' in line for line in said)
    assert '"path":"/unlisted/{id}"' in "\n".join(said)
    assert "header:x-api-key:" in "\n".join(said)
    assert "/unlisted/{id}#header:x-api-key:" in stored, "who still asks legacy for what"
    for name, text in {"log": "\n".join(said), "table": stored, "commands": "\n".join(outputs)}.items():
        assert SECRET not in text, name
    assert "$.a" in outputs[1]
    assert "/shown/***?page=2&token=***&api_key=***&code=***&X-Amz-Signature=***&***=***" in outputs[2]
    assert "https://app.example/cb?code=***&page=***" in outputs[2]


@pytest.mark.parametrize("route", ["hashed", "shown"])
def test_secrets_in_answers_are_in_no_output_of_fig_contract(tmp_path: Path, route: str) -> None:
    """What is recorded holds no secret in a header, and what is told of a difference none at all."""
    request = {"method": "GET", "target": f"/{route}/7?token={SECRET}", "headers": {"Authorization": SECRET}}
    (tmp_path / "cases.json").write_text(json.dumps({"cases": [{"name": "one", "request": request}]}))
    (tmp_path / "routes.yaml").write_text(ROUTES)
    other = json.dumps({"a": 2, **hidden_by_name("new")}).encode()
    legacy = LEGACY % (b"x-fig-side: legacy\r\n", len(BODY), BODY)
    migrated = LEGACY.replace(b"-old", b"-new") % (b"x-fig-side: migrated\r\n", len(other), other)
    with RawLegacy(say(legacy)) as front_door, house.evidence() as evidence:
        at = ("contract", route, "--url", front_door.origin)
        recorded = fig(tmp_path, evidence.url, *at, "--record")
        front_door.script(say(migrated))
        tried = fig(tmp_path, evidence.url, *at, exit_code=1)
        as_json = fig(tmp_path, evidence.url, *at, "--json", exit_code=1)
        stored = everything_in(evidence.url)

    [case] = json.loads((tmp_path / "cases.json").read_text())["cases"]
    assert case["request"]["headers"] == {"Authorization": SECRET}, "as its author wrote it"
    assert SECRET not in json.dumps({**case["response"]["headers"], "ETag": ""})
    assert case["response"]["headers"]["Location"] == "https://app.example/cb?code=***"
    assert "left out or masked, for they hold secrets: location, set-cookie, x-auth, x-token\n" in recorded
    assert "the requests hold secrets, as before: authorization; use some that are worth nothing\n" in recorded
    assert "value at $.pwd: " in tried
    for name, text in {"recorded": recorded, "tried": tried, "JSON": as_json, "table": stored}.items():
        assert SECRET not in text, name


def everything_in(url: str) -> str:
    """Return all items of the evidence table as text."""
    client = boto3.session.Session("local", "local", region_name=house.REGION).client("dynamodb", endpoint_url=url)
    items = client.scan(TableName=house.TABLE)["Items"]
    client.close()
    assert items
    return json.dumps(items, default=str)


def fig(folder: Path, url: str, *command: str, exit_code: int = 0) -> str:
    """Run `fig …` on a document and the evidence; return all that it says."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("FIG_", "AWS_"))}
    environment |= {
        "AWS_ENDPOINT_URL_DYNAMODB": url,
        "AWS_ACCESS_KEY_ID": "local",
        "AWS_SECRET_ACCESS_KEY": "local",
        "AWS_REGION": house.REGION,
        "FIG_OVERRIDE_KEY": "k" * 64,
        "PYTHONPATH": str(house.ROOT),
    }
    done = subprocess.run(
        [sys.executable, "-m", "proxy.cli", *command, "--evidence", f"dynamodb:{house.TABLE}"],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == exit_code, done.stdout + done.stderr
    return done.stdout + done.stderr
