"""The whole function in this process: what `build` makes, with a table of the test's own and its log in a list."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from proxy.after_response import AfterResponse
from proxy.app import App
from proxy.backends.sides import Sides
from proxy.backends.transport import LegacyTransport
from proxy.entry import Entry
from proxy.fallback import Backends
from proxy.notes import Notes
from proxy.observe import Observer
from proxy.routing.table import NO_ROUTES
from proxy.settings import Settings, resolve
from proxy.stores.cached import CachedTable
from proxy.stores.file import FileStore
from tests.samples import Context, put_in_store

# Playwright is in an environment of its own, where .ci/run makes sure that these do run.
collect_ignore = [] if find_spec("playwright") else ["browser"]

# A limit of 200 ms for each example, hypothesis's own, would be an assertion about the machine.
hypothesis_settings.register_profile(
    "house", parent=hypothesis_settings(), deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
hypothesis_settings.load_profile("house")


@dataclass
class Function:
    """A handler, and the lines that it has logged."""

    entry: Entry
    after: AfterResponse
    lines: list[str]

    def __call__(self, event: object, context: object | None = None) -> dict[str, Any]:
        """Return the result for an event; what comes after the response has run, too. Any: JSON."""
        result = self.entry(event, context or Context())  # type: ignore[arg-type]  # any JSON, as Lambda would hand on
        assert isinstance(result, dict)
        answer = dict(result)
        self.after.work()
        return answer

    @property
    def records(self) -> list[dict[str, Any]]:
        """The lines as data."""
        return [json.loads(line) for line in self.lines]


MakeFunction = Callable[..., Function]


@pytest.fixture
def make_transport() -> Iterator[Callable[..., LegacyTransport]]:
    """Make transports whose connections are closed after the test."""
    made: list[LegacyTransport] = []

    def make(**how: Any) -> LegacyTransport:  # Any: LegacyTransport's own arguments
        made.append(LegacyTransport(**how))
        return made[-1]

    yield make
    for transport in made:
        transport.close()


@pytest.fixture
def make_function(tmp_path: Path, make_transport: Callable[..., LegacyTransport]) -> MakeFunction:
    """Make functions: `table` is compiled bytes, `legacy_url` what ${LEGACY_URL} stands for."""

    def make(
        table: bytes | None = None,
        legacy_url: str = "",
        *,
        backends: Backends | None = None,
        settings: Settings | None = None,
    ) -> Function:
        settings = settings or Settings()
        path = tmp_path / "store"
        if table is not None:
            put_in_store(path, table)
            settings = settings._replace(table=f"file:{path}")
        after = AfterResponse()
        lines: list[str] = []
        variables = {"LEGACY_URL": legacy_url} if legacy_url else {}
        store = FileStore(str(path)) if table is not None else None
        tables = CachedTable(store, NO_ROUTES, settings.table_ttl_s, after._now, after)
        observer = Observer(settings, lines.append, tells_error_text=settings.tells_error_text)
        sides = backends or Sides(settings, partial(resolve, environ=variables), make_transport)
        notes = Notes(observer, state_of=sides.state_of)
        return Function(Entry(App(tables, sides, notes, after), after), after, lines)

    return make
