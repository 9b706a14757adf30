"""The tour of the README, run as it stands: the same commands in a shell, against the same `fig dev`."""

import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.readme import ROOT, TEXT, Step, blocks, section, steps

pytestmark = pytest.mark.external

DEADLINE_S = 30.0
_ADDRESS = "http://127.0.0.1:8080"  # the README's; a test takes a free port


class House:
    """A running `fig dev`, its lines as they come."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.lines: list[str] = []
        self._process = subprocess.Popen(
            [Path(sys.executable).parent / "fig", "dev", "--port", "0"],
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._reader = threading.Thread(target=self._read)
        self._reader.start()
        self.url = self.wait_for(lambda line: line.startswith("ready ")).split()[1]

    def wait_for(self, is_wanted: Callable[[str], bool], start: int = 0) -> str:
        """Return the first line from `start` on that is wanted."""
        ends = time.monotonic() + DEADLINE_S
        while time.monotonic() < ends:
            for line in self.lines[start:]:
                if is_wanted(line):
                    return line
            self._reader.join(0.02)
        raise AssertionError("the line did not come:\n" + "\n".join(self.lines))

    def end(self) -> None:
        """Do what Ctrl-C does."""
        self._process.terminate()
        self._reader.join()
        self._process.wait()

    def _read(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as output:
            for line in output:
                self.lines.append(line.rstrip("\n"))


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """`fig dev` in a copy of what a clone has."""
    for name in ("proxy", "migrated"):
        shutil.copytree(ROOT / name, tmp_path / name)
    shutil.copy(ROOT / "routes.yaml", tmp_path)
    (tmp_path / ".venv").symlink_to(sys.prefix)  # where the README's first command puts it
    running = House(tmp_path)
    yield running
    running.end()


def try_out(step: Step, house: House) -> None:
    """Run a command of the README, and fail if it does not show what the README says."""
    output = subprocess.run(
        step.command.replace(_ADDRESS, house.url),
        shell=True,
        cwd=house.folder,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert step.fits(output), f"{step.command}\n{output}"


def test_tour_of_the_readme_shows_what_it_says(house: House) -> None:
    tour = steps(TEXT, "tour")
    assert len(tour) >= 6, "the README has its tour"

    for step in tour:
        seen = len(house.lines)

        try_out(step, house)

        if "sed" in step.command:
            house.wait_for(lambda line: "published" in line or "stays in force" in line, seen)


def test_terminal_of_the_tour_says_what_the_readme_says(house: House) -> None:
    route = "/id: orders.read/,/stage:/s/stage: legacy/stage: migratd/"
    subprocess.run(["sed", "-i.bak", route, "routes.yaml"], cwd=house.folder, check=True)

    said = house.wait_for(lambda line: "migratd" in line)
    house.wait_for(lambda line: "table version 1 stays in force" in line)

    assert said in TEXT


def test_api_of_ones_own_comes_to_be_as_the_readme_says(house: House) -> None:
    """Without routes at first, then with the README's own table, handler and route."""
    own = section("## With your own API")
    empty, check, *asked = steps(own, "own")
    files = [block.text for block in blocks(own) if block.marker == "own file"]
    [route] = [block.text for block in blocks(own) if block.marker == "own route"]
    assert (len(asked), len(files)) == (2, 2)

    try_out(empty, house)
    house.wait_for(lambda line: "published" in line)
    try_out(check, house)
    for text in files:
        path = house.folder / text.partition("\n")[0].removeprefix("# ")
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    routes = house.folder / "routes.yaml"
    routes.write_text(routes.read_text().replace("routes: []\n", route))
    house.wait_for(lambda line: "books: added, migrated" in line)
    house.wait_for(lambda line: line.startswith("fig | migrated/books/api.py"))

    for step in asked:
        try_out(step, house)
