"""The search box over the API: the best hits, and answers to questions in words."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from django.utils import timezone
from ninja import Query, Router, Schema
from pydantic import Field

from liuke.customers.models import Customer
from liuke.platform.access.rules import Right
from liuke.platform.api.views import Need, TokenRequest
from liuke.platform.tokens.rules import grants
from liuke.workspace.search.actions import Answer, also_similar, answers

router = Router(tags=["Customers"])
READ = Need("customers:read", Right.VIEW_CUSTOMERS)
MOST = 50

Words = Annotated[
    str,
    Query(
        min_length=1,
        max_length=100,
        description="A name in any script, pinyin, initials, number, phone, e-mail; or a question.",
    ),
]
Few = Annotated[int, Query(ge=1, le=MOST)]


class Hit(Schema):
    id: int
    number: str
    name: str
    city: str
    owner: str


class AnswerOut(Schema):
    title: str
    value: str
    label: str
    customer: str
    at: datetime | None


class Found(Schema):
    items: list[Hit] = Field(description="The best first.")
    similar: list[Hit] = Field(
        description="Where few are found: names that differ from the words by one letter. Digits tolerate no slip."
    )
    more: bool = Field(description="There are more; narrow the words, or ask the list with `q`.")
    answers: list[AnswerOut] = Field(
        description="To a question in words; takes timeline:read, followups:read and purchases:read."
    )


@router.get("/search", response=Found, auth=READ, summary="Search")
def search(request: TokenRequest, q: Words, limit: Few = 20) -> Found:
    text = " ".join(q.split())
    rows = Customer.objects.for_user(request.user).search(text, by=request.user).select_related("owner")
    found = list(rows[: limit + 1]) if text else []
    told: list[Answer] = []
    if all(
        grants(request.token.scopes, scope) for scope in ("timeline:read", "followups:read", "purchases:read")
    ):
        told, meant = answers(text, user=request.user, now=timezone.now(), limit=limit)
        found = found or meant
    similar = [] if told else also_similar(text, user=request.user, found=found)
    return Found(
        items=[_hit(one) for one in found[:limit]],
        similar=[_hit(one) for one in similar],
        more=len(found) > limit,
        answers=[
            AnswerOut(title=one.title, value=one.value, label=one.label, customer=one.customer, at=one.at)
            for one in told
        ],
    )


def _hit(one: Customer) -> Hit:
    owner = one.owner.name if one.owner else ""
    return Hit(id=one.pk, number=one.number, name=one.name, city=one.city, owner=owner)
