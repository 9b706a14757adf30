"""Which names speak of secrets, be it of a header, a member of a JSON body or a part of a query.

A name too many hides an example's value, one too few shows a password, so the list is generous. What is never part of
another word is looked for anywhere in a name, however it is written: accessToken, Client_Secret, X-API-Key,
jsessionid. Short words count only as whole ones, or author, shipping and carbon_footprint would be secrets.
"""

import re

_is_part = re.compile(
    # Who somebody is, and what proves it: Authorization, WWW-Authenticate, Cookie, X-Amz-Security-Token, X-Csrf-Token.
    r"authori[sz]|authentic|cookie|token|bearer|jwt|credential|session|sessid|[cx]srf"
    # What only its owner knows, with German's and French's words for it.
    r"|secret|passw|passphrase|passcode|passkey|pwd|kennwort|motdepasse"
    # Keys that open something; a key alone names things: sortKey, foreign_key.
    r"|(?:api|app|access|private|signing|encryption|master|shared|account|subscription|functions|license|ssh|host)key"
    # What proves a message or a presigned link, and the codes on a card.
    r"|signature|hmac|cvv|cvc"
).search
_WHOLE = frozenset({"auth", "oauth", "pass", "pw", "psk", "pin", "otp", "totp", "mfa", "sid", "sig"})
# camelCase, snake_case, kebab-case and ALLCAPS: APIKey is API and Key.
_words = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+").findall


def is_secret_name(name: str) -> bool:
    """Tell whether a name speaks of a secret. Of names that are not written in ASCII letters it tells nothing."""
    words = [word.lower() for word in _words(name)]
    return _is_part("".join(words)) is not None or not _WHOLE.isdisjoint(words)
