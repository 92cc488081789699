"""What is said of a file though its rows come in."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import override

from liuke.customers.imports.tests.conftest import Bring
from liuke.customers.imports.tests.test_names import told
from liuke.customers.models import Customer, Purchase
from liuke.customers.remarks.rules import remark
from liuke.platform.preferences.actions import change

HEAD = "订单号,下单时间,客户编号,产品编码,数量,单价\n"


def test_a_row_that_stands_there_twice_counts_twice_and_is_told(bring: Bring) -> None:
    batch = bring(
        HEAD + "D1,2026-01-05,K1,P1,120,10\nD2,2026-01-05,K1,P1,1,10\nD1,2026-01-05,K1,P1,１２０,10\n"
    )
    assert Purchase.objects.get(number="D1").amount_minor == 240_000
    problem = told(batch)["row_repeated"]
    assert problem["params"]["count"] == 1
    assert "4 = 2" in remark(problem).what


def test_rows_of_an_order_that_differ_in_anything_are_not_told(bring: Bring) -> None:
    batch = bring(
        HEAD + "D1,2026-01-05,K1,P1,120,10\nD1,2026-01-05,K1,P2,120,10\nD1,2026-01-05,K1,P1,120,11\n"
    )
    assert "row_repeated" not in told(batch)


def test_orders_in_a_currency_without_a_rate_are_told(bring: Bring, now: datetime) -> None:
    text = "订单号,下单时间,客户编号,金额,币种\nJ1,2026-01-05,K7,120000,JPY\nJ2,2026-01-06,K7,10,CNY\n"
    batch = bring(text)
    assert (Purchase.objects.get(number="J1").amount_minor, batch.counts["created"]) == (120_000, 2)
    problem = told(batch)["rate_missing"]
    assert (problem["value"], problem["params"]["count"]) == ("JPY", 1)
    change("money.rates", {"JPY": "0.048"}, by=None, now=now)
    assert "rate_missing" not in told(bring(text.replace("J1", "J3")))


def test_rows_that_name_no_customer_are_told(bring: Bring) -> None:
    batch = bring(HEAD + "D1,2026-01-05,,P1,1,10\nD2,2026-01-05,K1,P1,1,10\n")
    assert batch.counts["aside"] == 1
    assert told(batch)["customer_blank"]["params"]["rows"] == "2"


def test_nobody_stays_out_for_a_wrong_mail_address_alone(bring: Bring) -> None:
    batch = bring(
        "客户编号,客户名称,邮箱,国家\nC1,明达,not-a-mail,火星\nC2,华联,a@example.com,中国\n", "customers"
    )
    assert (batch.counts["created"], batch.counts["rejected"]) == (2, 0)
    assert not Customer.objects.get(number="C1").points.exists()
    problem = told(batch)["email_unreadable"]
    assert (problem["value"], problem["params"]["rows"]) == ("not-a-mail", "2")
    assert told(batch)["country_unknown"]["params"]["rows"] == "2"


def test_a_name_that_is_too_long_is_cut_and_told(bring: Bring) -> None:
    batch = bring(f"客户编号,客户名称\nC1,{'长' * 240}\nC2,华联\n", "customers")
    assert len(Customer.objects.get(number="C1").name) == 120
    assert told(batch)["name_cut"]["params"]["rows"] == "2"


def test_who_belongs_to_a_colleague_who_is_not_here_stays_out(bring: Bring) -> None:
    """Without an owner he would be another customer: one of nobody."""
    batch = bring("客户编号,客户名称,负责人\nC1,明达,\nC2,华联,王无名\n", "customers")
    assert told(batch)["owner_unknown"]["row"] == 3
    assert list(Customer.objects.values_list("number", flat=True)) == ["C1"]


def test_amounts_in_no_named_currency_are_told_to_be_taken_as_the_companys(
    bring: Bring, now: datetime
) -> None:
    bare = "订单号,下单时间,客户编号,金额\nM{},2026-01-05,K7,10\n"
    assert told(bring(bare.format(1)))["currency_assumed"]["value"] == "CNY"
    with override("zh-hans"):
        assert "金额一律按 CNY 计" in remark(told(bring(bare.format(2)))["currency_assumed"]).what
    change("company.currency", "EUR", by=None, now=now)
    assert told(bring(bare.format(3)))["currency_assumed"]["value"] == "EUR"
    assert "currency_assumed" not in told(bring(bare.format(4), currency="USD"))  # somebody has said it
    assert "currency_assumed" not in told(
        bring("订单号,下单时间,客户编号,金额,币种\nM5,2026-01-05,K7,10,CNY\n")
    )
    assert "currency_assumed" not in told(bring("客户编号,客户名称\nK8,明达\n", "customers"))


def test_a_telephone_number_of_an_odd_length_is_kept_and_told(bring: Bring) -> None:
    batch = bring(
        "客户编号,客户名称,联系电话\nC1,明达,12345\nC2,华联,1380013800013800\nC3,青梧,0571-88888888\nC4,沐川,13800138000\n",
        "customers",
    )
    assert Customer.objects.get(number="C1").points.get().value == "12345"
    problem = told(batch)["phone_doubtful"]
    assert problem["params"]["rows"] == "2, 3"
    assert problem["value"] == "12345, 1380013800013800"
    assert not batch.counts["rejected"]
