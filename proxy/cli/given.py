"""Words and numbers of the command line, refused as all else is: what was got, what was expected, what was meant.

The command line's own words for that do not name the value of a number, and guess nothing.
"""

from collections.abc import Iterable
from typing import Any

import typer

from proxy.routing.words import hint


def one_of(words: Iterable[str]) -> dict[str, Any]:  # Any: what typer's options take
    """Return what makes an option or argument take one of some words, with completion in the shell."""
    known = {str(word): word for word in words}

    def parse(word: str) -> str:
        if word not in known:
            raise typer.BadParameter(f"got {word!r}, expected {_or(list(known))}{hint(word, known)}")
        return known[word]

    return {
        "parser": parse,
        "autocompletion": lambda incomplete: [word for word in known if word.startswith(incomplete)],
    }


def percent(text: str) -> float:
    """Return a percentage that was given as a number from 0 to 100. Raises BadParameter."""
    expected = "expected a number from 0 to 100"
    try:
        number = float(text)
    except ValueError:
        without = ", without %" if str(text).endswith("%") else ""
        raise typer.BadParameter(f"got {text!r}, {expected}{without}") from None
    if not 0 <= number <= 100:
        raise typer.BadParameter(f"got {text!r}, {expected}")
    return number


def _or(words: list[str]) -> str:
    quoted = [repr(word) for word in words]
    return f"{', '.join(quoted[:-1])} or {quoted[-1]}"
