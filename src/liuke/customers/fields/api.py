"""The fields of the company's own, over the API: what a customer's `fields` hold."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils.translation import get_language
from ninja import Router, Schema
from pydantic import Field

from liuke.customers.fields.models import CustomField
from liuke.customers.fields.rules import Definition
from liuke.customers.records.api import READ
from liuke.platform.api.api import FEW, After, Limit, Rows, listed
from liuke.platform.api.views import TokenRequest

router = Router(tags=["Customers"])


class Choice(Schema):
    code: str
    name: str
    is_offered: bool = Field(description="One that is no longer offered still names old values.")


class FieldOut(Schema):
    name: str = Field(description="As `fields` and filters call it: f7.")
    type: str
    label: str = Field(description="In the reader's language.")
    help: str
    kind: str = Field(description="Only of this kind of customers; empty: of all.")
    scope: str
    options: list[Choice]
    decimals: int
    currency: str
    is_required: bool
    is_filter: bool = Field(description="Whether the list can be filtered by it.")


def _told(one: Definition, language: str) -> FieldOut:
    return FieldOut(
        name=one.name,
        type=one.type,
        label=one.label(language),
        help=one.help(language),
        kind=one.kind,
        scope=one.scope,
        options=[Choice(code=o.code, name=o.name, is_offered=o.offered) for o in one.options],
        decimals=one.scale,
        currency=one.currency,
        is_required=one.required,
        is_filter="filter" in one.places,
    )


@router.get("/fields", response=Rows[FieldOut], auth=READ, summary="The company's own fields")
def fields(
    request: TokenRequest, response: HttpResponse, after: After = "", limit: Limit = FEW
) -> Rows[FieldOut]:
    language = get_language() or ""
    return listed(
        request,
        response,
        CustomField.objects.in_use(),
        lambda one: _told(one.definition, language),
        after=after,
        limit=limit,
    )
