"""Start and memory through the real awslambdaric, in an environment with what the artifact holds and nothing else.

httpx imports click and rich when it finds them, so a development environment would tell another story.
"""

import compileall
import shutil
import subprocess
import tempfile
import venv
from pathlib import Path

from tests.bench.figures import show
from tests.bench.runtime import Environment, median_of

ROOT = Path(__file__).parents[2]
RUNS = 15
_NULL = "def handler(event, context):\n    return {}\n"


def main() -> None:
    """Measure the function against a handler that does nothing, in turn."""
    with tempfile.TemporaryDirectory() as folder:
        python, code = artifact(Path(folder))
        subjects = {"proxy": "proxy.lambda_http.handler", "null": "null.handler"}
        init: dict[str, list[float]] = {name: [] for name in subjects}
        memory: dict[str, list[float]] = {name: [] for name in subjects}
        for _ in range(RUNS):
            for name, handler in subjects.items():
                process = Environment(b"{}").start(python, handler, code, {"LEGACY_URL": "http://127.0.0.1:9"})
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
    """Make an environment with the request path's packages and the runtime client, and a folder with the code."""
    venv.create(folder / "venv", with_pip=True)
    python = folder / "venv/bin/python"
    constraints = ROOT / "tests/constraints.txt"
    packages = ("httpx", "httpcore", "pybase64", "aws-lambda-powertools", "pydantic", "boto3", "awslambdaric")
    subprocess.run([python, "-m", "pip", "install", "-q", "-c", constraints, *packages], check=True)
    code = folder / "code"
    for package in ("proxy", "migrated"):
        shutil.copytree(ROOT / package, code / package, ignore=shutil.ignore_patterns("__pycache__", "dev", "cli"))
    (code / "null.py").write_text(_NULL)
    compileall.compile_dir(code, quiet=1)
    return python, code


if __name__ == "__main__":
    main()
