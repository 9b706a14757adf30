"""The template as it is written, and as SAM translates it: what holds of one has to hold of the other."""

from collections.abc import Callable, Iterator

import pytest

from proxy.packaging.build import Artifact
from tests.infra.account import Deployed, account
from tests.infra.stack import Stack
from tests.infra.template import TEXT, Tree, parse
from tests.infra.tools import translate

# The artifact and what serves it, from where they are tested by themselves.
from tests.packaging.conftest import artifact, install, runtime, task
from tests.raw_legacy import OK, RawLegacy, say

__all__ = ["artifact", "install", "runtime", "task"]

StackOf = Callable[..., Stack]


@pytest.fixture(scope="session")
def written() -> Tree:
    """The template, as data."""
    return parse(TEXT)


@pytest.fixture(scope="session", params=["written", pytest.param("translated", marks=pytest.mark.external)])
def template(request: pytest.FixtureRequest, written: Tree) -> Tree:
    """The template as it is written, or as CloudFormation gets it."""
    return written if request.param == "written" else translate(written, {"LegacyUrl": "https://old.example"})


@pytest.fixture(scope="session")
def stack_of(template: Tree) -> StackOf:
    """Makes a stack of the template, with some parameters."""
    return lambda **parameters: Stack(template, {"LegacyUrl": "https://old.example", **parameters})


@pytest.fixture(scope="session")
def legacy() -> Iterator[RawLegacy]:
    """The legacy system that the stack is for."""
    with RawLegacy(say(OK)) as running:
        yield running


@pytest.fixture(scope="session")
def deployed(written: Tree, artifact: Artifact, legacy: RawLegacy) -> Iterator[Deployed]:
    """The stack, with the handlers of customers in the proxy and in a function of their own."""
    with account() as running:
        yield running.deploy(written, artifact.path, {"LegacyUrl": legacy.origin, "CustomersRun": "both"})
