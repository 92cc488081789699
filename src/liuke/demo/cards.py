"""What the invented company wants to know of its customers beyond the usual, and what its people have noted so far."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

import numpy as np
from django.db import transaction
from django.db.models import Count, Sum

from liuke.customers.completeness.actions import refresh_all, return_card
from liuke.customers.fields.actions import add_field, definitions
from liuke.customers.fields.rules import Definition, clean, rows_of
from liuke.customers.models import Card, Customer, FieldValue, Purchase
from liuke.demo.events import at_work
from liuke.platform.bulk.actions import insert_rows, update_rows
from liuke.platform.models import User

PORTION = 2_000
CHECKED = 0.7  # of the cards that somebody has looked through since they were taken down
LONGEST_AGO_DAYS = 300
OFTEN = 10  # orders a year of whoever buys by an agreement, not as it comes


class Trade(NamedTuple):
    """What a customer has bought in the last year: what is noted of him has to fit it."""

    orders: int = 0
    minor: int = 0
    country: str = "CN"


Draw = Callable[[np.random.Generator, Trade], Any]


def one_of(*values: Any) -> Draw:
    return lambda rng, trade: values[int(rng.integers(len(values)))]


def by_size(low: int, each_minor: int) -> Draw:
    """So many for each part of the sales; the smallest has `low`."""
    return lambda rng, trade: low + round(trade.minor / each_minor * rng.uniform(0.6, 1.4))


def budget(rng: np.random.Generator, trade: Trade) -> int:
    """We have the larger part of it; in whole thousands."""
    return max(5_000, int(round(trade.minor / 100 * rng.uniform(1.1, 1.9), -3)))


def way(rng: np.random.Generator, trade: Trade) -> str:
    ways = BUYING[1:2] * 3 + BUYING[3:] if trade.orders >= OFTEN else (BUYING[0], *BUYING[2:])
    return ways[int(rng.integers(len(ways)))]


def site(rng: np.random.Generator, trade: Trade) -> str:
    return f"www.shop{rng.integers(10**6)}.example"


def market(rng: np.random.Generator, trade: Trade) -> list[str]:
    known = REGIONS[:4] if trade.country == "CN" else REGIONS[4:]
    return [value for value in known if rng.random() < 0.4] or [known[0]]


def day(first: int, last: int) -> Draw:
    return lambda rng, trade: date(
        int(rng.integers(first, last + 1)), int(rng.integers(1, 13)), int(rng.integers(1, 29))
    )


@dataclass(frozen=True)
class Wanted:
    """A field as the owner has defined it, how a value is drawn, and on how many cards somebody noted one."""

    type: str
    names: tuple[str, str, str]  # Simplified and Traditional Chinese, English
    block: str
    draw: Draw
    share: float
    options: tuple[str, ...] = ()
    more: dict[str, Any] = field(default_factory=dict)


FIRM, PERSON = {"kind": "enterprise"}, {"kind": "individual"}
WHO_DECIDES = {
    "zh-hans": "谁在什么时候决定买",
    "zh-hant": "誰在什麼時候決定買",
    "en": "Who decides to buy, and when",
}
REGIONS = ("华东", "华南", "华北", "西南", "欧洲", "北美", "东南亚")
BUYING = ("询价比价", "年度协议", "临时采购", "展会订货")
PACKED = ("中性包装", "自有品牌", "礼盒", "工厂原装")
TERMS = ("款到发货", "货到付款", "月结 30 天", "月结 60 天")
RIVALS = ("金华宏达礼品", "广州艺佳", "青岛海礼", "温州百艺", "网店低价同行")
OCCASIONS = ("送礼", "自用", "布置", "婚庆")

FIELDS = (
    Wanted("link", ("网站", "網站", "Website"), "basic", site, 0.4, more=FIRM),
    Wanted("date", ("成立日期", "成立日期", "Founded on"), "basic", day(1985, 2024), 0.5, more=FIRM),
    Wanted("date", ("会员到期", "會員到期", "Membership until"), "basic", day(2026, 2027), 0.35, more=PERSON),
    Wanted("several", ("市场范围", "市場範圍", "Market coverage"), "characteristics", market, 0.6, REGIONS, FIRM),
    Wanted(
        "one", ("采购方式", "採購方式", "Way of purchasing"), "characteristics", way, 0.8, BUYING,
        FIRM | {"required": True, "helps": WHO_DECIDES},
    ),
    Wanted("one", ("购买场合", "購買場合", "Occasion of buying"), "characteristics", one_of(*OCCASIONS), 0.5, OCCASIONS, PERSON),
    Wanted("whole", ("员工人数", "員工人數", "Staff"), "business", by_size(3, 4_000_000), 0.7, more=FIRM),
    Wanted("whole", ("门店数", "門店數", "Number of shops"), "business", by_size(1, 25_000_000), 0.6, more={"scope": "channel"}),
    Wanted("text", ("主要竞争对手", "主要競爭對手", "Main competitor"), "business", one_of(*RIVALS), 0.5, more=FIRM),
    Wanted("one", ("包装要求", "包裝要求", "Packaging"), "business", one_of(*PACKED), 0.6, PACKED, FIRM),
    Wanted("money", ("年采购预算", "年採購預算", "Yearly budget"), "business", budget, 0.5, more=FIRM),
    Wanted("one", ("付款条件", "付款條件", "Terms of payment"), "trading", one_of(*TERMS), 0.9, TERMS, FIRM | {"required": True}),
    Wanted("date", ("框架合同到期", "框架合約到期", "Framework contract until"), "trading", day(2026, 2028), 0.25, more=FIRM),
)  # fmt: skip


def keep_cards(*, by: User, leader: User, now: datetime, seed: int) -> None:
    """The owner's fields, what was noted in them, when each card was last looked through; one was returned."""
    for one in FIELDS:
        add_field(
            type=one.type,
            names=dict(zip(("zh-hans", "zh-hant", "en"), one.names, strict=True)),
            block=one.block,
            options=[("", name, True) for name in one.options],
            by=by,
            now=now - timedelta(days=400),
            **one.more,
        )
    rng, last = np.random.default_rng(seed + 5), 0
    pairs = list(zip(definitions(), FIELDS, strict=True))
    while some := list(
        Customer.objects.filter(pk__gt=last)
        .order_by("pk")
        .values_list("pk", "kind", "scope", "country")[:PORTION]
    ):
        trades = _trades(some, now)
        rows = [
            row
            for pk, kind, scope, country in some
            for row in _noted(pk, kind, scope, trades.get(pk, Trade())._replace(country=country), pairs, rng)
        ]
        with transaction.atomic():
            insert_rows(FieldValue, COLUMNS, rows)
        last = some[-1][0]
    refresh_all()
    _look_through(now, rng)
    poor = Card.objects.filter(customer__owner__in=User.objects.visible_to(leader), percent__lt=60).order_by(
        "pk"
    )
    for card in poor.select_related("customer")[:1]:
        return_card(
            card.customer, note="请补全采购方式和付款条件", by=leader, now=at_work(now - timedelta(hours=3))
        )


COLUMNS = ("customer_id", "field_id", "place", "text", "number", "day")


def _trades(some: list[tuple[int, str, str, str]], now: datetime) -> dict[int, Trade]:
    rows = Purchase.objects.filter(customer__gte=some[0][0], customer__lte=some[-1][0])
    year = rows.filter(at__gte=now - timedelta(days=365)).order_by().values_list("customer")
    return {pk: Trade(n, minor) for pk, n, minor in year.annotate(n=Count("pk"), minor=Sum("amount_minor"))}


def _noted(
    pk: int,
    kind: str,
    scope: str,
    trade: Trade,
    pairs: list[tuple[Definition, Wanted]],
    rng: np.random.Generator,
) -> list[tuple[Any, ...]]:
    rows: list[tuple[Any, ...]] = []
    for known, wanted in pairs:
        if known.of(kind, scope) and rng.random() < wanted.share:
            kept = rows_of(known, clean(known, wanted.draw(rng, trade)))
            rows += [(pk, known.pk, row.place, row.text, row.number, row.day) for row in kept]
    return rows


def _look_through(now: datetime, rng: np.random.Generator) -> None:
    """Most cards were checked by their owners at some time since they were taken down."""
    rows = []
    held = Card.objects.order_by("pk").values_list("pk", "verified_at", "customer__owner")
    for pk, since, owner in held:
        ago = timedelta(days=LONGEST_AGO_DAYS * float(rng.random()) ** 1.5)
        if rng.random() < CHECKED and owner and now - ago > since:
            rows.append((now - ago, owner, pk))
    for first in range(0, len(rows), PORTION):
        with transaction.atomic():
            update_rows(
                "UPDATE customers_card SET verified_at = %s, verified_by_id = %s WHERE customer_id = %s",
                rows[first : first + PORTION],
            )
