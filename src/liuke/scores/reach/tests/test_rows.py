"""Of a night's file each reads the rows of his own customers, and nobody a row more."""

from __future__ import annotations

from datetime import datetime, timedelta

from liuke.customers.followups.actions import ask
from liuke.customers.models import Customer
from liuke.customers.purchases.actions import record_purchase
from liuke.customers.purchases.rules import NewLine
from liuke.customers.records.actions import register
from liuke.platform.models import User
from liuke.scores.judging.actions import score
from liuke.scores.reach.actions import Reach
from liuke.scores.track.rules import SCORES


def test_each_reads_the_rows_of_his_own_customers(
    alice: User, bob: User, charlie: User, sue: User, olga: User, now: datetime
) -> None:
    for number, owner in enumerate((alice, alice, bob, charlie, charlie, None)):
        customer = register(by=None, now=now - timedelta(days=90), name=f"c{number}", owner=owner)
        for ago in (60, 30, 5):
            at = now - timedelta(days=ago)
            record_purchase(customer, number=f"{number}-{ago}", at=at, currency="CNY", lines=[NewLine(90_000)], by=None, now=at)  # fmt: skip
    others = Customer.objects.filter(owner=charlie)[0]
    ask(others, kind="task", assignee=sue, due_at=now, source="person", by=None, now=now)
    run = score(by=None, now=now)
    for user in (alice, bob, charlie, sue, olga):
        rows = Reach(user).rows(run, SCORES, ["customer", "total_12m"])
        assert rows is not None
        mine = Customer.objects.for_user(user).values_list("pk", flat=True)
        assert sorted(rows["customer"].to_pylist()) == sorted(mine)
    sue.is_active = False
    nobodys = Reach(sue).rows(run, SCORES, ["customer", "total_12m"])
    assert nobodys is not None
    assert nobodys.num_rows == 0
