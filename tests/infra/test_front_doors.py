"""Every request reaches the proxy, through whichever front door the parameters choose."""

import pytest
from typer.testing import CliRunner

from proxy.cli.app import app
from tests.infra.conftest import StackOf
from tests.infra.template import FILE, Tree

_ALIAS = "<ProxyFunctionAliaslive>"


def test_catch_all_of_the_http_api_reaches_the_live_alias(stack_of: StackOf) -> None:
    stack = stack_of()

    (route,) = stack.of_type("AWS::ApiGatewayV2::Route").values()
    assert route == {
        "ApiId": "<HttpApi>",
        "RouteKey": "$default",
        "AuthorizationType": "NONE",
        "Target": "integrations/<HttpApiIntegration>",
    }
    assert stack.properties("HttpApiIntegration") == {
        "ApiId": "<HttpApi>",
        "IntegrationType": "AWS_PROXY",
        "IntegrationUri": _ALIAS,
        "PayloadFormatVersion": "2.0",
        "TimeoutInMillis": 30000,
    }
    assert list(stack.of_type("AWS::Lambda::Permission").values()) == [
        {
            "FunctionName": _ALIAS,
            "Action": "lambda:InvokeFunction",
            "Principal": "apigateway.amazonaws.com",
            "SourceArn": "arn:aws:execute-api:eu-west-1:123456789012:<HttpApi>/*",
        }
    ]
    stage = stack.properties("HttpApiStage")
    assert (stage["ApiId"], stage["StageName"], stage["AutoDeploy"]) == ("<HttpApi>", "$default", True)
    assert stack.of_type("AWS::Lambda::Url") == {}


def test_function_url_reaches_the_live_alias_and_anyone_may_use_it(stack_of: StackOf) -> None:
    stack = stack_of(FrontDoor="function-url")

    assert list(stack.of_type("AWS::Lambda::Url").values()) == [
        {"TargetFunctionArn": _ALIAS, "AuthType": "NONE", "InvokeMode": "BUFFERED"}
    ]
    assert list(stack.of_type("AWS::Lambda::Permission").values()) == [
        {"FunctionName": _ALIAS, "Action": "lambda:InvokeFunctionUrl", "Principal": "*", "FunctionUrlAuthType": "NONE"},
        # Without the restriction to URLs, any account could invoke the function with an event of its own making.
        {"FunctionName": _ALIAS, "Action": "lambda:InvokeFunction", "Principal": "*", "InvokedViaFunctionUrl": True},
    ]
    assert not [kind for kind in (r["Type"] for r in stack.resources.values()) if kind.startswith("AWS::ApiGateway")]
    assert stack.outputs["Url"] == "<FunctionUrl.FunctionUrl>"


def test_function_url_that_checks_callers_is_open_to_nobody_else(stack_of: StackOf) -> None:
    stack = stack_of(FrontDoor="function-url", Authorizer="iam")

    assert stack.properties("FunctionUrl")["AuthType"] == "AWS_IAM"
    assert stack.of_type("AWS::Lambda::Permission") == {}


@pytest.mark.parametrize(
    ("parameters", "catch_all"),
    [
        ({"Authorizer": "iam"}, {"AuthorizationType": "AWS_IAM"}),
        (
            {"Authorizer": "jwt", "JwtIssuer": "https://issuer.example", "JwtAudience": "a,b"},
            {"AuthorizationType": "JWT", "AuthorizerId": "<HttpApiAuthorizer>"},
        ),
    ],
)
def test_authorizer_stands_before_everything_but_preflights(
    stack_of: StackOf, parameters: dict[str, str], catch_all: Tree
) -> None:
    """Browsers send preflights without credentials, and $default would take them, too."""
    stack = stack_of(**parameters)

    target = {"ApiId": "<HttpApi>", "Target": "integrations/<HttpApiIntegration>"}
    assert list(stack.of_type("AWS::ApiGatewayV2::Route").values()) == [
        {**target, "RouteKey": "$default", **catch_all},
        {**target, "RouteKey": "OPTIONS /{proxy+}"},
        {**target, "RouteKey": "OPTIONS /"},
    ]


def test_jwt_authorizer_takes_the_issuer_and_every_audience(stack_of: StackOf) -> None:
    stack = stack_of(Authorizer="jwt", JwtIssuer="https://issuer.example", JwtAudience="a,b")

    assert stack.properties("HttpApiAuthorizer") == {
        "ApiId": "<HttpApi>",
        "Name": "jwt",
        "AuthorizerType": "JWT",
        "IdentitySource": ["$request.header.Authorization"],
        "JwtConfiguration": {"Issuer": "https://issuer.example", "Audience": ["a", "b"]},
    }


def test_throttling_is_what_the_parameters_say(stack_of: StackOf) -> None:
    stack = stack_of(ThrottleRate="50", ThrottleBurst="20", ReservedConcurrency="7")

    limits = stack.properties("HttpApiStage")["DefaultRouteSettings"]
    assert limits == {"ThrottlingRateLimit": "50", "ThrottlingBurstLimit": "20"}
    assert stack.properties("ProxyFunction")["ReservedConcurrentExecutions"] == "7"


def test_domain_name_leads_to_the_stage_and_gets_its_record(stack_of: StackOf) -> None:
    stack = stack_of(DomainName="api.example.com", CertificateArn="arn:certificate", HostedZoneId="Z1")

    assert stack.properties("HttpApiDomainName") == {
        "DomainName": "api.example.com",
        "DomainNameConfigurations": [
            {"CertificateArn": "arn:certificate", "EndpointType": "REGIONAL", "SecurityPolicy": "TLS_1_2"}
        ],
    }
    assert stack.properties("HttpApiMapping") == {
        "ApiId": "<HttpApi>",
        "DomainName": "<HttpApiDomainName>",
        "Stage": "<HttpApiStage>",
    }
    assert stack.properties("DomainRecord") == {
        "HostedZoneId": "Z1",
        "Name": "api.example.com",
        "Type": "A",
        "AliasTarget": {
            "DNSName": "<HttpApiDomainName.RegionalDomainName>",
            "HostedZoneId": "<HttpApiDomainName.RegionalHostedZoneId>",
        },
    }
    assert stack.outputs["Url"] == "https://api.example.com"


def test_without_a_hosted_zone_the_record_is_left_to_its_owner(stack_of: StackOf) -> None:
    stack = stack_of(DomainName="api.example.com", CertificateArn="arn:certificate")

    assert "DomainRecord" not in stack.resources
    assert stack.outputs["DomainTarget"] == "<HttpApiDomainName.RegionalDomainName>"


def test_access_log_holds_no_path_header_or_claim(stack_of: StackOf) -> None:
    """Law: no header value, cookie, token or body reaches a log; and a path may hold a token."""
    stack = stack_of()

    settings = stack.properties("HttpApiStage")["AccessLogSettings"]
    assert settings["DestinationArn"] == "<AccessLogs.Arn>"
    assert sorted(part.partition('"')[0] for part in settings["Format"].split("$context.")[1:]) == [
        "error.responseType",
        "httpMethod",
        "identity.sourceIp",
        "integrationLatency",
        "integrationStatus",
        "protocol",
        "requestId",
        "requestTimeEpoch",
        "responseLatency",
        "responseLength",
        "routeKey",
        "status",
    ]


@pytest.mark.parametrize("front_door", ["http-api", "function-url"])
def test_doctor_finds_nothing_in_the_template_that_comes_between_clients_and_legacy(front_door: str) -> None:
    arguments = [
        "doctor",
        "--front-door",
        front_door,
        "--template",
        str(FILE),
        "--routes",
        str(FILE.parents[1] / "routes.yaml"),
    ]

    result = CliRunner().invoke(app, arguments)

    assert result.exit_code == 0, result.output
    assert "CORS" not in result.output
    assert "caching" not in result.output
