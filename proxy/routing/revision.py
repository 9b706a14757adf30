"""Which evidence counts for a route: what was collected for the same question, and no other."""

import json
from collections.abc import Iterable
from hashlib import blake2b

from proxy.routing.table import Route

# Another handler, another path, other methods or other rules are another question. The stage and the percentage are
# not.
_FIELDS = ("template", "when", "handler", "function", "legacy", "compare", "writes")


def revision_of(route: Route, methods: Iterable[str]) -> str:
    """Return a short name for what a route of these methods compares: the same for the same, in every process and
    release.
    """
    asked = [sorted(methods), *(getattr(route, name) for name in _FIELDS if name != "compare")]
    # What examples show says nothing of what is equal.
    rules = {name: value for name, value in route.compare.items() if name != "values"}
    text = json.dumps([*asked, rules], sort_keys=True, separators=(",", ":"))
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()
