"""Names of secrets, as systems write them, and names that only look like some."""

import pytest

from proxy.shadow.secret_names import is_secret_name


@pytest.mark.parametrize(
    "name",
    [
        "authorization",
        "proxy-authorization",
        "www-authenticate",
        "cookie",
        "set-cookie",
        "x-api-key",
        "x-functions-key",
        "ocp-apim-subscription-key",
        "x-amz-security-token",
        "x-amz-credential",
        "X-Amz-Signature",
        "x-session-id",
        "x-csrf-token",
        "xsrf",
        "x-hub-signature-256",
        "x-auth",
        "authToken",
        "accessToken",
        "Client_Secret",
        "APIKey",
        "apikey",
        "api_key",
        "password",
        "passwd",
        "pwd",
        "userPwd",
        "user_pw",
        "pass",
        "passphrase",
        "Kennwort",
        "mot_de_passe",
        "jsessionid",
        "PHPSESSID",
        "connect.sid",
        "sig",
        "hmac",
        "userPIN",
        "pin_code",
        "otp",
        "cvc",
        "jwt",
        "bearer",
        "user.password",
        "access token",
        "password2024x",
    ],
)
def test_name_of_a_secret_is_known_however_it_is_written(name: str) -> None:
    assert is_secret_name(name)


@pytest.mark.parametrize(
    "name",
    [
        "id",
        "etag",
        "author",
        "isPinned",
        "shippingAddress",
        "carbon_footprint",
        "compass",
        "bypassed",
        "sortKey",
        "key",
        "foreign_key",
        "code",
        "design",
        "side",
        "total",
        "x-request-id",
        "",
    ],
)
def test_name_that_only_looks_like_one_is_none(name: str) -> None:
    assert not is_secret_name(name)
