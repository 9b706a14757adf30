"""The table that evidence is kept in, for whoever makes it."""

from typing import TYPE_CHECKING, Any

from proxy.aws import keyed_table
from proxy.evidence import keys

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

DEFINITION = keyed_table.DEFINITION
# What create_table does not take. DynamoDB deletes within days of that time, and embedded ones never do.
EXPIRES: Any = {"Enabled": True, "AttributeName": keys.EXPIRY}  # Any: the stubs want a type of their own


def create_table(client: "DynamoDBClient", name: str) -> bool:
    """Make sure that the table exists, and tell whether it had to be made."""
    is_new = keyed_table.create_table(client, name)
    if is_new:
        client.update_time_to_live(TableName=name, TimeToLiveSpecification=EXPIRES)
    return is_new
