"""A DynamoDB table with a partition key and a sort key, pk and sk: how routes and their evidence are kept."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

# The keyword arguments of create_table, without the name. Any: boto3 types them as some twenty nested dictionaries.
DEFINITION: dict[str, Any] = {
    "BillingMode": "PAY_PER_REQUEST",
    "AttributeDefinitions": [
        {"AttributeName": "pk", "AttributeType": "S"},
        {"AttributeName": "sk", "AttributeType": "S"},
    ],
    "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
}


def create_table(client: "DynamoDBClient", name: str, definition: Mapping[str, Any] = DEFINITION) -> bool:
    """Make sure that the table exists, and tell whether it had to be made; one of another definition, if one is given.

    Raises what boto3 does.
    """
    try:
        client.create_table(TableName=name, **definition)
    except client.exceptions.ResourceInUseException:
        return False
    client.get_waiter("table_exists").wait(TableName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 60})
    return True
