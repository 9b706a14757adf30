"""For people who look at the shop from outside: is it up, what reaches it, how does a slow answer feel."""

import hashlib
import re

from flask import Blueprint, Flask, Response, jsonify, request
from flask.blueprints import BlueprintSetupState
from werkzeug.routing import Rule

from proxy.dev.sample_legacy.faults import Problem, invalid_query
from proxy.dev.sample_legacy.shop import shop
from proxy.dev.sample_legacy.target import header_pairs, raw_target

_MAX_SLEEP_S = 60.0


def create_blueprint() -> Blueprint:
    """Return the routes of this module."""
    blueprint = Blueprint("diagnostics", __name__)
    blueprint.add_url_rule("/health", view_func=read_health)
    blueprint.add_url_rule("/slow", view_func=answer_slowly)
    blueprint.record(_add_echo)
    return blueprint


def read_health() -> Response:
    """Answer that the shop is up."""
    return jsonify({"status": "ok"})


def answer_slowly() -> Response:
    """Answer after `seconds`, 60 at most."""
    wanted = request.args.get("seconds", "1")
    if not re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,9})?", wanted, re.ASCII):
        return invalid_query([Problem("seconds", "must be a number")])
    seconds = min(float(wanted), _MAX_SLEEP_S)
    shop().sleep(seconds)
    return jsonify({"slept_s": seconds})


def echo() -> Response:
    """Answer with the request as it arrived."""
    body = request.get_data()
    return jsonify(
        {
            "method": request.method,
            "target": raw_target(),
            "headers": header_pairs(),
            "body_bytes": len(body),
            "body_sha256": hashlib.sha256(body).hexdigest(),
        }
    )


def _add_echo(state: BlueprintSetupState) -> None:
    """Route every method to echo, those that nobody has invented yet too: only a rule without methods does that."""
    app: Flask = state.app  # type: ignore[assignment]  # an App in Flask's types, always a Flask here
    app.url_map.add(Rule("/echo", endpoint="echo"))
    app.view_functions["echo"] = echo
