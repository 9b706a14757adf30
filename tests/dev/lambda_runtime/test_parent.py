"""Workers don't outlive the process that started them, however it ends."""

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from .lab import Lab, is_running, until

PARENT = """
import asyncio, sys
from pathlib import Path
from proxy.dev.lambda_runtime import FunctionConfig, LocalFunction

async def main():
    config = FunctionConfig("app.handler", code_root=Path(sys.argv[1]), workers=3)
    function = LocalFunction(config, on_log=lambda worker, line: None, on_event=lambda text: None)
    await function.start()
    busy = asyncio.create_task(function.invoke(b"{}"))
    pids = [await function.invoke(b"null") for _ in range(20)]
    print("ready", flush=True)
    await busy
    await asyncio.sleep(600)

asyncio.run(main())
"""

# Each worker notes its process id; one of the three is in the middle of an event when the parent dies.
CODE = """
import os, pathlib, time
pathlib.Path(f"{os.getpid()}.pid").touch()
def handler(event, context):
    if event is not None:
        time.sleep(1)
"""


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM], ids=["kill -9", "kill"])
def test_killed_parent_leaves_no_worker(lab: Lab, number: signal.Signals) -> None:
    lab.write(CODE)
    path = os.pathsep.join(entry for entry in sys.path if entry)
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(lab.root)],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": path},
    )
    try:
        assert parent.stdout is not None
        assert parent.stdout.readline() == b"ready\n"
        workers = [int(path.stem) for path in Path(lab.root).glob("*.pid")]
        assert len(workers) == 3
        assert all(is_running(worker) for worker in workers)

        parent.send_signal(number)
        parent.wait()

        asyncio.run(until(lambda: not any(is_running(worker) for worker in workers)))
    finally:
        parent.kill()
        parent.communicate()
