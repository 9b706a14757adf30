"""What pip is told of a runtime."""

import pytest

from proxy.packaging.target import Architecture, Python, lambda_target, this_machine


@pytest.mark.parametrize(
    ("architecture", "python", "newest", "too_new"),
    [
        ("arm64", "3.11", "manylinux_2_26_aarch64", "manylinux_2_28_aarch64"),  # Amazon Linux 2
        ("x86_64", "3.11", "manylinux_2_26_x86_64", "manylinux_2_28_x86_64"),
        ("arm64", "3.12", "manylinux_2_34_aarch64", "manylinux_2_35_aarch64"),  # Amazon Linux 2023
        ("x86_64", "3.13", "manylinux_2_34_x86_64", "manylinux_2_39_x86_64"),
        ("x86_64", "3.14", "manylinux_2_34_x86_64", "manylinux_2_35_x86_64"),
    ],
)
def test_wheels_that_need_a_newer_glibc_than_the_runtime_has_are_not_asked_for(
    architecture: Architecture, python: Python, newest: str, too_new: str
) -> None:
    options = lambda_target(architecture, python).pip_options()

    assert options[:3] == ["--implementation=cp", f"--python-version={python}", f"--platform={newest}"]
    assert options[-1] == f"--platform=manylinux2014_{newest.rpartition('_2_')[2].partition('_')[2]}"
    assert f"--platform={too_new}" not in options


def test_this_machine_is_what_pip_takes_without_being_told() -> None:
    assert this_machine().pip_options() == []
