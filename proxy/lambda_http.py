"""Entry of the proxy function for HTTP: `proxy.lambda_http.handler`."""

import gc
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from proxy.entry import Entry


def _start() -> "Entry":
    # What a start imports and makes stays as long as the environment does. Looking through it again and again while it
    # grows is a tenth of the start (measured), and of no use later on either.
    gc.disable()
    try:
        from proxy.build import build
        from proxy.settings import read

        return build(read())
    finally:
        gc.freeze()
        gc.enable()


handler = _start()
