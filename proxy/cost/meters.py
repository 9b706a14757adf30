"""What AWS counts: a meter for each thing that has a price, and quantities of them."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from fractions import Fraction


class Meter(StrEnum):
    """The names under which the prices file has its prices."""

    HTTP_API = "http-api-requests"
    REST_API = "rest-api-requests"
    LOAD_BALANCER_HOURS = "load-balancer-hours"
    LOAD_BALANCER_CAPACITY = "load-balancer-capacity-hours"
    LAMBDA_REQUESTS = "lambda-requests"
    LAMBDA_X86_64 = "lambda-x86_64-gb-seconds"
    LAMBDA_ARM64 = "lambda-arm64-gb-seconds"
    # Time within provisioned environments, and those environments themselves, whether they work or wait.
    SERVED_X86_64 = "provisioned-x86_64-duration-gb-seconds"
    SERVED_ARM64 = "provisioned-arm64-duration-gb-seconds"
    PROVISIONED_X86_64 = "provisioned-x86_64-gb-seconds"
    PROVISIONED_ARM64 = "provisioned-arm64-gb-seconds"
    SNAPSHOTS = "snap-start-cached-gb-seconds"
    RESTORES = "snap-start-restored-gb"
    DATA_OUT = "data-out-gb"
    LOGS = "log-gb"
    METRICS = "metrics"
    DYNAMODB_READS = "dynamodb-read-units"
    DYNAMODB_WRITES = "dynamodb-write-units"
    WEBSOCKET_MESSAGES = "websocket-messages"
    WEBSOCKET_MINUTES = "websocket-connection-minutes"


# How each one is called before people, in the order in which they are listed.
LABELS: Mapping[Meter, str] = {
    Meter.HTTP_API: "HTTP API requests",
    Meter.REST_API: "REST API requests",
    Meter.LOAD_BALANCER_HOURS: "load balancer hours",
    Meter.LOAD_BALANCER_CAPACITY: "load balancer capacity (LCU-hours)",
    Meter.LAMBDA_REQUESTS: "Lambda requests",
    Meter.LAMBDA_X86_64: "Lambda GB-seconds (x86_64)",
    Meter.LAMBDA_ARM64: "Lambda GB-seconds (arm64)",
    Meter.SERVED_X86_64: "provisioned Lambda GB-seconds at work (x86_64)",
    Meter.SERVED_ARM64: "provisioned Lambda GB-seconds at work (arm64)",
    Meter.PROVISIONED_X86_64: "provisioned Lambda GB-seconds kept ready (x86_64)",
    Meter.PROVISIONED_ARM64: "provisioned Lambda GB-seconds kept ready (arm64)",
    Meter.SNAPSHOTS: "SnapStart snapshots (GB-seconds)",
    Meter.RESTORES: "SnapStart restores (GB)",
    Meter.DATA_OUT: "data out (GB)",
    Meter.LOGS: "CloudWatch logs (GB)",
    Meter.METRICS: "CloudWatch metrics",
    Meter.DYNAMODB_READS: "DynamoDB read units",
    Meter.DYNAMODB_WRITES: "DynamoDB write units",
    Meter.WEBSOCKET_MESSAGES: "WebSocket messages",
    Meter.WEBSOCKET_MINUTES: "WebSocket connection minutes",
}

Quantities = Mapping[Meter, Fraction]  # of a month


def add(parts: Iterable[Quantities]) -> dict[Meter, Fraction]:
    """Return the sum of quantities, in the order of LABELS; a meter that nothing moved is not in it."""
    sums = dict.fromkeys(LABELS, Fraction())
    for part in parts:
        for meter, quantity in part.items():
            sums[meter] += quantity
    return {meter: quantity for meter, quantity in sums.items() if quantity}
