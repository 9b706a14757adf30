"""An account of AWS that is none: moto's server, from the environment that carries its CloudFormation, too."""

import json
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from proxy.publishing.session import embedded_session
from tests.infra.carried import carried
from tests.infra.stack import Stack
from tests.infra.template import Tree
from tests.infra.tools import alone, tool, translate

REGION = "eu-west-1"
ACCOUNT_ID = "123456789012"  # moto's
STACK = "shop"

# It ends when its standard input does, and so with us, whatever happens.
_SERVER = """
import sys
from moto.server import ThreadedMotoServer
server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
server.start()
print(server.get_host_and_port()[1], flush=True)
sys.stdin.read()
"""


class Account:
    """An account with nothing in it."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._session = embedded_session(REGION)

    @contextmanager
    def service(self, name: str) -> Iterator[Any]:
        """Give a client of a service. Any: there are no types of so many."""
        with closing(self._session.client(name, endpoint_url=self.url)) as client:  # type: ignore[call-overload]
            yield client

    def deploy(self, written: Tree, artifact: Path, parameters: Mapping[str, str]) -> "Deployed":
        """Deploy what moto carries of the template, with the artifact where `sam deploy` would have put it."""
        translated = translate(written, parameters)
        with self.service("s3") as s3:
            s3.create_bucket(Bucket="bucket", CreateBucketConfiguration={"LocationConstraint": REGION})
            s3.put_object(Bucket="bucket", Key="artifact", Body=artifact.read_bytes())
        with self.service("cloudformation") as cloudformation:
            cloudformation.create_stack(
                StackName=STACK,
                TemplateBody=json.dumps(carried(translated, parameters)),
                Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
                Capabilities=["CAPABILITY_IAM"],
            )
            (stack,) = cloudformation.describe_stacks(StackName=STACK)["Stacks"]
            made = cloudformation.list_stack_resources(StackName=STACK)["StackResourceSummaries"]
        assert stack["StackStatus"] == "CREATE_COMPLETE"
        deployed = Deployed(
            account=self,
            wanted=Stack(translated, parameters),
            # Those whose condition does not hold are listed without a name.
            names={one["LogicalResourceId"]: one["PhysicalResourceId"] for one in made if one["LogicalResourceId"]},
            outputs={output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]},
        )
        deployed.add_what_moto_forgets()
        return deployed


@dataclass(frozen=True)
class Deployed:
    """A stack: what was wanted, what its resources are called, and what it put out."""

    account: Account
    wanted: Stack
    names: Mapping[str, str]
    outputs: Mapping[str, str]

    def add_what_moto_forgets(self) -> None:
        """Ask the services themselves for what moto's CloudFormation leaves out of the resources that it makes."""
        with self.account.service("iam") as iam:
            for role, properties in self.wanted.of_type("AWS::IAM::Role").items():
                for policy in properties.get("ManagedPolicyArns", []):
                    iam.attach_role_policy(RoleName=self.names[role], PolicyArn=self.names[policy.strip("<>")])
        with self.account.service("dynamodb") as dynamodb:
            for table, properties in self.wanted.of_type("AWS::DynamoDB::GlobalTable").items():
                name, (here, *_) = self.names[table], properties["Replicas"]
                dynamodb.update_continuous_backups(
                    TableName=name, PointInTimeRecoverySpecification=here["PointInTimeRecoverySpecification"]
                )
                if expiry := properties.get("TimeToLiveSpecification"):
                    dynamodb.update_time_to_live(TableName=name, TimeToLiveSpecification=expiry)

    def function(self, name: str) -> Tree:
        """Return the configuration of a function."""
        with self.account.service("lambda") as client:
            configuration: Tree = client.get_function_configuration(FunctionName=self.names[name])
        return configuration

    def variables(self, name: str) -> dict[str, str]:
        """Return the environment of a function, and where it finds the account's services."""
        given = self.function(name)["Environment"]["Variables"]
        # moto keeps a number a number; Lambda has text alone.
        return {**{key: str(value) for key, value in given.items()}, "AWS_ENDPOINT_URL_DYNAMODB": self.account.url}


@contextmanager
def account() -> Iterator[Account]:
    """Start a new one."""
    command = [tool(".venv-sam", "python"), "-c", _SERVER]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=alone()
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            yield Account(f"http://127.0.0.1:{process.stdout.readline().strip()}")
        finally:
            process.stdin.close()
