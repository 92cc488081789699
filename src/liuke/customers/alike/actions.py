"""Pairs of customers who may be one, over the whole base: blocks in DuckDB, names by rapidfuzz, a column at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any, Final, TypeAlias

import duckdb
import numpy as np

from liuke.customers.alike.rules import (
    ENOUGH,
    ENOUGH_TYPED,
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
    sentences,
    slips_between,
    traits,
    weigh,
)
from liuke.customers.records.actions import find_duplicates
from liuke.customers.records.models import ContactPoint, Customer, CustomerSearch
from liuke.customers.records.rules import Unfit, normal_point
from liuke.platform.models import User
from liuke.tabular.arrow import pa

CHUNK: Final = 50_000
PAIRS_AT_ONCE: Final = 250_000
MOST_SEEN: Final = 300  # looked at more closely for one who is being typed in
MOST_MET: Final = 5  # shown
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


def compared(batch: Any, *, least: float = ENOUGH) -> Iterator[Likeness]:
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
    for place in np.flatnonzero(points >= least):
        yield Likeness(
            int(number["first"][place]),
            int(number["second"][place]),
            int(scores[place]),
            int(number["shared"][place]),
            float(pairs.names[place]),
            int(number["city"][place]),
            float(pairs.slips[place]),
        )


# --- one who is being typed in ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Typed:
    """A customer before he is saved; `points` are (kind, value) as typed."""

    name: str
    kind: str = "enterprise"
    country: str = ""
    city: str = ""
    address: str = ""
    points: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True)
class Met:
    """Who is there already: `total` of all, `visible` those whom one may read, each with what speaks for it.

    Of the others nothing is told but whom to ask: `keepers` are the colleagues among their owners whom one knows anyway.
    """

    total: int
    visible: list[tuple[Customer, list[str]]]
    hidden: int  # out of one's reach
    keepers: list[User]


def meet(typed: Typed, *, user: User) -> Met:
    """Whoever has the same number, address or name as in records, and whoever is as alike as the night proposes."""
    same = find_duplicates(
        user=user, name=typed.name, points=typed.points, country=typed.country, limit=MOST_MET
    )
    one = traits(typed.name, kind=typed.kind, city=typed.city, address=typed.address)
    ways = dict(filter(None, (_way(kind, value, typed.country) for kind, value in typed.points)))
    near = {found.second: found for found in _near(one, ways)}
    ids = same.ids | near.keys()
    known = {
        row.pk: row for row in Customer.objects.for_user(user).filter(pk__in=ids).select_related("owner")
    }
    order = sorted(known, key=lambda pk: (-(near[pk].score if pk in near else 0), pk))[:MOST_MET]
    told = [(known[pk], sentences(near[pk].reasons) if pk in near else []) for pk in order]
    unseen = ids - known.keys()
    return Met(len(ids), told, len(unseen), _keepers(unseen, user))


def reached_elsewhere(points: Sequence[tuple[str, str]], customer: Customer, *, user: User) -> Met:
    """The other customers at whom one of these numbers or addresses is noted: a person may be known there already."""
    ways = dict(filter(None, (_way(kind, value, customer.country) for kind, value in points)))
    rows = ContactPoint.objects.filter(normal__in=list(ways)).exclude(customer=customer)
    shared: dict[int, int] = {}
    for pk, normal in rows.values_list("customer_id", "normal")[:MOST_SEEN]:
        shared[pk] = shared.get(pk, 0) | int(ways[normal])
    known = list(Customer.objects.for_user(user).filter(pk__in=shared).select_related("owner"))
    told = [(one, sentences(reasons(shared[one.pk], name=0, city=0, slips=-1))) for one in known[:MOST_MET]]
    unseen = shared.keys() - {one.pk for one in known}
    return Met(len(shared), told, len(unseen), _keepers(unseen, user))


def _keepers(ids: Iterable[int], user: User) -> list[User]:
    owners = Customer.objects.filter(pk__in=list(ids)).order_by().values("owner")
    return list(User.objects.visible_to(user).active().filter(pk__in=owners).order_by("name")[:MOST_MET])


def _way(kind: str, value: str, country: str) -> tuple[str, Same] | None:
    try:
        key = point_key(kind, normal_point(kind, value, country))
    except Unfit:
        return None  # the form says so beside the field
    return (key[1], key[0]) if key else None


def _near(one: Traits, ways: Mapping[str, Same]) -> Iterator[Likeness]:
    """Those in whose line the name stands, as it is written or sounds, or half of it; weighed as at night."""
    if not one.core:
        return
    ids: set[int] = set(
        ContactPoint.objects.filter(normal__in=list(ways)).values_list("customer_id", flat=True)[:MOST_SEEN]
    )
    halves = [key[:-1] for what, key in name_keys(replace(one, is_firm=True)) if what is Same.HALF]
    for asked in (one.sound, *(half for half in halves if half != one.city)):
        lines = CustomerSearch.objects.filter(text__holds=[asked])
        ids |= set(lines.values_list("customer_id", flat=True)[:MOST_SEEN])
    held = Customer.objects.filter(pk__in=ids).values_list("pk", "name", "kind", "city", "address")
    others = [
        (pk, traits(name, kind=kind, city=city, address=address)) for pk, name, kind, city, address in held
    ]
    shared: dict[int, int] = {}
    rung: dict[int, str] = {}
    for pk, kind, normal in ContactPoint.objects.filter(customer__in=ids).values_list(
        "customer_id", "kind", "normal"
    ):
        if (key := point_key(kind, normal)) is not None:
            if ways.get(key[1]) is not None:
                shared[pk] = shared.get(pk, 0) | int(key[0])
            if key[0] is Same.MOBILE:
                rung[pk] = min(rung.get(pk, key[1]), key[1])
    called = min((number for number, what in ways.items() if what is Same.MOBILE), default="")
    here = one.address.removeprefix(one.city)
    rows = [
        {
            "first": 0, "second": pk, "shared": shared.get(pk, 0) | _located(here, other),
            "core": one.core, "other": other.core, "sound": one.sound, "heard": other.sound,
            "here": here, "there": other.address.removeprefix(other.city), "called": called, "rung": rung.get(pk, ""),
            "firms": one.is_firm and other.is_firm, "short": is_short(one.core) or is_short(other.core),
            "kinds": one.is_firm != other.is_firm,
            "figures": bool(one.figures and other.figures and one.figures != other.figures),
            "city": 0 if not (one.city and other.city) else 1 if one.city == other.city else -1,
        }
        for pk, other in others
    ]  # fmt: skip
    if rows:
        yield from compared(pa.RecordBatch.from_pylist(rows), least=ENOUGH_TYPED)


def _located(here: str, other: Traits) -> int:
    return int(Same.ADDRESS) if here and here == other.address.removeprefix(other.city) else 0
