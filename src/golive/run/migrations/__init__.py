"""Migrations of the store on PostgreSQL, by Alembic. What is written there stays readable."""

HEAD = "0001"
"""The newest one."""
