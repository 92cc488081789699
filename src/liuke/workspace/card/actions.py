"""What the card shows beside the record: rhythm, value, reasons, open items. Read only."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db.models import BooleanField, Case, Count, Max, OuterRef, Q, Subquery, Sum, Value, When
from django.db.models.functions import JSONObject
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext

from liuke.customers.completeness.rules import is_stale
from liuke.customers.facts.rules import CONTACTS
from liuke.customers.fields.actions import definitions, fields_of, values_from
from liuke.customers.fields.models import held_values
from liuke.customers.fields.rules import BLOCKS, Shown, shown, veiled_values
from liuke.customers.keeping.rules import Progress
from liuke.customers.models import (
    Card,
    Contact,
    ContactPoint,
    Customer,
    Fact,
    FollowUp,
    KeepingPlan,
    Need,
    Purchase,
    PurchaseLine,
    Standing,
)
from liuke.customers.records.rules import PROFILE
from liuke.customers.timeline.rules import CHANNELS, OF_COMPLAINTS, unanswered
from liuke.platform.preferences.actions import get
from liuke.platform.preferences.rules import CARD_ITEMS
from liuke.scores.models import GradePolicy, Score, ScoreRun
from liuke.scores.policy.rules import STARTING, Entitlement
from liuke.scores.reasons.rules import advice, sentences
from liuke.workspace.card.rules import (
    PROFILE_BLOCK,
    Entry,
    Habits,
    Unrated,
    at_home,
    by_channel,
    habits,
    rolling_year,
    strip,
    unrated,
)

if TYPE_CHECKING:
    from liuke.platform.models import User

MOST_PURCHASES = 2_000  # of one customer: what the strip and the value history are drawn from


@dataclass(frozen=True)
class Opened:
    """A customer with his judgement, as somebody may read him."""

    customer: Customer
    score: Score | None
    run: ScoreRun | None
    policy: Entitlement | None  # what his grade is owed
    writable: bool
    contacted: list[tuple[str, datetime]]  # channel and when it was last used, newest first
    values: list[dict[str, Any]]  # rows of the company's own fields
    progress: Progress
    expected: str  # the provisional grade, as long as the night has not judged


def opened(pk: int, user: User) -> Opened | None:
    """One statement once there is a judgement, since everybody has a row in it; None where `user` may not read."""
    held = GradePolicy.objects.filter(grade=OuterRef("grade")).order_by()
    owed = JSONObject(**{name: name for name in Entitlement._fields})
    rows: Any = (  # the stubs don't know annotations by their names
        Score.objects.current()
        .for_user(user)
        .filter(customer=pk)
        .annotate(
            policy=Subquery(held.values(owed=owed)[:1]),
            writable=_writable(user, "customer__"),
            contacted=_contacted("customer"),
            held=held_values(user, path="customer"),
            **_kept("customer"),
        )
        .select_related("run", "customer__owner", "customer__team", "customer__card")
    )
    if (score := rows.order_by().first()) is not None:
        policy = Entitlement(**score.policy) if score.policy else STARTING.get(score.grade)
        talks = by_channel(score.contacted)
        progress = _progress(score.customer, score, score)
        return Opened(
            customer=score.customer,
            score=score,
            run=score.run,
            policy=policy,
            writable=score.writable,
            contacted=talks,
            values=score.held or [],
            progress=progress,
            expected="" if score.grade else score.expected or "",
        )
    seen: Any = Customer.objects.for_user(user).filter(pk=pk)
    seen = seen.annotate(writable=_writable(user, ""), contacted=_contacted("pk"), held=held_values(user))
    seen = seen.annotate(**_kept("pk"))
    customer = seen.select_related("owner", "team", "card").first()
    if customer is None:
        return None
    talks = by_channel(customer.contacted)
    progress = _progress(customer, None, customer)
    return Opened(
        customer=customer,
        score=None,
        run=None,
        policy=None,
        writable=customer.writable,
        contacted=talks,
        values=customer.held or [],
        progress=progress,
        expected=customer.expected or "",
    )


def _kept(customer: str) -> dict[str, Subquery]:
    """When a need was last noted and the open plan begun, with the rest: statements of their own would be two more."""
    needs = Need.objects.filter(customer=OuterRef(customer)).order_by("-noted_on")
    plans = KeepingPlan.objects.open().filter(customer=OuterRef(customer)).order_by()
    expected = Standing.objects.current("expected").filter(customer=OuterRef(customer)).order_by()
    return {
        "needs_on": Subquery(needs.values("noted_on")[:1]),
        "plan_at": Subquery(plans.values("opened_at")[:1]),
        "expected": Subquery(expected.values("value")[:1]),
    }


def _progress(customer: Customer, score: Score | None, row: Any) -> Progress:
    card: Card | None = getattr(customer, "card", None)
    return Progress(
        complete=card.percent if card else None,
        needs_on=row.needs_on,
        grade=score.grade if score else "",
        judged_on=score.run.as_of if score and score.grade else None,
        plan_on=timezone.localdate(row.plan_at) if row.plan_at else None,
    )


def _contacted(customer: str) -> Subquery:
    """When each channel was last used with a customer (CQ07), as one value: a statement of its own would be one more."""
    talks = Fact.objects.standing().filter(customer=OuterRef(customer), kind__in=CONTACTS).order_by()
    last = {channel: Max("at", filter=Q(data__channel=channel)) for channel in CHANNELS}
    return Subquery(talks.values("customer").annotate(told=JSONObject(**last)).values("told"))


@dataclass(frozen=True)
class CardStanding:
    """How complete a card is, what is missing by its name, and whether it wants checking."""

    card: Card
    missing: list[str]
    stale: bool


def standing(customer: Customer, language: str, *, now: datetime) -> CardStanding | None:
    """None until it has been worked out: of a customer who was there before cards were."""
    card: Card | None = getattr(customer, "card", None)
    if card is None:
        return None
    own = {one.name: one.label(language) for one in definitions()}
    names = [
        capfirst(own.get(name) or gettext(CARD_ITEMS[name]))
        for name in card.missing
        if name in own or name in CARD_ITEMS
    ]
    return CardStanding(card, names, is_stale(card.verified_at, now, get("card.stale_days")))


def blocks(held: Opened, language: str, hidden: Collection[str]) -> dict[str, list[Shown]]:
    """block -> what stands in it beside the record's own columns: fields of the scope, then those of the company.

    `hidden` is what the reader does not see of this customer.
    """
    customer = held.customer
    found: dict[str, list[Shown]] = {code: [] for code in BLOCKS}
    for one in PROFILE[customer.scope]:
        if one.name in customer.profile:
            block = PROFILE_BLOCK.get(one.name, "characteristics")
            found[block].append(Shown(gettext(one.label), "text", customer.profile[one.name]))
    names = {row["refers_id"]: row["refers"] for row in held.values if row["refers_id"]}
    known = fields_of(customer.kind, customer.scope)
    values = veiled_values(values_from(held.values, among=known), known, hidden)
    for field in known:
        if field.name in values:
            found[field.block].append(shown(field, values[field.name], language, names, hidden))
    return found


def _writable(user: User, path: str) -> Case | Value:
    reach = Customer.objects.reach(user, user.role.write_scope, path=path)
    if not reach:
        return Value(True)
    return Case(When(reach, then=Value(True)), default=Value(False), output_field=BooleanField())


def reachable(customer: Customer) -> tuple[list[ContactPoint], list[tuple[Contact, list[ContactPoint]]]]:
    """The customer's own numbers and addresses, and his people with theirs."""
    by_contact: dict[int | None, list[ContactPoint]] = {}
    for point in ContactPoint.objects.filter(customer=customer):
        by_contact.setdefault(point.contact_id, []).append(point)
    people = Contact.objects.filter(customer=customer).select_related("department")
    return by_contact.get(None, []), [(one, by_contact.get(one.pk, [])) for one in people]


def happened(
    customer: Customer,
    user: User,
    *,
    kinds: Iterable[str] | None,
    before: tuple[datetime, int] | None,
    limit: int,
) -> tuple[list[Fact], list[Fact]]:
    """A page of the timeline, and the complaints that nobody has answered yet, oldest first: one statement for both."""
    page = Fact.objects.timeline(customer, user, kinds=kinds, before=before, limit=limit)
    either = Q(pk__in=page.values("pk")) | Q(kind__in=OF_COMPLAINTS)
    told = Fact.objects.filter(either, customer=customer).marked().select_related("actor")
    rows = list(told.order_by("-at", "-id"))
    shown = [fact for fact in rows if kinds is None or fact.kind in kinds]
    if before is not None:
        shown = [fact for fact in shown if (fact.at, fact.pk) < before]
    return shown[:limit], unanswered(rows)


@dataclass(frozen=True)
class Trading:
    """The purchases of a customer, as the insight panel draws them."""

    orders: list[tuple[date, int]]
    history: list[tuple[date, int]]
    year_minor: int
    year_orders: int
    currency: str
    unrated: list[Unrated]
    habits: Habits | None
    is_unrated: bool  # all of them are in currencies without a rate


def trading(customer: Customer, today: date, currency: str, rates: Mapping[str, Decimal]) -> Trading:
    """Money in `currency`; what was paid in a currency without a rate stands apart, as it was paid."""
    rows = (
        Purchase.objects.standing()
        .filter(customer=customer)
        .order_by("-at")
        .values_list("at", "kind", "amount_minor", "currency", "channel")
    )
    paid = [
        Entry(timezone.localtime(at).date(), kind, minor, money, channel)
        for at, kind, minor, money, channel in rows[:MOST_PURCHASES]
    ]
    entries = at_home(paid, currency, rates)
    orders = [(one.on, one.minor) for one in entries if one.kind == "order"]
    history = rolling_year([(one.on, one.minor) for one in entries], today)
    since = today.replace(year=today.year - 1, day=min(today.day, 28))
    return Trading(
        orders=strip(orders),
        history=history,
        year_minor=history[-1][1] if history else 0,
        year_orders=sum(1 for on, _ in orders if on > since),
        currency=currency,
        unrated=unrated(paid, currency, rates, today),
        habits=habits(entries),
        is_unrated=bool(paid) and not entries,
    )


MAIN_PRODUCTS = 5


def products(customer: Customer, currency: str) -> tuple[list[Any], Decimal | None]:
    """What he buys most for, and the share of the list's worth that was let off: charges below naught against the goods."""
    lines = PurchaseLine.objects.filter(
        purchase__customer=customer,
        purchase__kind="order",
        purchase__taken_back_at=None,
        purchase__currency=currency,
    )
    by_product = lines.order_by().values("product__name", "product__code", "product__kind")
    rows: list[Any] = list(
        by_product.annotate(minor=Sum("amount_minor"), orders=Count("purchase", distinct=True))
    )
    for row in rows:
        row["minor"] = int(row["minor"])  # PostgreSQL adds whole numbers up to a numeric
    goods = sorted(
        (r for r in rows if r["product__kind"] != "charge"), key=lambda r: (-r["minor"], r["product__code"])
    )
    worth = sum(row["minor"] for row in goods)
    off = -sum(row["minor"] for row in rows if row["product__kind"] == "charge" and row["minor"] < 0)
    return goods[:MAIN_PRODUCTS], Decimal(off) / worth if worth > 0 else None


def open_items(customer: Customer, *, money: Callable[[float], str]) -> list[tuple[FollowUp, str]]:
    """What is to be done, each with what it is about: in somebody's words, or told by its reasons."""
    rows = FollowUp.objects.open().filter(customer=customer).select_related("assignee").order_by("due_at")
    asked = rows.exclude(kind="complaint")  # they stand above, with what was said
    return [(one, one.title or next(iter(sentences(one.reasons, money=money)), "")) for one in asked]


def judgement(score: Score | None, *, money: Callable[[float], str], complaint_open: bool) -> dict[str, Any]:
    """The reasons in words and the advice that follows."""
    if score is None or not score.band:
        return {"sentences": [], "advice": ""}
    kind = "risk" if score.band == "high" else "rhythm" if score.about_now else ""
    return {
        "sentences": sentences(score.reasons, money=money, limit=5),
        "advice": advice(kind, score.reasons, complaint_open=complaint_open) if kind else "",
    }
