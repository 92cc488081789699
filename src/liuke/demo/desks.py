"""What supervisors, sellers and marketing keep beside the daily lists: key accounts, reasons, segments, a firm noted twice.

All through the real actions; nothing here is scored, and which two are one customer the night has to find out.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

import numpy as np

from liuke.customers.accounts import actions as accounts
from liuke.customers.models import Customer, Fact, KeyAccount, Standing
from liuke.customers.records.actions import register
from liuke.customers.standings.actions import decide
from liuke.demo import words
from liuke.platform.models import User
from liuke.scores.models import Score
from liuke.scores.segments.actions import keep

KEY_ACCOUNTS, EXPLAINED, TWICE = 2, 7, 2
Staff = Mapping[str, User]


def keep_segments(staff: Staff, *, now: datetime) -> None:
    """Marketing's groups, for everybody."""
    for name, note, conditions, is_target in words.SEGMENTS:
        tree = {"all": [{"field": one, "op": op, "values": list(values)} for one, op, values in conditions]}
        keep(name, tree, note=note, is_target=is_target, shared=True, by=staff["he"], now=now)


def begin_accounts(staff: Staff, *, now: datetime) -> None:
    """The two who bring the most become key accounts, each with a plan and the people who work on it."""
    graded = Score.objects.current().filter(grade__in=("platinum", "gold"), customer__owner__is_active=True)
    for place, score in enumerate(graded.order_by("-value_12m_minor", "customer")[:KEY_ACCOUNTS]):
        customer = Customer.objects.select_related("owner").get(pk=score.customer_id)
        account = accounts.begin(customer, reason=words.WHY_KEY[place], by=staff["chen"], now=now)
        plan = {
            "goals": words.ACCOUNT_GOALS[place],
            "projects": words.ACCOUNT_PROJECTS[place],
            "target_minor": round(score.value_12m_minor * 1.15, -6),
            "review_days": 90,
            "next_review_on": account.next_review_on,
        }
        account = accounts.plan(account, plan, version=account.version, by=staff["chen"], now=now)
        people = ((customer.owner, "lead"), (staff["wu"], "service"), (staff["shen"], "sponsor"))
        for user, role in people[: 3 - place]:
            if user:
                accounts.add_member(account, user, role, by=staff["shen"], now=now)


def review_accounts(staff: Staff, *, now: datetime) -> None:
    for account in KeyAccount.objects.open().order_by("pk")[:1]:
        accounts.review(account, note=words.REVIEWED, by=staff["chen"], now=now)


def explain_declines(rng: np.random.Generator, *, now: datetime) -> None:
    """Sellers say of the most valuable who slip away, and of those who have fallen, why they buy less."""
    said = Standing.objects.current("decline").values("customer")
    rows = Score.objects.current().filter(customer__owner__is_active=True).exclude(customer__in=said)
    fallen, slipping = rows.filter(moved="fell"), rows.filter(band="high")
    chosen = [
        pk
        for some in (fallen, slipping)
        for pk in some.order_by("-value_12m_minor", "customer").values_list("customer", flat=True)[:EXPLAINED]
    ]
    since = now - timedelta(days=300)
    complained = set(
        Fact.objects.filter(kind="complained", at__gte=since).values_list("customer_id", flat=True)
    )
    for customer in Customer.objects.filter(pk__in=chosen).select_related("owner").order_by("pk"):
        reasons = words.AFTER_COMPLAINTS if customer.pk in complained else words.DECLINES
        value = reasons[int(rng.integers(len(reasons)))]
        decide(customer, "decline", value, by=customer.owner, now=now)


def note_twice(staff: Staff, *, now: datetime) -> None:
    """At the fair somebody takes down a firm that a colleague has had for years: with another ending to its name."""
    firms = Customer.objects.filter(kind="enterprise", country="CN", name__endswith="有限公司")
    for customer in firms.exclude(last_purchase_at=None).order_by("-last_purchase_at", "pk")[:TWICE]:
        point = customer.points.filter(kind="mobile").first()
        register(
            name=customer.name.removesuffix("有限公司").removesuffix("有限责任公司"),
            kind="enterprise",
            scope=customer.scope,
            country="CN",
            province=customer.province,
            city=customer.city,
            source="义博会",
            points=[(point.kind, point.value)] if point else [],
            by=staff["li"],
            now=now,
        )
