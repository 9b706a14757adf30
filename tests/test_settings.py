"""From the environment to Settings."""

import pytest

from proxy.errors import BadSettings
from proxy.settings import Settings, read, resolve


def test_empty_environment_gives_the_defaults() -> None:
    assert read({}) == Settings(legacy_hosts=frozenset())


def test_every_variable_arrives_in_its_setting() -> None:
    settings = read(
        {
            "FIG_TABLE": "file:/tmp/tables",
            "FIG_TABLE_TTL": "2.5",
            "FIG_BAKED_TABLE": "/var/task/baked.json",
            "FIG_LEGACY_HOSTS": " legacy.example.com, ,10.0.0.7:8080,",
            "FIG_LEGACY_SECRET": "arn:secret",
            "FIG_LEGACY_CA_FILE": "/var/task/ca.pem",
            "FIG_VIA": "shop.proxy",
            "FIG_KEEP_HEADERS": "X-Amzn-Trace-Id, ",
            "FIG_EVIDENCE": "dynamodb:evidence",
            "FIG_OVERRIDE_KEY": "k" * 32,
            "FIG_PRELOAD": "1",
            "FIG_METRICS_NAMESPACE": "Shop",
            "FIG_LOG_ERROR_TEXT": "1",
            "POWERTOOLS_SERVICE_NAME": "shop",
            "AWS_LAMBDA_FUNCTION_NAME": "shop-proxy",
            "AWS_LAMBDA_FUNCTION_VERSION": "7",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512",
            "AWS_LAMBDA_INITIALIZATION_TYPE": "snap-start",
            "AWS_LAMBDA_RUNTIME_API": "127.0.0.1:9001",
            "LAMBDA_TASK_ROOT": "/var/task",
            "AWS_REGION": "eu-west-1",
            "AWS_ENDPOINT_URL_DYNAMODB": "http://127.0.0.1:8000",
            "AWS_ENDPOINT_URL_LAMBDA": "http://127.0.0.1:8001",
            "AWS_ENDPOINT_URL_SECRETS_MANAGER": "http://127.0.0.1:8002",
            "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
            "AWS_SECRET_ACCESS_KEY": "secret",
            "AWS_SESSION_TOKEN": "token",
            "AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://127.0.0.1:9001/credentials",
            "AWS_CONTAINER_AUTHORIZATION_TOKEN": "authorization",
            "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": "/run/authorization",
        }
    )

    assert settings == Settings(
        table="file:/tmp/tables",
        table_ttl_s=2.5,
        baked_table="/var/task/baked.json",
        legacy_hosts=frozenset({"legacy.example.com", "10.0.0.7:8080"}),
        legacy_secret="arn:secret",
        legacy_ca_file="/var/task/ca.pem",
        via="shop.proxy",
        kept_headers=frozenset({"x-amzn-trace-id"}),
        evidence="dynamodb:evidence",
        override_key="k" * 32,
        preloads=True,
        metrics_namespace="Shop",
        tells_error_text=True,
        service="shop",
        function_name="shop-proxy",
        function_version="7",
        memory_mb="512",
        is_snapshot=True,
        runtime_api="127.0.0.1:9001",
        region="eu-west-1",
        dynamodb_url="http://127.0.0.1:8000",
        lambda_url="http://127.0.0.1:8001",
        secrets_url="http://127.0.0.1:8002",
        access_key="AKIDEXAMPLE",
        secret_key="secret",
        session_token="token",
        credentials_url="http://127.0.0.1:9001/credentials",
        credentials_token="authorization",
        credentials_token_file="/run/authorization",
    )
    # Law: no token reaches a log.
    assert not any(hidden in repr(settings) for hidden in ("'secret'", "'token'", "'authorization'", "kkk"))


@pytest.mark.parametrize("evidence", ["evidence", "file:/tmp", "dynamodb:", ":x"])
def test_evidence_of_an_unknown_kind_is_refused_by_name(evidence: str) -> None:
    with pytest.raises(BadSettings, match=r"FIG_EVIDENCE: got .*, expected dynamodb:TABLE"):
        read({"FIG_EVIDENCE": evidence})


def test_key_that_is_too_short_is_refused_and_not_shown() -> None:
    with pytest.raises(BadSettings) as refused:
        read({"FIG_OVERRIDE_KEY": "hunter2"})

    assert str(refused.value) == (
        "FIG_OVERRIDE_KEY: got 7 characters, expected 32 or more, as openssl rand -hex 32 makes"
    )


@pytest.mark.parametrize(
    ("initialization", "preload", "loads"),
    [
        ("on-demand", "", False),
        ("snap-start", "", True),
        ("provisioned-concurrency", "", True),
        ("snap-start", "0", False),
        ("on-demand", "1", True),
    ],
)
def test_handlers_load_at_start_where_no_client_waits_for_that(initialization: str, preload: str, loads: bool) -> None:
    assert read({"AWS_LAMBDA_INITIALIZATION_TYPE": initialization, "FIG_PRELOAD": preload}).preloads == loads


def test_flag_that_is_neither_0_nor_1_is_refused_by_name() -> None:
    with pytest.raises(BadSettings, match="FIG_PRELOAD: got 'yes', expected 0 or 1"):
        read({"FIG_PRELOAD": "yes"})


@pytest.mark.parametrize(
    ("region", "url"),
    [
        ("eu-west-1", "https://dynamodb.eu-west-1.amazonaws.com"),
        ("cn-north-1", "https://dynamodb.cn-north-1.amazonaws.com.cn"),
    ],
)
def test_service_is_asked_in_the_functions_own_region(region: str, url: str) -> None:
    settings = read({"AWS_REGION": region})

    assert (settings.dynamodb_url, settings.lambda_url) == (url, url.replace("dynamodb", "lambda"))


@pytest.mark.parametrize("store", ["routes.json", "s3:bucket", "dynamodb:", "file:", ":x", "dynamodb"])
def test_store_of_an_unknown_kind_is_refused_by_name(store: str) -> None:
    with pytest.raises(BadSettings, match=r"FIG_TABLE: got .*, expected dynamodb:TABLE or file:/DIRECTORY"):
        read({"FIG_TABLE": store})


def test_baked_table_lies_in_the_artifact_unless_it_is_said_where() -> None:
    assert read({"LAMBDA_TASK_ROOT": "/var/task"}).baked_table == "/var/task/routes.json"


@pytest.mark.parametrize("value", ["", "0", "true", "yes", "01"])
def test_only_a_1_lets_the_text_of_errors_into_the_log(value: str) -> None:
    assert not read({"FIG_LOG_ERROR_TEXT": value}).tells_error_text


@pytest.mark.parametrize("value", ["0", "-1", "3601", "nan", "inf", "soon", "5s"])
def test_ttl_that_is_no_duration_is_refused_by_name(value: str) -> None:
    with pytest.raises(BadSettings) as refused:
        read({"FIG_TABLE_TTL": value})

    assert str(refused.value) == f"FIG_TABLE_TTL: got {value!r}, expected a number of seconds above 0 and up to 3600"


@pytest.mark.parametrize(
    ("text", "resolved"),
    [
        ("https://legacy.example.com", "https://legacy.example.com"),
        ("${LEGACY_URL}", "https://legacy.example.com"),
        ("https://${HOST}:${PORT}", "https://legacy.example.com:8443"),
        ("${EMPTY}", ""),
        ("${NESTED}", "${HOST}"),
        ("a}b$c{d", "a}b$c{d"),
    ],
)
def test_variables_in_a_tables_value_come_from_the_environment_once(text: str, resolved: str) -> None:
    environ = {
        "LEGACY_URL": "https://legacy.example.com",
        "HOST": "legacy.example.com",
        "PORT": "8443",
        "EMPTY": "",
        "NESTED": "${HOST}",
    }

    assert resolve(text, environ) == resolved


@pytest.mark.parametrize(("text", "name"), [("${ABSENT}", "ABSENT"), ("https://${HOST", "HOST"), ("${}", "")])
def test_variable_that_is_not_set_is_refused_by_name(text: str, name: str) -> None:
    with pytest.raises(BadSettings) as refused:
        resolve(text, {"HOST": "legacy.example.com"})

    assert str(refused.value) == f"${{{name}}} in the table: got no value, expected {name} in the environment"


@pytest.mark.parametrize(
    ("environ", "via"),
    [
        ({}, "fig-proxy"),
        ({"AWS_LAMBDA_FUNCTION_NAME": "shop-proxy"}, "shop-proxy"),
        ({"AWS_LAMBDA_FUNCTION_NAME": "shop-proxy", "FIG_VIA": "front"}, "front"),
        ({"FIG_VIA": "-"}, ""),
    ],
)
def test_name_in_via_is_the_functions_unless_it_is_said(environ: dict[str, str], via: str) -> None:
    assert read(environ).via == via


@pytest.mark.parametrize("value", ["a b", "a\r\nX: 1", "é", "a,b", "--"])
def test_name_that_via_cannot_hold_is_refused(value: str) -> None:
    with pytest.raises(BadSettings, match="FIG_VIA: got "):
        read({"FIG_VIA": value})


@pytest.mark.parametrize(
    ("environ", "hosts"),
    [
        ({}, set()),
        ({"LEGACY_URL": "https://old.example:8443/"}, {"old.example:8443"}),
        (
            {"LEGACY_URL": "https://old.example", "FIG_LEGACY_HOSTS": "A.example, b.example:81"},
            {"old.example", "a.example", "b.example:81"},
        ),
    ],
)
def test_hosts_that_may_be_forwarded_to_are_the_settings_never_any(environ: dict[str, str], hosts: set[str]) -> None:
    """Nothing that is published can choose a host outside the function's allow-list."""
    assert read(environ).legacy_hosts == frozenset(hosts)
