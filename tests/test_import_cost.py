"""What `import proxy.lambda_http` may load: every millisecond of it is paid at each cold start."""

import subprocess
import sys

HEAVY = (
    "boto3",
    "botocore",
    "pydantic",
    "yaml",
    "asyncio",
    "argparse",
    "aws_lambda_powertools",
    "re2",
    "proxy.cli",
    "proxy.dev",
    "proxy.routing.document",
    "proxy.aws",
    "proxy.publishing",
)

# click and rich are no part of the artifact; httpx loads them when they are there.
SCRIPT = f"""
import sys
sys.modules["click"] = sys.modules["rich"] = None
import proxy.lambda_http
print(*(name for name in {HEAVY!r} if name in sys.modules))
"""


def test_import_of_the_entry_loads_nothing_heavy() -> None:
    """The request path stays light."""
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, timeout=60, check=False)

    assert (done.stdout, done.stderr, done.returncode) == ("\n", "", 0)
