"""How long `fig dev` takes until its line `ready`."""

import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.bench.figures import show
from tests.bench.runtime import median_of
from tests.bench.start import ROOT


def main() -> None:
    """Start it five times."""
    show("fig dev", [("start until ready", median_of([_start() for _ in range(5)]), "s", 5.0)])


def _start() -> float:
    with tempfile.TemporaryDirectory() as folder:
        routes = Path(folder) / "routes.yaml"
        routes.write_bytes((ROOT / "routes.yaml").read_bytes())
        began = time.perf_counter()
        with subprocess.Popen(
            [Path(sys.executable).parent / "fig", "dev", "--port", "0", "--routes", routes],
            stdout=subprocess.PIPE,
            text=True,
        ) as process:
            assert process.stdout is not None
            while not process.stdout.readline().startswith("ready "):
                assert process.poll() is None, "fig dev ended"
            took = time.perf_counter() - began
            process.send_signal(signal.SIGINT)
            process.stdout.read()
    return took


if __name__ == "__main__":
    main()
