"""Relations between customers, over the API: told of one, read from both, and only by who may read both."""

from __future__ import annotations

from typing import Literal

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Router, Schema
from ninja.responses import Status
from pydantic import Field

from liuke.customers.records.api import READ, WRITE, held
from liuke.customers.records.models import Contact, Customer
from liuke.customers.relations import actions
from liuke.customers.relations.models import Relation
from liuke.customers.relations.rules import seen_from
from liuke.platform.api.api import FEW, After, Given, Id, Limit, Ref, Rows, listed
from liuke.platform.api.rules import Problem
from liuke.platform.api.views import TokenRequest

router = Router(tags=["Around a customer"])

Kind = Literal[
    "family", "relative", "friend", "elder", "junior", "alumnus", "colleague", "referrer", "referred", "parent",
    "subsidiary", "supplier", "buyer", "partner",
]  # fmt: skip


class KinOut(Schema):
    id: int
    number: str
    name: str


class RelationOut(Schema):
    id: int
    kind: str = Field(description="What the other one is to this customer.")
    customer: KinOut = Field(description="The other one.")
    person: str = Field(description="Between whom it is here, where that is known.")
    their_person: str
    note: str


class RelationNew(Given):
    customer_id: Ref = Field(description="The other one.")
    kind: Kind = Field(description="What the other one is to this customer.")
    contact_id: Ref | None = None
    their_contact_id: Ref | None = None
    note: str = Field("", max_length=240)


def _rows(request: TokenRequest, customer: Customer) -> QuerySet[Relation]:
    rows = Relation.objects.for_user(request.user).of(customer)
    return rows.select_related("whose", "who", "whose_contact", "who_contact")


def _told(row: Relation, pk: int) -> RelationOut:
    here, there = (row.whose_contact, row.who_contact), row.who
    if row.whose_id != pk:
        here, there = (row.who_contact, row.whose_contact), row.whose
    own, theirs = here
    return RelationOut(
        id=row.pk,
        kind=seen_from(pk, row.whose_id, row.kind),
        customer=KinOut(id=there.pk, number=there.number, name=there.name),
        person=own.name if own else "",
        their_person=theirs.name if theirs else "",
        note=row.note,
    )


@router.get("/customers/{int:pk}/relations", response=Rows[RelationOut], auth=READ, summary="Relations")
def relations(
    request: TokenRequest, pk: Id, response: HttpResponse, after: After = "", limit: Limit = FEW
) -> Rows[RelationOut]:
    return listed(
        request,
        response,
        _rows(request, held(request, pk)),
        lambda row: _told(row, pk),
        after=after,
        limit=limit,
    )


@router.post(
    "/customers/{int:pk}/relations", response={201: RelationOut}, auth=WRITE, summary="Tell a relation"
)
def add(request: TokenRequest, pk: Id, given: RelationNew) -> Status[RelationOut]:
    """Told again, it is the same row."""
    customer = held(request, pk, to_write=True)
    other = Customer.objects.for_user(request.user).filter(pk=given.customer_id).first()
    if other is None:
        raise Problem("not-found")
    made = actions.relate(
        customer,
        to=other,
        kind=given.kind,
        contact=_person(customer, given.contact_id),
        their_contact=_person(other, given.their_contact_id),
        note=given.note,
        by=request.user,
        now=timezone.now(),
    )
    return Status(201, _told(_rows(request, customer).get(pk=made.pk), pk))


def _person(customer: Customer, pk: int | None) -> Contact | None:
    if pk is None:
        return None
    found = customer.contacts.filter(pk=pk).first()
    if found is None:
        raise Problem("not-found")
    return found


@router.delete(
    "/customers/{int:pk}/relations/{int:relation}",
    response={204: None},
    auth=WRITE,
    summary="Take a relation back",
)
def remove(request: TokenRequest, pk: Id, relation: Id) -> Status[None]:
    row = get_object_or_404(_rows(request, held(request, pk, to_write=True)), pk=relation)
    actions.unrelate(row, by=request.user, now=timezone.now())
    return Status(204, None)
