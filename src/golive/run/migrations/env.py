"""Called by Alembic, with the connection that the store gave it."""

from alembic import context

context.configure(connection=context.config.attributes["connection"])
context.run_migrations()
