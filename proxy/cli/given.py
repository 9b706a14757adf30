"""Words and numbers of the command line, refused as all else is: what was got, what was expected, what was meant.

The command line's own words for that do not name the value of a number, and guess nothing.
"""

from collections.abc import Iterable
from typing import Any

import typer

from proxy.errors import Misuse
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
    from proxy.publishing.flip import percent_of  # loads what `fig --help` has no use for

    try:
        return percent_of(text)
    except Misuse as exc:
        raise typer.BadParameter(str(exc)) from None


def _or(words: list[str]) -> str:
    quoted = [repr(word) for word in words]
    return f"{', '.join(quoted[:-1])} or {quoted[-1]}"
