"""What Alembic runs its steps with: the connection that suite.migrating hands in, its transaction open."""

from alembic import context

from event_log.postgres_rows import SCHEMA

connection = context.config.attributes["connection"]
context.configure(connection=connection, version_table_schema=SCHEMA, transactional_ddl=True)
context.run_migrations()
