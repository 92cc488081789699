"""How long it takes to count a segment, at a million customers.

    python benchmarks/segments.py [--customers 1000000] [--home FOLDER] [--postgres URL]

Makes customers with three orders each on average, two lines an order, two contacts and a judgement, by plain inserts, then
counts segments of growing difficulty as the builder does, for somebody who sees everything and for one salesperson. Each
is told as a multiple of counting all customers in the same run, and of the time in milliseconds.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any

NOW = datetime(2026, 11, 30, 4, 0, tzinfo=UTC)
SELLERS, PRODUCTS = 200, 500
DAY = timedelta(days=1)
PRESS = {"field": "product", "op": "is", "values": ["Product 7"]}
PAPER = {"field": "product", "op": "is", "values": ["Product 8"]}
LATELY = {"field": "at", "op": "within_days", "values": [90]}
GOLD = {"field": "grade", "op": "is", "values": ["gold"]}
BOUGHT: dict[str, Any] = {"event": "bought", "op": "least", "times": 1}
ASKED: dict[str, list[Any]] = {
    "all customers": [],
    "gold": [GOLD],
    "no contact for 60 days": [{"field": "last_contact", "op": "over_days", "values": [60]}],
    "bought in 90 days": [BOUGHT | {"where": [LATELY]}],
    "did not buy in 90 days": [BOUGHT | {"op": "most", "times": 0, "where": [LATELY]}],
    "bought X": [BOUGHT | {"where": [PRESS]}],
    "gold, bought X, not Y in 90 days": [
        GOLD,
        BOUGHT | {"where": [PRESS]},
        BOUGHT | {"op": "most", "times": 0, "where": [PAPER, LATELY]},
    ],
    "not contacted in 30 days": [
        {"event": "contacted", "op": "most", "times": 0, "where": [LATELY | {"values": [30]}]}
    ],
    "at least 5 orders": [BOUGHT | {"times": 5}],
    "for 5,000 in all this year": [
        BOUGHT | {"total": ["least", 500_000], "where": [{"field": "at", "op": "this", "values": ["year"]}]}
    ],
}


def told(what: str) -> None:
    print(f"  {what} …", file=sys.stderr, flush=True)


def portions(rows: Iterable[Any], size: int = 50_000) -> Iterator[list[Any]]:
    held: list[Any] = []
    for row in rows:
        held.append(row)
        if len(held) == size:
            yield held
            held = []
    yield held


def write(model: Any, columns: tuple[str, ...], rows: Iterable[Any]) -> None:
    from django.db import transaction

    from liuke.platform.bulk.actions import insert_rows

    told(model._meta.label)
    for some in portions(rows):
        with transaction.atomic():
            insert_rows(model, columns, some)


def people() -> tuple[Any, Any]:
    from liuke.platform.access.actions import ensure_starting_roles
    from liuke.platform.models import Role, Team, User

    ensure_starting_roles()
    team = Team.objects.create(name="Company")

    def person(name: str, role: str) -> Any:
        return User.objects.create(username=name, name=name, role=Role.objects.get(code=role), team=team)

    owner = person("owner", "owner")
    sellers = [person(f"seller{place}", "salesperson") for place in range(SELLERS)]
    return owner, sellers


def build(count: int) -> tuple[Any, Any]:
    from liuke.catalog.models import Product
    from liuke.customers.models import Customer, Fact, Purchase, PurchaseLine
    from liuke.scores.models import CurrentRun, Score, ScoreRun
    from liuke.scores.runs.actions import BLANK, COLUMNS

    rng = random.Random(15)
    owner, sellers = people()
    first = sellers[0].pk
    Product.objects.bulk_create(
        Product(code=f"P{n}", name=f"Product {n}", category=f"Category {n % 20}") for n in range(PRODUCTS)
    )
    product = Product.objects.order_by("pk").values_list("pk", flat=True)[0]
    columns = ("id", "number", "name", "kind", "scope", "purpose", "stage", "owner_id", "team_id", "source", "country",
               "province", "city", "address", "profile", "note", "last_contact_at", "last_purchase_at", "version",
               "created_at")  # fmt: skip
    write(Customer, columns, (
        (pk, f"C{pk}", f"Customer {pk}", "enterprise", "b2b", "", "customer", first + pk % SELLERS, owner.team_id, "", "CN",
         "", "", "", {}, "", NOW - rng.randrange(400) * DAY, NOW - rng.randrange(400) * DAY, 1, NOW - 900 * DAY)
        for pk in range(1, count + 1)))  # fmt: skip
    ordered = ("id", "number", "kind", "customer_id", "at", "currency", "amount_minor", "goods_minor", "line_count",
               "product_count", "channel")  # fmt: skip
    write(Purchase, ordered, (
        (pk, f"O{pk}", "order", rng.randrange(1, count + 1), NOW - rng.randrange(1095) * DAY, "CNY", 100_000, 100_000, 2, 2, "")
        for pk in range(1, 3 * count + 1)))  # fmt: skip
    write(PurchaseLine, ("purchase_id", "product_id", "quantity_milli", "amount_minor"), (
        (pk // 2 + 1, product + rng.randrange(PRODUCTS), 1000, 50_000) for pk in range(6 * count)))  # fmt: skip
    spoke = {"channel": "phone", "direction": "out", "outcome": "reached"}
    write(Fact, ("customer_id", "kind", "version", "at", "recorded_at", "subject_type", "currency", "data"), (
        (rng.randrange(1, count + 1), "contacted", 1, NOW - rng.randrange(400) * DAY, NOW, "", "", spoke)
        for _ in range(2 * count)))  # fmt: skip
    run = ScoreRun.objects.create(as_of=NOW.date(), state="done", started_at=NOW, currency="CNY")
    CurrentRun.objects.update_or_create(pk=1, defaults={"run": run})
    grades = ["platinum"] + ["gold"] * 4 + ["iron"] * 15 + ["lead"] * 80
    blank = [BLANK.get(name, 0) for name in COLUMNS]
    place = {name: COLUMNS.index(name) for name in ("run_id", "customer_id", "grade")}

    def judged() -> Iterator[list[Any]]:
        for pk in range(1, count + 1):
            row = list(blank)
            row[place["run_id"]], row[place["customer_id"]], row[place["grade"]] = (
                run.pk,
                pk,
                grades[pk % 100],
            )
            yield row

    write(Score, tuple(COLUMNS), judged())
    return owner, sellers[0]


def measure(*users: Any) -> None:
    from liuke.customers.models import Customer
    from liuke.scores.questions.actions import answering
    from liuke.scores.runs.actions import current_run
    from liuke.scores.segments.actions import catalogue

    run, base = current_run(), 0.0
    print(f"{'':36}{'customers':>12}{'ms':>10}{'× all':>8}{'   of one seller':>18}{'ms':>10}")
    for name, asked in ASKED.items():
        cells = []
        for user in users:
            tree = catalogue(user).tree({"all": asked})
            spent, found = [], 0
            for _ in range(3):
                began = time.perf_counter()
                found = answering(Customer.objects.for_user(user), tree, run, user=user, now=NOW).count()
                spent.append(time.perf_counter() - began)
            cells.append((found, median(spent) * 1000))
        base = base or cells[0][1]
        (n, ms), (own, own_ms) = cells
        print(f"{name:36}{n:>12,}{ms:>10.0f}{ms / base:>8.1f}{own:>18,}{own_ms:>10.0f}", flush=True)


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--customers", type=int, default=1_000_000)
    asked.add_argument("--home", type=Path, help="keeps the company for the next time")
    asked.add_argument("--postgres", help="an empty database: postgresql://…")
    options = asked.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["LIUKE_HOME"] = str(options.home or folder)
        Path(os.environ["LIUKE_HOME"]).mkdir(parents=True, exist_ok=True)
        if options.postgres:
            os.environ["DATABASE_URL"] = options.postgres
        os.environ["DJANGO_SETTINGS_MODULE"] = "liuke.config.settings"
        import django

        django.setup()
        from django.core.management import call_command

        from liuke.platform.models import User

        call_command("migrate", verbosity=0)
        owner = User.objects.filter(username="owner").first()
        pair = (owner, User.objects.get(username="seller0")) if owner else build(options.customers)
        from liuke.platform.bulk.actions import refresh_statistics

        refresh_statistics()
        measure(*(User.objects.select_related("role", "team").get(pk=one.pk) for one in pair))


if __name__ == "__main__":
    main()
