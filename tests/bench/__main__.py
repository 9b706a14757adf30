"""`python -m tests.bench`: every figure, each as a ratio measured in this run. Run it on a quiet machine."""

import tempfile
from pathlib import Path

from tests.bench import after, compare, dev_start, forward, match, records, shadow, start, table_start, tls


def main() -> None:
    """Run every bench."""
    forward.main()
    tls.main()
    match.main()
    compare.main()
    records.main()
    start.main()
    table_start.main()
    with tempfile.TemporaryDirectory() as folder:
        after.main(start.artifact(Path(folder))[0])
    dev_start.main()
    shadow.main()


main()
