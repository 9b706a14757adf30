"""Ctrl-C while `fig` is still loading, which takes a good part of a second."""

import subprocess
import sys

import pytest

# Interrupts where a module is looked for, as Ctrl-C at that moment would.
INTERRUPTED = """
import sys

class Interrupted:
    def find_spec(self, name, path=None, target=None):
        if name == {module!r}:
            raise KeyboardInterrupt

sys.meta_path.insert(0, Interrupted())
sys.argv = ["fig", *{arguments!r}]
from proxy.cli.main import main
main()
"""


@pytest.mark.parametrize("module", ["proxy.cli.app", "typer", "proxy.cli.dev", "proxy.cli.status"])
@pytest.mark.parametrize(
    ("arguments", "code"), [(["history"], 130), (["flip", "orders.read", "shadow", "--why", "now"], 130), (["dev"], 0)]
)
def test_ctrl_c_while_fig_is_loading_is_told_by_the_exit_code_alone(
    module: str, arguments: list[str], code: int
) -> None:
    """It gave a traceback."""
    done = subprocess.run(
        [sys.executable, "-c", INTERRUPTED.format(module=module, arguments=arguments)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert (done.returncode, done.stdout, done.stderr) == (code, "", "")


@pytest.mark.parametrize(("arguments", "code"), [(["history"], 130), (["dev"], 0)])
def test_ctrl_c_while_a_command_loads_what_it_needs_is_told_alike(arguments: list[str], code: int) -> None:
    module = "proxy.dev.local" if arguments == ["dev"] else "proxy.stores.file_history"
    options = ["--routes", "routes.yaml", *(["--store", "file:."] if code else ["--port", "0"])]

    done = subprocess.run(
        [sys.executable, "-c", INTERRUPTED.format(module=module, arguments=[*arguments, *options])],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert (done.returncode, done.stdout, "Traceback" in done.stderr) == (code, "", False)
