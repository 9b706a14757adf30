"""Orders, and the product list that prices them, from their own DynamoDB table."""
