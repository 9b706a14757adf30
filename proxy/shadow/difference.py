"""One difference between two answers, and the path that it is counted under.

A path tells where in the schema, not where in the data: counts add up across elements and callers, their number stays
bounded, and nobody's data gets into a metric.
"""

import re
from typing import Final, Literal, NamedTuple

from proxy.routing.json_path import Key
from proxy.shadow.secret_names import is_secret_name

Kind = Literal["missing", "extra", "type", "value", "order", "status", "header"]

STATUS_PATH = "status"
BODY_PATH = "body"
HEADER_PREFIX = "header:"
MOST_STEPS = 12
CUT = "…"
# The longest names of fields that people write; what is longer is a key of somebody's data.
_is_field = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,39}").fullmatch
_is_shorthand = re.compile(r"[A-Za-z_][A-Za-z0-9_]*").fullmatch
_is_hex = re.compile(r"(?=.*[0-9])[0-9a-fA-F-]{8,}|[a-fA-F-]{16,}").fullmatch
# Numbers of customers and orders have four digits or more, tokens mix letters and digits; address2 and sha256 do not.
_is_number_or_token = re.compile(
    r"[0-9]{4}|(?:[0-9]+[^0-9]+){2}[0-9]|(?=[A-Z]*[0-9])[A-Z0-9]{16}|(?=[A-Za-z0-9]{16})[A-Za-z]*[0-9]+[A-Za-z]+[0-9]"
).search


class _Missing:
    __slots__ = ()

    def __repr__(self) -> str:
        return "<missing>"


MISSING: Final = _Missing()  # stands for what is not there; not None, for null is there


class Difference(NamedTuple):
    """One difference: legacy's value, and the migrated side's.

    - missing, extra: legacy has it and the migrated side has not, or the other way round
    - type, value: two JSON types, or two values of one
    - order: the elements are the same (or have the same ids), in another order
    - status, header: of the response; a header's value is all its values in order
    """

    kind: Kind
    path: str  # flattened: "$.items[*].price", "status", "header:etag", "body"
    control: object
    candidate: object
    is_secret: bool = False  # neither value may ever be shown

    def __repr__(self) -> str:
        # Without the values: they are clients' data, and a repr ends up in logs.
        return f"<Difference {self.kind} {self.path}>"


class Path(NamedTuple):
    """A flattened path that grows with the walk."""

    text: str = "$"
    steps: int = 0
    is_secret: bool = False  # a name on the way speaks of a secret, or is not in the text, so that nobody can tell

    def child(self, key: Key, other_name: str = "") -> "Path":
        """Return the path of a child, which may have another name on the migrated side.

        Past twelve steps all have the one that ends in "…".
        """
        if self.steps == MOST_STEPS:
            return Path(self.text + CUT, self.steps + 1, is_secret=True)
        if self.steps > MOST_STEPS:
            return self
        is_secret = self.is_secret or _is_secret(key) or is_secret_name(other_name)
        return Path(self.text + flattened(key), self.steps + 1, is_secret)


def flattened(key: Key) -> str:
    """Return a step as paths show it: `[*]` for an index, `.name` for a field, `.*` for a name that may be data.

    It is a rule's JSON path again, and selects the node that it was made of. Names of digits, hexadecimal, tokens,
    addresses and everything unusual count as data. A person's first name as a key cannot be told from a field.
    """
    if isinstance(key, int):
        return "[*]"
    if not is_kept(key):
        return ".*"
    return f".{key}" if _is_shorthand(key) else f"['{key}']"


def is_kept(name: str) -> bool:
    """Tell whether a name is one of a schema, so that paths show it."""
    return bool(_is_field(name)) and not _is_hex(name) and not _is_number_or_token(name)


def _is_secret(key: Key) -> bool:
    return isinstance(key, str) and (not is_kept(key) or is_secret_name(key))
