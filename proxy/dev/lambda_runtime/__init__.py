"""A local Lambda: the runtime client that AWS runs, in real processes, under the rules of the cloud.

function = LocalFunction(FunctionConfig("app.handler", code_root=Path("src")), on_log=print, on_event=print)
await function.start()
answer = await function.invoke(b'{"hello": "world"}')
await function.stop()
"""

from proxy.dev.lambda_runtime.config import Function, FunctionConfig, Invoked
from proxy.dev.lambda_runtime.errors import FunctionStartError, FunctionStopped, LambdaRejected, RequestTooLarge
from proxy.dev.lambda_runtime.function import LocalFunction
from proxy.dev.lambda_runtime.in_process import InProcessFunction
from proxy.dev.lambda_runtime.server import AsgiServer, loopback_socket

__all__ = [
    "AsgiServer",
    "Function",
    "FunctionConfig",
    "FunctionStartError",
    "FunctionStopped",
    "InProcessFunction",
    "Invoked",
    "LambdaRejected",
    "LocalFunction",
    "RequestTooLarge",
    "loopback_socket",
]
