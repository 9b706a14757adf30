"""Front doors that run for the whole of a test module."""

from collections.abc import Iterator

import pytest

from .samples import ALB, FUNCTION_URL, HTTP_API, REST_API
from .wire import CoroutineFunction, echo, running


@pytest.fixture(scope="module")
def http_api() -> Iterator[int]:
    """The port of an HTTP API before the echo function."""
    with running(HTTP_API, CoroutineFunction(echo)) as port:
        yield port


@pytest.fixture(scope="module")
def function_url() -> Iterator[int]:
    """The port of a function URL before the echo function."""
    with running(FUNCTION_URL, CoroutineFunction(echo)) as port:
        yield port


@pytest.fixture(scope="module")
def rest_api() -> Iterator[int]:
    """The port of a REST API before the echo function."""
    with running(REST_API, CoroutineFunction(echo)) as port:
        yield port


@pytest.fixture(scope="module")
def alb() -> Iterator[int]:
    """The port of a load balancer with multi-value headers before the echo function."""
    with running(ALB, CoroutineFunction(echo)) as port:
        yield port
