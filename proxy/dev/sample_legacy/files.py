"""Documents under keys that contain slashes: `%2F` is part of a key, `/` is not, so only the raw target can tell."""

from urllib.parse import quote, unquote

from flask import Blueprint, Response, jsonify

from proxy.dev.sample_legacy.faults import fault
from proxy.dev.sample_legacy.target import raw_path

_PREFIX = "/files/"
_DOCUMENTS = {
    "2024/q1/sales.txt": "Sales of the first quarter: 1204\n",
    "2024/q2/sales.txt": "Sales of the second quarter: 1377\n",
    "100% wool.txt": "Wash by hand.\n",
    "prix+été.txt": "Prix d'été – moins 20 %\n",
    "readme.txt": "Keys may hold any character; encode them.\n",
}


def create_blueprint() -> Blueprint:
    """Return the routes of this module."""
    blueprint = Blueprint("files", __name__)
    blueprint.add_url_rule("/files", view_func=list_files)
    # Werkzeug decodes before it matches, so every key arrives here, and the view looks at the raw one.
    blueprint.add_url_rule("/files/<path:_decoded>", view_func=read_file)
    return blueprint


def list_files() -> Response:
    """Answer with every key and the path that leads to it."""
    return jsonify({"files": [{"key": key, "href": _PREFIX + quote(key, safe="")} for key in _DOCUMENTS]})


def read_file(_decoded: str) -> Response:
    """Answer with the document under a raw key, or 404: a slash that is not encoded is never part of a key."""
    raw_key = raw_path().removeprefix(_PREFIX)
    document = None if "/" in raw_key else _DOCUMENTS.get(unquote(raw_key))
    if document is None:
        return fault(404, "FILE_NOT_FOUND", f"no file {raw_key}")
    return Response(document, content_type="text/plain; charset=utf-8")
