"""What a staged purchase log would change in the database, and which order each return in it takes back."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from django.apps import apps
from django.db.models import QuerySet

from liuke.customers.comparing.rules import Line, Outcome, Reversal, Sale, holds_all, match_reversals, outcome
from liuke.customers.former.actions import numbers_now
from liuke.customers.naming.actions import Named, whom
from liuke.customers.purchases.models import Purchase, PurchaseLine
from liuke.customers.reading.rules import Told
from liuke.customers.records.models import Customer
from liuke.customers.sorting.actions import fetch, keep, kept, values, workbench
from liuke.platform.access.rules import Scope
from liuke.platform.bulk.rules import pieces
from liuke.platform.preferences.actions import get
from liuke.tabular.arrow import Array, Table, pa

if TYPE_CHECKING:
    from liuke.platform.models import User

PIECE: Final = 1_000  # values named in one query


@dataclass(frozen=True, slots=True)
class Booked:
    """What a portion leaves to be remembered: rows it replaced, orders of which it could bring a part only."""

    replaced: list[Replaced]
    parts: list[tuple[str, bytes]] = field(default_factory=list)  # number and digest


@dataclass(frozen=True, slots=True)
class Replaced:
    """A row as it was before the import changed it."""

    subject_type: str
    subject_id: int
    before: dict[str, Any]


class Stage:
    """The Arrow files of a staged purchase log, mapped into memory."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @cached_property
    def columns(self) -> dict[str, str]:
        """Which field of the log came from which column."""
        found: dict[str, str] = json.loads((self.folder / "fields.json").read_text())
        return found

    @property
    def by_name(self) -> bool:
        """A log without customer numbers: what stands for a number in it is the customer's name."""
        return "customer" not in self.columns

    @cached_property
    def orders(self) -> Table:
        return self._known(kept(self.folder / "orders.arrow"), "customer")

    @cached_property
    def lines(self) -> Table:
        return kept(self.folder / "lines.arrow")

    def lines_of(self, place: int) -> list[Line]:
        order = self.orders.slice(place, 1).to_pylist()[0]
        lines = self.lines.slice(order["first_line"], order["line_count"]).to_pylist()
        codes = self.products["code"]
        return [
            (
                None if line["product"] is None else codes[line["product"]].as_py(),
                line["quantity"],
                line["amount"],
                line["cost"],
            )
            for line in lines
        ]

    @cached_property
    def products(self) -> Table:
        return kept(self.folder / "products.arrow")

    @cached_property
    def customers(self) -> Table:
        return self._known(kept(self.folder / "customers.arrow"), "number")

    def _known(self, table: Table, column: str) -> Table:
        """With the number of the customer in place of his name, where the comparison has found whom it means."""
        path = self.folder / "named.arrow"
        if not path.exists():
            return table
        named = kept(path)
        numbers = dict(zip(values(named, "name"), values(named, "number"), strict=True))
        known = pa.array([numbers.get(value, value) for value in values(table, column)], pa.string())
        changed: Table = table.set_column(table.column_names.index(column), column, known)
        return changed

    @cached_property
    def plan(self) -> Table:
        """The orders that are to be written, in the order of time, and what each takes back."""
        return kept(self.folder / "plan.arrow")


def compare_purchases(folder: Path, by: User | None) -> dict[str, int]:
    """Compares the stage with the database, leaves plan.arrow beside it and gives the counts, in rows of the file."""
    stage = Stage(folder)
    several = _meet_by_name(stage, by)
    orders = stage.orders
    numbers, digests = values(orders, "number"), values(orders, "digest")
    known = _known_digests(numbers)
    reached = _within_reach(stage, by, numbers, known)
    parts = _parts([n for n, digest in zip(numbers, digests, strict=True) if known.get(n, digest) != digest])
    outcomes = [
        outcome(number, digest, known, parts) if inside else Outcome.OUT_OF_REACH
        for number, digest, inside in zip(numbers, digests, reached, strict=True)
    ]
    for place, customer in enumerate(values(orders, "customer") if several else []):
        if customer in several and outcomes[place] in WRITTEN:
            outcomes[place] = Outcome.UNCLEAR
    for place in [i for i, what in enumerate(outcomes) if what is Outcome.COMPLETED]:
        if holds_all(stage.lines_of(place), _lines_before(numbers[place])):
            outcomes[place] = Outcome.CHANGED  # the whole order once more
    todo = [i for i, what in enumerate(outcomes) if what in WRITTEN]
    taken_back = _reversed_orders(stage, todo, numbers)
    plan = {
        "place": pa.array(todo, pa.int64()),
        "reverses": [taken_back.get(i) for i in todo],
        "adds": [outcomes[i] is Outcome.COMPLETED for i in todo],
    }
    keep(pa.table(plan, schema=PLAN), stage.folder / "plan.arrow")
    left = {i: what for i, what in enumerate(outcomes) if what in LEFT_OUT}
    _keep_left_out(stage, left, several)
    strangers = _strangers(stage, plan["place"])
    told = {**_names_told(stage, strangers, several), **_rates_told(stage, plan["place"])}
    (folder / "remarks.json").write_text(json.dumps({code: one.to_dict() for code, one in told.items()}))
    return _counts(stage, outcomes) | {"customers_created": strangers}


def _meet_by_name(stage: Stage, by: User | None) -> dict[str, list[str]]:
    """Leaves named.arrow where names tell customers apart; gives the names that several customers bear.

    The number of a customer who was merged into another means the other.
    """
    path = stage.folder / "named.arrow"
    path.unlink(missing_ok=True)
    given = values(kept(stage.folder / "customers.arrow"), "number")
    merged = numbers_now(given)
    if not stage.by_name and not merged:
        return {}
    named = whom(given, by) if stage.by_name else Named()
    numbers = named.numbers | merged
    columns = [pa.array(list(part), pa.string()) for part in (numbers, numbers.values())]
    keep(pa.table(columns, names=["name", "number"]), path)
    return named.several


def _names_told(stage: Stage, created: int, several: Mapping[str, object]) -> dict[str, Told]:
    if not stage.by_name:
        return {}
    rows = sum(values(stage.orders, "row_count"))
    known = kept(stage.folder / "named.arrow").num_rows
    params: dict[str, str | int] = {"known": known, "created": created, "several": len(several)}
    return {"names_for_numbers": Told(rows, stage.columns.get("customer_name", ""), params=params)}


def _rates_told(stage: Stage, places: Array) -> dict[str, Told]:
    """Orders in a currency whose worth nobody has said: they come in, but no figure can count them."""
    rates: Mapping[str, object] = get("money.rates")
    orders = Counter(values(stage.orders.select(["currency"]).take(places), "currency"))
    unrated = {c: n for c, n in orders.items() if c != get("company.currency") and c not in rates}
    if not unrated:
        return {}
    column = stage.columns.get("currency", "")
    params: dict[str, str | int] = {"company": get("company.currency")}
    return {"rate_missing": Told(sum(unrated.values()), column, sorted(unrated), params=params)}


def _counts(stage: Stage, outcomes: Sequence[Outcome]) -> dict[str, int]:
    of_rows: Counter[Outcome] = Counter()
    of_orders, aside = Counter(outcomes), 0
    left = of_orders[Outcome.OUT_OF_REACH] + of_orders[Outcome.UNCLEAR]
    rows, customers = values(stage.orders, "row_count"), values(stage.orders, "customer")
    for what, count, customer in zip(outcomes, rows, customers, strict=True):
        of_rows[what] += count
        if customer is None and what not in LEFT_OUT:
            aside += count
    return {
        "created": of_rows[Outcome.NEW] + of_rows[Outcome.COMPLETED],
        "updated": of_rows[Outcome.CHANGED],
        "unchanged": of_rows[Outcome.UNCHANGED],
        "out_of_reach": of_rows[Outcome.OUT_OF_REACH] + of_rows[Outcome.UNCLEAR],
        "orders": len(outcomes) - left,
        "orders_created": of_orders[Outcome.NEW],
        "orders_updated": of_orders[Outcome.CHANGED] + of_orders[Outcome.COMPLETED],
        "aside": aside,
    }


WRITTEN: Final = frozenset({Outcome.NEW, Outcome.CHANGED, Outcome.COMPLETED})
LEFT_OUT: Final = frozenset({Outcome.OUT_OF_REACH, Outcome.UNCLEAR})
PLAN: Final = pa.schema([("place", pa.int64()), ("reverses", pa.string()), ("adds", pa.bool_())])


def _known_digests(numbers: Sequence[str]) -> dict[str, bytes | None]:
    known: dict[str, bytes | None] = {}
    if Purchase.objects.exists():
        for piece in pieces(numbers, PIECE):
            found = Purchase.objects.filter(number__in=piece).values_list("number", "digest")
            known.update((number, bytes(digest) if digest is not None else None) for number, digest in found)
    return known


def _parts(numbers: Sequence[str]) -> dict[str, frozenset[bytes]]:
    rows = apps.get_model("customers", "ImportPart").objects.exclude(
        batch__state="undone"
    )  # by name: it lies above
    found: dict[str, frozenset[bytes]] = {}
    for piece in pieces(numbers, PIECE):
        for number, digest in rows.filter(number__in=piece).values_list("number", "digest"):
            found[number] = found.get(number, frozenset()) | {bytes(digest)}
    return found


def _lines_before(number: str) -> list[Line]:
    rows = PurchaseLine.objects.filter(purchase__number=number)
    return list(rows.values_list("product__code", "quantity_milli", "amount_minor", "cost_minor"))


def _within_reach(
    stage: Stage, by: User | None, numbers: Sequence[str], known: Mapping[str, object]
) -> list[bool]:
    """Whether `by` may write the order: neither it nor its customer belongs to people outside his scope."""
    if by is None or by.role.write_scope == Scope.ALL:
        return [True] * len(numbers)
    mine = Customer.objects.writable_by(by)
    foreign_customers = _outside(
        Customer.objects.exclude(pk__in=mine.values("pk")), values(stage.customers, "number")
    )
    others = Purchase.objects.exclude(customer__in=mine.values("pk"))  # those without a customer too
    foreign_orders = _outside(others, [n for n in numbers if n in known])
    customers = values(stage.orders, "customer")
    return [
        n not in foreign_orders and c not in foreign_customers
        for n, c in zip(numbers, customers, strict=True)
    ]


def _outside(rows: QuerySet[Any], numbers: Sequence[str]) -> set[str]:
    return {
        n
        for piece in pieces(numbers, PIECE)
        for n in rows.filter(number__in=piece).values_list("number", flat=True)
    }


def _keep_left_out(stage: Stage, left: Mapping[int, Outcome], several: Mapping[str, Sequence[str]]) -> None:
    """The rows of orders that may not be written, or whose customer is not clear, for the rejects file."""
    orders = stage.orders.take(pa.array(list(left), pa.int64()))
    column = stage.columns.get("customer_name", "customer") if stage.by_name else "customer"
    found = []
    for order, what in zip(orders.to_pylist(), left.values(), strict=True):
        rows = stage.lines.slice(order["first_line"], order["line_count"])["row"].to_pylist()
        params = {"number": order["number"]}
        if what is Outcome.UNCLEAR:
            params["known"] = ", ".join(several[order["customer"]][:5])
        found += [
            {
                "row": row,
                "field": column,
                "code": "name_of_several" if what is Outcome.UNCLEAR else "out_of_reach",
                "value": order["customer"],
                "params": json.dumps(params, ensure_ascii=False),
            }
            for row in dict.fromkeys(rows)
        ]
    schema = pa.schema(
        [("row", pa.int64()), *((n, pa.string()) for n in ("field", "code", "value", "params"))]
    )
    keep(pa.Table.from_pylist(found, schema=schema), stage.folder / "out_of_reach.arrow")


def _strangers(stage: Stage, places: Array) -> int:
    """Customers that the plan names and nobody knows yet."""
    named = set(values(stage.orders.select(["customer"]).take(places), "customer")) - {None}
    return len(named) - len(known_ids(Customer.objects.all(), "number", sorted(named)))


def keeper(by: User | None) -> tuple[int | None, int | None]:
    """Owner and team of a customer that `by` brings: so that whoever sees only his own sees them."""
    if by is None or by.role.write_scope == Scope.ALL:
        return None, None
    return (by.pk if by.role.write_scope == Scope.OWN else None), by.team_id


def known_ids(rows: QuerySet[Any], column: str, values: Sequence[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for piece in pieces(values, PIECE):
        found.update(rows.filter(**{f"{column}__in": piece}).values_list(column, "pk"))
    return found


def _reversed_orders(stage: Stage, todo: Sequence[int], numbers: Sequence[str]) -> dict[int, str]:
    """By place in the stage: the number of the order that the entry takes back."""
    orders = (
        stage.orders.select(["kind", "customer", "reverses"]).take(pa.array(todo, pa.int64())).to_pylist()
    )
    found = {place: order["reverses"] for place, order in zip(todo, orders, strict=True) if order["reverses"]}
    open_places = [
        place
        for place, order in zip(todo, orders, strict=True)
        if order["kind"] in {"refund", "cancellation"}
        and order["customer"] is not None
        and place not in found
    ]
    if not open_places:
        return found
    with workbench(stage.folder) as bench:
        for name in ("orders", "lines", "products"):
            bench.register(name, getattr(stage, name))
        bench.register("chosen", pa.table({"place": pa.array(open_places, pa.int64())}))
        bench.execute(_RETURNED)
        reversals = list(_reversals(fetch(bench, "SELECT * FROM returned ORDER BY instant, place")))
        sales = [Sale(*row) for row in bench.execute(_CANDIDATES).fetchall()]
    wanted = {(r.customer, product) for r in reversals for product in r.quantities}
    sales += _sales_before(wanted, set(numbers))
    place_of = {number: place for place, number in enumerate(numbers)}
    found.update({place_of[entry]: target for entry, target in match_reversals(sales, reversals).items()})
    return found


_RETURNED: Final = """
    CREATE TABLE returned AS
    SELECT o.place, o.number, o.customer, o.instant, p.code, sum(-l.quantity)::BIGINT AS quantity
    FROM orders o JOIN chosen USING (place) JOIN lines l USING (place)
    JOIN (SELECT *, row_number() OVER () - 1 AS product FROM products) p USING (product)
    WHERE p.kind <> 'charge' AND l.quantity < 0
    GROUP BY ALL
"""
_CANDIDATES: Final = """
    WITH pairs AS (SELECT DISTINCT customer, code FROM returned)
    SELECT o.customer, p.code, o.instant, o.number, sum(l.quantity)::BIGINT
    FROM orders o JOIN lines l USING (place)
    JOIN (SELECT *, row_number() OVER () - 1 AS product FROM products) p USING (product)
    JOIN pairs ON pairs.customer = o.customer AND pairs.code = p.code
    WHERE o.kind = 'order' AND l.quantity > 0
    GROUP BY ALL
"""


def _reversals(returned: Table) -> Iterator[Reversal]:
    entries: dict[str, Reversal] = {}
    for row in returned.to_pylist():
        entry = entries.setdefault(
            row["number"], Reversal(row["number"], row["customer"], row["instant"], {})
        )
        entry.quantities[row["code"]] = row["quantity"]
    yield from entries.values()


def _sales_before(wanted: set[tuple[str, str]], staged: set[str]) -> list[Sale]:
    """What these customers bought of these products in earlier imports, less what was taken back since."""
    if not Purchase.objects.exists():
        return []
    sold: Counter[tuple[str, str, str, datetime]] = Counter()
    back: Counter[tuple[str, str]] = Counter()
    for piece in pieces(sorted({customer for customer, _ in wanted}), 200):
        lines = PurchaseLine.objects.filter(purchase__customer__number__in=piece).values_list(*_SOLD)
        for customer, code, number, at, kind, reverses, quantity in lines.iterator(chunk_size=5_000):
            if (customer, code) not in wanted or number in staged:
                continue
            if kind == "order" and quantity > 0:
                sold[customer, code, number, at] += quantity
            elif reverses and quantity < 0:
                back[reverses, code] -= quantity
    return [
        Sale(customer, code, round(at.timestamp() * 1_000_000), number, quantity - back[number, code])
        for (customer, code, number, at), quantity in sold.items()
    ]


_SOLD: Final = (
    "purchase__customer__number",
    "product__code",
    "purchase__number",
    "purchase__at",
    "purchase__kind",
    "purchase__reverses__number",
    "quantity_milli",
)
