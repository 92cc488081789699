"""Purchase logs that name their customers and don't number them."""

from __future__ import annotations

from datetime import datetime

from liuke.customers.imports.tests.conftest import Bring
from liuke.customers.models import Customer, ImportBatch, Purchase
from liuke.customers.records.actions import register
from liuke.customers.remarks.rules import remark
from liuke.platform.models import User

HEAD = "订单号,下单时间,客户,金额\n"
UTRECHT = "Lighthouse Emporium BV (Utrecht)"


def told(batch: ImportBatch) -> dict[str, dict[str, object]]:
    return {problem["code"]: problem for problem in batch.problems}


def test_a_customer_who_is_here_under_just_this_name_is_that_customer(bring: Bring, now: datetime) -> None:
    one = register(by=None, now=now, name="杭州丰泽百货工作室", number="C204")
    two = register(by=None, now=now, name=UTRECHT, number="C1288")
    batch = bring(
        HEAD + "Z1,2026-01-05,杭州丰泽百货工作室,10\n"
        f"Z2,2026-01-06,{UTRECHT.upper()},20\n"
        "Z3,2026-01-07,长风礼品有限公司,30\n"
    )
    assert batch.mapping["customer_name"] == "客户"
    assert batch.counts["customers_created"] == 1
    assert Purchase.objects.get(number="Z1").customer == one
    assert Purchase.objects.get(number="Z2").customer == two  # neither case nor width makes another of him
    new = Purchase.objects.get(number="Z3").customer
    assert new is not None
    assert new.number == f"C{new.pk:06d}"
    params = told(batch)["names_for_numbers"]["params"]
    assert params == {"count": 3, "rows": "…", "known": 2, "created": 1, "several": 0}


def test_the_next_file_meets_whom_the_last_one_brought(bring: Bring) -> None:
    bring(HEAD + "Z1,2026-01-05,华联商行,10\n")
    again = bring(HEAD + "Z1,2026-01-05,华联商行,10\nZ2,2026-01-06,華聯商行,20\n")
    assert (again.counts["unchanged"], again.counts["created"], again.counts["customers_created"]) == (
        1,
        1,
        0,
    )
    assert Customer.objects.get().purchases.count() == 2


def test_one_who_is_spelt_in_two_ways_is_created_once(bring: Bring) -> None:
    batch = bring(
        HEAD
        + "Z1,2026-01-05,Acme Gifts Ltd,10\nZ1,2026-01-05,ACME gifts  ltd,5\nZ2,2026-01-06,acme gifts ltd,20\n"
    )
    assert (batch.counts["customers_created"], batch.counts["rejected"]) == (1, 0)
    assert Customer.objects.get().name == "Acme Gifts Ltd"


def test_an_order_of_one_of_several_with_the_name_comes_back(bring: Bring, now: datetime) -> None:
    for number in ("C1", "C2"):
        register(by=None, now=now, name="华联商行", number=number)
    batch = bring(HEAD + "Z1,2026-01-05,华联商行,10\nZ2,2026-01-06,新来的店,20\n")
    assert (batch.counts["created"], batch.counts["rejected"]) == (1, 1)
    problem = told(batch)["name_of_several"]
    assert (problem["row"], problem["field"], problem["value"]) == (2, "客户", "华联商行")
    text = remark(problem).text
    assert "C1, C2" in text
    assert "Z1" in text
    assert not Purchase.objects.filter(number="Z1").exists()


def test_of_several_the_one_whose_name_is_written_so_is_meant(bring: Bring, now: datetime) -> None:
    register(by=None, now=now, name="华联商行", number="C1")
    other = register(by=None, now=now, name="華聯商行", number="C2")
    bring(HEAD + "Z1,2026-01-05,華聯商行,10\n")
    assert Purchase.objects.get().customer == other


def test_a_name_means_only_whom_the_importer_may_reach(
    bring: Bring, now: datetime, sue: User, charlie: User
) -> None:
    theirs = register(by=None, now=now, name="华联商行", number="W1", owner=charlie)
    batch = bring(HEAD + "Z1,2026-01-05,华联商行,10\n", by=sue)
    assert batch.counts["customers_created"] == 1
    customer = Purchase.objects.get().customer
    assert customer is not None
    assert (customer != theirs, customer.team) == (True, sue.team)


def test_long_names_with_one_beginning_are_not_one_customer(bring: Bring) -> None:
    begin = "广东省深圳市南山区科技园高新技术产业开发区第一国际进出口贸易股份有限公司某某分公司第"
    assert len(begin) > 40
    bring(HEAD + f"Z1,2026-01-05,{begin}一门市,10\nZ2,2026-01-05,{begin}二门市,10\n")
    assert Customer.objects.count() == 2


def test_the_same_heading_is_a_number_where_it_holds_numbers(bring: Bring) -> None:
    batch = bring(HEAD + "Z1,2026-01-05,K001,10\nZ2,2026-01-06,K002,10\n")
    assert batch.mapping["customer"] == "客户"
    assert set(Customer.objects.values_list("number", flat=True)) == {"K001", "K002"}


def test_names_in_the_column_for_numbers_are_not_taken_without_a_word(bring: Bring) -> None:
    batch = bring("订单号,下单时间,客户编号,金额\nZ1,2026-01-05,星辰贸易,10\nZ2,2026-01-06,海河百货,10\n")
    assert told(batch)["numbers_like_names"]["field"] == "客户编号"
