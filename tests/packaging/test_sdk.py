"""Which of botocore's descriptions of services are packaged."""

from pathlib import Path

import pytest

from proxy.packaging.sdk import keep_named_services, services_in

KNOWN = ("dynamodb", "ec2", "lambda", "s3")


@pytest.fixture
def artifact(tmp_path: Path) -> Path:
    """An artifact with a botocore that knows four services."""
    for name in KNOWN:
        description = tmp_path / "botocore/data" / name / "2012-08-10/service-2.json.gz"
        description.parent.mkdir(parents=True)
        description.write_bytes(b"")
    (tmp_path / "botocore/data/endpoints.json").write_text("{}")
    (tmp_path / "botocore/session.py").write_text("NAMES = 'ec2 s3'.split(); FIRST = 'ec2'")
    return tmp_path


@pytest.mark.parametrize(
    ("code", "kept"),
    [
        ("boto3.client('s3')", ["s3"]),
        ("Session().resource(service_name='dynamodb')", ["dynamodb"]),
        ("make = boto3.client\nmake('lambda')", ["lambda"]),
        ("SERVICES = {'store': 's3', 'table': 'dynamodb'}", ["dynamodb", "s3"]),
        ("def store(name='s3'): ...", ["s3"]),
        ("# s3\nec2 = 1", []),
        ("'see s3'", []),
        ('"""s3"""', ["s3"]),
    ],
)
def test_descriptions_stay_of_services_that_code_names(artifact: Path, code: str, kept: list[str]) -> None:
    (artifact / "migrated").mkdir()
    (artifact / "migrated/api.py").write_text(code)

    assert keep_named_services(artifact) == kept

    assert services_in(artifact) == kept
    assert (artifact / "botocore/data/endpoints.json").exists()


def test_code_of_packages_counts_and_the_sdks_own_does_not(artifact: Path) -> None:
    (artifact / "powertools").mkdir()
    (artifact / "powertools/parameters.py").write_text("client = session.client('dynamodb')")
    (artifact / "powertools/other_python.py").write_text("print 's3'")

    assert keep_named_services(artifact) == ["dynamodb", "s3"]


def test_artifact_without_boto3_has_no_services(tmp_path: Path) -> None:
    assert keep_named_services(tmp_path) == []
