"""Whatever a small log holds: brought twice it changes nothing, undone it leaves nothing, and its rows add up."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from django.db.models import Sum
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from liuke.customers.imports.tests.conftest import Bring, content, row_counts
from liuke.customers.models import ImportBatch, Purchase, PurchaseLine

COLUMNS = ["订单号", "日期", "客户编号", "产品编码", "产品名称", "数量", "金额", "单据类型", "订单状态"]
PRODUCTS = st.sampled_from([("P1", "杯子"), ("P2", "袋子"), ("YF", "运费"), ("", "")])
ROWS = st.lists(
    st.tuples(
        st.sampled_from(["A1", "A2", "C3", "B4", ""]),
        st.sampled_from(["2026-01-05", "2026-01-06 10:30", "2026-02-30", "昨天", ""]),
        st.sampled_from(["K1", "K2", "", "NULL"]),
        PRODUCTS,
        st.sampled_from(["1", "2", "-1", "0.25", "x", ""]),
        st.sampled_from(["10", "-10", "0", "3.335", "1,000", "?"]),
        st.sampled_from(["销售", "退货", ""]),
        st.sampled_from(["交易成功", "已取消", ""]),
    ),
    min_size=1,
    max_size=14,
)


def as_file(rows: list[Any]) -> str:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for number, day, customer, product, *rest in rows:
        writer.writerow([number, day, customer, *product, *rest])
    return out.getvalue()


@pytest.mark.django_db
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(rows=ROWS)
def test_twice_is_once_and_undone_is_nothing(bring: Bring, take_out: Any, rows: list[Any]) -> None:
    mapping: dict[str, str | None] = {
        "order_number": "订单号", "at": "日期", "customer": "客户编号", "product_code": "产品编码", "product_name": "产品名称",
        "quantity": "数量", "amount": "金额", "kind": "单据类型", "status": "订单状态",
    }  # fmt: skip
    text = as_file(rows)
    before = row_counts()
    first = bring(text, mapping=mapping)
    adds_up(first, len(rows))
    written = content()
    again = bring(text, mapping=mapping)
    adds_up(again, len(rows))
    assert (again.counts["created"], again.counts["updated"]) == (0, 0)
    assert again.counts["unchanged"] == first.counts["created"]
    assert content() == written
    take_out(again)
    take_out(first)
    assert row_counts() == before


def adds_up(batch: ImportBatch, rows: int) -> None:
    counts = batch.counts
    assert counts["rows"] == rows
    assert counts["created"] + counts["updated"] + counts["unchanged"] + counts["rejected"] == rows
    of_lines = PurchaseLine.objects.aggregate(total=Sum("amount_minor"))["total"]
    assert of_lines == Purchase.objects.aggregate(total=Sum("amount_minor"))["total"]
    for purchase in Purchase.objects.all():
        assert purchase.line_count == purchase.lines.count()
        assert purchase.amount_minor == sum(line.amount_minor for line in purchase.lines.all())
        if purchase.kind in {"refund", "cancellation"}:
            assert purchase.amount_minor <= 0
        if purchase.reverses:
            assert purchase.reverses.customer_id == purchase.customer_id
