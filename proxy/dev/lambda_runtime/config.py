"""How a function is configured, what an invocation gives back, and the verb that every local Lambda shares."""

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, field
from pathlib import Path
from typing import Final, Protocol

ACCOUNT_ID: Final = "123456789012"

# Lambda refuses to create a function that sets one of these. Source: developer guide, "Defined runtime environment
# variables", reserved.
RESERVED_VARIABLES: Final = frozenset(
    {
        "_HANDLER",
        "_X_AMZN_TRACE_ID",
        "AWS_ACCESS_KEY",
        "AWS_ACCESS_KEY_ID",
        "AWS_DEFAULT_REGION",
        "AWS_EXECUTION_ENV",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
        "AWS_LAMBDA_FUNCTION_NAME",
        "AWS_LAMBDA_FUNCTION_VERSION",
        "AWS_LAMBDA_INITIALIZATION_TYPE",
        "AWS_LAMBDA_LOG_GROUP_NAME",
        "AWS_LAMBDA_LOG_STREAM_NAME",
        "AWS_LAMBDA_RUNTIME_API",
        "AWS_REGION",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
        "LAMBDA_RUNTIME_DIR",
        "LAMBDA_TASK_ROOT",
    }
)


@dataclass(frozen=True, slots=True)
class FunctionConfig:
    """One function, as `aws lambda create-function` would be told about it.

    Raises ValueError, with every problem at once, for what Lambda would not accept.
    """

    handler: str
    """Module and attribute with a dot between them: "proxy.lambda_http.handler"."""
    _: KW_ONLY
    code_root: Path
    """The folder that Lambda would unpack to /var/task."""
    environment: Mapping[str, str] = field(default_factory=dict)
    """The function's own variables; none that Lambda sets itself."""
    name: str = "fig-proxy"
    version: str = "$LATEST"
    """Of the code and its variables together: whoever changes one of them gives another version."""
    memory_mb: int = 512
    """Only told to the function; nothing here enforces it."""
    timeout_s: float = 29.0
    workers: int = 2
    """How many execution environments live at once."""
    region: str = "eu-west-1"
    snap_start: bool = False
    """Whether init ends in a snapshot, and each environment is restored when there is something to do for it."""

    def __post_init__(self) -> None:
        problems = []
        if reserved := sorted(RESERVED_VARIABLES & self.environment.keys()):
            problems.append(f"environment: got {', '.join(reserved)}, which Lambda sets itself; remove them")
        if self.workers < 1:
            problems.append(f"workers: got {self.workers}, expected 1 or more")
        if self.timeout_s <= 0:
            problems.append(f"timeout_s: got {self.timeout_s}, expected more than 0")
        if problems:
            raise ValueError(f"function {self.name}: {'; '.join(problems)}")

    @property
    def arn(self) -> str:
        """Name of this function in the cloud that doesn't exist."""
        return f"arn:aws:lambda:{self.region}:{ACCOUNT_ID}:function:{self.name}"


@dataclass(frozen=True, slots=True)
class Invoked:
    """What Lambda's Invoke answers."""

    payload: bytes
    """JSON: the handler's result, or Lambda's error object."""
    function_error: str | None
    """Value of X-Amz-Function-Error: None, or "Unhandled"."""
    request_id: str


class Function(Protocol):
    """A function that can be invoked, wherever it runs."""

    async def invoke(self, event: bytes) -> Invoked:
        """Answer one event, given as JSON. A function's own failure is an answer too: see `Invoked.function_error`.

        Raises LambdaRejected when the event never reaches the function (RequestTooLarge above 6 MB).
        """
        ...
