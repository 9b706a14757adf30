"""What Lambda allows, in numbers.

Sources: AWS's runtime interface emulator, github.com/aws/aws-lambda-runtime-interface-emulator (MaxPayloadSize,
MaxAgentsAllowed), and the Lambda developer guide, "Lambda quotas" and "Execution environment lifecycle".
"""

from typing import Final

MAX_PAYLOAD_BYTES: Final = 6 * 1024 * 1024 + 100
"""The longest event and the longest response, each as JSON."""

MAX_EXTENSIONS: Final = 10
"""How many extensions one execution environment registers."""

INIT_LIMIT_S: Final = 10.0
"""The longest time from the start of the process until everyone asked for the first event."""

RESTORE_LIMIT_S: Final = 10.0
"""The longest time from a restore until the runtime asked for its first event. Source: developer guide, "Implement code
before or after Lambda function snapshots"."""

SHUTDOWN_GRACE_S: Final = 0.5
"""Between SIGTERM and SIGKILL when an internal extension is registered; without one SIGKILL comes at once."""
