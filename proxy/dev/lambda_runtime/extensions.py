"""The internal extensions of one execution environment: threads of the function that take part in its life.

The order of the checks and the error types are those of AWS's emulator, rapi/handler/agent*.go and
core/internalagent_states.go. External extensions (executables under /opt) don't exist here.
"""

import asyncio
import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

from proxy.dev.lambda_runtime.errors import Refused, extension_transition, too_many_extensions
from proxy.dev.lambda_runtime.invocation import Given
from proxy.dev.lambda_runtime.limits import MAX_EXTENSIONS

State = Literal["Registered", "Ready", "Running", "InitError", "ExitError"]


@dataclass(slots=True)
class Extension:
    """One registered extension; Ready while it waits for an event."""

    name: str
    wants_invoke: bool
    identifier: uuid.UUID = field(default_factory=uuid.uuid4)
    state: State = "Registered"
    asking: asyncio.Future[Given] | None = None


class Extensions:
    """Who registered, and who still works."""

    def __init__(self) -> None:
        self._by_id: dict[uuid.UUID, Extension] = {}
        self._is_open = True

    def __len__(self) -> int:
        return len(self._by_id)

    @property
    def working(self) -> list[str]:
        """Names of those that did not ask for their next event; one that wants no events asks only once."""
        return [extension.name for extension in self._by_id.values() if extension.state != "Ready"]

    def register(self, name: str, body: bytes) -> uuid.UUID:
        """Admit an extension and return its identifier. Raises Refused."""
        if not name:
            raise Refused(403, "Extension.InvalidExtensionName", "Empty extension name")
        events = list(_events(body))
        if not self._is_open:
            raise Refused(403, "Extension.RegistrationClosed", "Extension registration closed already")
        if len(self) >= MAX_EXTENSIONS:
            raise too_many_extensions()
        if any(extension.name == name for extension in self._by_id.values()):
            message = "Extension with this name already registered"
            raise Refused(403, "Extension.InvalidExtensionState", message)
        extension = Extension(name, wants_invoke=bool(events))
        self._by_id[extension.identifier] = extension
        return extension.identifier

    def close(self) -> None:
        """Admit no one from now on: the runtime asked for its first event."""
        self._is_open = False

    def ask(self, identifier: str) -> asyncio.Future[Given]:
        """Note that the extension is done, and return what becomes its next event. Raises Refused."""
        extension = self._find(identifier)
        if extension.state not in ("Registered", "Running"):
            raise extension_transition(extension.state, "Ready", str(extension.identifier))
        extension.state = "Ready"
        extension.asking = asyncio.get_running_loop().create_future()
        return extension.asking

    def fail(self, identifier: str, wanted: Literal["InitError", "ExitError"], error_type: str) -> Extension:
        """Note that the extension gave up, and return it. Raises Refused."""
        _parse(identifier)
        if not error_type:
            raise Refused(403, "Extension.MissingHeader", "Lambda-Extension-Function-Error-Type not found")
        extension = self._find(identifier)
        allowed = ("Registered",) if wanted == "InitError" else ("Registered", "Ready", "Running")
        if extension.state not in allowed:
            raise extension_transition(extension.state, wanted, str(extension.identifier))
        extension.state = wanted
        return extension

    def give(self, given: Given) -> None:
        """Hand the event to everyone who registered for INVOKE."""
        for extension in self._by_id.values():
            if extension.wants_invoke and extension.asking is not None:
                extension.state = "Running"
                extension.asking.set_result(given)
                extension.asking = None

    def _find(self, identifier: str) -> Extension:
        parsed = _parse(identifier)
        if parsed not in self._by_id:
            raise Refused(403, "Extension.UnknownExtensionIdentifier", f"Unknown extension {parsed}")
        return self._by_id[parsed]


def _parse(identifier: str) -> uuid.UUID:
    if not identifier:
        message = "Missing Lambda-Extension-Identifier header"
        raise Refused(403, "Extension.MissingExtensionIdentifier", message)
    try:
        return uuid.UUID(identifier)
    except ValueError as exc:
        message = "Invalid Lambda-Extension-Identifier"
        raise Refused(403, "Extension.InvalidExtensionIdentifier", message) from exc


def _events(body: bytes) -> Iterator[str]:
    """Yield the events of a registration, each checked as one for an internal extension."""
    try:
        document: Any = json.loads(body)  # JSON of an unknown writer: every step of reading it is checked
    except ValueError as exc:
        raise Refused(403, "InvalidRequestFormat", str(exc)) from exc
    events = document.get("events") or [] if isinstance(document, dict) else None
    if not isinstance(events, list) or not all(isinstance(event, str) for event in events):
        raise Refused(403, "InvalidRequestFormat", 'expected {"events": ["INVOKE"]}')
    for event in events:
        if event == "SHUTDOWN":
            message = "SHUTDOWN: ShutdownEventNotSupportedForInternalExtension"
            raise Refused(403, "Extension.InvalidEventType", message)
        if event != "INVOKE":
            raise Refused(403, "Extension.InvalidEventType", f"{event}: ErrorInvalidEventType")
        yield event
