"""The invented company at any size: the same seeded lives as the play's, written in bulk instead of acted out.

A hundred thousand customers would take the play (play.py) hours, since it goes through every action one by one. Here
purchases and records go in by the bulk writer that the imports use, and everything that happened goes into the ledger
by `record_many`, in portions: so stages, dates and open follow-ups follow by the real reactions. What the play has and
this has not: an audit entry for each record, a colleague who left, mornings at which people work on their lists.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice, tee
from typing import Any

import numpy as np
from django.db import connection, transaction

from liuke.catalog.products.actions import known_or_new
from liuke.catalog.products.rules import NewProduct
from liuke.customers.facts.actions import record_many
from liuke.customers.facts.rules import FactKind, NewFact
from liuke.customers.models import (
    Contact,
    ContactPoint,
    Customer,
    Fact,
    FollowUp,
    FollowUpChange,
    Purchase,
    PurchaseLine,
)
from liuke.customers.purchases.actions import settle_reversals
from liuke.customers.records.actions import follow_change
from liuke.customers.records.rules import normal_point
from liuke.customers.stages.actions import review_stages
from liuke.demo import words
from liuke.demo.events import ZONE, Event, events_of
from liuke.demo.hiring import hire, hire_more
from liuke.demo.lives import YEARS, Life, Order, each_life
from liuke.demo.nights import last_night
from liuke.demo.people import Person, people
from liuke.platform.audit.actions import record as audit
from liuke.platform.bulk.actions import insert_rows, many_commits, reserve_ids
from liuke.platform.models import User
from liuke.scores.judging.actions import score

CURRENCY = "CNY"
SEED = 20260
PORTION = 2_000  # customers in one transaction
CUSTOMERS_PER_SELLER = 800
NIGHTS_BACK = (30,)
WORKED = 0.25  # of the contacts answered something on a list
OUTCOMES = ("reached", "no_answer", "left_message", "will_order", "not_interested")
CHANNELS = ("phone", "wechat", "email", "visit")

CUSTOMER = (
    "id", "number", "name", "kind", "scope", "purpose", "stage", "owner_id", "team_id", "source", "country", "province",
    "city", "address", "profile", "note", "version", "created_at",
)  # fmt: skip
CONTACT = (
    "customer_id", "name", "title", "roles", "is_primary", "note", "decision_power", "attitude", "created_at",
)  # fmt: skip
POINT = ("customer_id", "kind", "value", "normal", "is_preferred")
PURCHASE = (
    "id", "number", "kind", "customer_id", "at", "currency", "amount_minor", "goods_minor", "line_count", "product_count",
    "channel", "reverses_id",
)  # fmt: skip
LINE = ("purchase_id", "product_id", "quantity_milli", "amount_minor", "cost_minor")
FOLLOWUP = (
    "id", "customer_id", "assignee_id", "kind", "title", "reasons", "due_at", "weight_minor", "rank", "state", "source",
    "key", "created_by_id", "created_at", "closed_at", "postponed_count",
)  # fmt: skip
CHANGE = ("followup_id", "what", "at", "by_id", "reason", "before", "after")

Tell = Callable[[str, int, int], None]


@dataclass
class Portion:
    """The rows of some customers, in the order in which things happened."""

    customers: list[tuple[Any, ...]] = field(default_factory=list)
    contacts: list[tuple[Any, ...]] = field(default_factory=list)
    points: list[tuple[Any, ...]] = field(default_factory=list)
    purchases: list[tuple[Any, ...]] = field(default_factory=list)
    lines: list[tuple[Any, ...]] = field(default_factory=list)
    followups: list[tuple[Any, ...]] = field(default_factory=list)
    changes: list[tuple[Any, ...]] = field(default_factory=list)
    facts: list[NewFact] = field(default_factory=list)
    complaints: dict[int, int] = field(default_factory=dict)  # id of a Trouble -> place among the facts
    answers: list[tuple[int, NewFact]] = field(default_factory=list)  # (place of the complaint, its answer)
    orders: dict[int, tuple[int, str]] = field(default_factory=dict)  # id of an Order -> purchase
    refunded: set[int] = field(default_factory=set)


class Books:
    """One company in the making."""

    def __init__(
        self, *, customers: int, until: datetime, seed: int = SEED, tell: Tell | None = None
    ) -> None:
        self.count, self.until, self.seed = customers, until, seed
        self.rng = np.random.default_rng(seed + 4)
        self.tell = tell or (lambda what, done, total: None)
        self.goods = words.goods()
        self.numbers = 0

    def write(self) -> None:
        """Everything, from the first colleague to last night's judgement."""
        today = self.until.astimezone(ZONE).date()
        self._open(today)
        drawn, copied = tee(each_life(self.count, seed=self.seed, until=today))
        pairs = zip(drawn, people(copied, seed=self.seed), strict=True)
        chance, done = np.random.default_rng(self.seed + 1), 0
        with many_commits(), _indexes_later():
            while some := list(islice(pairs, PORTION)):
                with transaction.atomic():
                    self._write(some, done, chance)
                done += len(some)
                self.tell("write", done, self.count)
        returned = Purchase.objects.filter(reverses__isnull=False).order_by("reverses_id")
        settle_reversals(returned.values_list("reverses_id", flat=True), now=self.until)
        self._judge()

    def _open(self, today: date) -> None:
        first = today - timedelta(days=round(365.25 * YEARS) + 60)
        start = datetime.combine(first, time(), tzinfo=UTC)
        staff = hire(currency=CURRENCY, now=start)
        more = hire_more(max(0, self.count // CUSTOMERS_PER_SELLER - 3), now=start)
        self.care: User = staff["wu"]
        self.sellers = [staff[name] for name in ("li", "wang", "zhao")] + more
        charges = [NewProduct(code, name, kind="charge") for code, name in words.CHARGES]
        goods = [NewProduct(good.code, good.name, category=good.category) for good in self.goods]
        self.products = {code: row.pk for code, row in known_or_new([*goods, *charges], now=start).items()}

    def _judge(self) -> None:
        for back in NIGHTS_BACK:
            at = self.until - timedelta(days=back)
            review_stages(as_of=at, now=at)
            score(by=None, now=at, as_of=at.astimezone(ZONE).date())
        last_night(self.until)

    # --- a portion of the customers ---

    def _write(self, some: list[tuple[Life, Person]], first: int, chance: np.random.Generator) -> None:
        ids = reserve_ids(Customer, len(some))
        told = [
            event
            for place, (life, _person) in enumerate(some)
            for event in events_of(place, life, chance)
            if event.at <= self.until
        ]
        told.sort(key=lambda event: (event.at, event.who, event.what))
        self.rows = Portion()
        self.ids, self.pairs, self.first = ids, some, first
        self.new_purchases = iter(
            reserve_ids(Purchase, sum(event.what in {"ordered", "refunded"} for event in told))
        )
        self.new_followups = iter(
            reserve_ids(FollowUp, 2 * sum(event.what in {"contacted", "complained"} for event in told))
        )
        for event in told:
            getattr(self, f"_{event.what}")(event)
        self._insert()

    def _insert(self) -> None:
        rows = self.rows
        insert_rows(Customer, CUSTOMER, rows.customers)
        insert_rows(Contact, CONTACT, rows.contacts)
        insert_rows(ContactPoint, POINT, rows.points)
        follow_change(self.ids)
        insert_rows(Purchase, PURCHASE, rows.purchases)
        insert_rows(PurchaseLine, LINE, rows.lines)
        insert_rows(
            FollowUp, FOLLOWUP, rows.followups
        )  # before the facts, whose reactions ask for more of them
        insert_rows(FollowUpChange, CHANGE, rows.changes)
        facts = record_many(rows.facts, now=self.until)
        record_many([self._answer(facts[place].pk, fact) for place, fact in rows.answers], now=self.until)
        span = f"{self.first + 1}–{self.first + len(self.ids)}"
        audit("imports.start", by=None, now=self.until, reason=span)

    @staticmethod
    def _answer(complaint_id: int, fact: NewFact) -> NewFact:
        data = {**(fact.data or {}), "complaint_id": complaint_id}
        return NewFact(
            fact.kind, fact.customer_id, fact.at, fact.actor_id, data=data, key=f"resolved:{complaint_id}"
        )

    # --- what happens ---

    def _seller(self, who: int) -> User:
        return self.sellers[(self.first + who) % len(self.sellers)]

    def _fact(self, kind: FactKind, event: Event, by: User | None, **more: Any) -> None:
        actor_id = by.pk if by else None
        self.rows.facts.append(NewFact(kind, self.ids[event.who], event.at, actor_id, **more))

    def _registered(self, event: Event) -> None:
        pk, (_life, one), seller = self.ids[event.who], self.pairs[event.who], self._seller(event.who)
        self.rows.customers.append(
            (pk, f"C{pk:06d}", one.name, one.kind, one.scope, one.purpose, "lead", seller.pk, seller.team_id, one.source,
             one.country, one.province, one.city, one.address, {}, "", 1, event.at)
        )  # fmt: skip
        if one.contact:
            self.rows.contacts.append(
                (pk, one.contact, one.title, ["purchasing"], True, "", "", "", event.at)
            )
        for kind, value in one.points:
            self.rows.points.append((pk, kind, value, normal_point(kind, value, one.country), False))
        self._fact(FactKind.REGISTERED, event, seller, data={"source": one.source})

    def _ordered(self, event: Event) -> None:
        order, life = _order_of(event), self.pairs[event.who][0]
        self.numbers += 1
        pk = next(self.new_purchases)
        number = f"{'W' if life.market == 'abroad' else 'N'}{event.at:%y%m}{self.numbers:07d}"
        self.rows.orders[id(order)] = (pk, number)
        lines = list(self._lines(order))
        goods = sum(line[2] for line in lines)
        lines += self._charges(goods)
        channel = "网店" if life.kind.name == "consumer" else "业务员"
        amount, products = sum(line[2] for line in lines), len(order.lines)
        self._purchase(
            pk, number, "order", event, amount, goods, (len(lines), products), channel=channel, reverses=None
        )
        self.rows.lines += [(pk, *line) for line in lines]
        data = {"number": number, "lines": len(lines), "products": products, "channel": channel}
        money: dict[str, Any] = {
            "amount_minor": amount,
            "cost_minor": sum(line[3] for line in lines),
            "currency": CURRENCY,
        }
        self._fact(
            FactKind.PURCHASED,
            event,
            None,
            subject_type="customers.Purchase",
            subject_id=pk,
            data=data,
            **money,
        )

    def _purchase(
        self,
        pk: int,
        number: str,
        kind: str,
        event: Event,
        amount: int,
        goods: int,
        counts: tuple[int, int],
        *,
        channel: str,
        reverses: int | None,
    ) -> None:
        customer = self.ids[event.who]
        self.rows.purchases.append(
            (pk, number, kind, customer, event.at, CURRENCY, amount, goods, *counts, channel, reverses)
        )

    def _lines(self, order: Order) -> Iterator[tuple[int, int, int, int]]:
        for product, quantity, minor in order.lines:
            yield self.products[self.goods[product].code], quantity * 1000, minor, round(minor * 0.62)

    def _charges(self, goods_minor: int) -> list[tuple[int, int, int, int]]:
        """Freight on small orders, a discount on large ones."""
        if goods_minor < 50_000:
            return [(self.products["YF"], 1000, 1200, 0)]
        if goods_minor > 1_500_000:
            return [(self.products["ZK"], 1000, -round(goods_minor * 0.03), 0)]
        return []

    def _refunded(self, event: Event) -> None:
        order = _order_of(event)
        if id(order) not in self.rows.orders or id(order) in self.rows.refunded:
            return  # a second complaint about one order: what goes back went back with the first
        self.rows.refunded.add(id(order))
        original, of = self.rows.orders[id(order)]
        pk, number, line = next(self.new_purchases), f"T{of}", order.lines[0]
        quantity = max(1, round(line.quantity * float(self.rng.uniform(0.2, 1.0))))
        minor = max(1, round(line.amount_minor * quantity / line.quantity))
        self._purchase(pk, number, "refund", event, -minor, -minor, (1, 1), channel="", reverses=original)
        product = self.products[self.goods[line.product].code]
        self.rows.lines.append((pk, product, -quantity * 1000, -minor, None))
        data = {"number": number, "kind": "refund", "reverses": of}
        subject: dict[str, Any] = {"subject_type": "customers.Purchase", "subject_id": pk}
        self._fact(
            FactKind.REFUNDED, event, None, amount_minor=-minor, currency=CURRENCY, data=data, **subject
        )

    def _complained(self, event: Event) -> None:
        data = {"text": self._say(words.COMPLAINTS)}
        if known := self.rows.orders.get(id(event.order)):
            data["number"] = known[1]
        self.rows.complaints[id(event.trouble)] = len(self.rows.facts)
        self._fact(FactKind.COMPLAINED, event, self.care, data=data)
        if self.rng.random() < 0.4:
            due_at = event.at + timedelta(days=int(self.rng.integers(1, 6)))
            self._matter(event, "promise", self._say(words.PROMISES), due_at, done=due_at < self.until)

    def _resolved(self, event: Event) -> None:
        complaint = self.rows.complaints.get(id(event.trouble))
        if complaint is not None:
            data = {"text": self._say(words.ANSWERS)}
            fact = NewFact(FactKind.RESOLVED, self.ids[event.who], event.at, self.care.pk, data=data)
            self.rows.answers.append((complaint, fact))

    def _answered(self, event: Event) -> None:
        well = bool(self.rng.random() < 0.75)
        points = self.rng.integers(7, 11) if well else self.rng.integers(2, 6)
        self._fact(FactKind.ANSWERED, event, None, data={"satisfied": well, "score": int(points)})

    def _contacted(self, event: Event) -> None:
        chance = self.rng.random(3)
        outcome = OUTCOMES[int(np.searchsorted((0.52, 0.72, 0.82, 0.97), chance[0]))]
        channel = CHANNELS[int(np.searchsorted((0.5, 0.8, 0.92), chance[1]))]
        note, seller = self._say(words.notes(outcome, channel)), self._seller(event.who)
        data = {"channel": channel, "direction": "out", "outcome": outcome, "note": note}
        kind = FactKind.VISITED if channel == "visit" else FactKind.CONTACTED
        self._fact(kind, event, seller, data=data)
        if event.at > self.until - timedelta(days=12):
            if chance[2] < 0.3:
                due_at = event.at + timedelta(days=int(self.rng.integers(2, 14)))
                self._matter(event, "task", self._say(words.TASKS), due_at, done=False)
        elif chance[2] < WORKED:
            self._matter(event, "task", self._say(words.TASKS), event.at, done=True)

    def _matter(self, event: Event, kind: str, title: str, due_at: datetime, *, done: bool) -> None:
        """Something on a salesperson's list: done in time, or open still."""
        pk, seller, customer = next(self.new_followups), self._seller(event.who), self.ids[event.who]
        state, closed_at = ("done", due_at) if done else ("open", None)
        asked_at = min(event.at, due_at)
        self.rows.followups.append(
            (pk, customer, seller.pk, kind, title, [], due_at, 0, 10_000_000, state, "person", None, seller.pk, asked_at,
             closed_at, 0)
        )  # fmt: skip
        self.rows.changes.append((pk, "created", asked_at, seller.pk, "", {}, {}))
        if done:
            self.rows.changes.append((pk, "done", due_at, seller.pk, "已办", {}, {}))
            data = {"followup_id": pk, "what": "done", "kind": kind, "title": title}
            fact = NewFact(
                FactKind.FOLLOWED_UP, customer, due_at, seller.pk, "customers.FollowUp", pk, data=data
            )
            self.rows.facts.append(fact)

    def _say(self, options: tuple[str, ...]) -> str:
        place, number = self.rng.integers(0, (len(options), 28)).tolist()
        said: str = options[place].format(n=number + 2)
        return said


@contextmanager
def _indexes_later() -> Iterator[None]:
    """The indexes of the great tables are made when all is in: sorted once, not found a place in for each row.

    On SQLite only, and only here, where nobody else is in the database yet.
    """
    if connection.vendor != "sqlite":
        yield
        return
    tables = {model._meta.db_table for model in (Fact, Purchase, PurchaseLine, FollowUpChange)}
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, sql, tbl_name FROM sqlite_master WHERE type = 'index' AND sql > ''")
        indexes = [(n, sql) for n, sql, table in cursor.fetchall() if table in tables and "UNIQUE" not in sql]
        for name, _sql in indexes:
            cursor.execute(f'DROP INDEX "{name}"')
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            for _name, sql in indexes:
                cursor.execute(sql)
            cursor.execute("ANALYZE")


def _order_of(event: Event) -> Order:
    if event.order is None:
        raise TypeError(f"{event.what} without its order")
    return event.order
