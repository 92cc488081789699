"""The real log that may be shipped: one tenth of CDNOW's customers of early 1997, moved to end this week.

Purchases, amounts and rhythms are as they were; days are moved by whole weeks, so that weekdays stay; names are made up.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import numpy as np

from liuke.catalog.products.rules import NewProduct
from liuke.customers.purchases.actions import record_purchases
from liuke.customers.purchases.rules import NewLine, NewPurchase
from liuke.customers.records.actions import register
from liuke.demo import words
from liuke.demo.nights import last_night
from liuke.demo.play import Tell
from liuke.insight.datasets import cdnow_sample
from liuke.platform.models import Role, Team, User
from liuke.platform.organisation.actions import create_owner
from liuke.platform.preferences.actions import change
from liuke.platform.users.actions import add_user
from liuke.scores.judging.actions import score

COMPANY = "CDNOW 1997 (sample)"
CURRENCY = "USD"
DISC = NewProduct("CD", "Compact disc")
SEED = 1997
NIGHTS_BACK = (30,)


def shift(last: date, today: date) -> timedelta:
    """Whole weeks, as many as bring `last` into the week that ends today."""
    return timedelta(weeks=(today - last).days // 7)


def play(*, until: datetime, tell: Tell | None = None) -> None:
    """Brings in the log as two salespeople's customers, and judges it as of a month ago and of last night."""
    say = tell or (lambda what, done, total: None)
    log = cdnow_sample().sort_by([("on", "ascending"), ("customer", "ascending")]).to_pylist()
    by = shift(log[-1]["on"], until.date())
    start = datetime.combine(log[0]["on"] + by, time(), tzinfo=UTC) - timedelta(days=1)
    change("company.currency", CURRENCY, by=None, now=start)
    owner = create_owner(
        username="owner",
        name="Morgan Reed",
        password="liuke demo 2026",  # noqa: S106 - see demo/play
        company=COMPANY,
        now=start,
    )
    team = Team.objects.create(name="Sales", parent=owner.team)
    for name, shown, role in (("sup", "Dana Wells", "supervisor"), ("rep", "Chris Lane", "salesperson")):
        seller = add_user(
            username=name, name=shown, role=Role.objects.get(code=role), team=team, by=None, now=start
        )
    records = _register(sorted({row["customer"] for row in log}), seller, team, start)
    days: dict[date, list[NewPurchase]] = {}
    for place, row in enumerate(log):
        at = datetime.combine(row["on"] + by, time(4), tzinfo=UTC)
        line = NewLine(round(row["amount"] * 100), row["quantity"] * 1000, DISC)
        days.setdefault(row["on"], []).append(
            NewPurchase(records[row["customer"]], f"CD{place + 1:06d}", at, CURRENCY, [line], channel="web")
        )
    done = 0
    for on, rows in sorted(days.items()):
        record_purchases(rows, by=None, now=datetime.combine(on + by, time(5), tzinfo=UTC))
        done += len(rows)
        say("play", done, len(log))
    last_day = log[-1]["on"] + by
    for back in NIGHTS_BACK:
        score(by=None, now=until - timedelta(days=back), as_of=last_day - timedelta(days=back))
    last_night(until)
    say("play", len(log), len(log))


def _register(numbers: list[str], seller: User, team: Team, start: datetime) -> dict[str, int]:
    rng = np.random.default_rng(SEED)
    found = {}
    for number in numbers:
        first, last = rng.integers(0, len(words.FIRST_NAMES)), rng.integers(0, len(words.LAST_NAMES))
        customer = register(
            by=None,
            now=start,
            name=f"{words.FIRST_NAMES[first]} {words.LAST_NAMES[last]}",
            number=f"CD-{number}",
            kind="individual",
            scope="consumer",
            country="US",
            source="CDNOW",
            owner=seller,
            team=team,
        )
        found[number] = customer.pk
    return found
