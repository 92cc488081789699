"""Pairs of customers who may be one, over the whole base: blocks in DuckDB, names by rapidfuzz, a column at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Final, TypeAlias

import duckdb
import numpy as np

from liuke.customers.alike.rules import (
    ENOUGH,
    Compared,
    Same,
    Traits,
    alike_addresses,
    alike_names,
    is_short,
    name_keys,
    point_key,
    reasons,
    score,
    slips_between,
    traits,
    weigh,
)
from liuke.customers.records.models import ContactPoint, Customer
from liuke.tabular.arrow import pa

CHUNK: Final = 50_000
PAIRS_AT_ONCE: Final = 250_000
MOST_ALIKE: Final = 40  # who share one key; a switchboard or a name of more tells nobody apart
SETTINGS: Final[dict[str, Any]] = {
    "memory_limit": "1GB",
    "preserve_insertion_order": "false",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
}
TABLES: Final = """
    CREATE TABLE one (id BIGINT, core VARCHAR, sound VARCHAR, firm BOOLEAN, short BOOLEAN, city VARCHAR, figures VARCHAR,
        address VARCHAR);
    CREATE TABLE number (id BIGINT, number VARCHAR);
    CREATE TABLE key (id BIGINT, what USMALLINT, value UBIGINT);
"""
# Who shares a key with not too many others, each pair once with all that it shares.
SHARED: Final = """
    CREATE TABLE pair AS
    WITH few AS (
        SELECT what, value FROM key GROUP BY what, value HAVING count(*) BETWEEN 2 AND {most}
    ), held AS (SELECT DISTINCT key.id, key.what, key.value FROM key JOIN few USING (what, value))
    SELECT a.id AS first, b.id AS second, bit_or(a.what) AS shared
    FROM held a JOIN held b ON a.what = b.what AND a.value = b.value AND a.id < b.id
    GROUP BY first, second
"""
COMPARED: Final = """
    WITH mobile AS (SELECT id, min(number) AS number FROM number GROUP BY id)
    SELECT p.first, p.second, p.shared, a.core AS core, b.core AS other, a.sound AS sound, b.sound AS heard,
        a.firm AND b.firm AS firms, a.short OR b.short AS short, a.firm <> b.firm AS kinds,
        a.address AS here, b.address AS there, coalesce(m.number, '') AS called, coalesce(n.number, '') AS rung,
        a.figures <> '' AND b.figures <> '' AND a.figures <> b.figures AS figures,
        CASE WHEN a.city = '' OR b.city = '' THEN 0 WHEN a.city = b.city THEN 1 ELSE -1 END AS city
    FROM pair p JOIN one a ON a.id = p.first JOIN one b ON b.id = p.second
    LEFT JOIN mobile m ON m.id = p.first LEFT JOIN mobile n ON n.id = p.second
"""

TEXTS: Final = ("core", "other", "sound", "heard", "here", "there", "called", "rung")
NUMBERS: Final = ("first", "second", "shared", "firms", "short", "kinds", "figures", "city")

Record: TypeAlias = tuple[int, str, str, str, str]  # id, name, kind, city, address
Point: TypeAlias = tuple[int, str, str]  # customer, kind, normal form
Progress: TypeAlias = Callable[[int, str], None]


@dataclass(frozen=True, slots=True)
class Likeness:
    """Two who may be one; `first` has the lower id."""

    first: int
    second: int
    score: int
    shared: int
    name: float
    city: int
    slips: float

    @property
    def reasons(self) -> list[dict[str, Any]]:
        return reasons(self.shared, name=self.name, city=self.city, slips=self.slips)


def base() -> tuple[Iterator[Record], Iterator[Point]]:
    """Everybody, as the database has them."""
    customers = Customer.objects.order_by().values_list("pk", "name", "kind", "city", "address")
    points = ContactPoint.objects.order_by().values_list("customer_id", "kind", "normal")
    return customers.iterator(chunk_size=CHUNK), points.iterator(chunk_size=CHUNK)


def likenesses(
    records: Iterable[Record],
    points: Iterable[Point],
    *,
    folder: Path | None = None,
    threads: int = 2,
    progress: Progress = lambda done, what: None,
) -> Iterator[Likeness]:
    """All pairs from ENOUGH points on. What does not fit into memory goes to `folder`."""
    bench = duckdb.connect(config=SETTINGS | ({"temp_directory": str(folder)} if folder else {}))
    try:
        bench.execute(f"SET threads = {threads:d}; SET enable_progress_bar = false")
        bench.execute(TABLES)
        _fill(bench, records, points, progress)
        bench.execute(SHARED.format(most=MOST_ALIKE))
        progress(0, "comparing")
        reader = bench.sql(COMPARED).to_arrow_reader(PAIRS_AT_ONCE)
        for batch in reader:
            yield from compared(batch)
    finally:
        bench.close()


def _fill(bench: Any, records: Iterable[Record], points: Iterable[Point], progress: Progress) -> None:
    done = 0
    waiting = iter(records)
    while chunk := list(islice(waiting, CHUNK)):
        seen = [
            (pk, traits(name, kind=kind, city=city, address=address))
            for pk, name, kind, city, address in chunk
        ]
        _insert_traits(bench, seen)
        _insert_keys(bench, ((pk, *key) for pk, one in seen for key in name_keys(one)))
        done += len(chunk)
        progress(done, "reading")
    held = iter(points)
    while some := list(islice(held, CHUNK)):
        keys = ((pk, point_key(kind, normal)) for pk, kind, normal in some)
        _insert_keys(bench, ((pk, *key) for pk, key in keys if key is not None))
        progress(done, "reading")


def _insert_traits(bench: Any, seen: list[tuple[int, Traits]]) -> None:
    table = pa.table(
        {
            "id": pa.array([pk for pk, _ in seen], pa.int64()),
            "core": [one.core for _, one in seen],
            "sound": [one.sound for _, one in seen],
            "firm": [one.is_firm for _, one in seen],
            "short": [is_short(one.core) for _, one in seen],
            "city": [one.city for _, one in seen],
            "figures": [one.figures for _, one in seen],
            "address": [one.address.removeprefix(one.city) for _, one in seen],
        }
    )
    bench.register("chunk", table)
    bench.execute("INSERT INTO one SELECT * FROM chunk")
    bench.unregister("chunk")


def _insert_keys(bench: Any, keys: Iterable[tuple[int, Same, str]]) -> None:
    rows = list(keys)
    table = pa.table(
        {
            "id": pa.array([pk for pk, _, _ in rows], pa.int64()),
            "what": pa.array([int(what) for _, what, _ in rows], pa.uint16()),
            "value": pa.array([value for _, _, value in rows], pa.string()),
        }
    )
    bench.register("chunk", table)
    bench.execute("INSERT INTO key SELECT id, what, hash(value) FROM chunk")
    bench.execute(f"INSERT INTO number SELECT id, value FROM chunk WHERE what = {int(Same.MOBILE)}")  # noqa: S608 - a number of ours
    bench.unregister("chunk")


def compared(batch: Any) -> Iterator[Likeness]:
    """Those of a batch (the columns of COMPARED) that have points enough."""
    column: Mapping[str, Any] = {name: batch.column(place) for place, name in enumerate(batch.schema.names)}
    text = {name: column[name].to_pylist() for name in TEXTS}
    number = {name: column[name].to_numpy(zero_copy_only=False) for name in NUMBERS}
    pairs = Compared(
        names=alike_names(text["core"], text["other"], text["sound"], text["heard"]),
        addresses=alike_addresses(text["here"], text["there"]),
        slips=slips_between(text["called"], text["rung"]),
        **{name: number[name] for name in ("shared", "firms", "short", "city", "figures", "kinds")},
    )
    points = weigh(pairs)
    scores = score(points)
    for place in np.flatnonzero(points >= ENOUGH):
        yield Likeness(
            int(number["first"][place]),
            int(number["second"][place]),
            int(scores[place]),
            int(number["shared"][place]),
            float(pairs.names[place]),
            int(number["city"][place]),
            float(pairs.slips[place]),
        )
