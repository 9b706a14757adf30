"""Where `fig` begins. Nothing is loaded before Ctrl-C is taken care of, for loading takes a good part of a second."""

import sys

INTERRUPTED = 130  # 128 and SIGINT's number, as a shell tells it


def main() -> None:
    """Run the command line. Ctrl-C is exit code 130, and 0 for `fig dev`, which is meant to end so; no traceback."""
    try:
        from proxy.cli.app import run

        run()
    except KeyboardInterrupt:
        sys.exit(_ended(INTERRUPTED))
    except SystemExit as exc:
        sys.exit(_ended(exc.code))


def _ended(code: str | int | None) -> str | int | None:
    return 0 if code == INTERRUPTED and sys.argv[1:2] == ["dev"] else code
