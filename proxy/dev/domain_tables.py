"""The tables of the handlers: each `migrated/<domain>/table.py` with a DEFINITION has one, named in <DOMAIN>_TABLE.

The source is read, not run: what a file says now counts, and nothing of it is imported into `fig dev`.
"""

import ast
from collections.abc import Iterable, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from proxy.aws.keyed_table import create_table
from proxy.dev.source import FOLDER

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

Definition = Mapping[str, Any]  # the keyword arguments of create_table, without the name. Any: boto3's nested dicts

_LEAST_NAME = 3  # characters. Source: API reference, CreateTable, TableName


class DomainTable(NamedTuple):
    """A domain's table, as its table.py defines it."""

    domain: str
    definition: Definition

    @property
    def name(self) -> str:
        """Under which it is made on this machine."""
        return self.domain if len(self.domain) >= _LEAST_NAME else f"{self.domain}-table"

    @property
    def variable(self) -> str:
        """The variable in which the function finds that name."""
        return f"{self.domain.upper()}_TABLE"

    @property
    def path(self) -> str:
        """Where it is defined."""
        return f"{FOLDER}/{self.domain}/table.py"


def tables_in(code_root: Path) -> tuple[list[DomainTable], list[str]]:
    """Return the tables of the handlers that a function in a code root imports, and what cannot be understood."""
    tables, problems = [], []
    for path in sorted(_folder(code_root).glob("*/table.py")):
        domain = path.parent.name
        try:
            definition = _definition_in(ast.parse(path.read_bytes()))
        except (OSError, SyntaxError):
            continue  # whoever watches the files tells that
        except ValueError:
            problems.append(
                f"{FOLDER}/{domain}/table.py: got a DEFINITION that is computed, expected a dict of plain values; "
                "its table is not made"
            )
            continue
        if definition is not None:
            tables.append(DomainTable(domain, definition))
    return tables, problems


def create_tables(client: "DynamoDBClient", tables: Iterable[DomainTable]) -> tuple[list[DomainTable], list[str]]:
    """Make sure that there are tables; return those that were made, and what DynamoDB refuses."""
    from botocore.exceptions import ClientError, ParamValidationError

    made, problems = [], []
    for table in tables:
        try:
            if create_table(client, table.name, table.definition):
                made.append(table)
        except (ClientError, ParamValidationError) as exc:
            if isinstance(exc, ClientError) and exc.response["Error"]["Code"] != "ValidationException":
                raise
            reason = " ".join(str(exc).split())
            problems.append(f"{table.path}: DynamoDB refuses DEFINITION, so there is no table: {reason}")
    return made, problems


def _folder(code_root: Path) -> Path:
    own = code_root / FOLDER
    if own.is_dir():
        return own
    spec = find_spec(FOLDER)  # of the installed package, which the function imports where it has none of its own
    return Path(next(iter(spec.submodule_search_locations or ()), own)) if spec is not None else own


def _definition_in(module: ast.Module) -> Definition | None:
    """Return the value of DEFINITION, None without one. Raises ValueError if it is no dict of plain values."""
    found = None
    for node in module.body:
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        value = getattr(node, "value", None)
        if value is not None and any(isinstance(name, ast.Name) and name.id == "DEFINITION" for name in targets):
            found = ast.literal_eval(value)
            if not isinstance(found, dict):
                raise ValueError(f"got {type(found).__name__}")
    return found
