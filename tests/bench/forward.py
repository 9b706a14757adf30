"""CPU of the whole in-process handler, record included, for a forwarded request. `python -m tests.bench.forward`.

Two yardsticks in the same run: a bare HTTPTransport that makes the same exchange, with a prepared URL, target, headers
and timeout; and a handler that forwards the usual way (Powertools, httpx.Client).
"""

import logging
import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import redirect_stdout
from importlib import import_module, reload
from pathlib import Path
from typing import Any

import httpx

from proxy.after_response import AfterResponse
from proxy.backends import headers
from proxy.build import build
from proxy.events.codec import codec_of
from proxy.settings import Settings
from tests.bench import events
from tests.bench.figures import compare, show


class Context:
    """As much of Lambda's context as both handlers read."""

    aws_request_id = "0a1b2c3d-0000-4111-8222-333344445555"
    function_name = "fig-proxy"
    memory_limit_in_mb = "512"
    invoked_function_arn = "arn:aws:lambda:eu-west-1:111122223333:function:fig-proxy"

    def get_remaining_time_in_millis(self) -> int:
        """Return a whole timeout."""
        return 29_000


def main() -> None:
    """Measure the small GET and the 12/46 KB pair."""
    rows = []
    for name, method, sent, received, bare_limit, usual_limit in (
        ("GET, 1 KB back", "GET", 0, 1024, 1.35, 0.6),
        ("POST 12 KB, 46 KB back", "POST", 12_000, 46_000, 1.5, 0.7),
    ):
        server = subprocess.Popen(
            [sys.executable, Path(__file__).parent / "legacy_server.py", str(received)],
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            assert server.stdout is not None
            os.environ["LEGACY_URL"] = f"http://127.0.0.1:{server.stdout.readline().strip()}"
            event = events.http_api(method, "/orders/O-5001", os.urandom(sent))
            mine, bare, usual = _mine(event), _bare(event), _usual(event)
            cpu_mine, cpu_bare, ratio = compare(mine, bare)
            _, cpu_usual, against_usual = compare(mine, usual)
            rows += [
                (f"{name}: handler / bare transport", ratio, "×", bare_limit),
                (f"{name}: handler / usual handler", against_usual, "×", usual_limit),
                (f"{name}: CPU of handler", cpu_mine, "µs", None),
                (f"{name}: CPU of bare transport", cpu_bare, "µs", None),
                (f"{name}: CPU of usual handler", cpu_usual, "µs", None),
            ]
        finally:
            server.kill()
            server.wait()
    show("Forwarding, CPU of one request", rows)


def _mine(event: dict[str, Any]) -> Callable[[], object]:
    null = os.open(os.devnull, os.O_WRONLY)
    # The jobs run here, as in Lambda, where this thread waits for the next event while the other one works. The wake-up
    # of that other thread is a figure of its own: tests/bench/extension.py.
    after = AfterResponse()
    handler, context = build(Settings(), after, lambda line: os.write(null, line.encode())), Context()

    def run() -> None:
        result = handler(event, context)
        assert isinstance(result, dict)
        assert result["statusCode"] == 200
        del result
        after.work()

    return run


def _bare(event: dict[str, Any]) -> Callable[[], object]:
    transport = httpx.HTTPTransport(trust_env=False, retries=0)
    url = httpx.URL(os.environ["LEGACY_URL"])
    request = codec_of(event).decode(event, 9e9, None)
    pairs = headers.Crossing().to_legacy(request, request.host.encode())
    target, method, body = request.target.encode(), request.method, request.body
    timeout = {"connect": 3.0, "read": 20.0, "write": 20.0, "pool": 1.0}

    def run() -> None:
        prepared = httpx.Request(
            method, url, headers=pairs, content=body or None, extensions={"target": target, "timeout": timeout}
        )
        answer = transport.handle_request(prepared)
        b"".join(answer.iter_raw())
        answer.close()
        assert answer.status_code == 200

    return run


def _usual(event: dict[str, Any]) -> Callable[[], object]:
    os.environ["POWERTOOLS_TRACE_DISABLED"] = "1"
    module = reload(import_module("tests.bench.usual_handler"))
    null = Path(os.devnull).open("w")  # noqa: SIM115  # it lives as long as the handler that writes to it
    module.logger.handlers[0].setStream(null)
    logging.getLogger("httpx").setLevel(logging.WARNING)
    context = Context()

    def run() -> None:
        with redirect_stdout(null):  # Metrics prints
            assert module.handler(event, context)["statusCode"] == 200

    return run


if __name__ == "__main__":
    main()
