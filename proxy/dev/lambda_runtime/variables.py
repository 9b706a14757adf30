"""The environment variables that a function finds. Source: developer guide, "Defined runtime environment variables"."""

import datetime
import os
import secrets
import sys
from pathlib import Path

from proxy.dev.lambda_runtime.config import FunctionConfig

_CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "local",
    "AWS_SESSION_TOKEN": "local",
}


def function_variables(config: FunctionConfig) -> dict[str, str]:
    """Return what tells a function who and where it is, and its own variables; the log stream is a new one.

    The credentials are dummies: no call signed with them is accepted by AWS. With SnapStart there are none, as in the
    cloud, where they would expire in the snapshot: the function's own variables name an endpoint that gives some.
    Source: docs.aws.amazon.com/lambda/latest/dg/snapstart-activate.html
    """
    return {
        **config.environment,
        "_HANDLER": config.handler,
        **({} if config.snap_start else _CREDENTIALS),
        "AWS_REGION": config.region,
        "AWS_DEFAULT_REGION": config.region,
        "AWS_EXECUTION_ENV": f"AWS_Lambda_python{sys.version_info.major}.{sys.version_info.minor}",
        "AWS_LAMBDA_FUNCTION_NAME": config.name,
        "AWS_LAMBDA_FUNCTION_VERSION": config.version,
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(config.memory_mb),
        "AWS_LAMBDA_INITIALIZATION_TYPE": "snap-start" if config.snap_start else "on-demand",
        "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{config.name}",
        "AWS_LAMBDA_LOG_STREAM_NAME": _log_stream(config.version),
        "LAMBDA_TASK_ROOT": str(config.code_root),
        "LAMBDA_RUNTIME_DIR": "/var/runtime",
    }


def process_variables(config: FunctionConfig, runtime_api: str) -> dict[str, str]:
    """Return the whole environment of a worker's process, built from nothing: the developer's own never leaks in.

    `runtime_api` is host:port.
    """
    own = config.environment
    return {
        # What a function may set differently comes first, so that its own wins.
        "AWS_XRAY_CONTEXT_MISSING": "LOG_ERROR",
        "LANG": "en_US.UTF-8",
        "PATH": f"{Path(sys.executable).parent}:/usr/local/bin:/usr/bin/:/bin:/opt/bin",
        "TZ": ":UTC",
        # Not set in the cloud, where no such files exist. Here boto3 would find the developer's by the user's id.
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        **function_variables(config),
        "AWS_LAMBDA_RUNTIME_API": runtime_api,
        "PYTHONPATH": os.pathsep.join(filter(None, (str(config.code_root), own.get("PYTHONPATH")))),
    }


def _log_stream(version: str) -> str:
    today = datetime.datetime.now(datetime.UTC).strftime("%Y/%m/%d")
    return f"{today}/[{version}]{secrets.token_hex(16)}"
