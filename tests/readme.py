"""The README as data: its blocks, by the comment that marks them, and the commands in them."""

import re
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "README.md").read_text("utf-8")

_BLOCK = re.compile(r"(?:^<!-- ([\w ]+) -->\n)?^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)


class Block(NamedTuple):
    """What stands between two fences."""

    marker: str  # in the comment above it; "" without one
    language: str
    text: str


class Step(NamedTuple):
    """A command, and what the README shows of its output; "…" stands for whatever is left out."""

    command: str
    shown: str

    def fits(self, output: str) -> bool:
        """Whether an output is what the README shows."""
        pattern = ".*".join(map(re.escape, self.shown.split("…")))
        return re.fullmatch(pattern, output.rstrip("\n"), re.DOTALL) is not None


def section(heading: str) -> str:
    """Return a section by its heading, such as "## Operate it", up to the next one of its level."""
    level = heading.partition(" ")[0]
    _, found, rest = TEXT.partition(f"\n{heading}\n")
    assert found, f"README.md: got no {heading!r}"
    return re.split(rf"^{level} ", rest, maxsplit=1, flags=re.MULTILINE)[0]


def blocks(text: str) -> list[Block]:
    """Return all blocks, in order."""
    return [Block(marker or "", language, content) for marker, language, content in _BLOCK.findall(text)]


def steps(text: str, marker: str) -> list[Step]:
    """Return what follows every "$ " in the blocks with a marker, in order."""
    found = []
    for block in blocks(text):
        if block.marker == marker and block.language == "console":
            for part in re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:]:
                command, _, shown = part.partition("\n")
                found.append(Step(command, shown.strip()))
    return found
