"""Start and memory through the real awslambdaric, from the unpacked artifact and with nothing else installed.

httpx imports click and rich when it finds them, so a development environment would tell another story.
"""

import compileall
import subprocess
import tempfile
import venv
import zipfile
from pathlib import Path

from proxy.packaging.build import Wanted, build
from proxy.packaging.target import this_machine
from tests.bench.figures import show
from tests.bench.runtime import Environment, median_of

ROOT = Path(__file__).parents[2]
RUNS = 15
_NULL = "def handler(event, context):\n    return {}\n"


def main() -> None:
    """Measure the function against a handler that does nothing, in turn."""
    with tempfile.TemporaryDirectory() as folder:
        python, code = artifact(Path(folder))
        variables = {"LEGACY_URL": "http://127.0.0.1:9"}
        subjects = {"proxy": "proxy.lambda_http.handler", "null": "null.handler"}
        init: dict[str, list[float]] = {name: [] for name in subjects}
        memory: dict[str, list[float]] = {name: [] for name in subjects}
        for _ in range(RUNS):
            for name, handler in subjects.items():
                process = Environment(b"{}").start(python, handler, code, variables)
                init[name].append(process.init_ms)
                memory[name].append(process.memory_mb())
                process.end()
    start = {name: median_of(values) for name, values in init.items()}
    size = {name: median_of(values) for name, values in memory.items()}
    ratios = [mine / theirs for mine, theirs in zip(init["proxy"], init["null"], strict=True)]
    show(
        "Start, process to first event asked for",
        [
            ("proxy / null handler", median_of(ratios), "×", 3.7),
            ("proxy", start["proxy"], "ms", None),
            ("null handler", start["null"], "ms", None),
            ("memory, proxy / null handler", size["proxy"] / size["null"], "×", 2.3),
            ("memory, proxy", size["proxy"], "MB", None),
            ("memory, null handler", size["null"], "MB", None),
        ],
    )


def artifact(folder: Path) -> tuple[Path, Path]:
    """Make an environment with the runtime client alone, and a folder with the unpacked artifact and a null handler."""
    venv.create(folder / "venv", with_pip=True)
    python = folder / "venv/bin/python"
    constraints = ROOT / "tests/constraints.txt"
    subprocess.run([python, "-m", "pip", "install", "-q", "-c", constraints, "awslambdaric"], check=True)
    packed = build(Wanted(ROOT, ROOT / "routes.yaml", constraints, this_machine()), folder / "fig.zip").path
    code = folder / "code"
    with zipfile.ZipFile(packed) as archive:
        archive.extractall(code)
    (code / "null.py").write_text(_NULL)
    compileall.compile_file(code / "null.py", quiet=1)
    return python, code


if __name__ == "__main__":
    main()
