"""Many rows at the database's own speed, on SQLite and PostgreSQL, inside the caller's transaction."""

from __future__ import annotations

import gc
import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from django.db import connection, models, transaction

import liuke.platform.bulk.models  # noqa: F401 - pk__among


def insert_rows(
    model: type[models.Model],
    columns: Sequence[str],
    rows: Iterable[Sequence[Any]],
    *,
    on_conflict: str = "",
    at_once: bool = False,
) -> None:
    """Inserts `rows` of plain values, in the order of `columns` (attribute names: `owner_id`, not `owner`).

    Every column without a database default must be named: nothing of the model's Python is run. Values are given as
    Python values; the fields make them fit the database (instants, JSON). Measured at 100,000 scores: eight times as
    fast as bulk_create, which builds an object and an expression for every value.

    `at_once` is for tables of numbers and texts whose triggers keep an index for searching: SQLite writes that index out at
    the beginning of every statement, so that it is given all rows in one (measured: half the time).
    """
    fields: list[Any] = [
        model._meta.get_field(name.removesuffix("_id") if _is_key(model, name) else name) for name in columns
    ]
    prepare = [_preparer(field) for field in fields]
    names = ", ".join(connection.ops.quote_name(field.column) for field in fields)
    places = ", ".join(["%s"] * len(fields))
    table = connection.ops.quote_name(model._meta.db_table)
    steps = [(place, step) for place, step in enumerate(prepare) if step]
    prepared: Any = (_prepared(row, steps) for row in rows) if steps else rows
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql" and not on_conflict:
            # Django gives the driver's cursor as it is here: its errors must become Django's by hand.
            with connection.wrap_database_errors, cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
                for row in prepared:
                    copy.write_row(row)
        elif at_once and connection.vendor == "sqlite":
            held = ", ".join(f"json_extract(value, '$[{place}]')" for place in range(len(fields)))
            cursor.execute(
                f"INSERT INTO {table} ({names}) SELECT {held} FROM json_each(%s) WHERE true {on_conflict}",  # noqa: S608 - the model's own names
                [json.dumps([list(row) for row in prepared], ensure_ascii=False)],
            )
        else:
            conflict = f" {on_conflict}" if on_conflict else ""
            cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({places}){conflict}", prepared)  # noqa: S608 - names are the model's own, values are parameters


def _prepared(row: Sequence[Any], steps: Sequence[tuple[int, Any]]) -> list[Any]:
    values = list(row)
    for place, step in steps:
        values[place] = step(values[place])
    return values


def _is_key(model: type[models.Model], name: str) -> bool:
    return name.endswith("_id") and any(
        f.attname == name for f in model._meta.concrete_fields if f.is_relation
    )


def _preparer(field: Any) -> Any:
    """How a field's values are made fit, or None where the driver takes them as they are: most columns."""
    if isinstance(field, models.JSONField):
        return lambda value: None if value is None else _json(value)
    if isinstance(field, models.DateTimeField):
        return _fit_instant if connection.vendor == "sqlite" else connection.ops.adapt_datetimefield_value
    if isinstance(field, models.DateField | models.DecimalField):
        return lambda value: field.get_db_prep_save(value, connection)
    return None


@lru_cache(64)  # the rows of an import came at one moment
def _fit_instant(value: Any) -> Any:
    """What Django makes of it for SQLite, without its detour by the zone: five times as fast, and imports write millions."""
    if isinstance(value, datetime) and value.tzinfo is UTC:
        return value.isoformat(" ")[:-6]  # without its +00:00
    return connection.ops.adapt_datetimefield_value(value)


def _json(value: Any) -> str:
    if not value and isinstance(value, dict | list):
        return "{}" if isinstance(value, dict) else "[]"
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


@contextmanager
def few_collections() -> Iterator[None]:
    """For work on rows by the hundred thousand, which nothing refers to in a circle: they go by themselves.

    At the usual threshold Python looks for circles after every 700 objects (measured: a sixth of an import's time).
    """
    before = gc.get_threshold()
    gc.set_threshold(100_000, 20, 50)
    try:
        yield
    finally:
        gc.set_threshold(*before)


@contextmanager
def many_commits() -> Iterator[None]:
    """For work that commits hundreds of times: SQLite's log may grow to 80 MB before it is folded into the database.

    At the usual 4 MB every commit of an import would write its pages twice (measured: 1,058 MB against 625 MB).
    """
    if connection.vendor != "sqlite" or connection.in_atomic_block:
        yield
        return
    with connection.cursor() as cursor:
        before = cursor.execute("PRAGMA wal_autocheckpoint").fetchone()[0]
        cursor.execute("PRAGMA wal_autocheckpoint = 20000")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"PRAGMA wal_autocheckpoint = {before:d}")
            cursor.execute("PRAGMA wal_checkpoint(PASSIVE)")


@contextmanager
def nothing_mapped() -> Iterator[None]:
    """For work that reads all over a large database: SQLite asks for the pages instead of mapping them into memory.

    Mapped pages count as the process's memory until it ends, up to the 256 MB that a request's few may have (measured: a
    million customers come in with 493 MB instead of 660 MB).
    """
    if connection.vendor != "sqlite" or connection.in_atomic_block:
        yield
        return
    with connection.cursor() as cursor:
        row = cursor.execute("PRAGMA mmap_size").fetchone()  # none of a database in memory
        cursor.execute("PRAGMA mmap_size = 0")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"PRAGMA mmap_size = {row[0] if row else 0:d}")


def reserve_ids(model: type[models.Model], count: int) -> list[int]:
    """The next `count` ids of `model`: for rows whose children are written in the same breath.

    Nobody else gets them: a sequence of PostgreSQL never gives a number twice, and on SQLite the transaction holds
    the only write lock.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("ids are reserved within the transaction that uses them")
    table = model._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            query = "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)"
            cursor.execute(query, [table, count])
            return [row[0] for row in cursor.fetchall()]
        cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table])
        row = cursor.fetchone()
        first = (row[0] if row else 0) + 1
        return list(range(first, first + count))


def refresh_statistics() -> None:
    """What SQLite's planner knows of the tables: without it every index looks as good as any other to it.

    A thousand rows of each index are looked at (measured: 0.1 s on a gigabyte). PostgreSQL does this by itself.
    """
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA analysis_limit = 1000")
            cursor.execute("ANALYZE")


def update_rows(statement: str, rows: Iterable[Sequence[Any]]) -> int:
    """One prepared UPDATE with `%s` places, executed for every row of values; instants are made fit. Gives the rows met."""
    fit = _fit_instant if connection.vendor == "sqlite" else connection.ops.adapt_datetimefield_value
    prepared = [[fit(value) if isinstance(value, datetime) else value for value in row] for row in rows]
    if not prepared:
        return 0
    with connection.cursor() as cursor:
        cursor.executemany(statement, prepared)
        return int(cursor.rowcount)
