"""Uploads of any kind: what came is measured, kept for a while and given back byte for byte."""

import hashlib
import threading
from collections import OrderedDict
from dataclasses import dataclass

from flask import Blueprint, Response, jsonify, request

from proxy.dev.sample_legacy.faults import fault

_MAX_KEPT = 20


@dataclass(frozen=True, slots=True)
class Upload:
    """A body and the content type it came with, if it came with one."""

    body: bytes
    content_type: str | None


class Uploads:
    """The latest uploads under the SHA-256 of their bodies; the oldest goes when there is no more room."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, Upload] = OrderedDict()
        self._lock = threading.Lock()

    def keep(self, upload: Upload) -> str:
        """Keep an upload as the newest and return its SHA-256 in hexadecimal."""
        digest = hashlib.sha256(upload.body).hexdigest()
        with self._lock:
            self._kept[digest] = upload
            self._kept.move_to_end(digest)
            while len(self._kept) > _MAX_KEPT:
                self._kept.popitem(last=False)
        return digest

    def find(self, digest: str) -> Upload | None:
        """Return the upload with a digest, None if it never came or had to go."""
        with self._lock:
            return self._kept.get(digest)


def create_blueprint() -> Blueprint:
    """Return the routes of this module, with a room for uploads of their own."""
    uploads = Uploads()
    blueprint = Blueprint("uploads", __name__)
    blueprint.add_url_rule("/uploads", "create", lambda: create_upload(uploads), methods=["POST"])
    blueprint.add_url_rule("/uploads/<digest>", "read", lambda digest: read_upload(uploads, digest))
    return blueprint


def create_upload(uploads: Uploads) -> Response:
    """Answer with the measures of a body and of each file in it."""
    # Before request.files: parsing the form would use the stream up.
    upload = Upload(request.get_data(), request.headers.get("Content-Type"))
    digest = uploads.keep(upload)
    response = jsonify(
        {
            "bytes": len(upload.body),
            "sha256": digest,
            "content_type": upload.content_type,
            "files": _files(),
        }
    )
    response.status_code = 201
    response.headers["Location"] = f"/uploads/{digest}"
    return response


def read_upload(uploads: Uploads, digest: str) -> Response:
    """Answer with an upload as it came, or 404."""
    upload = uploads.find(digest)
    if upload is None:
        return fault(404, "UPLOAD_NOT_FOUND", f"no upload {digest}")
    return Response(upload.body, content_type=upload.content_type or "application/octet-stream")


def _files() -> list[dict[str, object]]:
    files: list[dict[str, object]] = []
    for field, file in request.files.items(multi=True):
        content = file.read()
        digest = hashlib.sha256(content).hexdigest()
        files.append({"field": field, "filename": file.filename, "bytes": len(content), "sha256": digest})
    return files
