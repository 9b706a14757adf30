"""The two ways in which packaging ends without an artifact; neither ever reaches a client."""

from proxy.errors import FigError


class Refused(FigError):
    """No artifact that could be relied on can be made; the message says why, and what to do."""

    code = "refused"


class Misuse(FigError):
    """What was asked for cannot be meant; the message says how to ask."""

    code = "misuse"
