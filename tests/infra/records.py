"""What the proxy really writes about some requests."""

from proxy.after_response import AfterResponse
from proxy.build import build
from proxy.settings import Settings
from tests.samples import Context, function_url


def records(settings: Settings, *paths: str) -> list[str]:
    """Return the records of exchanges with these paths, one after the other in one environment."""
    after = AfterResponse()
    lines: list[str] = []
    entry = build(settings, after, lines.append)
    for path in paths:
        entry(function_url(path=path), Context())
        after.work()
    return [line for line in lines if '"message":"exchange"' in line]
