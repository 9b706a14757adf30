"""What the record and the extension loop cost for each exchange.

The loop is measured where it runs: in the real awslambdaric, with the function registered as an extension and without.
"""

import json
import tempfile
from collections.abc import Mapping
from pathlib import Path

from proxy.message import Headers, Response
from proxy.notes import Notes, Times
from proxy.observe import Observer, Record
from proxy.routing.decide import decide
from proxy.routing.table import NO_ROUTES
from proxy.settings import Settings
from proxy.usage.caller import caller_of
from tests.bench.figures import cpu_us, show
from tests.bench.runtime import Environment, median_of
from tests.bench.start import ROOT
from tests.samples import request

_ROUNDS = 11
_EVENTS = 3000
# The same handler three times: without anything after the answer, with the thread that does it, and with that thread
# asking the Extensions API as it does in Lambda. The loop's own cost is the difference of the last two.
_VARIANTS = ("nothing", "thread", "extension")
_HANDLER = """
import os, time
from proxy.after_response import AfterResponse
from proxy.extension import Extension

variant = os.environ["VARIANT"]
if variant == "nothing":
    def handler(event, context):
        return {"statusCode": 200}
else:
    after = AfterResponse(Extension(os.environ["AWS_LAMBDA_RUNTIME_API"]) if variant == "extension" else None)
    after.start()

    def handler(event, context):
        after.begin(time.monotonic() + 29)
        after(lambda deadline: None)
        return after.posted({"statusCode": 200})
"""


def main(python: Path) -> None:
    """Measure with a Python that has the artifact's packages."""
    observer = Observer(Settings(), lambda line: line)
    record = Record(
        request_id="0a1b2c3d-0000-4111-8222-333344445555",
        status=200,
        code="",
        method="GET",
        route="orders.read",
        stage="legacy",
        side="legacy",
        reason="stage",
        table_version=12,
        total_ms=12.5,
        table_ms=0.1,
        side_ms=12.2,
        bytes_out=1024,
    )
    record_us = median_of([cpu_us(lambda: observer.record(record), 5000) for _ in range(_ROUNDS)])
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "looping.py").write_text(_HANDLER)
        code = f"{folder}:{ROOT}"
        environments = {}
        for name in _VARIANTS:
            environment = Environment(json.dumps({}).encode())
            process = environment.start(python, "looping.handler", Path(code), {"VARIANT": name})
            environment.run(500)
            environments[name] = (environment, process)
        rounds: dict[str, list[float]] = {name: [] for name in _VARIANTS}
        for _ in range(_ROUNDS):
            for name, (environment, process) in environments.items():
                before = process.cpu_ms()
                environment.run(_EVENTS)
                rounds[name].append((process.cpu_ms() - before) / _EVENTS * 1000)
        for _, process in environments.values():
            process.end()
    show(
        "After the answer, CPU of one exchange",
        [
            ("record", record_us, "µs", 12.0),
            ("recording in all, of an unlisted path and a hashed caller", _recording_us(), "µs", 15.0),
            ("extension loop, in awslambdaric", _difference(rounds, "extension", "thread"), "µs", 20.0),
            ("hand-over to the thread, in awslambdaric", _difference(rounds, "thread", "nothing"), "µs", None),
            ("invocation of an empty handler, in awslambdaric", median_of(rounds["nothing"]), "µs", None),
        ],
    )


def _recording_us() -> float:
    """Return what an exchange costs after its answer, without writing the line: names, record, line."""
    caller = caller_of(("claim:sub", "header:x-api-key", "agent"), "k" * 32)
    notes = Notes(Observer(Settings(), lambda line: line), caller=caller)
    headers = ((b"accept", b"*/*"), (b"user-agent", b"okhttp/4.1"), (b"x-api-key", b"abc"), (b"cookie", b"a=1"))
    asked = request("GET", "/invoices/7/lines", headers=headers)
    response = Response(200, Headers(), b"x" * 1024)
    decision = decide(NO_ROUTES, asked)

    def note() -> None:
        notes.exchange(asked, decision, NO_ROUTES, response, None, "", Times(0.0, 0.0001, 0.012))

    return median_of([cpu_us(note, 5000) for _ in range(_ROUNDS)])


def _difference(rounds: Mapping[str, list[float]], with_it: str, without: str) -> float:
    return median_of([more - less for more, less in zip(rounds[with_it], rounds[without], strict=True)])
