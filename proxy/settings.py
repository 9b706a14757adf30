"""Environment -> frozen Settings. Every variable that the function reads is named here and nowhere else.

Only two kinds of names are read elsewhere: `${NAME}` in a table (resolved by `resolve`), and the ones that a migrated
handler reads for itself.
"""

import os
from collections.abc import Mapping
from typing import NamedTuple

from proxy.errors import BadSettings

MIN_KEY = 32  # characters of a key that signs


class Settings(NamedTuple):
    """What the function was configured with. A NamedTuple: a dataclass of that size costs 2 ms of each start."""

    table: str = ""  # FIG_TABLE: "dynamodb:NAME" or "file:/directory"; empty: only the table in the artifact
    table_ttl_s: float = 5.0  # FIG_TABLE_TTL
    baked_table: str = ""  # FIG_BAKED_TABLE: path of the table inside the artifact
    # FIG_LEGACY_HOSTS: "host[:port],…" that may be forwarded to besides LEGACY_URL's, whatever a table says; in lower
    # case, as all of these are compared. None, any host, is what no environment gives.
    legacy_hosts: frozenset[str] | None = None
    legacy_secret: str = ""  # FIG_LEGACY_SECRET: ARN or name of a secret, a JSON object of headers that legacy wants
    legacy_ca_file: str = ""  # FIG_LEGACY_CA_FILE: PEM file that vouches for legacy; empty: certifi's
    via: str = "fig-proxy"  # FIG_VIA: this proxy's name in Via, by which it knows a loop; "-" sends and sees none
    kept_headers: frozenset[str] = frozenset()  # FIG_KEEP_HEADERS: headers of AWS's front doors that legacy is to get
    evidence: str = ""  # FIG_EVIDENCE: "dynamodb:NAME", where comparisons are noted; empty: nowhere
    override_key: str = ""  # FIG_OVERRIDE_KEY: signs x-fig-side headers, by which testers choose a side; empty: none do
    preloads: bool = False  # FIG_PRELOAD: "1" loads handlers at start, where a snapshot or nobody waits; "0" does not
    metrics_namespace: str = "Fig"  # FIG_METRICS_NAMESPACE
    folds_groups: bool = False  # FIG_METRICS_ROUTES: "group" counts routes of a group as one; each metric costs money
    identities: tuple[str, ...] = (
        "agent",
    )  # FIG_CLIENT_IDENTITY: agent, api-key, header:NAME or claim:NAME; "-": none
    client_key: str = ""  # FIG_CLIENT_KEY: hashes those that are a secret or a person's
    tells_error_text: bool = False  # FIG_LOG_ERROR_TEXT: "1" logs the text of exceptions, too
    service: str = "fig-proxy"  # POWERTOOLS_SERVICE_NAME, so that handlers and proxy log under one name
    function_name: str = "local"  # AWS_LAMBDA_FUNCTION_NAME
    function_version: str = "$LATEST"  # AWS_LAMBDA_FUNCTION_VERSION
    memory_mb: str = "0"  # AWS_LAMBDA_FUNCTION_MEMORY_SIZE
    is_snapshot: bool = False  # AWS_LAMBDA_INITIALIZATION_TYPE=snap-start: what starts here is restored later, often
    runtime_api: str = ""  # AWS_LAMBDA_RUNTIME_API: set inside Lambda only
    region: str = ""  # AWS_REGION
    dynamodb_url: str = ""  # AWS_ENDPOINT_URL_DYNAMODB, or AWS's own
    lambda_url: str = ""  # AWS_ENDPOINT_URL_LAMBDA, or AWS's own
    secrets_url: str = ""  # AWS_ENDPOINT_URL_SECRETS_MANAGER, or AWS's own
    # The function's own credentials: from the environment, or under SnapStart from an endpoint on loopback.
    access_key: str = ""  # AWS_ACCESS_KEY_ID
    secret_key: str = ""  # AWS_SECRET_ACCESS_KEY
    session_token: str = ""  # AWS_SESSION_TOKEN
    credentials_url: str = ""  # AWS_CONTAINER_CREDENTIALS_FULL_URI
    credentials_token: str = ""  # AWS_CONTAINER_AUTHORIZATION_TOKEN
    credentials_token_file: str = ""  # AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE

    def __repr__(self) -> str:  # some of it is secret
        return f"<Settings {self.function_name} table={self.table}>"


def read(environ: Mapping[str, str] = os.environ) -> Settings:
    """Return the settings in an environment. Raises BadSettings naming the variable and what it wants."""
    root = environ.get("LAMBDA_TASK_ROOT", "")
    region = environ.get("AWS_REGION", "") or environ.get("AWS_DEFAULT_REGION", "")
    start = environ.get("AWS_LAMBDA_INITIALIZATION_TYPE", "")
    return Settings(
        table=_store(environ),
        table_ttl_s=_seconds(environ, "FIG_TABLE_TTL", 5.0),
        baked_table=environ.get("FIG_BAKED_TABLE", f"{root}/routes.json" if root else ""),
        legacy_hosts=_hosts(environ),
        legacy_secret=environ.get("FIG_LEGACY_SECRET", ""),
        legacy_ca_file=environ.get("FIG_LEGACY_CA_FILE", ""),
        via=_name(environ, "FIG_VIA", environ.get("AWS_LAMBDA_FUNCTION_NAME", "fig-proxy")),
        kept_headers=_names(environ.get("FIG_KEEP_HEADERS", "").lower()),
        evidence=_evidence(environ),
        override_key=_key(environ, "FIG_OVERRIDE_KEY"),
        preloads=_flag(environ, "FIG_PRELOAD", default=start in ("snap-start", "provisioned-concurrency")),
        folds_groups=_is_group(environ),
        identities=_identities(environ),
        client_key=_key(environ, "FIG_CLIENT_KEY"),
        metrics_namespace=environ.get("FIG_METRICS_NAMESPACE", "Fig"),
        tells_error_text=environ.get("FIG_LOG_ERROR_TEXT", "") == "1",
        service=environ.get("POWERTOOLS_SERVICE_NAME", "fig-proxy"),
        function_name=environ.get("AWS_LAMBDA_FUNCTION_NAME", "local"),
        function_version=environ.get("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
        memory_mb=environ.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "0"),
        is_snapshot=start == "snap-start",
        runtime_api=environ.get("AWS_LAMBDA_RUNTIME_API", ""),
        region=region,
        dynamodb_url=environ.get("AWS_ENDPOINT_URL_DYNAMODB", "") or _endpoint("dynamodb", region),
        lambda_url=environ.get("AWS_ENDPOINT_URL_LAMBDA", "") or _endpoint("lambda", region),
        secrets_url=environ.get("AWS_ENDPOINT_URL_SECRETS_MANAGER", "") or _endpoint("secretsmanager", region),
        access_key=environ.get("AWS_ACCESS_KEY_ID", ""),
        secret_key=environ.get("AWS_SECRET_ACCESS_KEY", ""),
        session_token=environ.get("AWS_SESSION_TOKEN", ""),
        credentials_url=environ.get("AWS_CONTAINER_CREDENTIALS_FULL_URI", ""),
        credentials_token=environ.get("AWS_CONTAINER_AUTHORIZATION_TOKEN", ""),
        credentials_token_file=environ.get("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", ""),
    )


def resolve(text: str, environ: Mapping[str, str] = os.environ) -> str:
    """Return a table's value with every `${NAME}` replaced from the environment.

    A published table keeps `${NAME}` unresolved, so a laptop's value can never point production elsewhere.
    Raises BadSettings for a name that is not set.
    """
    parts = text.split("${")
    resolved = [parts[0]]
    for part in parts[1:]:
        name, brace, rest = part.partition("}")
        if not brace or name not in environ:
            raise BadSettings(f"${{{name}}} in the table: got no value, expected {name} in the environment")
        resolved += [environ[name], rest]
    return "".join(resolved)


def _store(environ: Mapping[str, str]) -> str:
    text = environ.get("FIG_TABLE", "")
    kind, _, name = text.partition(":")
    if text and (kind not in ("dynamodb", "file") or not name):
        raise BadSettings(f"FIG_TABLE: got {text!r}, expected dynamodb:TABLE or file:/DIRECTORY")
    return text


def _evidence(environ: Mapping[str, str]) -> str:
    text = environ.get("FIG_EVIDENCE", "")
    kind, _, name = text.partition(":")
    if text and (kind != "dynamodb" or not name):
        raise BadSettings(f"FIG_EVIDENCE: got {text!r}, expected dynamodb:TABLE")
    return text


def _key(environ: Mapping[str, str], name: str) -> str:
    text = environ.get(name, "")
    if text and len(text) < MIN_KEY:  # not shown: it is a secret, if a bad one
        raise BadSettings(
            f"{name}: got {len(text)} characters, expected {MIN_KEY} or more, as openssl rand -hex 32 makes"
        )
    return text


def _is_group(environ: Mapping[str, str]) -> bool:
    text = environ.get("FIG_METRICS_ROUTES", "")
    if text not in ("", "each", "group"):
        raise BadSettings(f"FIG_METRICS_ROUTES: got {text!r}, expected each or group")
    return text == "group"


def _identities(environ: Mapping[str, str]) -> tuple[str, ...]:
    name = "FIG_CLIENT_IDENTITY"
    text = environ.get(name, "") or "agent"
    found = () if text == "-" else tuple(identity.strip() for identity in text.split(","))
    for identity in found:
        kind, _, of = identity.partition(":")
        if identity not in ("agent", "api-key") and not (kind in ("header", "claim") and of):
            raise BadSettings(f"{name}: got {identity!r}, expected agent, api-key, header:NAME or claim:NAME, or '-'")
        if identity != "agent" and not environ.get("FIG_CLIENT_KEY"):
            raise BadSettings(f"{name}: got {identity!r} without FIG_CLIENT_KEY, by which it is hashed")
    # Headers are looked up in lower case.
    return tuple(identity.lower() if identity.startswith("header:") else identity for identity in found)


def _flag(environ: Mapping[str, str], name: str, *, default: bool) -> bool:
    text = environ.get(name, "")
    if text not in ("", "0", "1"):
        raise BadSettings(f"{name}: got {text!r}, expected 0 or 1")
    return text == "1" if text else default


def _endpoint(service: str, region: str) -> str:
    # Source: docs.aws.amazon.com/general/latest/gr/ddb.html and its kin. China has a domain of its own.
    suffix = ".cn" if region.startswith("cn-") else ""
    return f"https://{service}.{region}.amazonaws.com{suffix}" if region else ""


def _hosts(environ: Mapping[str, str]) -> frozenset[str]:
    # Legacy's own is always among them: it is the function's setting, and a list without it would cut legacy off.
    own = environ.get("LEGACY_URL", "").partition("://")[2].removesuffix("/")
    return _names(f"{own},{environ.get('FIG_LEGACY_HOSTS', '')}".lower())


def _names(text: str) -> frozenset[str]:
    return frozenset(filter(None, (name.strip() for name in text.split(","))))


def _name(environ: Mapping[str, str], name: str, default: str) -> str:
    text = environ.get(name, "") or default
    if text == "-":
        return ""
    # RFC 9110, 7.6.3: a pseudonym is a token; this is the part of it that needs no thought.
    if not text.isascii() or not text.replace("-", "").replace("_", "").replace(".", "").isalnum():
        raise BadSettings(f"{name}: got {text!r}, expected letters, digits, '-', '_' and '.', or '-' alone for none")
    return text


def _seconds(environ: Mapping[str, str], name: str, default: float) -> float:
    text = environ.get(name, "")
    try:
        value = float(text) if text else default
    except ValueError:
        value = -1.0
    if not 0 < value <= 3600:
        raise BadSettings(f"{name}: got {text!r}, expected a number of seconds above 0 and up to 3600")
    return value
