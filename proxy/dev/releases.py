"""The versions of the function: other code or other variables are another one, and evidence begins anew with it."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from proxy.dev.lambda_runtime import FunctionConfig, FunctionStartError, InProcessFunction, LocalFunction
from proxy.publishing.workspace import Workspace

_FILE = "code.json"  # in .fig/: {"ENDPOINT": {"version": N, "digest": "…"}}
_KEPT = 20


class Releases:
    """Replaces the workers of a function whenever its code or its variables change, one change after the other."""

    def __init__(
        self,
        function: LocalFunction | InProcessFunction,
        config: FunctionConfig,
        on_event: Callable[[str], None],
        note: Callable[[str], object] = lambda _: None,
    ) -> None:
        """`config` is that of the workers now; `note` gets the number of each further version."""
        self._function = function
        self._config = config
        self._on_event = on_event
        self._note = note
        self._one_at_a_time = asyncio.Lock()

    async def changed(self, files: Sequence[str], environment: Mapping[str, str]) -> None:
        """Files have changed: from now on clients get their code. What does not start is told, and tried again."""
        more = f" and {len(files) - 1} more" if len(files) > 1 else ""
        await self._renew(f"{files[0]}{more} changed", environment)

    async def needs(self, environment: Mapping[str, str]) -> None:
        """Make sure that the workers have these variables."""
        if environment != self._config.environment:
            before = self._config.environment
            names = sorted(name for name in environment if environment[name] != before.get(name))
            await self._renew(f"{', '.join(names or sorted(before.keys() - environment.keys()))} changed", environment)

    async def _renew(self, why: str, environment: Mapping[str, str]) -> None:
        if isinstance(self._function, InProcessFunction):
            # A module that is imported again is another one: a debugger's breakpoints would be in the one before.
            self._on_event(f"{why}: restart fig dev to have it, for --in-process keeps what it has begun with")
            return
        async with self._one_at_a_time:
            version = str(int(self._config.version) + 1)
            self._config = replace(self._config, version=version, environment=environment)
            self._note(version)
            try:
                count = await self._function.renew(self._config)
            except FunctionStartError as exc:
                self._on_event(f"{why}: the function does not start: {exc}")
                return
        workers = "1 new worker" if count == 1 else f"{count} new workers"
        self._on_event(f"{why}: {workers}, version {version} of the function")


class Numbers:
    """The numbers of versions in a database that outlives the house: they go on where they ended, so that no evidence
    is taken for that of other code. Code that is the same as before is the same version.
    """

    def __init__(self, workspace: Workspace, endpoint: str) -> None:
        self._workspace = workspace
        self._endpoint = endpoint

    def first(self, digest: str) -> str:
        """Return the number for code with a digest, and note it."""
        known = self._workspace.get(_FILE).get(self._endpoint)
        known = known if isinstance(known, dict) else {}
        version = known.get("version")
        number = version if isinstance(version, int) else 0
        is_same = number > 0 and known.get("digest") == digest
        self.note(str(number if is_same else number + 1), digest)
        return str(number if is_same else number + 1)

    def note(self, version: str, digest: str) -> None:
        """Note the version that runs."""
        others = {key: value for key, value in self._workspace.get(_FILE).items() if key != self._endpoint}
        kept = dict(list(others.items())[1 - _KEPT :])
        self._workspace.put(_FILE, {**kept, self._endpoint: {"version": int(version), "digest": digest}})
