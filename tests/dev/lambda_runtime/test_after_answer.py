"""An extension works on when the client has its answer, and the environment doesn't freeze before it is done."""

import asyncio
import time
from typing import Any

import pytest

from proxy.dev.lambda_runtime import LocalFunction

from .lab import Lab, ask

# An extension over a plain socket, as the real one is.
REGISTERED = """
import json, os, socket, threading, time

times = []
api = os.environ["AWS_LAMBDA_RUNTIME_API"]
connection = socket.create_connection(api.split(":"))
stream = connection.makefile("rb")

def call(head, body=""):
    request = f"{head}\\r\\nHost: {api}\\r\\nContent-Length: {len(body)}\\r\\n\\r\\n{body}"
    connection.sendall(request.encode())
    assert b" 200 " in stream.readline()
    headers = {}
    while (line := stream.readline()) != b"\\r\\n":
        name, value = line.decode().strip().split(": ", 1)
        headers[name.lower()] = value
    return headers, json.loads(stream.read(int(headers["content-length"])))

register = "POST /2020-01-01/extension/register HTTP/1.1\\r\\nLambda-Extension-Name: after"
headers, about = call(register, '{"events": ["INVOKE"]}')
me = headers["lambda-extension-identifier"]

def next_event():
    return call(f"GET /2020-01-01/extension/event/next HTTP/1.1\\r\\nLambda-Extension-Identifier: {me}")[1]
"""

# It works for half a second after each event.
CODE = (
    REGISTERED
    + """
def work():
    while True:
        event = next_event()
        times.append({"request": event["requestId"], "began": time.time()})
        time.sleep(0.5)
        times[-1]["ended"] = time.time()

threading.Thread(target=work, daemon=True).start()

def handler(event, context):
    return {"request": context.aws_request_id, "began": time.time(), "times": times[:], "about": about}
"""
)

# It gives up before it asks for its first event ("init"), or during the first ("exit").
BROKEN = (
    REGISTERED
    + """
import urllib.request

def work():
    if WANTED == "exit":
        next_event()
    headers = {"Lambda-Extension-Identifier": me, "Lambda-Extension-Function-Error-Type": "Extension.Broken"}
    request = urllib.request.Request(f"http://{api}/2020-01-01/extension/{WANTED}/error", b"{}", headers)
    assert urllib.request.urlopen(request).status == 202

threading.Thread(target=work, daemon=True).start()

def handler(event, context):
    time.sleep(600)
"""
)


def test_answer_comes_before_the_extension_is_done_and_the_next_event_after(lab: Lab) -> None:
    async def scenario(function: LocalFunction) -> tuple[Any, float, Any]:
        first = await ask(function)
        answered = time.time()
        return first, answered, await ask(function)

    first, answered, second = lab.run(CODE, scenario, workers=1)

    after_first = second["times"][0]
    assert after_first["request"] == first["request"]
    assert answered < after_first["ended"]
    assert after_first["ended"] <= second["began"]
    assert second["began"] - after_first["began"] >= 0.5


def test_extension_is_told_which_function_it_belongs_to(lab: Lab) -> None:
    async def scenario(function: LocalFunction) -> Any:
        return (await ask(function))["about"]

    about = lab.run(CODE, scenario, workers=1, name="orders")

    assert about == {"functionName": "orders", "functionVersion": "$LATEST", "handler": "app.handler"}


def test_worker_whose_extension_still_works_leaves_the_event_to_the_other(lab: Lab) -> None:
    async def scenario(function: LocalFunction) -> tuple[Any, Any, float]:
        first = await ask(function)
        began = time.monotonic()
        second = await ask(function)
        return first, second, time.monotonic() - began

    first, second, took_s = lab.run(CODE, scenario)

    assert took_s < 0.5
    assert second["times"] == [] or second["times"][0]["request"] == second["request"]
    assert first["request"] != second["request"]


@pytest.mark.parametrize(("wanted", "error_type"), [("init", "Extension.InitError"), ("exit", "Extension.ExitError")])
def test_extension_that_reports_an_error_ends_its_environment(lab: Lab, wanted: str, error_type: str) -> None:
    lab.write(f"WANTED = {wanted!r}\n{BROKEN}")

    async def main() -> Any:
        function = lab.function(workers=1)
        # Init fails in the one case and succeeds in the other.
        await asyncio.gather(function.start(), return_exceptions=True)
        answer = await ask(function)
        await function.stop()
        return answer

    answer = asyncio.run(main())

    assert answer["errorType"] == error_type
    assert answer["errorMessage"].endswith(" Error: extension after reported Extension.Broken")
    assert any(f"{error_type}: extension after reported Extension.Broken" in event for event in lab.events)
