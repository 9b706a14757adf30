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
from tests.faults.secret_handler import SECRET
from tests.raw_legacy import RawLegacy, say

BODY = b'{"name": "SEEDED-SECRET-old", "a": 1}'
LEGACY = (
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nETag: SEEDED-SECRET-old\r\n"
    b"Set-Cookie: sid=SEEDED-SECRET-old\r\nX-Token: SEEDED-SECRET-old\r\nContent-Length: %d\r\n\r\n%s"
    % (len(BODY), BODY)
)
COMPARE = "compare: {headers: [etag, set-cookie, x-token], noise: {percent: 100}"
ROUTES = f"""
version: 1
routes:
  - {{id: hashed, match: "GET /hashed/{{n}}", stage: shadow, handler: "tests.faults.secret_handler:handler",
     {COMPARE}}}}}
  - {{id: failing, match: "GET /fail/{{n}}", stage: live, handler: "tests.faults.secret_handler:handler"}}
"""
CLIENT = {
    "authorization": f"Bearer {SECRET}",
    "cookie": f"sid={SECRET}",
    "x-api-key": SECRET,
    "x-fig-side": f"migrated.{SECRET}",
    "user-agent": f"({SECRET})",
}


@pytest.mark.timeout(180)
def test_secrets_of_clients_and_backends_are_in_no_log_no_table_and_no_output(tmp_path: Path) -> None:
    """No header value, cookie, token or body reaches a log or a mismatch sample unredacted."""
    said: list[str] = []
    (tmp_path / "routes.yaml").write_text(ROUTES)
    with RawLegacy(say(LEGACY)) as legacy, house.evidence() as evidence:
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
                for path in (f"/unlisted/{SECRET}", f"/hashed/{SECRET}", f"/fail/{SECRET}"):
                    assert await house.ask(function, path, headers=CLIENT) == 200
                await house.until_idle(function)
            finally:
                await function.stop()

        asyncio.run(scenario())
        stored = everything_in(evidence.url)
        outputs = [
            fig(tmp_path, evidence.url, *command)
            for command in (["parity"], ["parity", "hashed"], ["parity", "hashed", "--json"], ["noise", "hashed"])
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


def everything_in(url: str) -> str:
    """Return all items of the evidence table as text."""
    client = boto3.session.Session("local", "local", region_name=house.REGION).client("dynamodb", endpoint_url=url)
    items = client.scan(TableName=house.TABLE)["Items"]
    client.close()
    assert items
    return json.dumps(items, default=str)


def fig(folder: Path, url: str, *command: str) -> str:
    """Run `fig …` on a document and the evidence; return all that it says."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("FIG_", "AWS_"))}
    environment |= {
        "AWS_ENDPOINT_URL_DYNAMODB": url,
        "AWS_ACCESS_KEY_ID": "local",
        "AWS_SECRET_ACCESS_KEY": "local",
        "AWS_REGION": house.REGION,
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
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr
