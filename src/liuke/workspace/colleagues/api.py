"""Colleagues over the API: as much as it takes to name one."""

from __future__ import annotations

from django.http import HttpResponse
from ninja import Router, Schema

from liuke.platform.access.rules import Right
from liuke.platform.api.api import BY_ID, FEW, After, Limit, Rows, linked, rows_of
from liuke.platform.api.views import Need, TokenRequest
from liuke.platform.models import User

router = Router(tags=["Colleagues"])
READ = Need("colleagues:read", Right.VIEW_CUSTOMERS)


class ColleagueOut(Schema):
    id: int
    name: str
    team: str
    is_me: bool


@router.get("/colleagues", response=Rows[ColleagueOut], auth=READ, summary="Colleagues whom one may name")
def colleagues(
    request: TokenRequest, response: HttpResponse, after: After = "", limit: Limit = FEW
) -> Rows[ColleagueOut]:
    """Those who are here; of others' rows and rights nothing is told."""
    rows = User.objects.visible_to(request.user).active().select_related("team")
    found, following = rows_of(rows, BY_ID, after=after, limit=limit)
    linked(request, response, following)
    items = [
        ColleagueOut(
            id=one.pk, name=one.name, team=one.team.name if one.team else "", is_me=one.pk == request.user.pk
        )
        for one in found
    ]
    return Rows[ColleagueOut](items=items, next=following)
