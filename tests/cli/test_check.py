"""`fig check` and `fig doctor`: what they say, and how they exit."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from proxy.cli.app import app
from proxy.events.losses import TABLE

FIG = CliRunner()
DOCUMENT = """\
version: 1
routes:
  - {id: files.read, match: 'GET /files/{key+}', needs: [NEED]}
  - {id: orders.read, match: 'GET /orders/{id}', handler: 'migrated.orders.api:handler', stage: migrated}
"""


@pytest.fixture
def routes(tmp_path: Path) -> Path:
    return tmp_path / "routes.yaml"


def fig(*arguments: str | Path) -> Result:
    return FIG.invoke(app, [str(argument) for argument in arguments])


# What a route may need, and the front doors that carry it.
CARRIED = {
    "raw-path": {"rest-api", "function-url", "alb", "alb-single"},
    "raw-query": {"http-api", "function-url"},
    "repeated-headers": {"rest-api", "alb"},
    "streaming": set[str](),
    "large-body": {"rest-api", "http-api", "function-url"},
}


@pytest.mark.parametrize("front_door", ["http-api", "rest-api", "function-url", "alb", "alb-single"])
@pytest.mark.parametrize("need", CARRIED)
def test_front_door_that_does_not_carry_what_a_route_needs_is_refused(routes: Path, need: str, front_door: str) -> None:
    routes.write_text(DOCUMENT.replace("NEED", need))

    checked = fig("check", "--routes", routes, "--front-door", front_door)
    examined = fig("doctor", "--routes", routes, "--front-door", front_door)

    refused = front_door not in CARRIED[need]
    assert (checked.exit_code, examined.exit_code) == (int(refused), int(refused))
    said = f"files.read needs {need}, which {front_door} does not carry: "
    assert (said in checked.stderr, said in examined.stdout) == (refused, refused)


@pytest.mark.parametrize("front_door", ["http-api", "rest-api", "function-url", "alb", "alb-single"])
def test_doctor_tells_every_loss_of_the_front_door_and_nothing_else(routes: Path, front_door: str) -> None:
    routes.write_text("version: 1\n")

    result = fig("doctor", "--routes", routes, "--front-door", front_door, "--json")

    lost = [(row.capability, row.says) for row in TABLE if row.front_door == front_door and row.carried != "yes"]
    assert [(row["capability"], row["says"]) for row in json.loads(result.stdout)["lost"]] == lost


def test_doctor_tells_what_to_do_about_answers_that_are_too_large(routes: Path) -> None:
    routes.write_text("version: 1\n")

    result = fig("doctor", "--routes", routes)

    assert "502 response_too_large" in result.stdout
    assert "redirect" in result.stdout


@pytest.mark.parametrize(
    ("resource", "said"),
    [
        ("Type: AWS::Serverless::HttpApi\n    Properties: {CorsConfiguration: true}", "Api: CorsConfiguration makes"),
        ("Type: AWS::ApiGatewayV2::Api\n    Properties: {CorsConfiguration: {AllowOrigins: ['*']}}", "Api: CorsConf"),
        ("Type: AWS::Lambda::Url\n    Properties: {Cors: {AllowOrigins: !Ref Origin}}", "Api: Cors makes"),
        (
            "Type: AWS::Serverless::Function\n    Properties: {FunctionUrlConfig: {Cors: {MaxAge: !Sub x}}}",
            "Api: FunctionUrlConfig.Cors makes",
        ),
        (
            "Type: AWS::Serverless::Api\n    Properties: {MethodSettings: [{CachingEnabled: true}]}",
            "Api: response caching gives one caller's answer to others where it depends on who asks; a flip of ord",
        ),
        ("Type: AWS::ApiGateway::Stage\n    Properties: {CacheClusterEnabled: true}", "Api: response caching"),
    ],
)
def test_doctor_tells_what_a_template_sets_between_clients_and_legacy(
    routes: Path, tmp_path: Path, resource: str, said: str
) -> None:
    routes.write_text(DOCUMENT.replace("NEED", "raw-path"))
    template = tmp_path / "template.yaml"
    template.write_text(f"Resources:\n  Quiet: {{Type: AWS::SQS::Queue}}\n  Api:\n    {resource}\n")

    result = fig("doctor", "--routes", routes, "--front-door", "rest-api", "--template", template, "--json")

    (setting,) = json.loads(result.stdout)["settings"]
    assert setting.startswith(said)


def test_check_says_that_nothing_is_wrong(routes: Path) -> None:
    routes.write_text(DOCUMENT.replace("NEED", "raw-path"))

    result = fig("check", "--routes", routes)

    assert (result.exit_code, result.stdout) == (0, f"{routes}: 2 routes, nothing wrong\n")


def test_check_tells_every_problem_at_once_with_its_place(routes: Path) -> None:
    """A bad document says everything that is wrong with it at once."""
    routes.write_text(DOCUMENT.replace("NEED", "raw-paths").replace("orders.api:handler", "orders.api:handle"))

    plain, for_programs = fig("check", "--routes", routes), fig("check", "--routes", routes, "--json")

    problems = json.loads(for_programs.stdout)["problems"]
    assert (plain.exit_code, for_programs.exit_code) == (1, 1)
    assert plain.stderr.splitlines() == problems
    assert [problem.split(": ")[0] for problem in problems] == [
        f"{routes}:3:58 files.read needs.0",
        f"{routes}:4:59 orders.read handler",
    ]


@pytest.mark.parametrize("command", ["check", "doctor"])
def test_file_that_is_not_there_is_misuse(command: str, tmp_path: Path) -> None:
    result = fig(command, "--routes", tmp_path / "nope.yaml")

    assert (result.exit_code, result.stderr.count("\n")) == (2, 1)
    assert "which is not a file" in result.stderr


def test_check_counts_one_route(routes: Path) -> None:
    routes.write_text("version: 1\nroutes: [{id: orders.read, match: 'GET /orders/{id}', stage: legacy}]\n")

    assert fig("check", "--routes", routes).stdout == f"{routes}: 1 route, nothing wrong\n"


def test_place_of_a_problem_is_the_path_that_was_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An editor jumps to `../routes.yaml:1:1`; of `routes.yaml` it would look in this folder."""
    (tmp_path / "below").mkdir()
    (tmp_path / "routes.yaml").write_text("version: 2\n")
    monkeypatch.chdir(tmp_path / "below")

    result = fig("check", "--routes", Path("../routes.yaml"))

    assert result.stderr.startswith("../routes.yaml:1:10 version: ")


@pytest.mark.parametrize("text", ["a: [", "just text", "Resources: 1"])
def test_template_that_is_none_is_misuse(routes: Path, tmp_path: Path, text: str) -> None:
    routes.write_text("version: 1\n")
    template = tmp_path / "template.yaml"
    template.write_text(text)

    result = fig("doctor", "--routes", routes, "--template", template)

    assert (result.exit_code, result.stderr.count("\n")) == (2, 1)
    assert result.stderr.startswith("--template: ")


def test_template_that_is_no_yaml_says_where_and_what(routes: Path, tmp_path: Path) -> None:
    routes.write_text("version: 1\n")
    template = tmp_path / "template.yaml"
    template.write_text("Resources:\n  Api: [\n  Other: {\n")

    result = fig("doctor", "--routes", routes, "--template", template)

    assert result.stderr.startswith(f"--template: {template}:4:1 while parsing a flow ")
    assert ", expected" in result.stderr or ", did not find expected" in result.stderr


def test_check_says_that_a_file_of_recorded_cases_is_not_there(routes: Path) -> None:
    routes.write_text(
        "version: 1\nroutes:\n  - {id: a, match: POST /a, stage: legacy, contract: there.json}\n"
        "  - {id: b, match: POST /b, stage: legacy, contract: not/there.json}\n"
    )
    (routes.parent / "there.json").write_text("{}")

    result = fig("check", "--routes", routes)

    assert (result.exit_code, result.stderr) == (
        1,
        f"{routes}:4:54 b contract: got 'not/there.json', which is not a file beside {routes}\n",
    )


def test_front_door_that_is_none_is_told_with_the_one_that_was_meant(routes: Path) -> None:
    result = fig("check", "--routes", routes, "--front-door", "httpapi")

    assert result.exit_code == 2
    said = " ".join(result.stderr.replace("│", " ").split())
    assert "got 'httpapi', expected 'http-api', 'rest-api', 'function-url', 'alb' or 'alb-single'" in said
    assert "did you mean 'http-api'?" in said
