"""The table inside the artifact: one compiled file, for when the store cannot be read."""

from proxy.errors import TableUnreadable
from proxy.routing.compiled import load
from proxy.routing.table import NO_ROUTES, Table


def read_baked(path: str) -> Table:
    """Return the compiled table at a path; one without routes, which sends everything to legacy, if there is none."""
    try:
        with open(path, "rb") as file:  # noqa: PTH123  # pathlib would be one more import at every cold start
            return load(file.read())
    except (OSError, TableUnreadable):
        return NO_ROUTES
