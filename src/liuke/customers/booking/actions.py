"""Staged orders into the database, portion by portion. Each portion is the caller's transaction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import repeat
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from liuke.catalog.models import Product
from liuke.customers.booking.rules import Integers, correction_facts, portion, purchase_fact
from liuke.customers.comparing.actions import PIECE, Booked, Replaced, Stage, keeper, known_ids
from liuke.customers.facts.actions import record_many
from liuke.customers.facts.rules import FactKind, NewFact
from liuke.customers.naming.actions import free_numbers
from liuke.customers.purchases.actions import settle_reversals
from liuke.customers.purchases.models import Purchase, PurchaseLine
from liuke.customers.records.actions import follow_change
from liuke.customers.records.models import Customer
from liuke.customers.sorting.actions import values
from liuke.customers.wording.rules import country_code
from liuke.platform.bulk.actions import insert_rows, reserve_ids
from liuke.platform.bulk.rules import pieces
from liuke.tabular.arrow import Column, Table, pa

if TYPE_CHECKING:
    from liuke.platform.models import User

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
PURCHASE: Final = (
    "id", "number", "kind", "customer_id", "at", "currency", "amount_minor", "goods_minor", "line_count", "product_count",
    "channel", "reverses_id", "digest", "batch_id",
)  # fmt: skip
LINE: Final = ("purchase_id", "product_id", "quantity_milli", "amount_minor", "cost_minor")
DEFAULTS: Final[tuple[Any, ...]] = ("enterprise", "b2b", "", "lead", "", "", "", "", {}, "", 1)
CUSTOMER: Final = (
    "id", "number", "name", "country", "owner_id", "team_id", "batch_id", "created_at",
    "kind", "scope", "purpose", "stage", "source", "province", "city", "address", "profile", "note", "version",
)  # fmt: skip
PRODUCT: Final = ("code", "name", "kind", "category", "batch", "created_at")


class Booking:
    """One staged file on its way into the database. It remembers which customers and products it has met."""

    def __init__(self, folder: Path, *, batch_id: int, by: User | None, now: datetime) -> None:
        stage = Stage(folder)
        self.stage, self.batch_id, self.by, self.now = stage, batch_id, by, now
        self._places: Integers = stage.plan["place"].to_numpy()
        self._reverses: list[str | None] = values(stage.plan, "reverses")
        self._adds: list[bool] = values(stage.plan, "adds")
        self._line_counts: Integers = stage.orders["line_count"].to_numpy()[self._places]
        self._first_lines: Integers = stage.orders["first_line"].to_numpy()[self._places]
        self._customers: dict[str, int] = {}
        self._described: dict[str, tuple[str, str | None]] | None = None
        self._products = np.zeros(stage.products.num_rows, dtype=np.int64)

    def __len__(self) -> int:
        return len(self._places)

    def portion(self, first: int, lines: int) -> int:
        return portion(self._line_counts, first, lines)

    def line_count(self, first: int, last: int) -> int:
        return int(self._line_counts[first:last].sum())

    def book(self, first: int, last: int) -> Booked:
        """Writes the orders of the plan from `first` to before `last`, with all that belongs to them."""
        orders = self._orders(first, last)
        known = self._known(orders)
        lines = self._lines(first, last)
        self._meet_customers(orders)
        self._meet_products(lines)
        new = [order for order in orders if order["number"] not in known]
        self._give_ids(new, orders, known)
        replaced = self._take_out(orders, known)
        self._insert(new, orders, lines)
        facts: list[NewFact] = []
        for order in orders:
            fact = self._fact(order)
            facts += correction_facts(order["told"], fact) if "told" in order else [fact] if fact else []
        record_many(facts, now=self.now)
        changed = {r.subject_id for r in replaced} | {r.before["reverses_id"] for r in replaced}
        reversed_ = {order["reverses_id"] for order in orders}
        settle_reversals((changed | reversed_) - {None}, now=self.now, batch_id=self.batch_id)
        partly = [order for order in orders if order["adds"]]
        return Booked(replaced, [(order["number"], order["part"]) for order in partly])

    def _orders(self, first: int, last: int) -> list[dict[str, Any]]:
        orders: list[dict[str, Any]] = self.stage.orders.take(pa.array(self._places[first:last])).to_pylist()
        planned = zip(orders, self._reverses[first:last], self._adds[first:last], strict=True)
        for order, reverses, adds in planned:
            order["at"] = EPOCH + timedelta(microseconds=order["instant"])
            order["reverses"], order["adds"], order["part"] = reverses, adds, order["digest"]
            order["own_lines"] = order["line_count"]
        return orders

    def _known(self, orders: Sequence[Mapping[str, Any]]) -> dict[str, Purchase]:
        """Those that are in the database already. Asked within the transaction, so nobody gets in between."""
        return {
            p.number: p
            for p in Purchase.objects.filter(number__in=[o["number"] for o in orders]).select_for_update()
        }

    def _lines(self, first: int, last: int) -> Table:
        starts, counts = self._first_lines[first:last], self._line_counts[first:last]
        begin, total = int(starts[0]), int(counts.sum())
        if int(starts[-1] + counts[-1]) - begin == total:  # side by side, as in every first import
            return self.stage.lines.slice(begin, total)
        within = np.arange(total) - np.repeat(np.cumsum(counts) - counts, counts)
        return self.stage.lines.take(pa.array(np.repeat(starts, counts) + within))

    # --- customers and products -------------------------------------------------------------------

    def _meet_customers(self, orders: Iterable[Mapping[str, Any]]) -> None:
        wanted = {
            o["customer"]: o
            for o in orders
            if o["customer"] is not None and o["customer"] not in self._customers
        }
        if not wanted:
            return
        self._customers.update(known_ids(Customer.objects.all(), "number", list(wanted)))
        if self.stage.by_name:  # those whom an earlier portion has made bear the name and a number of ours
            own = Customer.objects.filter(batch=self.batch_id)
            self._customers.update(known_ids(own, "name", [n for n in wanted if n not in self._customers]))
        strangers = [order for number, order in wanted.items() if number not in self._customers]
        if strangers:
            self._customers.update(self._register(strangers))

    def _register(self, strangers: Sequence[Mapping[str, Any]]) -> dict[str, int]:
        """New customers, known by what their orders say. Whoever may see only his own people gets them."""
        names = self._names([order["customer"] for order in strangers])
        ids = reserve_ids(Customer, len(strangers))
        given = [None if self.stage.by_name else order["customer"] for order in strangers]
        rows = []
        for pk, number, order in zip(ids, free_numbers(ids, given=given), strangers, strict=True):
            name, country = names[order["customer"]]
            rows.append(
                (
                    pk,
                    number,
                    name,
                    country_code(country),
                    *keeper(self.by),
                    self.batch_id,
                    self.now,
                    *DEFAULTS,
                )
            )
        insert_rows(Customer, CUSTOMER, rows)
        follow_change(ids)
        facts = [
            NewFact(
                FactKind.REGISTERED,
                pk,
                min(order["at"], self.now),
                actor_id=self._actor,
                batch_id=self.batch_id,
            )
            for pk, order in zip(ids, strangers, strict=True)
        ]
        record_many(facts, now=self.now)
        return {order["customer"]: pk for pk, order in zip(ids, strangers, strict=True)}

    def _names(self, numbers: Sequence[str]) -> dict[str, tuple[str, str | None]]:
        if self._described is None:
            described = self.stage.customers
            columns = (described[name].to_pylist() for name in ("number", "name", "country"))
            self._described = {
                number: (name, country) for number, name, country in zip(*columns, strict=True)
            }
        return {number: self._described[number] for number in numbers}

    def _meet_products(self, lines: Table) -> None:
        used = np.unique(lines["product"].drop_null().to_numpy())
        unmet = used[self._products[used] == 0]
        if not len(unmet):
            return
        products = self.stage.products.take(pa.array(unmet)).to_pylist()
        codes = [product["code"] for product in products]
        known = known_ids(Product.objects.all(), "code", codes)
        rows = [
            (p["code"], p["name"], p["kind"], p["category"], self.batch_id, self.now)
            for p in products
            if p["code"] not in known
        ]
        insert_rows(Product, PRODUCT, rows)
        if rows:
            known.update(known_ids(Product.objects.all(), "code", [row[0] for row in rows]))
        self._products[unmet] = [known[code] for code in codes]

    # --- orders -----------------------------------------------------------------------------------

    def _give_ids(
        self, new: Sequence[dict[str, Any]], orders: Sequence[dict[str, Any]], known: Mapping[str, Purchase]
    ) -> None:
        for order, pk in zip(new, reserve_ids(Purchase, len(new)) if new else [], strict=True):
            order["id"] = pk
        for order in orders:
            if order["number"] in known:
                order["id"] = known[order["number"]].pk
        here = {o["number"]: (o["id"], self._customers.get(o["customer"])) for o in orders}
        elsewhere = [o["reverses"] for o in orders if o["reverses"] and o["reverses"] not in here]
        for piece in pieces(elsewhere, PIECE):
            found = Purchase.objects.filter(number__in=piece).values_list("number", "pk", "customer")
            here.update((number, (pk, customer)) for number, pk, customer in found)
        for order in orders:
            target, whose = here.get(order["reverses"], (None, None))
            # What somebody else bought, or nobody we know, isn't this customer's to give back.
            ours = whose == self._customers.get(order["customer"])
            order["reverses_id"] = target if ours else None
            order["reverses"] = order["reverses"] if ours or target is None else None

    def _take_out(self, orders: Sequence[dict[str, Any]], known: Mapping[str, Purchase]) -> list[Replaced]:
        """Notes what stands in the place of changed orders and empties it."""
        changed = [order for order in orders if order["number"] in known]
        if not changed:
            return []
        lines: dict[int, list[list[int | None]]] = {order["id"]: [] for order in changed}
        rows = PurchaseLine.objects.filter(purchase__in=lines).order_by("id")
        for purchase_id, *line in rows.values_list(*LINE):
            lines[purchase_id].append(line)
        replaced = []
        for order in changed:
            purchase = known[order["number"]]
            before = {
                name: getattr(purchase, name)
                for name in PURCHASE
                if name not in {"id", "number", "digest", "at"}
            }
            before |= {
                "at": purchase.at.isoformat(),
                "digest": bytes(purchase.digest or b"").hex(),
                "lines": lines[purchase.pk],
            }
            replaced.append(Replaced("customers.Purchase", purchase.pk, before))
            order["told"] = self._told(purchase)
            if order["adds"]:
                _add_up(order, purchase)
        rows.exclude(purchase__in=[order["id"] for order in changed if order["adds"]]).delete()
        return replaced

    def _insert(self, new: Sequence[dict[str, Any]], orders: Sequence[dict[str, Any]], lines: Table) -> None:
        insert_rows(Purchase, PURCHASE, [self._purchase_row(order) for order in new])
        for order in orders:
            if "told" in order:
                values = dict(zip(PURCHASE, self._purchase_row(order), strict=True))
                Purchase.objects.filter(pk=order["id"]).update(
                    **{k: v for k, v in values.items() if k not in {"id", "number"}}
                )
        ids = np.repeat([order["id"] for order in orders], [order["own_lines"] for order in orders])
        cost = lines["cost"]
        columns = (
            ids.tolist(),
            self._product_ids(lines["product"]),
            lines["quantity"].to_numpy().tolist(),
            lines["amount"].to_numpy().tolist(),
            repeat(None, len(ids)) if cost.null_count == len(cost) else cost.to_pylist(),
        )
        insert_rows(PurchaseLine, LINE, zip(*columns, strict=True))
        for order in orders:
            if order["adds"]:
                goods = PurchaseLine.objects.filter(purchase=order["id"]).exclude(product__kind="charge")
                Purchase.objects.filter(pk=order["id"]).update(
                    product_count=goods.values("product").distinct().count()
                )

    def _product_ids(self, places: Column) -> list[int | None]:
        if places.null_count == 0:
            return list(self._products[places.to_numpy()].tolist())
        return [None if place is None else int(self._products[place]) for place in places.to_pylist()]

    def _purchase_row(self, order: Mapping[str, Any]) -> tuple[Any, ...]:
        return (
            order["id"], order["number"], order["kind"], self._customers.get(order["customer"]), order["at"], order["currency"],
            order["amount"], order["goods_amount"], order["line_count"], order["product_count"], order["channel"],
            order["reverses_id"], order["digest"], self.batch_id,
        )  # fmt: skip

    # --- the ledger -------------------------------------------------------------------------------

    def _fact(self, order: Mapping[str, Any]) -> NewFact | None:
        customer_id = self._customers.get(order["customer"])
        if customer_id is None:
            return None
        return purchase_fact(
            order,
            customer_id=customer_id,
            purchase_id=order["id"],
            actor_id=self._actor,
            batch_id=self.batch_id,
            reverses=order["reverses"],
        )

    def _told(self, purchase: Purchase) -> NewFact | None:
        """The fact that an entry in the database has told, in the shape of one that this batch would tell."""
        if purchase.customer_id is None:
            return None
        row = {
            "kind": purchase.kind,
            "number": purchase.number,
            "at": purchase.at,
            "currency": purchase.currency,
            "amount": purchase.amount_minor,
            "line_count": purchase.line_count,
            "product_count": purchase.product_count,
            "channel": purchase.channel,
        }
        return purchase_fact(
            row,
            customer_id=purchase.customer_id,
            purchase_id=purchase.pk,
            actor_id=self._actor,
            batch_id=self.batch_id,
            reverses=None,
        )

    @property
    def _actor(self) -> int | None:
        return self.by.pk if self.by else None


def _add_up(order: dict[str, Any], purchase: Purchase) -> None:
    """The rest of an order beside what came in of it before; that part's digest stays, so that its file changes nothing."""
    order["amount"] += purchase.amount_minor
    order["goods_amount"] += purchase.goods_minor
    order["line_count"] += purchase.line_count
    order["at"] = min(order["at"], purchase.at)
    order["kind"], order["digest"] = purchase.kind, bytes(purchase.digest or b"") or None
    order["reverses_id"] = order["reverses_id"] or purchase.reverses_id
