"""Houses that tests share when they do not change them: starting one takes about two seconds."""

import sys
from collections.abc import Iterator

import pytest

from .house import House

_shared: list[House] = []


@pytest.fixture(scope="session")
def http_api_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """The house behind an HTTP API, as the repository's routes.yaml describes it. Tests leave it as it is."""
    with House(tmp_path_factory.mktemp("http-api"), "--log-format", "json") as house:
        _shared.append(house)
        yield house


@pytest.fixture(scope="session")
def function_url_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """The same behind a function URL."""
    folder = tmp_path_factory.mktemp("function-url")
    with House(folder, "--log-format", "json", "--front-door", "function-url") as house:
        _shared.append(house)
        yield house


@pytest.fixture(scope="session")
def frugal(http_api_house: House) -> tuple[str, ...]:
    """Options for a house that stands in half the time: one worker, and the database of another house."""
    return ("--workers", "1", "--dynamodb", http_api_house.dynamodb_url)


# Not a parametrized session fixture: in random order that would start and stop its houses again and again.
@pytest.fixture(params=["http-api", "function-url"])
def house(request: pytest.FixtureRequest) -> House:
    """Each of the two shared houses in turn."""
    shared: House = request.getfixturevalue(request.param.replace("-", "_") + "_house")
    return shared


@pytest.fixture(autouse=True)
def _terminals() -> Iterator[None]:
    """Show, under a test that failed, what the shared houses wrote meanwhile."""
    before = {house: house.here for house in _shared}
    yield
    for house in _shared:
        sys.stdout.write("\n".join([f"the terminal of {house.url}:", *house.lines[before.get(house, 0) :], ""]))
