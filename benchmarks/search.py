"""How long the search box takes to its first eight customers, at a million customers, beside reading every line.

    python benchmarks/search.py [--customers 1000000] [--home FOLDER] [--postgres URL]

Makes firms and persons with Chinese and foreign names, numbers, telephones and e-mail addresses, and asks for what people
type: whole names, two letters that stand in thousands, pinyin, initials, parts of numbers, nothing at all; for an owner who
sees everything, a supervisor of a third and a salesperson of one in two hundred. Then for words with a slip in them, which
the search offers what is similar to. Told for each: milliseconds to the first eight (median and 95th percentile of nine), and
how often that goes into reading every line (LIKE; for a slip comparing every name), in the same run. A `--home` that was filled
before is used again.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

NOW = datetime(2026, 11, 30, 4, 0, tzinfo=UTC)
SELLERS, FIRST, PORTION = 200, 8, 20_000
PLACES = ("义乌", "杭州", "宁波", "广州", "深圳", "成都", "青岛", "上海")
WORDS = ("明达", "嘉禾", "宏远", "恒泰", "东篱", "瑞祥", "金诚", "海纳", "百川", "云帆", "启航", "丰盛")
TRADES = ("礼品", "贸易", "进出口", "百货", "电子", "母婴用品", "实业", "包装")
ENGLISH = (
    "Harbour",
    "Saffron",
    "Amber",
    "Kowalski",
    "Bristol",
    "Northern",
    "Paper",
    "Lantern",
    "Cedar",
    "Finch",
)
QUESTIONS = (
    "义乌明达礼品有限公司", "礼品", "有限公司", "mingda", "ywmd", "harbour", "1390013", "K0123456", "bristol lantern", "没有这个",
)  # fmt: skip

# Two swapped, one missing, one surplus, two slips; pinyin inside a name, Chinese letters, a number that tolerates none.
SLIPS = (
    "habrour", "kowalki", "briistol", "lantarn ceder", "mignda", "yiwumignda", "明搭礼品", "义五明达", "13900138999",
)  # fmt: skip


def customers(count: int) -> Iterator[tuple[Any, ...]]:
    chance = random.Random(20261130)
    for number in range(count):
        if number % 3:
            seldom = chr(0x4E00 + chance.randint(0, 4000))
            name = f"{chance.choice(PLACES)}{chance.choice(WORDS)}{seldom}{chance.choice(TRADES)}有限公司"
        else:
            name = f"{chance.choice(ENGLISH)} {chance.choice(ENGLISH)} {number} Ltd"
        phone = f"13{chance.randint(10**8, 10**9 - 1)}"
        yield number, f"K{number:07d}", name, phone, f"k{number}@mail.example"


def build(count: int) -> dict[str, Any]:
    from django.db import transaction

    from liuke.customers.models import Customer, CustomerSearch
    from liuke.customers.records.rules import search_text
    from liuke.platform.access.actions import ensure_starting_roles
    from liuke.platform.bulk.actions import insert_rows, refresh_statistics
    from liuke.platform.models import Role, Team, User

    ensure_starting_roles()
    company = Team.objects.create(name="Company")
    teams = [Team.objects.create(name=f"Team {place}", parent=company) for place in range(3)]

    def person(name: str, role: str, team: Any) -> Any:
        return User.objects.create(username=name, name=name, role=Role.objects.get(code=role), team=team)

    who = {
        "owner": person("owner", "owner", company),
        "supervisor": person("supervisor", "supervisor", teams[0]),
        "salesperson": person("seller", "salesperson", teams[0]),
    }
    sellers = [
        who["salesperson"],
        *(person(f"seller{n}", "salesperson", teams[n % 3]) for n in range(1, SELLERS)),
    ]
    columns = (
        "id", "number", "name", "kind", "scope", "purpose", "stage", "owner_id", "team_id", "source", "country", "province",
        "city", "address", "profile", "note", "version", "created_at",
    )  # fmt: skip
    rows, lines, indexing = [], [], 0.0
    for number, code, name, phone, email in customers(count):
        seller = sellers[number % SELLERS]
        rows.append((number + 1, code, name, "enterprise", "b2b", "", "customer", seller.pk, seller.team_id, "", "CN", "", "",
                     "", {}, "", 1, NOW))  # fmt: skip
        lines.append(
            (number + 1, search_text(number=code, name=name, points=[(phone, f"+86{phone}"), (email, email)]))
        )
        if len(rows) == PORTION or number + 1 == count:
            with transaction.atomic():
                insert_rows(Customer, columns, rows)
                began = time.perf_counter()
                insert_rows(CustomerSearch, ("customer_id", "text"), lines)
                indexing += time.perf_counter() - began
            rows, lines = [], []
            print(f"\r  {number + 1:,} of {count:,}", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    refresh_statistics()
    return who | {"seconds": indexing}


def timed(act: Callable[[], Any], *, times: int = 9) -> tuple[float, float]:
    """Median and 95th percentile, in milliseconds."""
    took = []
    for _ in range(times):
        began = time.perf_counter()
        act()
        took.append((time.perf_counter() - began) * 1000)
    return median(took), sorted(took)[round(0.95 * (times - 1))]


def compared(words: list[str]) -> int:
    """Comparing every name with the word, as there would be no other way without keys."""
    from liuke.customers.lookup.rules import nearness
    from liuke.customers.models import CustomerSearch

    lines = CustomerSearch.objects.values_list("text", flat=True).iterator(chunk_size=10_000)
    return sum(any(nearness(word, line) for word in words) for line in lines)


def scanned(user: Any, words: list[str]) -> list[Any]:
    """Reading every line, as it was before there was an index."""
    from liuke.customers.models import Customer, CustomerSearch

    lines = CustomerSearch.objects.all()
    for word in words:
        lines = lines.filter(text__contains=word)
    return list(
        Customer.objects.for_user(user)
        .filter(pk__in=lines.values("customer_id"))
        .order_by("name", "id")[:FIRST]
    )


def already() -> dict[str, Any]:
    """Who asks, where the home was filled by an earlier run."""
    from liuke.platform.models import User

    names = {"owner": "owner", "supervisor": "supervisor", "salesperson": "seller"}
    return {key: user for key, name in names.items() if (user := User.objects.filter(username=name).first())}


def asked(text: str, who: dict[str, Any]) -> float:
    """One line; returns the slowest median."""
    from liuke.customers.models import Customer
    from liuke.customers.records.rules import search_words

    line, slowest = f"{text:20}", 0.0
    for user in who.values():
        found = list(Customer.objects.for_user(user).search(text, by=user)[:FIRST])
        took, rest = timed(
            partial(lambda u: list(Customer.objects.for_user(u).search(text, by=u)[:FIRST]), user)
        )
        read, _ = timed(partial(scanned, user, search_words(text)), times=1)
        slowest = max(slowest, took)
        line += f"{took:13.1f}/{rest:6.1f}{len(found):7}{read / took:10.1f}"
    print(line, flush=True)
    return slowest


def mistyped(text: str, who: dict[str, Any]) -> float:
    from liuke.customers.models import Customer

    line, slowest = f"{text:20}", 0.0
    for user in who.values():
        found = Customer.objects.for_user(user).similar(text, by=user, limit=FIRST)
        took, rest = timed(
            partial(lambda u: Customer.objects.for_user(u).similar(text, by=u, limit=FIRST), user)
        )
        slowest = max(slowest, took)
        line += f"{took:13.1f}/{rest:6.1f}{len(found):7}{'':10}"
    print(line, flush=True)
    return slowest


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--customers", type=int, default=1_000_000)
    parser.add_argument(
        "--home", type=Path, help="where the database is made (default: a folder that goes again)"
    )
    parser.add_argument("--postgres", default="", help="URL of an empty database to use instead of SQLite")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="liuke-search-") as name:
        home = (args.home or Path(name)).resolve()
        home.mkdir(parents=True, exist_ok=True)
        os.environ |= {"LIUKE_HOME": str(home), "DJANGO_SETTINGS_MODULE": "liuke.config.settings"}
        os.environ.pop("DATABASE_URL", None)
        if args.postgres:
            os.environ["DATABASE_URL"] = args.postgres
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        who = already() or build(args.customers)
        if seconds := who.pop("seconds", 0.0):
            print(f"{args.customers:,} customers; their lines written and indexed in {seconds:.0f} s")
        print(f"{'asked':20}" + "".join(f"{one:>13} p50/p95{'found':>7}{'× reading':>10}" for one in who))
        slowest = max(asked(text, who) for text in QUESTIONS)
        print(f"{'with a slip':20}")
        near = max(mistyped(text, who) for text in SLIPS)
        words = list(SLIPS[:5])
        every, _ = timed(lambda: compared(words), times=1)
        print(
            f"slowest {slowest:.1f} ms; with a slip {near:.1f} ms; comparing every name {every / len(words):,.0f} ms a word"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
