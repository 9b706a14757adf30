"""`python -m proxy.cli`: the `fig` command of exactly this Python."""

from proxy.cli.main import main

main()
