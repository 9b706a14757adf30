"""A forwarding handler as it is usually written: Powertools' resolver, Logger and Metrics, and one httpx.Client."""

import base64
import os
from collections.abc import Mapping
from typing import Any

import httpx
from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.metrics import MetricUnit

logger = Logger(service="usual")
metrics = Metrics(namespace="Usual", service="usual")
app = APIGatewayHttpResolver()
client = httpx.Client(base_url=os.environ["LEGACY_URL"], timeout=20)


@app.route(".+", method=["GET", "POST"])
def forward() -> Response[str]:
    """Forward the request and log it."""
    event = app.current_event
    answer = client.request(
        event.http_method,
        f"{event.path}?{event.raw_query_string}",
        headers={**event.headers, "cookie": "; ".join(event.cookies)},
        content=base64.b64decode(event.body) if event.body else None,
    )
    logger.info("forwarded", extra={"status": answer.status_code, "bytes": len(answer.content)})
    metrics.add_metric("requests", MetricUnit.Count, 1)
    metrics.add_metric("latency", MetricUnit.Milliseconds, answer.elapsed.total_seconds() * 1000)
    return Response(answer.status_code, answer.headers["content-type"], answer.text, dict(answer.headers))


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: Mapping[str, Any], context: Any) -> dict[str, Any]:  # Any: Lambda's own types
    """Answer one event."""
    return app.resolve(dict(event), context)
