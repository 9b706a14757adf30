"""Money: Decimal inside and in DynamoDB, a JSON number outside."""

from decimal import Decimal
from typing import Annotated

from pydantic import PlainSerializer

# float(Decimal) is the double nearest to the amount, and so is the legacy system's cents / 100: both print alike.
Money = Annotated[Decimal, PlainSerializer(float, return_type=float)]
