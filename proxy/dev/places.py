"""Where the parts of a house are: what its function and other commands are told."""

import os
import secrets
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from proxy.dev.database import REGION
from proxy.dev.function_variables import LEGACY_URL
from proxy.routing.document import Document
from proxy.routing.origin import check_origin
from proxy.settings import resolve

# The function's TTL here: a change of routes.yaml is seen within 0.2 s by the publisher and half a second by workers.
TABLE_TTL_S = 0.5


@dataclass(frozen=True, slots=True)
class Places:
    """The parts of one house; `own` is the name that its tables have for themselves on a database of many houses."""

    legacy: str
    is_sample: bool
    """Whether legacy is the sample shop."""
    dynamodb: str
    own: str
    override_key: str = field(default_factory=lambda: secrets.token_hex(32), repr=False)

    @property
    def routing_table(self) -> str:
        """The name of the table of routes."""
        return f"fig-routes-{self.own}"

    @property
    def evidence_table(self) -> str:
        """The name of the table of evidence."""
        return f"fig-evidence-{self.own}"

    @property
    def store(self) -> str:
        """The table of routes, as `--store` names it."""
        return f"dynamodb:{self.routing_table}"

    @property
    def for_function(self) -> dict[str, str]:
        """What the function is told, whatever the document says."""
        return {
            "FIG_TABLE": self.store,
            "FIG_EVIDENCE": f"dynamodb:{self.evidence_table}",
            "FIG_OVERRIDE_KEY": self.override_key,
            "FIG_TABLE_TTL": str(TABLE_TTL_S),
            "FIG_LOG_ERROR_TEXT": "1",
            LEGACY_URL: self.legacy,
            "AWS_ENDPOINT_URL_DYNAMODB": self.dynamodb,
            "POWERTOOLS_SERVICE_NAME": "fig-proxy",
        }

    def for_commands(self, url: str) -> dict[str, str]:
        """What other commands are told; `url` is where clients get in."""
        evidence = f"dynamodb:{self.evidence_table}"
        return {"store": self.store, "evidence": evidence, "endpoint": self.dynamodb, "region": REGION, "url": url}


def own_name(routes: Path) -> str:
    """Return a name for a routes.yaml: houses on one database keep their tables apart."""
    return sha256(os.fsencode(routes.resolve())).hexdigest()[:8]


def written_legacy(document: Document) -> str | None:
    """Return the legacy system that a document names by itself; None for what is left to LEGACY_URL."""
    url = document.legacy.url
    return None if f"${{{LEGACY_URL}}}" in url else check_origin(resolve(url))
