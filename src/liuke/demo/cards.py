"""What the invented company wants to know of its customers beyond the usual, and what its people have noted so far."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
from django.db import transaction

from liuke.customers.completeness.actions import refresh_all, return_card
from liuke.customers.fields.actions import add_field, definitions
from liuke.customers.fields.rules import Definition, clean, rows_of
from liuke.customers.models import Card, Customer, FieldValue
from liuke.platform.bulk.actions import insert_rows, update_rows
from liuke.platform.models import User

PORTION = 2_000
CHECKED = 0.7  # of the cards that somebody has looked through since they were taken down
LONGEST_AGO_DAYS = 300
Draw = Callable[[np.random.Generator], Any]


def one_of(*values: Any) -> Draw:
    return lambda rng: values[int(rng.integers(len(values)))]


def some_of(*values: str) -> Draw:
    return lambda rng: [value for value in values if rng.random() < 0.4] or [values[0]]


def whole(low: int, high: int) -> Draw:
    """Small ones are the most."""
    return lambda rng: int(low + (high - low) * rng.random() ** 3)


def day(first: int, last: int) -> Draw:
    return lambda rng: date(
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
    Wanted("link", ("网站", "網站", "Website"), "basic", lambda rng: f"www.shop{rng.integers(10**6)}.example", 0.4, more=FIRM),
    Wanted("date", ("成立日期", "成立日期", "Founded on"), "basic", day(1985, 2024), 0.5, more=FIRM),
    Wanted("date", ("会员到期", "會員到期", "Membership until"), "basic", day(2026, 2027), 0.35, more=PERSON),
    Wanted("several", ("市场范围", "市場範圍", "Market coverage"), "characteristics", some_of(*REGIONS), 0.6, REGIONS, FIRM),
    Wanted(
        "one", ("采购方式", "採購方式", "Way of purchasing"), "characteristics", one_of(*BUYING), 0.8, BUYING,
        FIRM | {"required": True, "helps": WHO_DECIDES},
    ),
    Wanted("one", ("购买场合", "購買場合", "Occasion of buying"), "characteristics", one_of(*OCCASIONS), 0.5, OCCASIONS, PERSON),
    Wanted("whole", ("员工人数", "員工人數", "Staff"), "business", whole(2, 400), 0.7, more=FIRM),
    Wanted("whole", ("车辆数", "車輛數", "Number of trucks"), "business", whole(1, 40), 0.6, more={"scope": "channel"}),
    Wanted("text", ("主要竞争对手", "主要競爭對手", "Main competitor"), "business", one_of(*RIVALS), 0.5, more=FIRM),
    Wanted("one", ("包装要求", "包裝要求", "Packaging"), "business", one_of(*PACKED), 0.6, PACKED, FIRM),
    Wanted("money", ("年采购预算", "年採購預算", "Yearly budget"), "business", whole(20_000, 3_000_000), 0.5, more=FIRM),
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
        Customer.objects.filter(pk__gt=last).order_by("pk").values_list("pk", "kind", "scope")[:PORTION]
    ):
        rows = [row for pk, kind, scope in some for row in _noted(pk, kind, scope, pairs, rng)]
        with transaction.atomic():
            insert_rows(FieldValue, COLUMNS, rows)
        last = some[-1][0]
    refresh_all()
    _look_through(now, rng)
    poor = Card.objects.filter(customer__owner__in=User.objects.visible_to(leader), percent__lt=60).order_by(
        "pk"
    )
    for card in poor.select_related("customer")[:1]:
        return_card(card.customer, note="请补全采购方式和付款条件", by=leader, now=now - timedelta(hours=3))


COLUMNS = ("customer_id", "field_id", "place", "text", "number", "day")


def _noted(
    pk: int, kind: str, scope: str, pairs: list[tuple[Definition, Wanted]], rng: np.random.Generator
) -> list[tuple[Any, ...]]:
    rows: list[tuple[Any, ...]] = []
    for known, wanted in pairs:
        if known.of(kind, scope) and rng.random() < wanted.share:
            kept = rows_of(known, clean(known, wanted.draw(rng)))
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
