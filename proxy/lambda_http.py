"""Entry of the proxy function for HTTP: `proxy.lambda_http.handler`."""

from proxy.entry import build
from proxy.settings import read

handler = build(read())
