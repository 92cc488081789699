"""Plays the invented company's years through the product's own actions, day by day, as if people had used it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from typing import Any

import numpy as np
from django.db import transaction

from liuke.catalog.products.rules import NewProduct
from liuke.customers.facts.actions import record
from liuke.customers.facts.models import Fact
from liuke.customers.facts.rules import FactKind
from liuke.customers.followups.actions import ask, complete
from liuke.customers.holdings import actions as holdings
from liuke.customers.models import Customer, FollowUp, Purchase
from liuke.customers.occasions import actions as occasions
from liuke.customers.purchases.actions import record_purchase, record_purchases
from liuke.customers.purchases.rules import NewLine, NewPurchase
from liuke.customers.records.actions import assign, register
from liuke.customers.stages.actions import review_stages
from liuke.customers.standings.actions import decide, decide_for
from liuke.customers.standings.rules import LEVEL_BY_GRADE
from liuke.customers.timeline.actions import complain, log_contact, promise, resolve
from liuke.demo import words
from liuke.demo.cards import keep_cards
from liuke.demo.circles import spoken_with, surround
from liuke.demo.desks import begin_accounts, explain_declines, keep_segments, note_twice, review_accounts
from liuke.demo.events import ZONE, Event, at_work, events, in_days
from liuke.demo.hiring import hire
from liuke.demo.keeping import keep_in_touch
from liuke.demo.lists import WORKED_DAYS, Lists, channel_to, say
from liuke.demo.lives import Order, lives
from liuke.demo.nights import last_night
from liuke.demo.people import Person, people
from liuke.platform.models import User
from liuke.platform.users.actions import deactivate
from liuke.scores.judging.actions import score
from liuke.scores.overview.actions import without_level
from liuke.scores.prompts.actions import prompt
from liuke.scores.segments.actions import refresh_all as refresh_segments

CURRENCY = "CNY"
SEED = 20260
NIGHTS_BACK = (34, 7, 2)  # days before the end on which the nightly judgement is played
CALLED_BACK_DAYS = 8  # whoever had a complaint answered since then is still to be called back
LEFT_DAYS_AGO = 45  # the salesperson who left

Tell = Callable[[str, int, int], None]


class Player:
    """One company in the making. `at` is the clock on the wall of the play."""

    def __init__(
        self, *, customers: int, until: datetime, seed: int = SEED, tell: Tell | None = None
    ) -> None:
        self.until, self.seed = until, seed
        self.rng = np.random.default_rng(seed + 3)
        self.tell = tell or (lambda what, done, total: None)
        local_end = until.astimezone(ZONE).date()
        self.lives = lives(customers, seed=seed, until=local_end)
        self.people = list(people(self.lives, seed=seed))
        self.goods = words.goods()
        self.staff: dict[str, User] = {}
        self.records: dict[int, Customer] = {}
        self.purchases: dict[int, Purchase] = {}  # id of an Order -> its record
        self.complaints: dict[int, Fact] = {}
        self.numbers = 0
        self.lists = Lists(until=until, rng=self.rng)

    def play(self) -> None:
        """Everything, from the first colleague to last night's judgement."""
        self._hire()
        story = events(self.lives, seed=self.seed, until=self.until)
        nights = [self.until - timedelta(days=days) for days in NIGHTS_BACK]
        leaving = at_work(self.until - timedelta(days=LEFT_DAYS_AGO))
        monthly = self._month_starts(story[0].at)
        done = 0
        for day in _by_day(story):
            at = day[0].at
            while monthly and monthly[0] <= at:
                review_stages(as_of=monthly[0], now=monthly.pop(0))
            if leaving <= at:
                self._leave(leaving)
                leaving = self.until + timedelta(days=1)
            while nights and nights[0] <= at:
                self._night(nights.pop(0), is_first=len(nights) == len(NIGHTS_BACK) - 1)
            with transaction.atomic():
                self.lists.keep_agreed(at.astimezone(ZONE).date())
                self._orders([event for event in day if event.what == "ordered"])
                for event in day:
                    if event.what != "ordered":
                        self._act(event)
            done += len(day)
            self.tell("play", done, len(story))
        now = at_work(self.until)
        keep_cards(by=self.staff["shen"], leader=self.staff["chen"], now=now, seed=self.seed)
        keep_in_touch(now=now, seed=self.seed)
        last_night(self.until)
        self.lists.work(list(self.staff.values()), now)

    # --- the company ---

    def _hire(self) -> None:
        first = datetime.combine(min(life.start for life in self.lives), time(), tzinfo=UTC)
        self.staff = hire(currency=CURRENCY, now=first - timedelta(days=60))

    def _owner_of(self, who: int) -> User:
        """Who sells to whom: by market, the domestic ones shared with the colleague who will leave."""
        if self.lives[who].market == "abroad":
            return self.staff["wang" if who % 2 else "zhao"]
        first = self.staff["zhou"]
        return first if who % 2 and first.is_active else self.staff["li"]

    def _leave(self, at: datetime) -> None:
        """A salesperson leaves: his customers go to a colleague, his account closes."""
        leaver, heir, boss = self.staff["zhou"], self.staff["li"], self.staff["shen"]
        assign(
            Customer.objects.filter(owner=leaver), owner=heir, by=boss, now=at, reason="周敏离职，客户移交"
        )
        self.staff["zhou"] = deactivate(leaver, by=boss, now=at, reason="离职")

    def _decide_standings(self, at: datetime) -> None:
        """The supervisor takes over the levels suggested for the upper grades; sellers say how customers see the firm."""
        boss = self.staff["chen"]
        for grade in ("platinum", "gold", "iron"):
            decide_for(without_level(boss, grade), "level", LEVEL_BY_GRADE[grade], by=boss, now=at)
        complaining = Fact.objects.filter(kind="complained", at__gte=at - timedelta(days=20)).order_by("id")
        angry = list(complaining.values_list("customer_id", flat=True)[:2])
        faithful = Customer.objects.filter(
            stage="loyal", level__in=("partnership", "accountable"), attitude=""
        )
        seen = [(pk, "hostile", "投诉处理太慢，说要换供应商") for pk in angry]
        seen += [(pk, "loyal", "") for pk in faithful.order_by("id").values_list("pk", flat=True)[:6]]
        for pk, attitude, reason in seen:
            customer = Customer.objects.select_related("owner").get(pk=pk)
            if customer.owner and customer.owner.is_active:
                decide(customer, "attitude", attitude, reason=reason, by=customer.owner, now=at)

    def _month_starts(self, first: datetime) -> list[datetime]:
        at, found = first + timedelta(days=120), []
        while at < self.until:
            found.append(at)
            at += timedelta(days=30)
        return found

    # --- what happens ---

    def _act(self, event: Event) -> None:
        getattr(self, f"_{event.what}")(event)

    def _registered(self, event: Event) -> None:
        person, owner = self.people[event.who], self._owner_of(event.who)
        customer = register(
            by=owner,
            now=event.at,
            name=person.name,
            points=person.points,
            contact=spoken_with(person, event.who),
            **_record_fields(person),
        )
        surround(
            customer,
            person,
            event.who,
            list(islice(reversed(self.records.values()), 200)),
            by=owner,
            now=event.at,
        )
        self.records[event.who] = customer

    def _orders(self, day: list[Event]) -> None:
        """The orders of a day, as the till or the order desk hands them over in the evening."""
        told = [(event, event.order) for event in day if event.order is not None]
        if not told:
            return
        rows = [self._order(event, order) for event, order in told]
        made = record_purchases(rows, by=None, now=day[-1].at)
        self.purchases.update(
            {id(order): purchase for (_event, order), purchase in zip(told, made, strict=True)}
        )

    def _order(self, event: Event, order: Order) -> NewPurchase:
        self.numbers += 1
        life = self.lives[event.who]
        market = "W" if life.market == "abroad" else "N"
        return NewPurchase(
            self.records[event.who].pk,
            f"{market}{event.at.astimezone(ZONE):%y%m}{self.numbers:05d}",
            event.at,
            CURRENCY,
            [*self._lines(order), *self._charges(order)],
            channel="网店" if life.kind.name == "consumer" else "业务员",
        )

    def _lines(self, order: Order) -> list[NewLine]:
        return [
            NewLine(
                line.amount_minor,
                line.quantity * 1000,
                NewProduct(good.code, good.name, category=good.category),
                cost_minor=round(line.amount_minor * 0.62),
            )
            for line in order.lines
            if (good := self.goods[line.product])
        ]

    def _charges(self, order: Order) -> list[NewLine]:
        """Freight on small orders, a discount on large ones."""
        amount = order.amount_minor
        if amount < 50_000:
            return [NewLine(1200, product=NewProduct("YF", "运费", kind="charge"))]
        if amount > 1_500_000:
            return [NewLine(-round(amount * 0.03), product=NewProduct("ZK", "折扣", kind="charge"))]
        return []

    def _complained(self, event: Event) -> None:
        customer, said = self.records[event.who], self._say(words.COMPLAINTS)
        purchase = self.purchases.get(id(event.order))
        number = purchase.number if purchase else ""
        fact = complain(customer, text=said, number=number, by=self.staff["wu"], now=event.at)
        self.complaints[id(event.trouble)] = fact
        if self.rng.random() < 0.4:
            text = self._say(words.PROMISES)
            due_at = in_days(event.at, int(self.rng.integers(1, 6)))
            todo = promise(customer, text=text, due_at=due_at, by=self._seller(event.who), now=event.at)
            if due_at < self.until - timedelta(days=2):
                self._settle(todo, due_at)

    def _settle(self, todo: FollowUp, due_at: datetime) -> None:
        """Most promises are kept in time; the play does not go back to them later."""
        at = min(due_at + timedelta(hours=int(self.rng.integers(-40, 10))), self.until)
        kept = max(at_work(at), todo.created_at)
        complete(todo, by=todo.assignee, now=kept, note="已办")

    def _resolved(self, event: Event) -> None:
        complaint = self.complaints.get(id(event.trouble))
        if complaint:
            agent = self.staff["wu"]
            resolve(complaint, text=self._say(words.ANSWERS), by=agent, now=event.at)
            if event.at > self.until - timedelta(days=CALLED_BACK_DAYS):
                ask(
                    self.records[event.who],
                    kind="task",
                    title=self._say(words.CALL_BACKS),
                    assignee=agent,
                    due_at=in_days(event.at, 3),
                    source="person",
                    by=agent,
                    now=event.at,
                )

    def _refunded(self, event: Event) -> None:
        original = self.purchases.get(id(event.order))
        if original is None or event.order is None:
            return
        number = f"T{original.number}"
        if Purchase.objects.filter(number=number).exists():
            return  # a second complaint about one order: what goes back went back with the first
        line = event.order.lines[0]
        quantity = max(1, round(line.quantity * float(self.rng.uniform(0.2, 1.0))))
        minor = max(1, round(line.amount_minor * quantity / line.quantity))
        good = self.goods[line.product]
        record_purchase(
            self.records[event.who],
            number=number,
            at=event.at,
            currency=CURRENCY,
            lines=[
                NewLine(-minor, -quantity * 1000, NewProduct(good.code, good.name, category=good.category))
            ],
            kind="refund",
            reverses=original,
            by=None,
            now=event.at,
        )

    def _answered(self, event: Event) -> None:
        well = bool(self.rng.random() < 0.75)
        data = {
            "satisfied": well,
            "score": int(self.rng.integers(7, 11) if well else self.rng.integers(2, 6)),
        }
        customer = self.records[event.who]
        record(FactKind.ANSWERED, customer=customer, at=event.at, by=None, now=event.at, data=data)

    def _contacted(self, event: Event) -> None:
        outcome = str(
            self.rng.choice(
                ["reached", "no_answer", "left_message", "will_order", "not_interested"],
                p=[0.52, 0.2, 0.1, 0.15, 0.03],
            )
        )
        customer, seller = self.records[event.who], self._seller(event.who)
        channel = channel_to(customer, self.rng)
        soon = event.at > self.until - timedelta(days=WORKED_DAYS) and self.rng.random() < 0.3
        next_at = in_days(event.at, int(self.rng.integers(2, 14))) if soon else None
        log_contact(
            customer,
            channel=channel,
            outcome=outcome,
            note=self._say(words.notes(outcome, channel)),
            next_at=next_at,
            next_title=self._say(words.TASKS) if next_at else "",
            by=seller,
            now=event.at,
        )

    def _seller(self, who: int) -> User:
        owner_id = Customer.objects.values_list("owner_id", flat=True).get(pk=self.records[who].pk)
        return next(user for user in self.staff.values() if user.pk == owner_id)

    def _say(self, options: tuple[str, ...]) -> str:
        return say(self.rng, options)

    # --- the nights and the mornings after ---

    def _night(self, at: datetime, *, is_first: bool) -> None:
        local = at.astimezone(ZONE)
        night = datetime.combine(local.date(), time(2, 10), tzinfo=ZONE).astimezone(UTC)
        morning = night + timedelta(hours=7)
        score(by=None, now=night, as_of=local.date())
        prompt(by=None, now=night)
        occasions.remind(now=night)
        holdings.remind(now=night)
        if is_first:
            keep_segments(self.staff, now=night - timedelta(hours=10))
            begin_accounts(self.staff, now=morning)
            note_twice(self.staff, now=morning)
        else:
            review_accounts(self.staff, now=morning)
        refresh_segments(now=night, on=local.date())
        self._decide_standings(morning)
        explain_declines(self.rng, now=morning)
        self.lists.work(list(self.staff.values()), morning, everything=True)


def _record_fields(person: Person) -> dict[str, Any]:
    return {
        "kind": person.kind,
        "scope": person.scope,
        "purpose": person.purpose,
        "country": person.country,
        "province": person.province,
        "city": person.city,
        "address": person.address,
        "source": person.source,
    }


def _by_day(story: list[Event]) -> list[list[Event]]:
    days: dict[date, list[Event]] = {}
    for event in story:
        days.setdefault(event.at.astimezone(ZONE).date(), []).append(event)
    return [days[day] for day in sorted(days)]
