"""An external test that is skipped has not run, and .ci/run exists so that it does: a skip is a failure here."""

from collections.abc import Generator

import pytest

# The artifact and what serves it, from where they are tested with pip alone.
from tests.packaging.conftest import artifact, dynamodb, install, runtime, task

__all__ = ["artifact", "dynamodb", "install", "runtime", "task"]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turn a skip into a failure."""
    report = yield
    if report.skipped and item.get_closest_marker("external") is not None:
        report.outcome = "failed"
        report.longrepr = f"an external test was skipped: {call.excinfo}"
    return report
