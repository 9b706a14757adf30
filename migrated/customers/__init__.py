"""Customers, from their own DynamoDB table."""
