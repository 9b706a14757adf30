"""The table that evidence is kept in, for whoever makes it."""

from typing import TYPE_CHECKING, Any

from proxy.evidence import keys

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
# What create_table does not take. DynamoDB deletes within days of that time, and embedded ones never do.
EXPIRES: Any = {"Enabled": True, "AttributeName": keys.EXPIRY}


def create_table(client: "DynamoDBClient", name: str) -> bool:
    """Make sure that the table exists, and tell whether it had to be made."""
    try:
        client.create_table(TableName=name, **DEFINITION)
    except client.exceptions.ResourceInUseException:
        return False
    client.get_waiter("table_exists").wait(TableName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 60})
    client.update_time_to_live(TableName=name, TimeToLiveSpecification=EXPIRES)
    return True
