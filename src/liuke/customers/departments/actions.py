"""The departments of a customer. Most come into being with the first person who works there (records.add_contact)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction

from liuke.customers.departments.models import Department
from liuke.customers.records.models import Customer
from liuke.customers.records.rules import Unfit, clean, gettext_noop
from liuke.platform.access.actions import permit
from liuke.platform.access.rules import Right
from liuke.platform.audit import actions as audit

if TYPE_CHECKING:
    from liuke.platform.models import User


@transaction.atomic
def add_department(
    customer: Customer, *, name: str, office: str = "", note: str = "", by: User | None, now: datetime
) -> Department:
    permit(by, Right.EDIT_CUSTOMERS)
    held = _held(customer.pk, by)
    department = held.departments.create(**_fields(held, name, office, note))
    changes = {"department": [None, f"{department.name} {department.office}".strip()]}
    audit.record("departments.add", by=by, now=now, subject=held, changes=changes)
    return department


@transaction.atomic
def edit_department(
    department: Department, *, name: str, office: str = "", note: str = "", by: User | None, now: datetime
) -> Department:
    permit(by, Right.EDIT_CUSTOMERS)
    held = _held(department.customer_id, by)
    department = held.departments.get(pk=department.pk)
    kept = _fields(held, name, office, note, but=department)
    if changes := audit.changes_between({field: getattr(department, field) for field in kept}, kept):
        held.departments.filter(pk=department.pk).update(**kept)
        audit.record("departments.edit", by=by, now=now, subject=held, changes=changes)
    return held.departments.get(pk=department.pk)


@transaction.atomic
def remove_department(department: Department, *, by: User | None, now: datetime) -> None:
    """Who works there stays, without a department."""
    permit(by, Right.EDIT_CUSTOMERS)
    held = _held(department.customer_id, by)
    held.departments.get(pk=department.pk).delete()
    changes = {"department": [department.name, None]}
    audit.record("departments.remove", by=by, now=now, subject=held, changes=changes)


def _fields(
    customer: Customer, name: str, office: str, note: str, *, but: Department | None = None
) -> Mapping[str, str]:
    kept = {
        "name": clean("name", name, limit=80, required=True),
        "office": clean("office", office),
        "note": clean("department_note", note, limit=240),
    }
    others = customer.departments.exclude(pk=but.pk) if but else customer.departments
    if others.filter(name=kept["name"]).exists():
        raise Unfit("name", gettext_noop("%(value)s is noted already."), value=kept["name"])
    return kept


def _held(pk: int, by: User | None) -> Customer:
    reach = Customer.objects.writable_by(by) if by else Customer.objects.all()
    return reach.select_for_update().get(pk=pk)
