"""The purchases as a Parquet file beside the database: what the analytics read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import chain
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from django.db import connection, transaction

from liuke import insight
from liuke.scores.mirror.rules import factor

CHUNK = 200_000
NOTHING = -(2**62)  # stands for NULL among whole numbers, so that a chunk is one array of int64

COLUMNS: list[tuple[str, pa.DataType]] = [
    ("customer", pa.int64()),
    ("on", pa.date32()),
    ("amount", pa.float64()),
    ("cost", pa.float64()),
    ("order", pa.int64()),
    ("product", pa.int64()),
    ("goods", pa.bool_()),
    ("taken_back", pa.date32()),
]
SCHEMA = pa.schema(COLUMNS)


@dataclass
class Export:
    """What went into the file, and what could not: purchases in a currency without a rate, by currency."""

    file: Path
    purchases: int = 0
    lines: int = 0
    last_on: date | None = None
    without_rate: dict[str, int] = field(default_factory=dict)


def export_purchases(
    file: Path,
    *,
    zone: str,
    currency: str,
    rates: Mapping[str, float],
    as_of: date | None = None,
    judged_on: Callable[[date], date] | None = None,
) -> Export:
    """Writes every purchase line that has a customer to `file`: days by the calendar of `zone`, money in `currency`.

    An order that was wholly taken back by the day `as_of` (by now, without one) has that day in `taken_back`, and what took
    it back has it too: from then on it was no purchase, and is counted nowhere here. One that was taken back later still
    counted on the day, and so it does here. `judged_on`, from the day of the last purchase that stands, is the day on which
    all that was ever taken back was known to be so: where nothing came for long, it lies in the past.

    Two sorted scans and no join: the database hands over whole numbers, NumPy matches lines to their purchases.
    """
    export = Export(file)
    heads = _Heads(zone, as_of)
    factors = {code: factor(code, currency, rates) for code in heads.currencies}
    export.without_rate = {code: heads.count(code) for code, known in factors.items() if known is None}
    per_head = np.array([factors[code] or np.nan for code in heads.currencies])[heads.currency]
    usable = ~np.isnan(per_head)
    stands = usable & np.isnat(heads.taken_back)
    export.purchases = int(stands.sum())
    if export.purchases:
        export.last_on = heads.days[stands].max().astype(object)
        if judged_on is not None:
            heads.taken_back = np.minimum(heads.taken_back, np.datetime64(judged_on(export.last_on)))
    charges = np.array(
        _column("SELECT id FROM catalog_product WHERE kind = 'charge' ORDER BY id"), dtype=np.int64
    )
    with pq.ParquetWriter(file, SCHEMA, compression="zstd") as writer:
        for purchase, product, amount, cost in _line_chunks():
            at = np.searchsorted(heads.ids, purchase)
            at[at == len(heads.ids)] = 0
            known = (
                (heads.ids[at] == purchase) & usable[at] if len(heads.ids) else np.zeros(len(purchase), bool)
            )
            at, product, amount, cost = at[known], product[known], amount[known], cost[known]
            unit = per_head[at]
            missing, uncosted = product == NOTHING, cost == NOTHING
            arrays = [
                pa.array(heads.customers[at]),
                pa.array(heads.days[at]),
                pa.array(amount * unit),
                pa.array(cost * unit, mask=uncosted),
                pa.array(heads.ids[at]),
                pa.array(product, mask=missing),
                pa.array(~np.isin(product, charges)),
                pa.array(heads.taken_back[at]),
            ]
            writer.write_table(pa.table(arrays, schema=SCHEMA))
            export.lines += int(stands[at].sum())
    return export


class _Heads:
    """The purchases that have a customer, as arrays sorted by id."""

    def __init__(self, zone: str, as_of: date | None) -> None:
        self.currencies = _column("SELECT DISTINCT currency FROM customers_purchase ORDER BY currency")
        codes = {code: index for index, code in enumerate(self.currencies)}
        instant = _epoch("at")
        rows = _rows(
            f"SELECT id, customer_id, {instant}, currency FROM customers_purchase"  # noqa: S608 - `instant` is one of ours
            " WHERE customer_id IS NOT NULL ORDER BY id"
        )
        flat = [(i, c, at, codes[code]) for batch in rows for i, c, at, code in batch]
        table = np.array(flat, dtype=np.int64).reshape(-1, 4)
        self.ids, self.customers, self.currency = table[:, 0], table[:, 1], table[:, 3]
        self.days = local_days(table[:, 2], zone)
        self.taken_back = np.full(len(self.ids), "NaT", dtype="datetime64[D]")
        gone, on = _taken_back(zone, as_of)
        at = np.searchsorted(self.ids, gone)
        known = np.append(self.ids, NOTHING)[at] == gone
        self.taken_back[at[known]] = on[known]

    def count(self, code: str) -> int:
        of_code = self.currency == self.currencies.index(code)
        return int((of_code & np.isnat(self.taken_back)).sum())


def _taken_back(zone: str, as_of: date | None) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """The ids of orders that were wholly taken back by then and of what took them back, and the day of each."""
    instant = _epoch("o.taken_back_at")
    rows = _rows(
        f"SELECT o.id, {instant} FROM customers_purchase o WHERE o.taken_back_at IS NOT NULL"  # noqa: S608 - `instant` is one of ours
        f" UNION ALL SELECT r.id, {instant} FROM customers_purchase o"
        " JOIN customers_purchase r ON r.reverses_id = o.id WHERE o.taken_back_at IS NOT NULL"
    )
    gone = np.array([row for batch in rows for row in batch], dtype=np.int64).reshape(-1, 2)
    on = local_days(gone[:, 1], zone)
    known = np.full(len(gone), True) if as_of is None else on <= np.datetime64(as_of)
    return gone[known, 0], on[known]


def local_days(seconds: np.ndarray[Any, Any], zone: str) -> np.ndarray[Any, Any]:
    """Calendar days in `zone` of instants in epoch seconds; the zone's offset is looked up once per hour that occurs."""
    hours, where = np.unique(seconds // 3600, return_inverse=True)
    info = ZoneInfo(zone)
    offsets = [int(datetime.fromtimestamp(int(h) * 3600, info).utcoffset().total_seconds()) for h in hours]  # type: ignore[union-attr]
    local = seconds + np.array(offsets, dtype=np.int64)[where] if len(seconds) else seconds
    return (local // 86_400).astype("datetime64[D]")


def _line_chunks() -> Iterator[tuple[np.ndarray[Any, Any], ...]]:
    sql = (
        f"SELECT purchase_id, COALESCE(product_id, {NOTHING}), amount_minor, COALESCE(cost_minor, {NOTHING})"  # noqa: S608
        " FROM customers_purchaseline"
    )
    for rows in _rows(sql):
        flat = np.fromiter(chain.from_iterable(rows), dtype=np.int64, count=4 * len(rows)).reshape(-1, 4)
        yield flat[:, 0], flat[:, 1], flat[:, 2], flat[:, 3]


def _epoch(column: str) -> str:
    """Whole seconds since 1970 of an instant, in the database's own words."""
    if connection.vendor == "sqlite":
        return f"unixepoch({column})"
    return f"CAST(FLOOR(EXTRACT(EPOCH FROM {column})) AS bigint)"


def _rows(sql: str) -> Iterator[list[tuple[Any, ...]]]:
    """In chunks; on PostgreSQL through a named cursor, so that the server does not send everything at once."""
    connection.ensure_connection()
    if connection.vendor == "postgresql":
        with transaction.atomic(), connection.connection.cursor(name="liuke_mirror") as cursor:
            cursor.itersize = CHUNK
            cursor.execute(sql)
            while rows := cursor.fetchmany(CHUNK):
                yield rows
        return
    raw = connection.connection.cursor()
    try:
        raw.execute(sql)
        while rows := raw.fetchmany(CHUNK):
            yield rows
    finally:
        raw.close()


def _column(sql: str) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return [row[0] for row in cursor.fetchall()]


def margins(file: Path, *, as_of: date, months: int) -> dict[int, float]:
    """Sales less cost of each customer over the `months` before `as_of`; a line without a cost counts as costing nothing."""
    rows = duckdb.execute(
        "SELECT customer, sum(amount - coalesce(cost, 0)) FROM read_parquet(?)"
        ' WHERE taken_back IS NULL AND "on" <= ? AND "on" > ?::DATE - to_months(?) GROUP BY customer',
        [str(file), as_of, as_of, months],
    ).fetchall()
    return dict(rows)


def costed_share(file: Path) -> float:
    """How much of the sales comes with a cost, 0 to 1."""
    ((costed, sold),) = duckdb.execute(
        "SELECT sum(amount) FILTER (cost IS NOT NULL), sum(amount) FROM read_parquet(?)"
        " WHERE taken_back IS NULL AND amount > 0",
        [str(file)],
    ).fetchall()  # all of it: a result that is not read to its end keeps the connection from the next one
    return float(costed or 0) / float(sold) if sold else 0.0


def sales_before(purchases: insight.Purchases, day: date, *, window_days: int) -> pa.Table:
    """customer, sales and last_on of everybody who bought within the window that ends on `day`, by customer."""
    days = purchases.days
    seen = days.filter((days.on <= day) & (days.on > day - timedelta(days=window_days)))
    each = seen.group_by("customer").aggregate(
        sales=seen.value.sum(), last_on=seen.on.max(where=seen.bought), bought=seen.bought.any()
    )
    found: pa.Table = purchases.engine.fetch(each.filter(each.bought).order_by("customer"))
    return found


def months(purchases: insight.Purchases, until: date) -> pa.Table:
    """customer and month (months since year 0) of every month with a purchase: what retention by cohort is made of."""
    days = purchases.days
    bought = days.filter(days.bought & (days.on <= until))
    month = (bought.on.year() * 12 + bought.on.month() - 1).cast("int32")
    each = bought.mutate(month=month)[["customer", "month"]].distinct()
    found: pa.Table = purchases.engine.fetch(each.order_by(["customer", "month"]))
    return found
