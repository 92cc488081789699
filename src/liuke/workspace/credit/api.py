"""The credit sheet over the API: what was agreed, what the grade suggests, the trading of a year."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone
from ninja import Router, Schema
from ninja.responses import Status
from pydantic import Field

from liuke.customers.credit.actions import agree
from liuke.customers.credit.models import Credit
from liuke.customers.credit.rules import LARGEST_MINOR, LONGEST_DAYS
from liuke.customers.records.api import held
from liuke.platform.access.rules import Right
from liuke.platform.api.api import Given, Id, Whole
from liuke.platform.api.views import Need, TokenRequest
from liuke.platform.tokens.rules import grants
from liuke.workspace.credit.actions import sheet_of

router = Router(tags=["Credit"])
READ = Need("credit:read", Right.VIEW_CUSTOMERS)
AGREE = Need("credit:write", Right.SEE_TEAM)


class CreditOut(Schema):
    id: int
    limit_minor: int
    currency: str
    days: int = Field(description="To pay within; 0 is before delivery.")
    note: str
    at: datetime
    by: str
    ended_at: datetime | None = Field(description="Empty: it holds now.")


class SheetOut(Schema):
    agreed: list[CreditOut] = Field(description="The latest first; at most one holds. None: against payment.")
    guided_minor: int | None = Field(
        description="The limit that the grade suggests (scores:read); empty without a grade or that scope."
    )
    currency: str = Field(description="Of what is suggested and traded: the company's.")
    sales_12m_minor: int
    orders_12m: int
    returned_12m_minor: int
    complaints_12m: int
    complaints_open: int


class CreditNew(Given):
    limit_minor: Whole = Field(ge=0, le=LARGEST_MINOR, description="In the company's currency.")
    days: Whole = Field(0, ge=0, le=LONGEST_DAYS)
    note: str = Field("", max_length=200)


def _told(one: Credit) -> CreditOut:
    columns = {name: getattr(one, name) for name in CreditOut.model_fields if name != "by"}
    return CreditOut(**columns, by=one.by.name if one.by else "")


@router.get("/customers/{int:pk}/credit", response=SheetOut, auth=READ, summary="Credit sheet")
def sheet(request: TokenRequest, pk: Id) -> SheetOut:
    """What is owed is not kept here: that is for the books to say."""
    judged = grants(request.token.scopes, "scores:read")
    found = sheet_of(held(request, pk), now=timezone.now(), judged=judged)
    return SheetOut(
        agreed=[_told(one) for one in found.agreed],
        guided_minor=found.guided_minor,
        currency=found.currency,
        sales_12m_minor=found.sales_minor,
        orders_12m=found.orders,
        returned_12m_minor=found.back_minor,
        complaints_12m=found.complained,
        complaints_open=len(found.complaints),
    )


@router.post(
    "/customers/{int:pk}/credit/agreements",
    response={201: CreditOut},
    auth=AGREE,
    summary="Agree on credit",
)
def agreement(request: TokenRequest, pk: Id, given: CreditNew) -> Status[CreditOut]:
    """For who leads: the agreement before ends. Sent again, it is the same one."""
    customer = held(request, pk, to_write=True)
    return Status(201, _told(agree(customer, **given.dict(), by=request.user, now=timezone.now())))
