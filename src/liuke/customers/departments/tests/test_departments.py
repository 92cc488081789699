"""Where a department of the customer sits, and who works there (CT02)."""

from __future__ import annotations

from datetime import datetime

import pytest

from liuke.customers.departments.actions import add_department, edit_department, remove_department
from liuke.customers.models import Customer, Department
from liuke.customers.records.actions import add_contact, edit_contact, register
from liuke.customers.records.rules import NewContact, Unfit
from liuke.platform.models import AuditEntry, User

ANN = NewContact("Ann Lee", roles=["payment"], department="Finance", office="Building 3, room 402")


@pytest.fixture
def hampton(alice: User, now: datetime) -> Customer:
    return register(by=alice, now=now, name="Hampton")


def test_ct02_a_department_comes_with_who_works_there(hampton: Customer, alice: User, now: datetime) -> None:
    ann = add_contact(hampton, ANN, by=alice, now=now)
    ben = add_contact(hampton, NewContact("Ben", department="Finance"), by=alice, now=now)
    finance = Department.objects.get()
    assert (finance.customer, finance.name, finance.office) == (hampton, "Finance", "Building 3, room 402")
    assert {one.department for one in (ann, ben)} == {finance}  # a blank office leaves what is known


def test_a_named_office_moves_the_department(hampton: Customer, alice: User, now: datetime) -> None:
    ann = add_contact(hampton, ANN, by=alice, now=now)
    edit_contact(ann, NewContact("Ann Lee", department="Finance", office="Room 9"), by=alice, now=now)
    assert Department.objects.get().office == "Room 9"


def test_an_office_without_a_department_is_refused(hampton: Customer, alice: User, now: datetime) -> None:
    with pytest.raises(Unfit) as refused:
        add_contact(hampton, NewContact("Ann Lee", office="Room 9"), by=alice, now=now)
    assert refused.value.field == "department"
    assert not hampton.contacts.exists()


def test_two_departments_of_a_customer_have_two_names(hampton: Customer, alice: User, now: datetime) -> None:
    finance = add_department(hampton, name=" Finance ", office="Room 1", by=alice, now=now)
    stores = add_department(hampton, name="Stores", by=alice, now=now)
    with pytest.raises(Unfit):
        edit_department(stores, name="Finance", by=alice, now=now)
    assert edit_department(finance, name="Finance", office="Room 2", by=alice, now=now).office == "Room 2"
    entry = AuditEntry.objects.get(action="departments.edit")
    assert entry.changes == {"office": ["Room 1", "Room 2"]}


def test_who_worked_there_stays_when_it_goes(hampton: Customer, alice: User, now: datetime) -> None:
    ann = add_contact(hampton, ANN, by=alice, now=now)
    assert ann.department
    remove_department(ann.department, by=alice, now=now)
    ann.refresh_from_db()
    assert ann.department is None


def test_nobody_touches_what_is_out_of_reach(
    hampton: Customer, alice: User, bob: User, now: datetime
) -> None:
    finance = add_department(hampton, name="Finance", by=alice, now=now)
    for act in (
        lambda: add_department(hampton, name="Stores", by=bob, now=now),
        lambda: edit_department(finance, name="Stores", by=bob, now=now),
        lambda: remove_department(finance, by=bob, now=now),
    ):
        with pytest.raises(Customer.DoesNotExist):
            act()
    assert list(hampton.departments.values_list("name", flat=True)) == ["Finance"]
