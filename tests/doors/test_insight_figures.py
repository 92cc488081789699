"""A count is data too: whatever other teams' customers buy, owe, risk or number, no page of Insight changes for who does
not read them. Every page of the URL table below insight/ × everybody who may open it, so that a new page is held as well.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from django.conf import settings
from django.db import transaction

from liuke.customers.completeness.models import Card
from liuke.customers.models import Customer, Purchase, Standing
from liuke.platform.access.tests.routes import Route, routes
from liuke.platform.models import User
from liuke.scores.models import CurrentRun, Score, ScoreRun, TrackRecord
from liuke.scores.runs.actions import BLANK, COLUMNS
from liuke.scores.track.rules import CAME, SCORES

from .calls import enter, holders, text_of
from .world import World, build, reads

# Also what sums up customers elsewhere.
PAGES = [route for route in routes() if route.path.startswith(("insight/", "customers/summary/"))]
CANARY = 918_273_00  # of money; and as many customers more as nobody else has
MORE = 13

pytestmark = pytest.mark.django_db


@dataclass(frozen=True)
class Figures:
    """What a night says of one customer."""

    customer: Customer
    minor: int


def night(run: ScoreRun, found: Sequence[Figures], *, first: date) -> None:
    """All that a run leaves: rows, files and its totals, as scores/judging and scores/track write them."""
    ids = [one.customer.pk for one in found]
    money = [one.minor / 100 for one in found]
    minor = sum(one.minor for one in found)
    folder = settings.HOME / "scores" / f"doors-{run.pk}"
    folder.mkdir(parents=True, exist_ok=True)
    keys = {"customer": ids}
    scores = keys | {
        "band": ["high"] * len(ids),
        "p_buy": [0.5] * len(ids),
        **dict.fromkeys(
            ["value_at_risk", "total_12m", "profit", "expected_value", "expected_purchases"], money
        ),
        "grade": ["lead"] * len(ids),
        "risk": [80] * len(ids),
    }
    month = first.year * 12 + first.month - 1
    twice = {"customer": ids * 2, "month": [month] * len(ids) + [month + 1] * len(ids)}
    pq.write_table(pa.table(scores), folder / SCORES)
    pq.write_table(pa.table(twice).sort_by("customer"), folder / "months.parquet")
    pq.write_table(pa.table(keys | {"purchases": [1] * len(ids), "value": money}), folder / CAME)
    run.folder, run.customers = str(folder.relative_to(settings.HOME)), len(ids)
    run.totals = {
        "at_risk": len(ids),
        "value_at_risk_minor": minor,
        "costed": 0.1,
        "without_rate": {"USD": len(ids)},
    }
    run.fallback = f"TooFewCustomers: {len(ids)}"
    refusal = {"code": "TooFewCustomers", "counted": "customers", "needed": 50, "found": len(ids)}
    run.forecast = {**run.forecast, "refusal": refusal}
    run.save()
    TrackRecord.objects.update_or_create(
        run=run,
        horizon_days=run.horizon_days,
        defaults={
            **dict.fromkeys(["customers", "actual_buyers", "actual_purchases"], len(ids)),
            **dict.fromkeys(["expected_buyers", "expected_purchases"], float(len(ids))),
            **dict.fromkeys(["expected_minor", "actual_minor"], minor),
            "judged_on": run.as_of,
            "log_loss": 0.5,
            "brier": 0.2,
            "auc": 0.8,
            "calibration": [{"forecast": 0.5, "came": 0.4, "customers": len(ids)}],
        },
    )
    numbers = [name for name in COLUMNS if name not in BLANK][2:]
    for one in found:
        held = dict.fromkeys(numbers, 0) | {name: one.minor for name in numbers if name.endswith("_minor")}
        kinds = {"grade": "lead", "band": "high", "moved": "fell", "grade_before": "iron"}
        cells = {
            "relation": "partner",
            "profit_cell": "profitable",
            "future_cell": "best",
            "sales_class": "A",
        }
        Score.objects.update_or_create(
            run=run, customer=one.customer, defaults={**BLANK, **held, **kinds, **cells}
        )


def nights(world: World, found: Sequence[Figures]) -> None:
    for run in ScoreRun.objects.all():
        night(run, found, first=world.now.date() - timedelta(days=200))


@pytest.fixture
def world(db: None, now: datetime) -> World:
    """Last night and one before, each with its verdict; each owner's customers with some money."""
    world = build(now)
    run = CurrentRun.objects.get().run
    assert run
    ScoreRun.objects.create(
        as_of=run.as_of - timedelta(days=90), state="done", started_at=now, finished_at=now, currency="CNY"
    )
    nights(world, [Figures(one, 100_00) for one in world.customers.values()])
    return world


def spoil(world: World, actor: User) -> None:
    """Those whom `actor` does not read get other figures, and become more; his own stay as they are."""
    foreign = [owner for owner in world.owners if not reads(actor, owner)]
    more = [
        Customer.objects.create(number=f"X{owner.pk}-{n}", name=f"Foreign {n}", owner=owner, team=owner.team)
        for owner in foreign
        for n in range(MORE)
    ]
    own = [Figures(world.customers[owner.username], 100_00) for owner in world.owners if owner not in foreign]
    others = [Figures(one, CANARY) for one in (*(world.customers[o.username] for o in foreign), *more)]
    nights(world, [*own, *others])
    for one in others:
        Standing.objects.create(customer=one.customer, what="decline", value="price", at=world.now)
        Card.objects.update_or_create(
            customer=one.customer, defaults={"percent": 7, "verified_at": world.now}
        )
        Purchase.objects.create(
            number=f"C-{one.customer.pk}",
            customer=one.customer,
            at=world.now,
            currency="CNY",
            amount_minor=CANARY,
        )


CHANGING = re.compile(
    r'csrfmiddlewaretoken" value="[^"]*"|X-CSRFToken[^}]*|nonce="[^"]*"|<time[^>]*>[^<]*</time>|Set-Cookie.*'
)


def page(actor: User, route: Route) -> str:
    night = CurrentRun.objects.get().run_id
    response = enter(actor).get(f"/{route.path}".replace("runs/<int:pk>", f"runs/{night}"))
    return CHANGING.sub("", text_of(response)) if response.status_code == 200 else ""


@pytest.mark.parametrize("route", PAGES, ids=str)
def test_pl02_foreign_figures_change_no_page_of_insight(route: Route, world: World) -> None:
    seen = 0
    for actor in holders(route, world):
        if all(reads(actor, owner) for owner in world.owners):
            continue
        before = page(actor, route)
        with transaction.atomic():
            spoil(world, actor)
            after = page(actor, route)
            transaction.set_rollback(True)
        nights(world, [Figures(one, 100_00) for one in world.customers.values()])  # the files, too
        assert after == before, f"/{route.path} tells {actor.username} of others: {difference(before, after)}"
        seen += bool(before)
    assert seen or not page(world.people["olga"], route), f"Nobody who reads a part may open /{route.path}"


@pytest.mark.parametrize("route", PAGES, ids=str)
def test_the_same_figures_change_it_for_who_reads_them(route: Route, world: World) -> None:
    """The counter-check: what was changed does stand on every page, not only in the head that all have."""
    olga, alice = world.people["olga"], world.people["alice"]
    if before := page(olga, route):
        spoil(world, alice)
        assert own_part(page(olga, route)) != own_part(before)


def own_part(text: str) -> str:
    """Below the head or the tabs, without the notices of the frame; and not the response's headers, which have its length."""
    head, _tabs, below = text.partition('class="tabs"')
    below = (below or head.partition("</header>")[2]).partition("</main>")[0]
    assert below
    return re.sub(r'<p class="notice.*?</p>', "", below, flags=re.S)


def difference(before: str, after: str) -> list[str]:
    known = set(before.splitlines())
    return [line[:400] for line in after.splitlines() if line not in known]
