"""`fig dashboard`: what it refuses before it shows anything, and the dashboard that CloudWatch draws."""

import json
import socket
from pathlib import Path

import pytest

from tests.cli.person import OF_AWS, Person, run


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--host", "0.0.0.0"), "--host: got 0.0.0.0, which others reach, expected 127.0.0.1, or --tls-cert"),
        (("--tls-cert", "cert.pem"), "--tls-cert and --tls-key: got one of them, expected both or none"),
        (("--tls-cert", "cert.pem", "--tls-key", "no.pem"), "--tls-cert: got cert.pem, which is not a file"),
        (("--port", "0", "--name", "https://dash"), "--name: got 'https://dash', expected a host name"),
        (("--port", "0", "--host", "203.0.113.1", "--insecure"), "--host 203.0.113.1, --port 0: cannot be used"),
        (("--port", "0"), "got no numbers, expected --namespace"),
    ],
)
def test_misuse_is_told_before_anything_is_shown(ada: Person, options: tuple[str, ...], told: str) -> None:
    assert told in ada.refused("dashboard", *options, code=2)


def test_port_that_is_taken_is_told(ada: Person) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        assert f"--port {port}: cannot be used" in ada.refused("dashboard", "--port", str(port), code=2)


def test_body_of_a_cloudwatch_dashboard_is_of_what_is_in_force(ada: Person) -> None:
    ada.done("publish", "--why", "first", "--force")

    result = run(
        ["dashboard", "--cloudwatch", "--namespace", "Fig/shop", "--store", ada.store, "--routes", str(ada.routes)],
        **OF_AWS,
    )

    assert result.exit_code == 0, result.output
    assert "orders.read" in json.dumps(json.loads(result.stdout)["widgets"])


def test_body_needs_the_namespace_of_a_stack(ada: Person) -> None:
    ada.done("publish", "--why", "first", "--force")

    assert "--namespace: got ''" in ada.refused("dashboard", "--cloudwatch", code=2)


def test_dashboard_in_a_template_is_replaced_once(ada: Person, tmp_path: Path) -> None:
    template = tmp_path / "template.yaml"
    template.write_bytes((Path(__file__).parents[2] / "infra" / "template.yaml").read_bytes())

    first = ada.fig("dashboard", "--into", str(template))
    second = ada.fig("dashboard", "--into", str(template))

    assert (first.exit_code, second.exit_code) == (0, 0), first.output
    assert first.stdout == f"{template}: the dashboard was replaced\n"
    assert second.stdout == f"{template}: the dashboard is as it should be\n"
    assert "customers.read" in template.read_text()
