"""What a function finds in its environment, and nothing besides."""

import os
import sys
from pathlib import Path
from typing import Any

import pytest

from proxy.dev.lambda_runtime import FunctionConfig, LocalFunction

from .lab import Lab, ask

CODE = """
import os, sys
def handler(event, context):
    return {"variables": dict(os.environ), "cwd": os.getcwd(), "session": os.getsid(0) == os.getpid()}
"""


def test_worker_finds_lambdas_variables_and_its_own_and_no_others(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    for leak in ("HTTP_PROXY", "AWS_PROFILE", "AWS_ENDPOINT_URL", "PYTHONSTARTUP", "HOME"):
        monkeypatch.setenv(leak, "the developer's own")

    async def scenario(function: LocalFunction) -> Any:
        return (await ask(function))["variables"]

    settings = {"name": "orders", "memory_mb": 256, "region": "eu-north-1"}
    variables = lab.run(CODE, scenario, environment={"LEGACY_URL": "http://legacy"}, **settings)

    host, port = variables.pop("AWS_LAMBDA_RUNTIME_API").split(":")
    trace, stream = variables.pop("_X_AMZN_TRACE_ID"), variables.pop("AWS_LAMBDA_LOG_STREAM_NAME")
    variables.pop("LC_CTYPE", None)  # Python sets it itself where the locale of LANG isn't installed (PEP 538)
    assert variables == {
        "LEGACY_URL": "http://legacy",
        "_HANDLER": "app.handler",
        "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
        "AWS_SECRET_ACCESS_KEY": "local",
        "AWS_SESSION_TOKEN": "local",
        "AWS_REGION": "eu-north-1",
        "AWS_DEFAULT_REGION": "eu-north-1",
        "AWS_EXECUTION_ENV": f"AWS_Lambda_python3.{sys.version_info.minor}",
        "AWS_LAMBDA_FUNCTION_NAME": "orders",
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256",
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_LOG_GROUP_NAME": "/aws/lambda/orders",
        "AWS_XRAY_CONTEXT_MISSING": "LOG_ERROR",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "LAMBDA_TASK_ROOT": str(lab.root),
        "LAMBDA_RUNTIME_DIR": "/var/runtime",
        "LANG": "en_US.UTF-8",
        "PATH": f"{Path(sys.executable).parent}:/usr/local/bin:/usr/bin/:/bin:/opt/bin",
        "PYTHONPATH": str(lab.root),
        "TZ": ":UTC",
    }
    assert host == "127.0.0.1"
    assert port.isdigit()
    assert trace.startswith("Root=1-")
    assert "/[$LATEST]" in stream


def test_worker_stands_in_its_code_and_in_a_session_of_its_own(lab: Lab) -> None:
    async def scenario(function: LocalFunction) -> Any:
        return await ask(function)

    answer = lab.run(CODE, scenario)

    assert (answer["cwd"], answer["session"]) == (str(lab.root), True)


def test_each_worker_has_a_log_stream_and_a_runtime_api_of_its_own(lab: Lab) -> None:
    names = ("AWS_LAMBDA_LOG_STREAM_NAME", "AWS_LAMBDA_RUNTIME_API")

    async def scenario(function: LocalFunction) -> list[Any]:
        first = await ask(function)
        return [first, await ask(function)]

    first, second = lab.run(CODE, scenario, workers=1), lab.run(CODE, scenario, workers=1)

    assert first[0]["variables"][names[0]] == first[1]["variables"][names[0]]
    assert all(first[0]["variables"][name] != second[0]["variables"][name] for name in names)


def test_functions_own_variables_win_where_lambda_lets_them(lab: Lab) -> None:
    own = {"TZ": "Europe/Oslo", "LANG": "C.UTF-8", "PYTHONPATH": "/opt/layer"}

    async def scenario(function: LocalFunction) -> Any:
        return (await ask(function))["variables"]

    variables = lab.run(CODE, scenario, environment=own)

    assert {name: variables[name] for name in own} == own | {"PYTHONPATH": f"{lab.root}:/opt/layer"}


def test_config_that_lambda_refuses_says_everything_at_once() -> None:
    with pytest.raises(ValueError, match="function bad: ") as caught:
        FunctionConfig(
            "app.handler",
            code_root=Path(),
            name="bad",
            environment={"AWS_REGION": "x", "_HANDLER": "y", "FINE": "z"},
            workers=0,
            timeout_s=0,
        )

    assert str(caught.value) == (
        "function bad: environment: got AWS_REGION, _HANDLER, which Lambda sets itself; remove them; "
        "workers: got 0, expected 1 or more; timeout_s: got 0, expected more than 0"
    )
