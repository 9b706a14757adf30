"""How values of routes.yaml are shown to people, and what a mistyped word may have meant."""

import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import NoReturn

_MAX_SHOWN = 80
_MAX_WORD = 64  # nobody mistypes more than that, and comparing costs the square of the length
_is_plain = re.compile(r"[^\s'\"{}\[\],:#&*!|>%@`-](?:[^'\"{}\[\],#\n\r\t]*[^\s'\"{}\[\],:#])?").fullmatch


def refuse(value: object, expected: str) -> NoReturn:
    """Raise ValueError with what was got and what was expected."""
    raise ValueError(f"got {shown(value)}, expected {expected}")


def shown(value: object) -> str:
    """Return a value as an error message shows it: text in quotes, at most 80 characters, nothing unprintable."""
    text = repr(value[:_MAX_SHOWN]) if isinstance(value, str) else flow(value)
    return text if len(text) <= _MAX_SHOWN else f"{text[: _MAX_SHOWN - 1]}…"


def flow(value: object) -> str:
    """Return a value as YAML on one line: {ignore: [$.updated_at]}."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{flow(key)}: {flow(inner)}' for key, inner in value.items())}}}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(flow, value))}]"
    text = str(value)
    return text if _is_plain(text) and text.isprintable() else repr(text)


def did_you_mean(word: object, known: Iterable[str]) -> str | None:
    """Return the known word that somebody probably meant, whatever its case; None if none is near."""
    if not isinstance(word, str) or len(word) > _MAX_WORD:
        return None
    by_lower = {name.lower(): name for name in known}
    near = get_close_matches(word.lower(), by_lower, 1)
    return by_lower[near[0]] if near else None


def hint(word: object, known: Iterable[str]) -> str:
    """Return " – did you mean 'migrated'?" for a word that is near a known one; else nothing."""
    near = did_you_mean(word, known)
    return f" – did you mean {near!r}?" if near else ""
