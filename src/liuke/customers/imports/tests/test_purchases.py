from __future__ import annotations

from datetime import UTC, datetime

import pytest

from liuke.catalog.models import Product
from liuke.customers.imports.tests.conftest import Bring, content, in_part
from liuke.customers.models import Customer, Fact, ImportPart, Purchase, PurchaseLine
from liuke.platform.preferences.actions import change

HEAD = "订单号,下单时间,客户编号,客户名称,产品编码,产品名称,数量,单价\n"


def amounts() -> dict[str, tuple[str, int]]:
    return {p.number: (p.kind, p.amount_minor) for p in Purchase.objects.all()}


def test_lines_become_orders_of_customers_with_products(bring: Bring) -> None:
    batch = bring(
        HEAD + "A1,2026-01-05 10:00,C1,明达,P1,杯子,3,2.50\n"
        "A1,2026-01-05 10:01,C1,明达,P2,袋子,1,10\n"
        "A2,2026-02-01,C2,华联,P1,杯子,2,2.55\n"
    )
    assert batch.state == "done"
    assert batch.counts == {
        "rows": 3, "created": 3, "updated": 0, "unchanged": 0, "rejected": 0, "aside": 0, "orders": 2, "orders_created": 2,
        "orders_updated": 0, "customers_created": 2,
    }  # fmt: skip
    order = Purchase.objects.get(number="A1")
    assert (order.kind, order.currency, order.amount_minor, order.line_count, order.product_count) == (
        "order",
        "CNY",
        1750,
        2,
        2,
    )
    assert order.at == datetime(2026, 1, 5, 2, 0, tzinfo=UTC)  # ten o'clock in Shanghai
    assert order.customer is not None
    assert (order.customer.name, order.customer.stage) == ("明达", "customer")
    assert order.customer.first_purchase_at == order.at
    assert list(Fact.objects.filter(customer=order.customer).order_by("kind").values_list("kind", flat=True)) == [
        "purchased", "registered", "stage_changed",
    ]  # fmt: skip
    assert list(order.lines.values_list("quantity_milli", "amount_minor")) == [(3000, 750), (1000, 1000)]
    assert Customer.objects.search("mingda", by=None).get().number == "C1"


def test_the_same_file_again_changes_nothing(bring: Bring) -> None:
    text = (
        HEAD + "A1,2026-01-05,C1,明达,P1,杯子,3,2.50\n"
        "A1,2026-01-05,C1,明达,P1,杯子,3,2.50\n"
        "A2,2026-02-01,C2,华联,P1,杯子,-2,2.55\n"
    )
    bring(text)
    before = content()
    again = bring(text)
    assert (again.counts["created"], again.counts["updated"], again.counts["unchanged"]) == (0, 0, 3)
    assert content() == before


def test_equal_lines_of_an_order_are_two_lines(bring: Bring) -> None:
    bring(HEAD + "A1,2026-01-05,C1,明达,P1,杯子,3,2.50\nA1,2026-01-05,C1,明达,P1,杯子,3,2.50\n")
    assert PurchaseLine.objects.count() == 2
    assert Purchase.objects.get().amount_minor == 1500


def test_the_order_of_lines_in_the_file_does_not_matter(bring: Bring) -> None:
    lines = [
        "A1,2026-01-05,C1,明达,P1,杯子,3,2.50\n",
        "A1,2026-01-05,C1,明达,P2,袋子,1,1\n",
        "B1,2026-01-06,C2,华联,P2,袋子,1,1\n",
    ]
    bring(HEAD + "".join(lines))
    assert bring(HEAD + "".join(reversed(lines))).counts["unchanged"] == 3


def test_a_changed_order_takes_the_place_of_the_old_one_and_is_told(bring: Bring) -> None:
    bring(HEAD + "A1,2026-01-05,C1,明达,P1,杯子,3,2.50\nA1,2026-01-05,C1,明达,P2,袋子,1,1\n")
    batch = bring(HEAD + "A1,2026-01-05,C1,明达,P1,杯子,4,2.50\n")
    assert (batch.counts["updated"], batch.counts["orders_updated"]) == (1, 1)
    assert amounts() == {"A1": ("order", 1000)}
    assert PurchaseLine.objects.count() == 1
    told = (
        Fact.objects.filter(subject_type="customers.Purchase")
        .order_by("id")
        .values_list("kind", "amount_minor")
    )
    assert list(told) == [("purchased", 850), ("refunded", -850), ("purchased", 1000)]


def test_lines_without_a_customer_are_kept_aside(bring: Bring) -> None:
    batch = bring(HEAD + "A1,2026-01-05,,,P1,杯子,3,2.50\nA2,2026-01-05,C1,明达,P1,杯子,1,1\n")
    assert (batch.counts["created"], batch.counts["aside"]) == (2, 1)
    assert Purchase.objects.get(number="A1").customer is None
    assert not Fact.objects.filter(
        subject_id=Purchase.objects.get(number="A1").pk, subject_type="customers.Purchase"
    ).exists()


def test_a_blank_customer_beside_a_named_one_is_that_one(bring: Bring) -> None:
    bring(HEAD + "A1,2026-01-05,,,P1,杯子,3,2.50\nA1,2026-01-05,C1,明达,P2,袋子,1,1\n")
    assert Purchase.objects.get().customer.number == "C1"


def test_without_order_numbers_a_customers_day_is_one_order(bring: Bring) -> None:
    text = (
        "日期,客户,金额\n2026-01-05 09:00,C1,10\n2026-01-05 18:00,C1,5.5\n2026-01-06,C1,1\n2026-01-05,C2,2\n"
    )
    batch = bring(text)
    assert amounts() == {
        "20260105-C1": ("order", 1550), "20260106-C1": ("order", 100), "20260105-C2": ("order", 200),
    }  # fmt: skip
    assert "unnumbered_rows" in {p["code"] for p in batch.problems}
    assert bring(text).counts["unchanged"] == 4


def test_a_log_that_knows_names_only(bring: Bring) -> None:
    batch = bring("订单号,日期,客户名称,金额\nA1,2026-01-05,明达贸易,10\n")
    customer = Customer.objects.get()
    assert (customer.number, customer.name) == (f"C{customer.pk:06d}", "明达贸易")
    assert "names_for_numbers" in {p["code"] for p in batch.problems}


def test_postage_fees_and_discounts_are_charges_and_no_goods(bring: Bring) -> None:
    bring(
        HEAD + "A1,2026-01-05,C1,明达,P1,杯子,3,2.50\n"
        "A1,2026-01-05,C1,明达,YF,运费,1,12\n"
        "A1,2026-01-05,C1,明达,ZK,折扣,-1,2\n"
        "A2,2026-01-06,C1,明达,YF,运费,1,12\n"
    )
    order = Purchase.objects.get(number="A1")
    assert (order.amount_minor, order.goods_minor, order.product_count, order.kind) == (1750, 750, 1, "order")
    assert dict(Product.objects.values_list("code", "kind")) == {
        "P1": "goods",
        "YF": "charge",
        "ZK": "charge",
    }
    assert Purchase.objects.get(number="A2").kind == "charge"
    assert Fact.objects.filter(kind="purchased").count() == 1  # postage alone is nothing that a customer did


def test_a_c_before_the_number_calls_an_earlier_order_off(bring: Bring) -> None:
    bring(
        "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"
        "536365,85123A,HOLDER,6,2026-01-05 08:26:00,2.55,17850,United Kingdom\n"
        "536365,71053,LANTERN,6,2026-01-05 08:26:00,3.39,17850,United Kingdom\n"
        "536370,85123A,HOLDER,2,2026-01-06 08:26:00,2.55,17850,United Kingdom\n"
        "C536379,85123A,HOLDER,-6,2026-01-07 09:41:00,2.55,17850,United Kingdom\n"
        "C536380,99999,UNKNOWN,-1,2026-01-08 09:41:00,1.00,17850,United Kingdom\n"
        "536414,22139,,56,2026-01-08 11:52:00,0,,United Kingdom\n"
        "536415,22139,damaged,-5,2026-01-08 11:53:00,0,,United Kingdom\n"
    )
    back = Purchase.objects.get(number="C536379")
    assert (back.kind, back.amount_minor, back.reverses.number) == ("cancellation", -1530, "536365")
    assert Purchase.objects.get(number="C536380").reverses is None
    assert Purchase.objects.get(number="C536380").kind == "cancellation"
    assert (
        Purchase.objects.get(number="536414").kind,
        Purchase.objects.get(number="536414").amount_minor,
    ) == ("order", 0)
    assert Purchase.objects.get(number="536415").kind == "charge"  # written off; nobody's
    assert Fact.objects.get(kind="refunded", amount_minor=-1530).data == {
        "number": "C536379",
        "kind": "cancellation",
        "reverses": "536365",
    }
    assert Customer.objects.get().country == "GB"


def test_where_all_numbers_begin_with_c_none_calls_anything_off(bring: Bring) -> None:
    bring(
        HEAD
        + "C1,2026-01-05,K1,明达,P1,杯子,3,2\nC2,2026-01-06,K1,明达,P1,杯子,-1,2\nC3,2026-01-07,K1,明达,P1,杯子,3,2\n"
    )
    assert amounts()["C2"] == ("refund", -200)


def test_a_return_finds_its_order_in_an_earlier_import(bring: Bring) -> None:
    bring(HEAD + "A1,2026-01-05,C1,明达,P1,杯子,3,2\nA2,2026-01-20,C1,明达,P1,杯子,1,2\n")
    bring(HEAD + "R1,2026-02-05,C1,明达,P1,杯子,-2,2\n")
    assert Purchase.objects.get(number="R1").reverses.number == "A1"
    bring(HEAD + "R2,2026-02-06,C1,明达,P1,杯子,-2,2\n")
    assert Purchase.objects.get(number="R2").reverses is None  # one is left of A1


def test_a_column_of_types_makes_lines_negative(bring: Bring) -> None:
    bring(
        "单据类型,单据编号,日期,客户编号,产品编码,数量,金额\n"
        "销售,S1,2026-01-05,C1,P1,5,50\n"
        "销售退货,T1,2026-01-09,C1,P1,2,20\n"
    )
    back = Purchase.objects.get(number="T1")
    assert (back.kind, back.amount_minor, back.reverses.number) == ("refund", -2000, "S1")
    assert back.lines.get().quantity_milli == -2000


def test_a_return_under_the_number_of_its_order_is_an_entry_of_its_own(bring: Bring) -> None:
    bring(
        "单据类型,单据编号,日期,客户编号,产品编码,数量,金额\n销售,S1,2026-01-05,C1,P1,5,50\n退货,S1,2026-01-09,C1,P1,2,20\n"
    )
    assert amounts() == {"S1": ("order", 5000), "S1-R": ("refund", -2000)}
    assert Purchase.objects.get(number="S1-R").reverses.number == "S1"


def test_an_order_whose_state_says_it_was_called_off_comes_with_what_takes_it_back(bring: Bring) -> None:
    batch = bring(
        "订单编号,下单时间,客户编号,金额,订单状态\n"
        "T1,2026-01-05,C1,50,交易成功\n"
        "T2,2026-01-06,C1,70,交易关闭\n"
        "T3,2026-01-07,C1,30,部分退款\n"
    )
    assert amounts() == {
        "T1": ("order", 5000), "T2": ("order", 7000), "T2-X": ("cancellation", -7000), "T3": ("order", 3000),
    }  # fmt: skip
    assert Purchase.objects.get(number="T2-X").reverses.number == "T2"
    assert (batch.counts["rows"], batch.counts["created"]) == (3, 3)


def test_amounts_below_nothing_are_refunds(bring: Bring) -> None:
    bring("订单号,日期,客户编号,金额\nA1,2026-01-05,C1,100\nA2,2026-01-08,C1,-40\n")
    assert amounts()["A2"] == ("refund", -4000)


def test_an_order_that_says_what_it_takes_back_is_believed(bring: Bring) -> None:
    bring(
        "订单号,日期,客户编号,金额,原订单号\nA1,2026-01-05,C1,100,\nA2,2026-01-06,C1,100,\nA3,2026-01-08,C1,-40,A1\n"
    )
    assert Purchase.objects.get(number="A3").reverses.number == "A1"


def test_an_order_of_two_customers_or_currencies_stays_out_whole(bring: Bring) -> None:
    batch = bring(
        "订单号,日期,客户编号,金额,币种\nA1,2026-01-05,C1,100,CNY\nA1,2026-01-05,C2,7,CNY\nA1,2026-01-05,C1,9,EUR\n"
        "A2,2026-01-05,C1,5,CNY\nA1,2026-01-05,C3,1,EUR\n"
    )
    assert (batch.counts["created"], batch.counts["rejected"]) == (1, 4)
    assert [(p["row"], p["code"], p["value"]) for p in batch.problems] == [
        (2, "order_incomplete", "A1"),
        (3, "order_of_two_customers", "C2"),
        (4, "order_of_two_currencies", "EUR"),
        (6, "order_of_two_customers", "C3"),
        (6, "order_of_two_currencies", "EUR"),
    ]
    assert amounts() == {"A2": ("order", 500)}


def test_a_return_stays_out_with_the_torn_order_that_it_takes_back(bring: Bring) -> None:
    head = "单据类型,单据编号,日期,客户编号,产品编码,数量,金额\n"
    rows = [
        f"{what},S1,2026-01-05,{who},P1,5,50\n"
        for what, who in (("销售", "C1"), ("销售", "C2"), ("退货", "C1"))
    ]
    batch = bring(head + "".join(rows) + "销售,S2,2026-01-05,C1,P1,5,50\n")
    assert (batch.counts["created"], batch.counts["rejected"]) == (1, 3)
    assert list(amounts()) == ["S2"]


def test_an_order_total_beside_each_line_is_shared_out(bring: Bring) -> None:
    lines = "".join(
        f"A{n},2026-01-05,C1,P1,2,10,35\nA{n},2026-01-05,C1,P2,1,20,35\n" for n in range(3)
    )  # 40 by price, 35 paid
    batch = bring("订单号,日期,客户编号,产品编码,数量,单价,实付金额\n" + lines)
    assert "amount_is_total" in {p["code"] for p in batch.problems}
    assert amounts() == {f"A{n}": ("order", 3500) for n in range(3)}
    assert list(Purchase.objects.get(number="A0").lines.values_list("amount_minor", flat=True)) == [
        1750,
        1750,
    ]


def test_amounts_of_lines_stay_what_they_are(bring: Bring) -> None:
    lines = "".join(f"A{n},2026-01-05,C1,P1,2,10,20\nA{n},2026-01-05,C1,P2,1,20,20\n" for n in range(3))
    bring("订单号,日期,客户编号,产品编码,数量,单价,金额\n" + lines)
    assert amounts()["A0"] == ("order", 4000)


def test_an_order_that_an_earlier_version_brought_in_part_is_completed(bring: Bring) -> None:
    """The row that had stayed out adds to the order; again it changes nothing; the whole file, corrected, is the order."""
    first = HEAD + "A1,2026-01-05,C1,明达,P1,杯子,3,2.50\n"
    batch = bring(first)
    in_part(batch, "A1")
    mended = HEAD + "A1,2026-01-05,C1,明达,P2,袋子,2,1\n"
    assert bring(mended).counts["created"] == 1
    order = Purchase.objects.get()
    assert (order.amount_minor, order.line_count, order.product_count, order.lines.count()) == (950, 2, 2, 2)
    before = content()
    assert bring(mended).counts["unchanged"] == 1
    assert bring(first).counts["unchanged"] == 1
    assert content() == before
    whole = bring(HEAD + "A1,2026-01-05,C1,明达,P1,杯子,3,2.50\nA1,2026-01-05,C1,明达,P2,袋子,2,1\n")
    assert whole.counts["updated"] == 2
    assert (Purchase.objects.get().amount_minor, PurchaseLine.objects.count()) == (950, 2)
    assert bring(first).counts["unchanged"] == 1  # the part does not take the place of the whole
    assert PurchaseLine.objects.count() == 2
    assert ImportPart.objects.count() == 2


def test_numbers_that_a_spreadsheet_made_floats_are_whole_again(bring: Bring) -> None:
    bring("订单号,日期,客户编号,金额\nA1,2026-01-05,17850.0,100\nA2,2026-01-05,,5\n")
    assert Customer.objects.get().number == "17850"


def test_the_companys_currency_and_zone_hold_where_the_file_names_none(bring: Bring, now: datetime) -> None:
    change("company.currency", "JPY", by=None, now=now)
    change("company.zone", "Europe/London", by=None, now=now)
    bring("订单号,日期,客户编号,金额\nA1,2026-01-05 10:00,C1,100\n")
    order = Purchase.objects.get()
    assert (order.currency, order.amount_minor, order.at.hour) == ("JPY", 100, 10)


@pytest.mark.parametrize(("currency", "minor"), [("USD", 123456), ("JPY", 1235), ("KWD", 1234560)])
def test_minor_units_are_those_of_the_currency(bring: Bring, currency: str, minor: int) -> None:
    bring(f'订单号,日期,客户编号,金额,币种\nA1,2026-01-05,C1,"1,234.56",{currency}\n')
    assert Purchase.objects.get().amount_minor == minor


def test_costs_and_channels_come_along(bring: Bring) -> None:
    bring("订单号,日期,客户编号,产品编码,数量,金额,成本,渠道\nA1,2026-01-05,C1,P1,2,20,12.5,门店\n")
    order = Purchase.objects.get()
    assert (order.channel, order.lines.get().cost_minor) == ("门店", 1250)


def test_a_product_is_known_by_the_name_it_bears_most_often(bring: Bring) -> None:
    bring(
        HEAD
        + "A1,2026-01-05,C1,明达,P1,?,1,1\nA2,2026-01-05,C1,明达,P1,杯子,1,1\nA3,2026-01-05,C1,明达,P1,杯子,1,1\n"
    )
    assert Product.objects.get().name == "杯子"
