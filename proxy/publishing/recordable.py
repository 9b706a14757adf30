"""What of a message may stand in a file of recorded cases, which is read by all who read the repository."""

from collections.abc import Iterable

from proxy.message import Headers, Pair
from proxy.shadow.compare import Answer
from proxy.shadow.masked import masked_text
from proxy.shadow.secret_names import is_secret_name


def recordable(answer: Answer) -> Answer:
    """Return an answer without the headers that are secrets, the links in others masked. The body is as it was."""
    kept = [(name, _masked(value)) for name, value in answer.headers if not is_secret_name(name.decode("latin-1"))]
    return answer._replace(headers=Headers(tuple(kept)))


def secret_names(pairs: Iterable[Pair]) -> set[str]:
    """Return the names, in lower case, of the headers that are secrets or hold some."""
    names = ((name.decode("latin-1").lower(), value) for name, value in pairs)
    return {name for name, value in names if is_secret_name(name) or _masked(value) != value}


def _masked(value: bytes) -> bytes:
    return masked_text(value.decode("latin-1"), is_link=False).encode("latin-1")
