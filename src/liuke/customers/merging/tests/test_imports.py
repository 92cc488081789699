"""Files go on naming the old number: what they bring goes to the survivor, and can be taken back."""

from __future__ import annotations

import pytest

from liuke.customers.former.models import Former
from liuke.customers.imports.tests.conftest import bring, take_out  # noqa: F401 - fixtures
from liuke.customers.merging.actions import merge, undo
from liuke.customers.models import Contact, ContactPoint, Customer, Purchase
from liuke.customers.records.rules import Unfit

LIST = (
    "number,name,mobile,contact_name,city\nK-1,Firm,13800001111,Ann,\nK-2,Firm Ltd,13800002222,Ben,Shanghai\n"
)
LOG = "order,customer,date,amount\nO-1,K-1,2026-01-05,10\nO-2,K-2,2026-01-06,20\n"


def _both() -> tuple[Customer, Customer]:
    return Customer.objects.get(number="K-1"), Customer.objects.get(number="K-2")


def test_a_list_that_still_has_both_changes_nothing_of_the_survivor(bring, now) -> None:  # noqa: F811
    bring(LIST, "customers")
    here, gone = _both()
    merge(here, [gone], by=None, now=now)
    batch = bring(LIST, "customers")
    assert (batch.counts["created"], batch.counts["rejected"]) == (0, 0)
    here.refresh_from_db()
    assert (here.name, here.city) == ("Firm", "Shanghai")
    assert Customer.objects.count() == 1


def test_new_ways_to_reach_them_are_added_from_either_row(bring, now) -> None:  # noqa: F811
    bring(LIST, "customers")
    here, gone = _both()
    merge(here, [gone], by=None, now=now)
    news = LIST.replace("13800001111,Ann", "13900003333,Cora").replace("13800002222,Ben", "13900003333,Dan")
    bring(news, "customers")
    assert ContactPoint.objects.filter(customer=here).count() == 3
    assert set(Contact.objects.values_list("name", flat=True)) == {"Ann", "Ben", "Cora", "Dan"}


def test_orders_under_the_old_number_are_the_survivors(bring, take_out, now) -> None:  # noqa: F811
    bring(LOG)
    here, gone = _both()
    done = merge(here, [gone], by=None, now=now)
    again = bring(LOG)
    assert (again.counts["created"], again.counts["customers_created"]) == (0, 0)
    later = bring(LOG.replace("O-2,K-2,2026-01-06,20", "O-3,K-2,2026-01-07,30"))
    assert later.counts["customers_created"] == 0
    assert set(Purchase.objects.filter(customer=here).values_list("number", flat=True)) == {
        "O-1",
        "O-2",
        "O-3",
    }
    undo(done, by=None, now=now)
    numbers = dict(Purchase.objects.values_list("number", "customer__number"))
    assert numbers == {"O-1": "K-1", "O-2": "K-2", "O-3": "K-1"}  # written since: it stays with the survivor


def test_a_merge_comes_between_an_import_and_its_undo(bring, take_out, now) -> None:  # noqa: F811
    bring(LOG)
    change = bring(LOG.replace("2026-01-06,20", "2026-01-06,99"))
    here, gone = _both()
    merge(here, [gone], by=None, now=now)
    take_out(change)
    order = Purchase.objects.get(number="O-2")
    assert (order.customer_id, order.amount_minor) == (here.pk, 2000)


def test_fields_that_an_import_had_changed_come_back_with_the_merged_record(bring, take_out, now) -> None:  # noqa: F811
    bring(LIST, "customers")
    change = bring(LIST.replace("Shanghai", "Beijing"), "customers")
    here, gone = _both()
    done = merge(here, [gone], by=None, now=now)
    take_out(change)
    undo(done, by=None, now=now)
    assert Customer.objects.get(number="K-2").city == "Shanghai"


def test_the_number_is_kept_free_for_the_undo(bring, now) -> None:  # noqa: F811
    bring(LIST, "customers")
    here, gone = _both()
    done = merge(here, [gone], by=None, now=now)
    bring("name,mobile\nSomebody,13700009999\n", "customers")
    assert not Customer.objects.filter(number="K-2").exists()
    Customer.objects.create(number="K-2", name="by hand in the database")
    with pytest.raises(Unfit, match="K-2"):
        undo(done, by=None, now=now)
    assert Former.objects.filter(number="K-2").exists()
