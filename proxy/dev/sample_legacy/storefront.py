"""The shop window: an HTML page and its picture."""

import functools
import hashlib
import struct
import zlib

from flask import Blueprint, Response, request
from markupsafe import Markup

from proxy.dev.sample_legacy.shop import shop

_PAGE = Markup("""<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>The shop</title></head>
<body>
<img src="/logo.png" alt="The shop" width="64" height="64">
<h1>Welcome – bienvenue – добро пожаловать</h1>
<p><a href="login">Sign in</a> · <a href="reports/sales.csv">Sales</a> · <a href="files">Files</a></p>
<ul>
{products}
</ul>
</body>
</html>
""")
_PRODUCT = Markup('<li id="{sku}"><a href="search?q={sku}">{name}</a> €{price}</li>')


def create_blueprint() -> Blueprint:
    """Return the routes of this module."""
    blueprint = Blueprint("storefront", __name__)
    blueprint.add_url_rule("/", view_func=read_page)
    blueprint.add_url_rule("/logo.png", view_func=read_logo)
    return blueprint


def read_page() -> str:
    """Answer with every product on one page."""
    rows = shop().database.rows("select sku, name, price_cents from products order by sku")
    products = [_PRODUCT.format(sku=r["sku"], name=r["name"], price=f"{r['price_cents'] / 100:.2f}") for r in rows]
    return _PAGE.format(products=Markup("\n").join(products))


def read_logo() -> Response:
    """Answer with the picture, or 304 to a client that has it."""
    picture = logo()
    response = Response(picture, mimetype="image/png")
    response.headers["Cache-Control"] = "public, max-age=86400"
    response.set_etag(hashlib.sha256(picture).hexdigest()[:16])
    response.make_conditional(request)
    return response


@functools.cache
def logo(side: int = 64) -> bytes:
    """Return a PNG of a square shade. Source: W3C PNG, 5 (chunks), 11.2.2 (IHDR: 8 bits, RGB)."""
    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    lines = b"".join(
        b"\0" + bytes(v for x in range(side) for v in (4 * x % 256, 4 * y % 256, 128)) for y in range(side)
    )
    chunks = _chunk(b"IHDR", header) + _chunk(b"IDAT", zlib.compress(lines, 9)) + _chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunks


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
