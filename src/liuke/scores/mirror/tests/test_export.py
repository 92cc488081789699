from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from liuke import insight
from liuke.catalog.models import Product
from liuke.customers.models import Customer, Purchase, PurchaseLine
from liuke.scores.mirror.actions import Export, costed_share, export_purchases, local_days, margins
from liuke.scores.mirror.rules import factor

EVENING = datetime(2026, 1, 31, 20, 30, tzinfo=UTC)  # the next day in Shanghai


@pytest.fixture
def cup(db: None) -> Product:
    return Product.objects.create(code="CT-101", name="Cup")


def bought(
    number: str, customer: Customer | None, product: Product | None, minor: int, **more: object
) -> Purchase:
    purchase = Purchase.objects.create(
        number=number, customer=customer, **{"at": EVENING, "currency": "CNY", "amount_minor": minor, **more}
    )
    PurchaseLine.objects.create(
        purchase=purchase, product=product, quantity_milli=1000, amount_minor=minor, cost_minor=minor // 2
    )
    return purchase


@pytest.fixture
def ann(db: None) -> Customer:
    return Customer.objects.create(number="C1", name="Ann")


def export(tmp_path: Path, **rates: float) -> tuple[Export, list[dict[str, object]]]:
    result = export_purchases(tmp_path / "p.parquet", zone="Asia/Shanghai", currency="CNY", rates=rates)
    return result, pq.read_table(result.file).to_pylist()


def test_a_line_goes_out_with_its_day_in_the_companys_zone(
    tmp_path: Path, ann: Customer, cup: Product
) -> None:
    bought("A1", ann, cup, 12_345)
    result, rows = export(tmp_path)
    assert rows == [
        {
            "customer": ann.pk,
            "on": date(2026, 2, 1),
            "amount": 123.45,
            "cost": 61.72,
            "order": 1,
            "product": cup.pk,
            "goods": True,
            "taken_back": None,
        }
        | {"order": Purchase.objects.get().pk}
    ]
    assert (result.purchases, result.lines, result.last_on) == (1, 1, date(2026, 2, 1))


def test_sales_without_a_customer_stay_in(tmp_path: Path, ann: Customer, cup: Product) -> None:
    bought("A1", ann, cup, 100)
    bought("A2", None, cup, 900)
    assert [row["amount"] for row in export(tmp_path)[1]] == [1.0]


def test_a_charge_is_no_goods_and_a_line_may_have_no_product(tmp_path: Path, ann: Customer) -> None:
    bought("A1", ann, Product.objects.create(code="YF", kind="charge"), 100)
    bought("A2", ann, None, 200)
    assert [(row["amount"], row["goods"], row["product"] is None) for row in export(tmp_path)[1]] == [
        (1.0, False, False),
        (2.0, True, True),
    ]


def test_foreign_money_is_reckoned_by_the_companys_rate(tmp_path: Path, ann: Customer, cup: Product) -> None:
    bought("A1", ann, cup, 1000, currency="USD")
    bought("A2", ann, cup, 1000, currency="JPY")
    result, rows = export(tmp_path, USD=7.0)
    assert [row["amount"] for row in rows] == [70.0]
    assert result.without_rate == {"JPY": 1}


@pytest.mark.django_db
def test_nothing_bought_gives_an_empty_file(tmp_path: Path) -> None:
    result, rows = export(tmp_path)
    assert (rows, result.last_on) == ([], None)


def test_margins_are_sales_less_cost_within_the_window(tmp_path: Path, ann: Customer, cup: Product) -> None:
    bought("A1", ann, cup, 10_000)
    bought("A0", ann, cup, 50_000, at=datetime(2024, 1, 1, tzinfo=UTC))
    result, _ = export(tmp_path)
    assert margins(result.file, as_of=date(2026, 3, 1), months=12) == {ann.pk: 50.0}


def test_days_follow_a_zone_through_its_summer_time() -> None:
    instants = [datetime(2026, 3, 28, 23, 30, tzinfo=UTC), datetime(2026, 3, 29, 22, 30, tzinfo=UTC)]
    seconds = np.array([int(at.timestamp()) for at in instants])
    assert [str(day) for day in local_days(seconds, "Europe/London")] == ["2026-03-28", "2026-03-29"]
    assert [str(day) for day in local_days(seconds, "Europe/Berlin")] == ["2026-03-29", "2026-03-30"]


def test_a_currency_without_decimals() -> None:
    assert factor("JPY", "CNY", {"JPY": 0.05}) == 0.05
    assert factor("EUR", "CNY", {}) is None


@pytest.mark.parametrize(
    ("as_of", "left"),
    [(None, ["A2"]), (date(2026, 2, 9), ["A1", "A2", "R0"]), (date(2026, 2, 10), ["A2"])],
)
def test_an_order_that_was_wholly_taken_back_is_no_purchase_from_that_day_on(
    tmp_path: Path, ann: Customer, cup: Product, as_of: date | None, left: list[str]
) -> None:
    """Nor is what took it back; on the days before, it counted, for nobody could know, and who looks back there sees it."""
    gone_at = datetime(2026, 2, 10, 3, tzinfo=UTC)
    gone = bought("A1", ann, cup, 100, taken_back_at=gone_at)
    bought("A2", ann, cup, 200)
    bought("R0", ann, cup, -40, kind="refund", reverses=gone, at=datetime(2026, 2, 5, tzinfo=UTC))
    file = tmp_path / "p.parquet"
    found = export_purchases(file, zone="Asia/Shanghai", currency="CNY", rates={}, as_of=as_of)
    numbers = dict(Purchase.objects.values_list("pk", "number"))
    rows = pq.read_table(file).to_pylist()
    assert {numbers[row["order"]] for row in rows} == {"A1", "A2", "R0"}
    assert sorted(numbers[row["order"]] for row in rows if row["taken_back"] is None) == left
    assert {row["taken_back"] for row in rows} <= {None, date(2026, 2, 10)}
    assert found.purchases == found.lines == len(left)
    then = insight.read_purchases(file).known(date(2026, 2, 9))
    (day,) = then.engine.fetch(then.days.filter(then.days.bought)).to_pylist()
    assert day["value"] == pytest.approx(3.0)


def test_where_every_order_was_taken_back_there_is_nothing(
    tmp_path: Path, ann: Customer, cup: Product
) -> None:
    bought("A1", ann, cup, 100, taken_back_at=EVENING)
    found, rows = export(tmp_path)
    assert [row["taken_back"] for row in rows] == [date(2026, 2, 1)]
    assert (found.purchases, found.lines, found.last_on) == (0, 0, None)


def test_what_was_taken_back_counts_nowhere_in_the_margins(
    tmp_path: Path, ann: Customer, cup: Product
) -> None:
    gone = bought("A1", ann, cup, 10_000, taken_back_at=EVENING)
    bought("R1", ann, cup, -10_000, kind="refund", reverses=gone)
    bought("A2", ann, cup, 3_000)
    PurchaseLine.objects.filter(purchase=gone).update(cost_minor=None)
    file = export(tmp_path)[0].file
    assert margins(file, as_of=date(2026, 3, 1), months=12) == {ann.pk: 15.0}
    assert costed_share(file) == 1.0


def test_where_nothing_came_for_long_all_was_known_to_be_taken_back_on_the_day_that_is_judged(
    tmp_path: Path, ann: Customer, cup: Product
) -> None:
    """The log is judged as of its last purchase, and what was taken back since counts for nothing all the same."""
    bought("A1", ann, cup, 100, taken_back_at=datetime(2026, 9, 1, tzinfo=UTC))
    bought("A2", ann, cup, 200)
    file = tmp_path / "p.parquet"
    export_purchases(
        file, zone="Asia/Shanghai", currency="CNY", rates={}, judged_on=lambda last_on: last_on + timedelta(1)
    )
    assert [row["taken_back"] for row in pq.read_table(file).to_pylist()] == [date(2026, 2, 2), None]
