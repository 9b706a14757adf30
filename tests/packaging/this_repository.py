"""What these tests package: this repository, for this machine."""

from pathlib import Path

from proxy.packaging.build import Wanted
from proxy.packaging.target import this_machine

ROOT = Path(__file__).parents[2]
WANTED = Wanted(ROOT, ROOT / "routes.yaml", ROOT / "tests/constraints.txt", this_machine())
