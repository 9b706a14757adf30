"""The application: every blueprint, one database."""

import time
from collections.abc import Callable
from datetime import UTC, datetime

from flask import Flask

from proxy.dev.sample_legacy import account, customers, diagnostics, files, orders, reports, search, storefront, uploads
from proxy.dev.sample_legacy.database import Database
from proxy.dev.sample_legacy.faults import method_not_allowed
from proxy.dev.sample_legacy.shop import EXTENSION, Shop


def _utc_now() -> datetime:
    return datetime.now(UTC)


def create_app(now: Callable[[], datetime] = _utc_now, sleep: Callable[[float], None] = time.sleep) -> Flask:
    """Return a shop of its own with the seed's data in memory; what is ordered and uploaded dies with it."""
    # No static folder: its route would answer /static, which no legacy system of this kind has.
    app = Flask("sample_legacy", static_folder=None)
    # OPTIONS is a method like any other here, and answered 405.
    app.config["PROVIDE_AUTOMATIC_OPTIONS"] = False
    # Uploads may have text fields of any size.
    app.config["MAX_FORM_MEMORY_SIZE"] = None
    # Keys come in the order in which they were written down.
    app.json.sort_keys = False  # type: ignore[attr-defined]  # Flask types the provider by its interface only
    # A redirect for a doubled slash would hide what the client really asked for.
    app.url_map.merge_slashes = False
    app.extensions[EXTENSION] = Shop(Database(), now, sleep)
    app.register_error_handler(405, method_not_allowed)
    for part in (storefront, account, customers, orders, reports, uploads, files, search, diagnostics):
        app.register_blueprint(part.create_blueprint())
    return app
