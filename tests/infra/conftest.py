"""The template as it is written, and as SAM translates it: what holds of one has to hold of the other."""

from collections.abc import Callable

import pytest

from tests.infra.stack import Stack
from tests.infra.template import TEXT, Tree, parse
from tests.infra.tools import translate

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
