"""Which front doors there are."""

import pytest

from proxy.dev.front_doors import FRONT_DOORS, FrontDoorUnavailable, FunctionUrl, HttpApi, front_door


def test_built_doors_are_known_by_name() -> None:
    assert dict(FRONT_DOORS) == {"http-api": HttpApi(), "function-url": FunctionUrl()}
    assert front_door("http-api") is FRONT_DOORS["http-api"]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("rest-api", "front door: got rest-api, which is not built yet, expected http-api or function-url"),
        ("alb", "front door: got alb, which is not built yet, expected http-api or function-url"),
        ("lattice", "front door: got 'lattice', expected http-api or function-url"),
    ],
)
def test_other_names_are_refused_with_the_names_that_work(name: str, message: str) -> None:
    with pytest.raises(FrontDoorUnavailable) as caught:
        front_door(name)

    assert str(caught.value) == message
