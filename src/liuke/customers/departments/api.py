"""The departments of a customer, over the API."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils import timezone
from ninja import Router, Schema
from ninja.responses import Status
from pydantic import Field

from liuke.customers.departments import actions
from liuke.customers.departments.models import Department
from liuke.customers.records.api import READ, WRITE, held, part
from liuke.platform.api.api import FEW, After, Given, Id, Limit, Rows, listed, still
from liuke.platform.api.views import TokenRequest

router = Router(tags=["Around a customer"])


class DepartmentOut(Schema):
    id: int
    name: str
    office: str
    note: str


class DepartmentChange(Given):
    name: str = Field("", max_length=80)
    office: str = Field("", max_length=120)
    note: str = Field("", max_length=240)


class DepartmentNew(DepartmentChange):
    name: str = Field(max_length=80)


def _told(one: Department) -> DepartmentOut:
    return DepartmentOut(id=one.pk, name=one.name, office=one.office, note=one.note)


@router.get("/customers/{int:pk}/departments", response=Rows[DepartmentOut], auth=READ, summary="Departments")
def departments(
    request: TokenRequest, pk: Id, response: HttpResponse, after: After = "", limit: Limit = FEW
) -> Rows[DepartmentOut]:
    rows = Department.objects.filter(customer=held(request, pk))
    return listed(request, response, rows, _told, after=after, limit=limit)


@router.post(
    "/customers/{int:pk}/departments", response={201: DepartmentOut}, auth=WRITE, summary="Add a department"
)
def add(request: TokenRequest, pk: Id, given: DepartmentNew) -> Status[DepartmentOut]:
    customer = held(request, pk, to_write=True)
    made = actions.add_department(customer, **given.dict(), by=request.user, now=timezone.now())
    return Status(201, _told(made))


@router.patch(
    "/customers/{int:pk}/departments/{int:department}",
    response=DepartmentOut,
    auth=WRITE,
    summary="Change a department",
)
def change(request: TokenRequest, pk: Id, department: Id, given: DepartmentChange) -> DepartmentOut:
    one = part(request, Department.objects.all(), pk, department)
    return _told(actions.edit_department(one, **still(one, given), by=request.user, now=timezone.now()))


@router.delete(
    "/customers/{int:pk}/departments/{int:department}",
    response={204: None},
    auth=WRITE,
    summary="Remove a department",
)
def remove(request: TokenRequest, pk: Id, department: Id) -> Status[None]:
    """Who works there stays, without a department."""
    one = part(request, Department.objects.all(), pk, department)
    actions.remove_department(one, by=request.user, now=timezone.now())
    return Status(204, None)
