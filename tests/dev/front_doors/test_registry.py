"""Which front doors there are."""

import pytest

from proxy.dev.front_doors import FRONT_DOORS, Alb, FrontDoorUnavailable, FunctionUrl, HttpApi, RestApi, front_door


def test_doors_are_known_by_name() -> None:
    assert dict(FRONT_DOORS) == {
        "http-api": HttpApi(),
        "function-url": FunctionUrl(),
        "rest-api": RestApi(),
        "alb": Alb(is_multi_value=True),
        "alb-single": Alb(is_multi_value=False),
    }
    assert front_door("http-api") is FRONT_DOORS["http-api"]
    assert all(door.name == name for name, door in FRONT_DOORS.items())


def test_other_names_are_refused_with_the_names_that_work() -> None:
    with pytest.raises(FrontDoorUnavailable) as caught:
        front_door("lattice")

    assert (
        str(caught.value) == "front door: got 'lattice', expected http-api, function-url, rest-api, alb or alb-single"
    )
