"""The log's own tables and functions on PostgreSQL, and the rights of those who use them."""

from importlib.resources import files

from psycopg import sql

from event_log.postgres_rows import SCHEMA, Connection

VERSIONS = ("postgres_1.sql",)
"""What makes the schema, in order. Later versions are added; what was released is never changed."""

_ALL_MAY = (
    "GRANT USAGE ON SCHEMA {schema} TO {role}",
    "GRANT SELECT ON ALL TABLES IN SCHEMA {schema} TO {role}",
    "GRANT EXECUTE ON FUNCTION {schema}.append TO {role}",
    "GRANT INSERT ON {schema}.signed_checkpoint TO {role}",
    "GRANT INSERT, UPDATE, DELETE ON {schema}.data_key TO {role}",
)
_ROWS = "GRANT INSERT, UPDATE, DELETE ON {schema}.{table} TO {role}"
_OWN = frozenset({"event", "log_head", "stream", "checkpoint", "tree_node", "signed_checkpoint", "data_key"})
"""The log's own tables: services write them by its functions, if at all."""
_NOT_ROWS = _OWN | {"alembic_version"}
_FIRST_WITH_MAINTAIN = 170000


def script(version: str) -> str:
    """The SQL of one version."""
    return files("event_log").joinpath(version).read_text(encoding="utf-8")


def create(connection: Connection) -> None:
    """Make the schema in an empty database, in the transaction that is open or statement by statement."""
    connection.execute(sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(sql.Identifier(SCHEMA)))
    for version in VERSIONS:
        connection.execute(script(version).encode())


def close_to_others(connection: Connection) -> None:
    """Nobody may use what was made but its owner and who is granted it."""
    names = {"schema": sql.Identifier(SCHEMA)}
    for statement in (
        "REVOKE ALL ON SCHEMA {schema} FROM PUBLIC",
        "REVOKE ALL ON ALL TABLES IN SCHEMA {schema} FROM PUBLIC",
        "REVOKE ALL ON ALL FUNCTIONS IN SCHEMA {schema} FROM PUBLIC",
    ):
        connection.execute(sql.SQL(statement).format(**names))


def grant(connection: Connection, role: str) -> None:
    """Give a role what services need: append and read the log, write read models and keys. Again does no harm.

    It gets no right to insert, change or remove an event.

    Raises: psycopg.errors.UndefinedObject: there is no such role.
    """
    names = {"schema": sql.Identifier(SCHEMA), "role": sql.Identifier(role)}
    for statement in _ALL_MAY:
        connection.execute(sql.SQL(statement).format(**names))
    for table in _rows_tables(connection):
        connection.execute(sql.SQL(_ROWS).format(table=sql.Identifier(table), **names))
    if connection.info.server_version >= _FIRST_WITH_MAINTAIN:
        # so that destroyed keys can be scrubbed from the table's file
        connection.execute(sql.SQL("GRANT MAINTAIN ON {schema}.data_key TO {role}").format(**names))


def _rows_tables(connection: Connection) -> list[str]:
    """The read models: every table that is not the log's own."""
    found = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s", (SCHEMA,)).fetchall()
    return sorted(table for (table,) in found if table not in _NOT_ROWS)


def granted(connection: Connection) -> list[str]:
    """The roles that were granted the services' rights before."""
    found = connection.execute(
        "SELECT DISTINCT grantee FROM information_schema.routine_privileges WHERE routine_schema = %s "
        "AND routine_name = 'append' AND privilege_type = 'EXECUTE' AND grantee <> grantor",
        (SCHEMA,),
    ).fetchall()
    return sorted(role for (role,) in found if role != "PUBLIC")
