from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from liuke.customers.imports.actions import undo
from liuke.customers.imports.rules import NotNow
from liuke.customers.imports.tests.conftest import Bring, content, in_part, row_counts
from liuke.customers.models import Contact, Customer, Fact, ImportBatch, ImportReplacement, Purchase
from liuke.customers.purchases.actions import record_purchase
from liuke.customers.purchases.rules import NewLine
from liuke.customers.records.actions import edit, edit_contact
from liuke.customers.records.rules import NewContact
from liuke.customers.stages.actions import review_stages
from liuke.customers.timeline.actions import log_contact
from liuke.customers.undoing.actions import imports_that_hold
from liuke.platform.models import AuditEntry, User

TakeOut = Callable[[ImportBatch], ImportBatch]
HEAD = "订单号,日期,客户编号,客户名称,产品编码,产品名称,数量,单价\n"
LOG = (
    HEAD
    + "A1,2026-01-05,C1,明达,P1,杯子,3,2.50\nA1,2026-01-05,C1,明达,YF,运费,1,1\nA2,2026-02-01,C2,华联,P1,杯子,-2,2\nA3,2026-02-01,,,P2,袋子,1,1\n"
)
PEOPLE = "客户编号,客户名称,手机,联系人,城市,客户状态\n"


def test_nothing_is_left_of_an_undone_import(bring: Bring, take_out: TakeOut) -> None:
    before = row_counts()
    batch = bring(LOG)
    assert row_counts() != before
    undone = take_out(batch)
    assert row_counts() == before
    assert undone.state == "undone"
    assert AuditEntry.objects.filter(action="imports.undo").count() == 1
    people = bring(PEOPLE + "C1,明达,13800138000,王芳,杭州,意向客户\n,无号,13900139000,,,\n", "customers")
    take_out(people)
    assert row_counts() == before


def test_what_was_there_before_is_as_it_was(bring: Bring, take_out: TakeOut) -> None:
    bring(PEOPLE + "C1,明达,13800138000,王芳,杭州,意向客户\nC2,华联,,,,\n", "customers")
    bring(LOG)
    before = content()
    more = bring(
        HEAD
        + "A1,2026-01-05,C1,明达,P1,杯子,9,2.50\nA9,2026-02-20,C1,明达,P9,新品,1,5\nA9,2026-02-20,C1,明达,P1,杯子,1,5\n"
    )
    people = bring(PEOPLE + "C1,明达礼品,13700137000,李四,义乌,成交客户\nC3,新来,,,,\n", "customers")
    assert content() != before
    take_out(people)
    take_out(more)
    assert content() == before
    assert not ImportReplacement.objects.exists()


def test_an_import_that_completed_an_order_leaves_the_part(bring: Bring, take_out: TakeOut) -> None:
    in_part(bring(HEAD + "A1,2026-01-05,C1,明达,P1,杯子,3,2.50\n"), "A1")
    before = content()
    take_out(bring(HEAD + "A1,2026-01-05,C1,明达,P2,袋子,2,1\n"))
    assert content() == before


def test_an_import_that_a_later_one_builds_on_waits_for_it(bring: Bring, take_out: TakeOut) -> None:
    first = bring(HEAD + "A1,2026-01-05,C1,明达,P1,杯子,3,2.50\n")
    second = bring(HEAD + "A1,2026-01-05,C1,明达,P1,杯子,4,2.50\n")
    with pytest.raises(NotNow, match=str(second.pk)):
        take_out(first)
    assert Purchase.objects.get().amount_minor == 1000
    take_out(second)
    assert Purchase.objects.get().amount_minor == 750
    take_out(first)
    assert not Purchase.objects.exists()


def test_customers_whom_somebody_has_worked_on_stay_and_are_counted(
    bring: Bring, take_out: TakeOut, olga: User, now: datetime
) -> None:
    batch = bring("客户编号,客户名称\nC1,电话\nC2,改名\nC3,下单\nC4,没人\n", "customers")
    by_number = {c.number: c for c in Customer.objects.all()}
    log_contact(
        by_number["C1"], channel="phone", direction="out", outcome="reached", note="", by=olga, now=now
    )
    edit(by_number["C2"], {"city": "杭州"}, version=1, by=olga, now=now)
    lines = [NewLine(100)]
    record_purchase(by_number["C3"], number="H1", at=now, currency="CNY", lines=lines, by=olga, now=now)
    undone = take_out(batch)
    assert sorted(Customer.objects.values_list("number", flat=True)) == ["C1", "C2", "C3"]
    assert undone.counts["kept_customers"] == 3
    assert Customer.objects.get(number="C1").batch is None
    assert dict(undone.kept.values_list("customer__number", "why")) == {
        "C1": "worked_on",
        "C2": "worked_on",
        "C3": "worked_on",
    }
    with pytest.raises(NotNow):
        undo(undone, by=None, now=now)


def test_customers_with_orders_of_another_import_stay_named_and_go_once_that_is_undone(
    bring: Bring, take_out: TakeOut, now: datetime
) -> None:
    before = row_counts()
    people = bring(PEOPLE + "C1,明达,13800138000,王芳,杭州,\nC2,华联,,,,\nC3,没人,,,,\n", "customers")
    orders = bring(HEAD + "A1,2026-01-05,C1,明达,P1,杯子,3,2.50\nA2,2026-01-05,C2,华联,P1,杯子,3,2\n")
    assert imports_that_hold(people.pk) == {orders.pk: 2}
    undone = take_out(people)
    assert sorted(undone.kept.values_list("customer__number", "why", "other")) == [
        ("C1", "orders", orders.pk), ("C2", "orders", orders.pk),
    ]  # fmt: skip
    kept = Customer.objects.get(number="C1")
    assert (kept.points.count(), kept.contacts.count(), undone.counts["kept_customers"]) == (1, 1, 2)
    with pytest.raises(NotNow):
        undo(undone, by=None, now=now)  # their orders are still there
    take_out(orders)
    rest = take_out(undone)
    assert row_counts() == before
    assert (rest.counts["kept_customers"], rest.kept.count()) == (0, 0)


def test_a_person_whom_somebody_has_changed_since_stays_with_the_customer(
    bring: Bring, take_out: TakeOut, olga: User, now: datetime
) -> None:
    bring("客户编号,客户名称\nC1,明达\nC2,华联\n", "customers")
    batch = bring("客户编号,联系人,手机\nC1,王芳,13800138000\nC2,李四,13900139000\n", "customers")
    person = Contact.objects.get(name="王芳")
    edit_contact(person, NewContact("王芳", title="采购总监"), by=olga, now=now + timedelta(hours=1))
    undone = take_out(batch)
    assert list(Contact.objects.values_list("name", "title")) == [("王芳", "采购总监")]
    assert list(undone.kept.values_list("customer__number", "what", "why")) == [("C1", "contact", "edited")]


def test_what_only_the_rules_noted_goes_along(bring: Bring, take_out: TakeOut, now: datetime) -> None:
    batch = bring(HEAD + "A1,2025-01-05,C1,明达,P1,杯子,3,2.50\n")
    review_stages(as_of=now, now=now)
    assert Fact.objects.filter(kind="lapsed", batch=None).exists()
    take_out(batch)
    assert sum(row_counts().values()) == 0


def test_products_that_others_bought_stay(bring: Bring, take_out: TakeOut) -> None:
    first = bring(HEAD + "A1,2026-01-05,C1,明达,P1,杯子,3,2.50\nA2,2026-01-05,C1,明达,P2,袋子,1,1\n")
    bring(HEAD + "B1,2026-01-06,C9,别家,P1,杯子,1,1\n")
    undone = take_out(first)
    assert undone.counts["kept_products"] == 1
    assert Purchase.objects.get().lines.get().product.code == "P1"


def test_fields_that_somebody_changed_since_are_left_as_they_are(
    bring: Bring, take_out: TakeOut, olga: User, now: datetime
) -> None:
    bring("客户编号,客户名称,城市,来源\nC1,明达,杭州,展会\n", "customers")
    later = bring("客户编号,客户名称,城市,来源\nC1,明达礼品,义乌,网站\n", "customers")
    customer = Customer.objects.get()
    edit(customer, {"city": "宁波"}, version=customer.version, by=olga, now=now)
    undone = take_out(later)
    customer.refresh_from_db()
    assert (customer.name, customer.city, customer.source) == ("明达", "宁波", "展会")
    assert list(undone.kept.values_list("customer", "what", "why")) == [(customer.pk, "city", "edited")]
    assert undone.counts["kept_rows"] == 1


def test_a_returned_order_that_goes_leaves_the_return(bring: Bring, take_out: TakeOut) -> None:
    first = bring(HEAD + "A1,2026-01-05,C1,明达,P1,杯子,3,2\n")
    bring(HEAD + "R1,2026-01-09,C1,明达,P1,杯子,-1,2\n")
    take_out(first)
    back = Purchase.objects.get()
    assert (back.number, back.reverses) == ("R1", None)
    assert back.customer.last_purchase_at is None


def test_dates_and_stage_of_a_customer_are_those_of_what_is_left(bring: Bring, take_out: TakeOut) -> None:
    bring("客户编号,客户名称\nC1,明达\n", "customers")
    early = bring(HEAD + "A1,2026-01-05,C1,明达,P1,杯子,3,2\n")
    customer = Customer.objects.get()
    assert customer.stage == "customer"
    late = bring(HEAD + "A2,2026-02-05,C1,明达,P1,杯子,3,2\n")
    take_out(late)
    customer.refresh_from_db()
    assert customer.last_purchase_at == customer.first_purchase_at == Purchase.objects.get().at
    take_out(early)
    customer.refresh_from_db()
    assert (customer.first_purchase_at, customer.last_purchase_at, customer.stage) == (None, None, "lead")


def test_the_ledger_lets_go_of_nothing_else(bring: Bring, now: datetime) -> None:
    batch = bring(LOG)
    with pytest.raises(IntegrityError), transaction.atomic():
        Fact.objects.first().delete()
    undo(batch, by=None, now=now)
    own = Fact.objects.filter(batch=batch).first()
    other = bring(HEAD + "Z1,2026-02-02,Z9,另外,P1,杯子,1,1\n")
    with transaction.atomic():
        own.delete()
    with pytest.raises(IntegrityError), transaction.atomic():
        Fact.objects.filter(batch=other).first().delete()


def test_what_is_undone_can_be_brought_again(bring: Bring, take_out: TakeOut) -> None:
    batch = bring(LOG)
    before = content()
    take_out(batch)
    with pytest.raises(NotNow):
        take_out(batch)
    assert bring(LOG).counts["created"] == 4
    assert content() == before


def test_an_order_entered_by_hand_meanwhile_counts(bring: Bring, take_out: TakeOut, now: datetime) -> None:
    batch = bring(HEAD + "A1,2026-01-05,C1,明达,P1,杯子,3,2\n")
    customer = Customer.objects.get()
    at = now - timedelta(days=1)
    record_purchase(customer, number="H1", at=at, currency="CNY", lines=[NewLine(100)], by=None, now=now)
    take_out(batch)
    customer.refresh_from_db()
    assert (customer.first_purchase_at, customer.last_purchase_at) == (at, at)


def test_an_order_that_only_the_undone_import_took_back_counts_again(bring: Bring, take_out: TakeOut) -> None:
    bring(HEAD + "1001,2026-01-05,C1,明达,P1,杯子,3,2.50\n1002,2026-02-05,C1,明达,P1,杯子,5,2.50\n")
    before = content()
    back = bring(HEAD + "C1002,2026-02-06,C1,明达,P1,杯子,-5,2.50\n")
    order, customer = Purchase.objects.get(number="1002"), Customer.objects.get()
    assert (order.taken_back_at, customer.last_purchase_at) == (
        Purchase.objects.get(number="C1002").at,
        Purchase.objects.get(number="1001").at,
    )
    take_out(back)
    assert content() == before
    assert Customer.objects.get().last_purchase_at == order.at


def test_a_corrected_return_that_is_no_longer_of_the_whole_lets_the_order_count(bring: Bring) -> None:
    bring(HEAD + "1001,2026-01-05,C1,明达,P1,杯子,3,2.50\n1002,2026-02-05,C2,华联,P1,杯子,5,2.50\n")
    bring(HEAD + "C1001,2026-02-06,C1,明达,P1,杯子,-3,2.50\n")
    mingda = Customer.objects.get(number="C1")
    assert (mingda.stage, mingda.last_purchase_at) == ("lead", None)
    bring(HEAD + "C1001,2026-02-06,C1,明达,P1,杯子,-1,2.50\n")
    mingda.refresh_from_db()
    order = Purchase.objects.get(number="1001")
    assert (order.taken_back_at, mingda.last_purchase_at) == (None, order.at)
    assert mingda.stage == "customer"


def test_an_order_and_its_cancellation_in_one_file_make_no_customer(bring: Bring, take_out: TakeOut) -> None:
    before = row_counts()
    batch = bring(
        HEAD
        + "C1001,2026-01-05,C1,明达,P1,杯子,-3,2.50\n1001,2026-01-05,C1,明达,P1,杯子,3,2.50\n1002,2026-01-06,C2,华联,P1,杯子,3,2.50\n"
    )
    mingda = Customer.objects.get(number="C1")
    assert (mingda.stage, mingda.first_purchase_at) == ("lead", None)
    take_out(batch)
    assert row_counts() == before
