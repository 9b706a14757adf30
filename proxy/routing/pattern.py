"""What a route matches: "GET /orders/{id}" -> methods and segments; and the two readings of a request's path."""

import re
from typing import NamedTuple
from urllib.parse import unquote_to_bytes

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
ANY = "ANY"

# Not compiled here: a function that only matches never needs them.
_NAME = r"[A-Za-z_][A-Za-z0-9_]*"
# RFC 3986, 3.3: pchar without "{" and "}", which mark parameters, and without escapes: a template is compared with the
# path's own bytes, where %41 and A are different, so an escape in a template would match one spelling out of many.
_LITERAL = r"[A-Za-z0-9._~!$&'()*+,;=:@-]*"
# Elsewhere :id is a parameter and * takes the rest, and whoever writes them means that. Who means the characters writes
# them so, where a segment begins; what is matched are the characters.
_MEANT = (("%3A", ":"), ("%2A", "*"))
_NEEDS_CANONICAL = re.compile(r"%|//|/\.").search


class Pattern(NamedTuple):
    """A parsed match. A segment is a literal, "{name}" (one segment) or "{name+}" (one or more, only at the end)."""

    methods: tuple[str, ...]
    segments: tuple[str, ...]

    @property
    def template(self) -> str:
        """The path as the document wrote it."""
        return "/" + "/".join(self.segments)


def parse(match: str) -> Pattern:
    """Return the pattern in "METHOD[,METHOD] /template". Raises ValueError saying what was got and expected."""
    methods_text, _, template = match.strip().partition(" ")
    methods = tuple(dict.fromkeys(methods_text.split(",")))
    for method in methods:
        if method != ANY and method not in METHODS:
            such_as = f", such as GET {methods_text}" if methods_text.startswith("/") else ""
            raise ValueError(f"got method {method!r}, expected one or more of {', '.join((ANY, *METHODS))}{such_as}")
    template = template.strip()
    if not template.startswith("/"):
        raise ValueError(f"got {match!r}, expected a method, a space and a path that starts with '/'")
    segments = tuple(template[1:].split("/"))
    _check_segments(segments)
    return Pattern(METHODS if ANY in methods else methods, tuple(map(_meant, segments)))


def split(path: str) -> list[str]:
    """Return the segments of a path that starts with "/"; a trailing slash makes an empty last one."""
    return path[1:].split("/")


def canonical(path: str) -> str:
    """Return the path as a lenient server may read it: decoded, without dot segments and doubled slashes.

    A request whose canonical path leads to another route than its own bytes do is one that two servers would read
    differently, and such a one is left to legacy. The path itself comes back when both readings are one.
    """
    if not _NEEDS_CANONICAL(path):
        return path
    kept: list[str] = []
    decoded = unquote_to_bytes(path).decode("utf-8", "replace")
    for segment in decoded.split("/")[1:]:
        if segment == "..":
            del kept[-1:]
        elif segment not in ("", "."):
            kept.append(segment)
    return "/" + "/".join(kept) + ("/" if decoded.endswith("/") and kept else "")


def _check_segments(segments: tuple[str, ...]) -> None:
    names: set[str] = set()
    for position, segment in enumerate(segments):
        if not segment and position != len(segments) - 1:
            # Servers read // as /, so such a path is ambiguous, is left to legacy, and would never match here.
            raise ValueError("got an empty segment, expected one slash between two segments")
        if "?" in segment:
            raise ValueError(
                f"got {segment!r}, expected a path alone; a query goes under when: {{query: {{name: value}}}}"
            )
        if not segment.startswith("{"):
            _check_literal(segment)
            continue
        name = segment[1:-1].removesuffix("+")
        if not segment.endswith("}") or not re.fullmatch(_NAME, name):
            raise ValueError(f"got segment {segment!r}, expected {{name}} or, at the end, {{name+}}")
        if segment.endswith("+}") and position != len(segments) - 1:
            raise ValueError(f"got {segment!r} before the end, expected {{{name}}}: only the last takes the rest")
        if name in names:
            raise ValueError(f"got the name {name!r} twice, expected each name once")
        names.add(name)


def _check_literal(segment: str) -> None:
    if segment.startswith(":"):
        name = re.match(_NAME, segment[1:])
        cure = f"{{{name[0] if name else 'name'}}} for a parameter, or %3A for a colon"
        raise ValueError(f"got segment {segment!r}, expected {cure}")
    if segment in ("*", "**"):
        raise ValueError(f"got segment {segment!r}, expected {{name}}, or {{rest+}} at the end, or %2A for an asterisk")
    if not re.fullmatch(_LITERAL, _meant(segment)) or segment in (".", ".."):
        raise ValueError(f"got segment {segment!r}, expected -._~!$&'()*+,;=:@, letters, digits, or {{name}}")


def _meant(segment: str) -> str:
    for escape, character in _MEANT:
        if segment.startswith(escape):
            return f"{character}{segment[len(escape) :]}"
    return segment
