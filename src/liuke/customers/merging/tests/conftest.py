"""One firm noted twice, each with something in every table; and the whole database as it stands."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.apps import apps

from liuke.customers.background.actions import write_background
from liuke.customers.completeness.actions import return_card
from liuke.customers.fields.actions import add_field, fill
from liuke.customers.followups.actions import ask
from liuke.customers.models import Customer, CustomField, Fact, Merge, MergeStep
from liuke.customers.occasions.models import ImportantDate
from liuke.customers.purchases.actions import record_purchase
from liuke.customers.purchases.rules import NewLine
from liuke.customers.records.actions import add_contact, add_point, register
from liuke.customers.records.rules import NewContact
from liuke.customers.relations.actions import relate
from liuke.customers.standings.actions import decide
from liuke.customers.timeline.actions import add_note, log_contact
from liuke.platform.models import AuditEntry, Job, User

State = Callable[[], dict[str, Any]]
# What a merge and its undo leave behind on purpose.
LEFT = {Merge, MergeStep, AuditEntry, Job}


@pytest.fixture
def state() -> State:
    """Every row of every table of ours; facts about merging, and how often a record was written, don't count."""

    def look() -> dict[str, Any]:
        found: dict[str, Any] = {}
        for model in apps.get_models():
            if not model.__module__.startswith("liuke.") or model in LEFT:
                continue
            rows = model._base_manager.order_by("pk")
            if model is Fact:
                rows = rows.exclude(kind__in=("merged", "separated"))
            values = list(rows.values())
            for row in values:
                row.pop("version", None) if model is Customer else None
            found[model._meta.label] = values
        return found

    return look


@dataclass
class Twice:
    here: Customer
    gone: Customer
    friend: Customer
    fields: dict[str, CustomField]


@pytest.fixture
def twice(alice: User, sue: User, now: datetime) -> Twice:
    """`here` and `gone` are one firm; both have orders, persons, numbers, dates, notes …, some of them the same."""
    fields = {
        name: add_field(by=None, now=now, type=kind, names={"en": name})
        for name, kind in (("trucks", "whole"), ("parent", "customer"))
    }
    friend = register(by=alice, now=now, name="Friend", number="K-9")
    made = []
    for number, name in (("K-1", "上海灯笼有限公司"), ("K-2", "上海燈籠公司")):
        one = register(
            by=alice,
            now=now,
            name=name,
            number=number,
            city="上海" if number == "K-1" else "",
            source="trade fair" if number == "K-2" else "",
            note=f"note of {number}",
            points=[("mobile", "138 0000 1111"), ("email", f"{number}@example.com")],
            contact=NewContact("王芳", title="buyer", department="采购部", points=[("wechat", "wangfang")]),
        )
        made.append(one)
        add_contact(one, NewContact(f"Only {number}", department="仓库", office=number), by=alice, now=now)
        add_point(one, kind="phone", value=f"021 5555 10{number[-1]}0", preferred=True, by=alice, now=now)
        for place in range(2 if number == "K-1" else 3):
            at = now - timedelta(days=30 * (place + 1) + len(made))
            lines = [NewLine(1_000 * (place + 1))]
            order = f"{number}-{place}"
            record_purchase(one, number=order, at=at, currency="CNY", lines=lines, by=alice, now=now)
        log_contact(one, channel="phone", outcome="reached", note="hello", by=alice, now=now)
        add_note(one, note=f"seen {number}", by=alice, now=now)
        ask(
            one,
            kind="task",
            assignee=alice,
            due_at=now,
            title="send list",
            source="person",
            by=alice,
            now=now,
        )
        ask(
            one,
            kind="risk",
            assignee=alice,
            due_at=now,
            source="scores.risk",
            key=f"risk:{one.pk}",
            by=None,
            now=now,
        )
        relate(one, to=friend, kind="friend", by=alice, now=now)
        ImportantDate.objects.create(customer=one, kind="founded", month=5, day=4)
        notes = {"hobbies": f"chess {number}"}
        write_background(one, None, notes, consent=f"said so {number}", by=alice, now=now)
        one.holdings.create(kind="vehicle", name=f"van {number}", bought_on=date(2020, 1, 1))
        fill(one, {fields["trucks"].definition.name: int(number[-1])}, by=alice, now=now)
        decide(one, "level", "reactive" if number == "K-1" else "proactive", by=alice, now=now)
    here, gone = made
    fill(friend, {fields["parent"].definition.name: gone.pk}, by=alice, now=now)
    relate(here, to=gone, kind="partner", by=alice, now=now)
    decide(gone, "attitude", "favourable", by=alice, now=now)
    return_card(gone, note="please complete", by=sue, now=now)
    here.refresh_from_db()
    gone.refresh_from_db()
    return Twice(here, gone, friend, fields)
