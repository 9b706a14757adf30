"""How AWS rounds what it counts: each request, message, item and millisecond up to whole units."""

from fractions import Fraction
from math import ceil

KB = 1024
GB = 1024**3
MEMORY_MB = (
    128,
    10_240,
)  # the least and the most of a function; docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html
HOURS = 730  # of a month, as AWS's own pricing calculator has it
LARGEST_MESSAGE_KB = (
    128  # docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-execution-service-websocket-limits-table.html
)

_HTTP_API_UNIT = 512 * KB
_WEBSOCKET_UNIT = 32 * KB
_READ_UNIT = 4 * KB
_WRITE_UNIT = KB
# A load balancer's capacity unit carries that much to and from functions in an hour. Source:
# aws.amazon.com/elasticloadbalancing/pricing/
_CAPACITY_UNIT_GB = Fraction(4, 10)


def http_api_units(request_bytes: Fraction | int) -> int:
    """Return the requests that an HTTP API counts for one: its body in units of 512 KB, at least one.

    AWS's calculator says it of the request ("a request with 513 KB of data is metered as two requests"); responses are
    not counted here, for nothing says that they are.
    """
    return max(1, ceil(Fraction(request_bytes) / _HTTP_API_UNIT))


def websocket_units(message_bytes: Fraction | int) -> int:
    """Return the messages that a WebSocket API counts for one, in units of 32 KB: 33 KB are two."""
    return max(1, ceil(Fraction(message_bytes) / _WEBSOCKET_UNIT))


def read_units(item_bytes: Fraction | int) -> int:
    """Return the units of a strongly consistent read, in units of 4 KB. An eventually consistent one takes half."""
    return max(1, ceil(Fraction(item_bytes) / _READ_UNIT))


def write_units(item_bytes: Fraction | int) -> int:
    """Return the units of a write outside transactions, in units of 1 KB."""
    return max(1, ceil(Fraction(item_bytes) / _WRITE_UNIT))


def billed_ms(duration_ms: Fraction | float) -> int:
    """Return the milliseconds that Lambda bills for one invocation: whole ones, at least one."""
    return max(1, ceil(duration_ms))


def gb_seconds(milliseconds: Fraction, memory_mb: int) -> Fraction:
    """Return what a function of that memory uses in that time."""
    return milliseconds / 1000 * Fraction(memory_mb, 1024)


def capacity_hours(transferred_bytes: Fraction) -> Fraction:
    """Return a load balancer's capacity units × hours for bytes to and from functions.

    A lower bound: new connections, open connections and rules count too, where they come to more than the bytes do.
    """
    return transferred_bytes / GB / _CAPACITY_UNIT_GB
