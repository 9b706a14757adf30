"""What a person is asked, and what is refused before anything is made."""

import re

import pytest

from proxy import settings
from proxy.errors import BadSettings
from proxy.routing.origin import check_origin
from tests.infra.conftest import StackOf
from tests.infra.template import Tree

_SECRET = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:legacy-Ab1Cd2"
_NO_SECRET = "expected the whole ARN of a secret, arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME-AbCdEf"
_SECRET_KEY = "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
_NO_KEY = "LegacySecretKey: expected the ARN of a key, no alias: arn:aws:kms:REGION:ACCOUNT:key/ID"
_NO_KEYS = "KeysSecret: got none, expected one, whose client key hashes what ClientIdentity names"
_OWN_REGION = "got this stack's own region, which has the tables; expected another"
_REPLICA_OF_REPLICA = (
    "ReplicaRegion1, ReplicaRegion2: got one beside the name of a table, expected none; a replica has no replicas, "
    "the home stack's tables have them"
)


def test_a_person_has_to_know_nothing_but_where_legacy_is(written: Tree) -> None:
    assert [name for name, spec in written["Parameters"].items() if "Default" not in spec] == ["LegacyUrl"]


def test_every_parameter_says_what_it_is_and_is_used(written: Tree) -> None:
    rest = str({key: part for key, part in written.items() if key != "Parameters"})
    for name, spec in written["Parameters"].items():
        assert spec["Description"]
        assert f"'Ref': '{name}'" in rest or f"${{{name}}}" in rest, f"{name} is asked for and never used"


@pytest.mark.parametrize(
    ("parameters", "refusals"),
    [
        ({}, []),
        ({"FrontDoor": "function-url"}, []),
        ({"FrontDoor": "function-url", "Authorizer": "iam"}, []),
        (
            {"FrontDoor": "function-url", "Authorizer": "jwt", "JwtIssuer": "i", "JwtAudience": "a"},
            ["Authorizer: got jwt, expected none or iam behind a function URL; an HTTP API checks JWTs"],
        ),
        (
            {"FrontDoor": "function-url", "DomainName": "a.example", "CertificateArn": "c"},
            ["DomainName: got one, expected none behind a function URL; an HTTP API takes one"],
        ),
        ({"Authorizer": "jwt", "JwtIssuer": "i"}, ["JwtIssuer, JwtAudience: expected both with Authorizer=jwt"]),
        ({"Authorizer": "jwt", "JwtIssuer": "i", "JwtAudience": "a"}, []),
        ({"DomainName": "a.example"}, ["CertificateArn: got none, expected that of DomainName"]),
        ({"VpcSubnetIds": "subnet-1"}, ["VpcSubnetIds, VpcSecurityGroupIds: expected both or none"]),
        ({"VpcSecurityGroupIds": "sg-1"}, ["VpcSubnetIds, VpcSecurityGroupIds: expected both or none"]),
        ({"VpcSubnetIds": "subnet-1", "VpcSecurityGroupIds": "sg-1"}, []),
        ({"ReplicaRegion1": "eu-central-1", "ReplicaRegion2": "us-east-1"}, []),
        (
            {"ReplicaRegion1": "us-east-1", "ReplicaRegion2": "us-east-1"},
            ["ReplicaRegion1, ReplicaRegion2: got one region twice, expected two"],
        ),
        ({"ReplicaRegion1": "eu-west-1"}, [f"ReplicaRegion1: {_OWN_REGION}"]),
        ({"ReplicaRegion2": "eu-west-1"}, [f"ReplicaRegion2: {_OWN_REGION}"]),
        ({"ClientIdentity": "api-key"}, [_NO_KEYS]),
        ({"ClientIdentity": "agent,claim:sub"}, [_NO_KEYS]),
        ({"ClientIdentity": "claim:sub, agent", "KeysSecret": _SECRET}, []),
        ({"ClientIdentity": "-"}, []),
        ({"LegacySecret": _SECRET, "KeysSecret": _SECRET}, []),
        ({"LegacySecret": "fig-legacy"}, [f"LegacySecret: {_NO_SECRET}"]),
        ({"LegacySecret": _SECRET.removesuffix("-Ab1Cd2")}, [f"LegacySecret: {_NO_SECRET}"]),
        ({"KeysSecret": _SECRET.replace("secretsmanager", "ssm")}, [f"KeysSecret: {_NO_SECRET}"]),
        ({"LegacySecret": _SECRET, "LegacySecretKey": _SECRET_KEY}, []),
        (
            {"LegacySecretKey": _SECRET_KEY},
            ["LegacySecret: got none, expected the secret that LegacySecretKey encrypts"],
        ),
        ({"LegacySecret": _SECRET, "LegacySecretKey": _SECRET_KEY.replace("key/", "alias/")}, [_NO_KEY]),
        ({"RoutingTableName": "routes", "CustomersTableName": "customers", "OrdersTableName": "orders"}, []),
        ({"ReplicaRegion1": "eu-central-1", "RoutingTableName": "routes"}, [_REPLICA_OF_REPLICA]),
        ({"ReplicaRegion2": "eu-central-1", "CustomersTableName": "customers"}, [_REPLICA_OF_REPLICA]),
        ({"ReplicaRegion1": "eu-central-1", "OrdersTableName": "orders"}, [_REPLICA_OF_REPLICA]),
    ],
)
def test_parameters_that_do_not_go_together_are_refused(
    stack_of: StackOf, parameters: dict[str, str], refusals: list[str]
) -> None:
    assert stack_of(**parameters).refusals() == refusals


@pytest.mark.parametrize(
    "url",
    [
        "",
        "http://old.example",
        "https://old.example/",
        "https://old.example:8443/",
        "https://10.0.0.7",
        "https://[::1]",
        "https://[2001:db8::1]:443",
        "https://my_host",
        "https://OLD.example",
        "https://xn--mnchen-3ya.example",
        "https://m\u00fcnchen.example",
        "old.example",
        "//old.example",
        "ftp://old.example",
        "HTTPS://old.example",
        "https://",
        "https:///",
        "https://:443",
        "https://a:b",
        "https://a:b:c",
        "https://a:",
        "https://[::1",
        "https://::1",
        "https://[::1]x",
        "https://a b",
        "https://a ",
        "https://a\n",
        "https://a\\b",
        "https://user@a",
        "https://user:password@a",
        "https://a/api",
        "https://a//",
        "https://a?x",
        "https://a#x",
        "https://a:\u0668\u0660",
        *(f"https://a:{port}" for port in ("0", "00", "1", "9", "080", "00001", "000001", "00000", "443/", "0/")),
        *(f"https://a:{port}" for port in ("9999", "10000", "59999", "60000", "64999", "65000", "65499", "65500")),
        *(f"https://a:{port}" for port in ("65529", "65530", "65535", "65536", "65540", "65600", "66000", "70000")),
        *(f"https://a:{port}" for port in ("99999", "100000", "-1", "+1", "1.5", "1e3")),
    ],
)
def test_url_of_legacy_is_taken_if_and_only_if_the_proxy_takes_it(written: Tree, url: str) -> None:
    """With one that it does not take, every request would be answered 502, and nothing before would say so."""
    is_taken = re.fullmatch(written["Parameters"]["LegacyUrl"]["AllowedPattern"], url) is not None

    assert is_taken == _is_origin(url)


@pytest.mark.parametrize(
    "identity",
    [
        "-",
        "agent",
        "api-key",
        "header:X-Team",
        "claim:sub",
        "claim:https://issuer.example/id",
        "claim:sub,header:x-team,api-key,agent",
        "claim:sub, agent",
        "claim:a:b",
        "Agent",
        "agents",
        "apikey",
        "api-key:x",
        "header",
        "header:",
        "claim:",
        "claim:,agent",
        "cookie:sid",
        "-,agent",
        "agent,-",
        "agent,",
        ",agent",
        "agent,,api-key",
        "agent;api-key",
    ],
)
def test_identity_is_taken_if_and_only_if_the_proxy_takes_it(written: Tree, identity: str) -> None:
    """With one that it does not take, the function would not start."""
    is_taken = re.fullmatch(written["Parameters"]["ClientIdentity"]["AllowedPattern"], identity) is not None

    assert is_taken == _is_identity(identity)


def _is_origin(url: str) -> bool:
    try:
        check_origin(url)
    except ValueError:
        return False
    return True


def _is_identity(text: str) -> bool:
    try:
        settings.read({"FIG_CLIENT_IDENTITY": text, "FIG_CLIENT_KEY": "k" * 32})
    except BadSettings:
        return False
    return True
