"""Entry of the proxy function for HTTP: `proxy.lambda_http.handler`."""

from proxy.build import build
from proxy.settings import read

handler = build(read())
