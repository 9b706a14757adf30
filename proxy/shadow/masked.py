"""Targets and texts without the secrets that links carry: names stay, values are masked.

A link opens doors: by the code that ends a login, a token for a new password, the signature of a presigned download.
"""

import re
from urllib.parse import unquote_plus

from proxy.routing.table import Route
from proxy.shadow.difference import is_kept
from proxy.shadow.secret_names import is_secret_name

MASK = "***"
# Harmless as members of a body, where a code is a country's; in links they open doors (RFC 6749, OpenID Connect, SAML,
# CAS, Google's API keys).
_OF_LINKS = frozenset({"code", "key", "state", "nonce", "ticket", "assertion", "verifier", "hash"})
# A name, wherever it may stand in a link or a form: at first, or behind ?, & and #, or the ; of a session in a path.
_NAME = r"(?<![^?&;#=\s<\"'(])([^?&;#=\s<>\"'(]{1,256})="
_names = re.compile(_NAME).findall
# Its value reads on to the next & or #, names that stand in it included: each octet is read once.
_pairs = re.compile(_NAME + r"([^&#\s<>\"']+)")
_user = re.compile(r"(?<=//)[^/?#@\s]*@")
_steps = re.compile(r"[\[\].]+").split
_MOST_ENCODED = 3  # times that one link is found in the query of another


def masked_target(target: str, route: Route) -> str:
    """Return a target that a route matches, without the values that its template or their names call secret.

    What may be data is masked in the place of a name, too, so a query that is nothing but a token is.
    """
    path, mark, query = target.partition("?")
    return _masked_path(path, route) + mark + "&".join(map(_masked_part, query.split("&")))


def masked_text(text: str, *, is_link: bool) -> str:
    """Return a text without the secrets in its links; a text that is a link, without any value of a query."""

    def masked(found: re.Match[str]) -> str:
        name, value = found.groups()
        return f"{name}={MASK}" if is_link or _is_secret(name, value) else found[0]

    return _user.sub(f"{MASK}@", _pairs.sub(masked, text))


def _masked_path(path: str, route: Route) -> str:
    names = route.template.split("/")
    parts = path.split("/", len(names) - 1)
    return "/".join(
        MASK if name.startswith("{") and is_secret_name(name) else masked_text(part, is_link=False)
        for name, part in zip(names, parts, strict=True)
    )


def _masked_part(part: str) -> str:
    name, sign, value = part.partition("=")
    steps = _steps(unquote_plus(name))  # filter[state], page.size
    if part and not all(is_kept(step) for step in steps if step or len(steps) == 1):
        return f"{MASK}={MASK}" if sign else MASK
    return f"{name}={MASK}" if value and _is_secret(name, value) else part


def _is_secret(name: str, value: str) -> bool:
    return _is_name(unquote_plus(name)) or _holds_secret(value)


def _is_name(text: str) -> bool:
    return text.lower() in _OF_LINKS or is_secret_name(text)


def _holds_secret(value: str) -> bool:
    for _ in range(_MOST_ENCODED):
        decoded = unquote_plus(value)
        if any(map(_is_name, _names(decoded))):
            return True
        if decoded == value:
            return False
        value = decoded
    return False
