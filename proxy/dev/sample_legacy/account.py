"""Sign in, sign out, and the page for those who are in: cookies, and redirects to absolute URLs."""

import hashlib
import hmac

from flask import Blueprint, Response, request
from markupsafe import Markup

from proxy.dev.sample_legacy.target import absolute

_USERS = {"ada": ("lovelace", "Ada Lovelace")}
# A constant key: a restarted shop still knows its visitors, and two shops agree on what a session looks like.
_SESSION_KEY = b"the sample shop keeps no secrets"
_THEME_COOKIE = "theme=light; Path=/; Expires=Wed, 21 Oct 2099 07:28:00 GMT"
_FORM = Markup("""<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Sign in</title></head>
<body>
<h1>Sign in</h1>
{complaint}<form method="post" action="/login">
<label>Name <input name="username"></label> <label>Password <input name="password" type="password"></label>
<button>Sign in</button>
</form>
</body>
</html>
""")
_COMPLAINT = Markup("<p>Wrong name or password.</p>\n")
_ACCOUNT = Markup("""<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Your account</title></head>
<body>
<h1>Hello {name}</h1>
<form method="post" action="/logout"><button>Sign out</button></form>
</body>
</html>
""")


def create_blueprint() -> Blueprint:
    """Return the routes of this module."""
    blueprint = Blueprint("account", __name__)
    blueprint.add_url_rule("/login", view_func=read_form)
    blueprint.add_url_rule("/login", view_func=sign_in, methods=["POST"])
    blueprint.add_url_rule("/account", view_func=read_account)
    blueprint.add_url_rule("/logout", view_func=sign_out, methods=["POST"])
    return blueprint


def read_form() -> str:
    """Answer with the empty form."""
    return _FORM.format(complaint="")


def sign_in() -> Response:
    """Answer a right password with a session and two cookies, a wrong one with the form again."""
    user = request.form.get("username", "")
    password, _ = _USERS.get(user, (None, None))
    if password is None or request.form.get("password") != password:
        return Response(_FORM.format(complaint=_COMPLAINT), 401)
    response = _redirect("/account")
    response.headers.add("Set-Cookie", f"session={session_of(user)}; Path=/; HttpOnly")
    response.headers.add("Set-Cookie", _THEME_COOKIE)
    return response


def read_account() -> str | Response:
    """Answer with the user's page, or send the visitor to sign in."""
    session = request.cookies.get("session", "")
    user = session.partition(".")[0]
    if user not in _USERS or not hmac.compare_digest(session.encode(), session_of(user).encode()):
        return _redirect("/login")
    return _ACCOUNT.format(name=_USERS[user][1])


def sign_out() -> Response:
    """Answer with the start page and a cookie that ends the session."""
    response = _redirect("/")
    response.delete_cookie("session", path="/")
    return response


def session_of(user: str) -> str:
    """Return the value of a user's session cookie: the name, and a mark that only this shop can make."""
    return f"{user}.{hmac.new(_SESSION_KEY, user.encode(), hashlib.sha256).hexdigest()[:32]}"


def _redirect(path: str) -> Response:
    return Response(status=302, headers={"Location": absolute(path)})
