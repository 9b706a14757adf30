"""Regular expressions whose time grows with the text alone, whatever the two of them are: those of RE2.

A rule's expression is matched against what clients have put into an answer. One that backtracks, as Python's own do,
can be held up for years by thirty characters, and with it the comparison and the environment's next request. RE2 is
loaded with the first rule that has an expression, after an answer: 5 ms and 3 MB that nobody else pays.
"""

from collections.abc import Iterator
from itertools import islice
from typing import Protocol

MOST_MATCHES = 1000
_MAX_MEMORY = 1 << 21  # bytes of one expression's automata; with less than it wants, RE2 is slower, and as linear


class _Found(Protocol):
    def span(self) -> tuple[int, int]: ...


class _Compiled(Protocol):
    """What is used here of re2, which ships no types."""

    def finditer(self, text: bytes) -> Iterator[_Found]: ...


class LinearRegex:
    """A compiled regular expression."""

    __slots__ = ("_compiled", "_text")

    def __init__(self, text: str) -> None:
        """Compile an expression. Raises ValueError saying why RE2 does not take it."""
        import re2

        options = re2.Options()
        options.log_errors = False
        options.never_capture = True  # nobody asks what a group holds, and without groups it takes half the time
        options.max_mem = _MAX_MEMORY
        try:
            self._compiled: _Compiled = re2.compile(text, options)
        except re2.error as exc:
            raise ValueError(exc.args[0].decode("utf-8", "replace")) from exc
        except UnicodeEncodeError as exc:
            raise ValueError("half of a surrogate pair is no character") from exc
        self._text = text

    def __repr__(self) -> str:
        return f"<LinearRegex {self._text}>"

    def removed_from(self, text: str) -> str:
        """Return a text without what matches, but for what comes after the 1000th match.

        Each match may read all that is left of the text, so without that end a text could take the square of its
        length.
        """
        octets = text.encode("utf-8", "surrogatepass")  # JSON may hold half of a surrogate pair
        kept, at = [], 0
        for found in islice(self._compiled.finditer(octets), MOST_MATCHES):
            start, end = found.span()
            kept.append(octets[at:start])
            at = end
        if not kept:
            return text
        return b"".join((*kept, octets[at:])).decode("utf-8", "surrogatepass")


def check(text: str) -> None:
    """Raise ValueError saying what is wrong with an expression, and the cure, if RE2 does not take it."""
    try:
        LinearRegex(text)
    except ValueError as exc:
        from proxy.routing.words import shown  # loads difflib, 1 ms, and a published table has no bad expression

        raise ValueError(
            f"got {shown(text)}, expected a regular expression of RE2, which has no look-around and no backreference: "
            f"{exc}; match what stands around it as well, or ignore the path"
        ) from exc
