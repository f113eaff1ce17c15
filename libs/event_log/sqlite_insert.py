"""Storing planned events in statements of many rows."""

import sqlite3
from itertools import groupby

from event_log import sql
from event_log.planning import OWN, Draft


def insert(connection: sqlite3.Connection, draft: Draft) -> None:
    """Store the draft's events: by the hundred as far as neighbours have enough in common, the others by themselves."""
    if len(draft.shared) < sql.EVENTS_ALIKE:
        connection.executemany(sql.INSERT_EVENT, draft.rows)
        return
    values, apart = draft.values, list[int]()
    start = 0
    for (service, schema_version), alike in groupby(draft.shared):
        end = start + sum([1 for _ in alike])
        for count, statement in sql.INSERT_ALIKE.items():
            while count <= end - start:
                first = (draft.first_position + start, draft.recorded_at, service, schema_version)
                connection.execute(statement, (*first, *values[start * OWN : (start + count) * OWN]))
                start += count
        apart += range(start, end)
        start = end
    if apart:
        connection.executemany(sql.INSERT_EVENT, [draft.row(number) for number in apart])
