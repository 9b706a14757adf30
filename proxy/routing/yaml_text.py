"""YAML text -> nodes that know where they stand.

Made of the parser's events, and not by yaml's own composer: that one descends as deep as the text says, which ends the
process at some 20 000 levels, and it forgets anchors, which `edit` must step over.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple, Protocol

import yaml

_MAX_DEPTH = 20  # a document needs 6
# What YAML forbids, and what nobody sees: the line ends of YAML 1.1, and a byte order mark inside the text.
_UNSEEN = re.compile("[^\t\n\r\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
_CONFLICT = re.compile("^(?:<{7}|={7}|>{7})(?= |$)", re.MULTILINE)
_OF_KEY = "while scanning a simple key"
_LINE_END = re.compile("\r\n|\r|\n")
_BOM = "\ufeff"  # an editor's note at the front of a file
# What stands where the parser gives up -> what is meant to stand there, mostly.
_CURES: Mapping[str, str] = {
    "\t": "write spaces instead of the tab",
    ":": "write text that holds ': ' in quotes, and a space after the ':' of each key",
    **{character: f"write text that holds {character} in quotes" for character in "{[%@`"},
}


class _Events(Protocol):
    def get_event(self) -> yaml.Event | None: ...
    def dispose(self) -> None: ...


Parser = Callable[[str], _Events]
_FASTEST: Parser = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the first one needs libyaml


class Mark(Protocol):
    """A place in the text, in characters; all three from 0. A byte order mark at the front is none."""

    line: int
    column: int
    index: int


class Scalar(NamedTuple):
    """A single value. `style` is its quote, "|" or ">", or "" for a plain one."""

    text: str
    style: str
    tag: str  # one that is written out; "" for none
    start: Mark  # of the anchor or tag, if there is one
    end: Mark  # of a block: where the next thing begins


class Alias(NamedTuple):
    """A reference to a node that stands elsewhere."""

    name: str
    start: Mark
    end: Mark


class Map(NamedTuple):
    """Keys and values in their order."""

    pairs: "list[tuple[Node, Node]]"
    is_flow: bool  # {a: 1}
    tag: str
    start: Mark
    end: Mark  # of a block: where the next thing begins


class Items(NamedTuple):
    """Values in their order."""

    values: "list[Node]"
    is_flow: bool  # [a, b]
    tag: str
    start: Mark
    end: Mark


Node = Scalar | Alias | Map | Items
Place = tuple[str | int, ...]  # keys and positions that lead from the top to a value


class NotYaml(ValueError):
    """The text cannot be taken apart. Line and column are counted from 0."""

    def __init__(self, line: int, column: int, problem: str) -> None:
        super().__init__(problem)
        self.line = line
        self.column = column


def decode(source: bytes) -> str:
    """Return the text in UTF-8 bytes. Raises NotYaml at the first byte that is none."""
    try:
        return source.decode()
    except UnicodeDecodeError as exc:
        problem = f"got byte 0x{source[exc.start]:02x}, which is not UTF-8, expected a file that is saved as UTF-8"
        raise NotYaml(*_position(source[: exc.start].decode().removeprefix(_BOM)), problem) from exc


def parse(text: str, parser: Parser = _FASTEST) -> Node | None:
    """Return the node that a text stands for; None for an empty one. Raises NotYaml where it is no YAML.

    Also raises it for a second document, more than 20 levels, and characters that cannot be seen.
    """
    text = text.removeprefix(_BOM)
    if unseen := _UNSEEN.search(text):
        problem = f"got the character U+{ord(unseen[0]):04X}, expected visible ones only"
        raise NotYaml(*_position(text[: unseen.start()]), problem)
    events = parser(text)
    try:
        return _node(iter(events.get_event, None))  # yaml.parse asks twice for each event
    except yaml.MarkedYAMLError as exc:
        raise _not_yaml(text, exc) from exc
    except yaml.YAMLError as exc:
        raise NotYaml(0, 0, f"is not YAML: {' '.join(str(exc).split())}") from exc
    finally:
        events.dispose()


class Finder:
    """Finds nodes by their places; in time that does not grow with the number of keys beside them."""

    def __init__(self, top: Node) -> None:
        self._top = top
        self._pairs: dict[int, dict[str, tuple[Node, Node]]] = {}  # by the id of a map

    def at(self, place: Place) -> Node:
        """Return the node at a place, or the nearest around it. Of a key that stands there twice, the last one."""
        node = self._top
        for step in place:
            if isinstance(node, Map) and (pair := self._named(node).get(str(step))):
                node = pair[1]
            elif isinstance(node, Items) and isinstance(step, int) and step < len(node.values):
                node = node.values[step]
            else:
                break
        return node

    def key_at(self, place: Place) -> Node | None:
        """Return the key at the end of a place; None if there is none."""
        around = self.at(place[:-1])
        pair = self._named(around).get(str(place[-1])) if isinstance(around, Map) else None
        return pair and pair[0]

    def _named(self, node: Map) -> dict[str, tuple[Node, Node]]:
        pairs = self._pairs.get(id(node))
        if pairs is None:
            pairs = {key.text: (key, value) for key, value in node.pairs if isinstance(key, Scalar)}
            self._pairs[id(node)] = pairs
        return pairs


def _node(events: Iterable[yaml.Event]) -> Node | None:
    top: Node | None = None
    around: list[tuple[yaml.CollectionStartEvent, list[Node]]] = []
    documents = 0
    for event in events:
        start, end = event.start_mark, event.end_mark
        if start is None or end is None:  # only in events that no parser made
            raise TypeError(f"got {event!r} without its place in the text")
        if isinstance(event, yaml.ScalarEvent):
            node: Node = Scalar(event.value, event.style or "", event.tag or "", start, end)
        elif isinstance(event, yaml.CollectionStartEvent):
            if len(around) == _MAX_DEPTH:
                raise NotYaml(
                    start.line, start.column, f"got more than {_MAX_DEPTH} levels, expected at most that many"
                )
            around.append((event, []))
            continue
        elif isinstance(event, yaml.CollectionEndEvent):
            node = _collection(*around.pop(), end)
        elif isinstance(event, yaml.AliasEvent):
            node = Alias(event.anchor or "", start, end)
        else:
            documents += isinstance(event, yaml.DocumentStartEvent)
            if documents > 1:
                raise NotYaml(start.line, start.column, "got a second document, expected one")
            continue
        if around:
            around[-1][1].append(node)
        else:
            top = node
    return top


def _collection(first: yaml.CollectionStartEvent, inner: list[Node], end: Mark) -> Map | Items:
    start = first.start_mark or end
    is_flow, tag = bool(first.flow_style), first.tag or ""
    if isinstance(first, yaml.MappingStartEvent):
        return Map(list(zip(inner[::2], inner[1::2], strict=True)), is_flow, tag, start, end)
    return Items(inner, is_flow, tag, start, end)


def _position(before: str) -> tuple[int, int]:
    lines = _LINE_END.split(before)
    return len(lines) - 1, len(lines[-1])


def _not_yaml(text: str, exc: yaml.MarkedYAMLError) -> NotYaml:
    if conflict := _CONFLICT.search(text):
        what = f"got {conflict[0]!r}, which git leaves where two versions differ, expected one of them"
        return NotYaml(*_position(text[: conflict.start()]), what)
    what = ", ".join(filter(None, (exc.context, exc.problem))) or "is not YAML"
    # Where a key has no ':', the parser finds that out on a later line.
    is_key = exc.context == _OF_KEY and exc.context_mark is not None
    mark = exc.context_mark if is_key else exc.problem_mark or exc.context_mark
    if mark is None:
        return NotYaml(0, 0, what)
    return NotYaml(mark.line, mark.column, f"{what}{_cure(text, mark.index)}")


def _cure(text: str, index: int) -> str:
    at, before = text[index : index + 1], text[max(index - 1, 0) : index]
    if before in ("*", "&"):
        return f"; write '{before}' in quotes"
    return f"; {_CURES[at]}" if at in _CURES else ""
