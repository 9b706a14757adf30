"""The function's own variables: where things are, what the document names, and where the handlers' tables are."""

import os
import re
from collections.abc import Iterable, Mapping

from proxy.dev.domain_tables import DomainTable
from proxy.dev.lambda_runtime.config import RESERVED_VARIABLES
from proxy.errors import BadSettings
from proxy.routing.document import Document
from proxy.routing.origin import check_origin
from proxy.settings import resolve

LEGACY_URL = "LEGACY_URL"
# Stands for LEGACY_URL while nobody knows yet where legacy will answer.
_SOMEWHERE = "http://127.0.0.1"


def url_problem(url: str, environ: Mapping[str, str] = os.environ) -> str | None:
    """Return what is wrong with what a URL's ${NAME} stand for in this terminal, with the cure; None if nothing is."""
    known = {**environ, LEGACY_URL: _SOMEWHERE}
    missing = [name for name in names_in(url) if name not in known]
    if missing:
        name = missing[0]
        return (
            f"got no value for ${{{name}}}, expected {name} in the environment of fig dev; "
            f"end it, then: export {name}=http://… and start it again"
        )
    try:
        check_origin(resolve(url, known))
    except (BadSettings, ValueError) as exc:
        return f"{url}: {exc}"
    return None


def variables(
    given: Mapping[str, str],
    document: Document,
    text: str,
    tables: Iterable[DomainTable],
    environ: Mapping[str, str] = os.environ,
) -> dict[str, str]:
    """Return all of them. `given` holds LEGACY_URL and what else the house knows; `text` is the document's.

    Of this terminal's variables, those arrive that the document names as ${NAME}, in a comment if nowhere else.
    """
    # One may be a name that Lambda sets itself and lets nobody else set.
    named = {name: environ[name] for name in names_in(text) if name in environ and name not in RESERVED_VARIABLES}
    own = {**named, **{table.variable: table.name for table in tables}, **given}
    urls = (document.legacy.url, *(backend.url for backend in document.backends.values()))
    # On this machine the document is the developer's own: whatever it names may be asked.
    origins = (own[LEGACY_URL], *(resolve(url, {**environ, **own}) for url in urls))
    hosts = dict.fromkeys(origin.partition("://")[2].rstrip("/") for origin in origins)
    return {**own, "FIG_LEGACY_HOSTS": ",".join(hosts)}


def names_in(text: str) -> list[str]:
    """Return the names that stand in a text as ${NAME}, each once."""
    return list(dict.fromkeys(re.findall(r"\$\{(\w+)\}", text)))
