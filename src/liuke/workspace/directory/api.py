"""The customer list over the API: the same filters, orders and saved views as on its page."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Annotated, Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from ninja import Query, Router, Schema
from ninja.responses import Status
from pydantic import Field

from liuke.customers.cards.api import CustomerOut, told
from liuke.customers.exports.actions import order
from liuke.customers.exports.api import WRITE as EXPORT
from liuke.customers.exports.api import ExportOut, shown
from liuke.customers.fields.actions import definitions
from liuke.platform.access.rules import Right
from liuke.platform.api.api import BY_ID, FEW, After, Given, Limit, Ref, Rows, linked, rows_of
from liuke.platform.api.rules import Problem, Wrong
from liuke.platform.api.views import Need, TokenRequest
from liuke.platform.lists.rules import Listing
from liuke.platform.lists.rules import Query as Asked
from liuke.platform.models import SavedView
from liuke.platform.paging import actions as paging
from liuke.platform.tokens.rules import grants
from liuke.scores.models import ScoreRun
from liuke.scores.runs.actions import current_run
from liuke.scores.segments.actions import expanded, segment_field
from liuke.workspace.directory import actions, rules

router = Router(tags=["Customers"])
READ = Need("customers:read", Right.VIEW_CUSTOMERS)
LONGEST_TREE = 8000

Words = Annotated[str, Query(max_length=200, description="Words as in the search box of the list.")]
Order = Annotated[
    str, Query(max_length=60, description="A column's name, with “-” from the largest: name, -last_purchase.")
]
View = Annotated[int | None, Query(ge=1, le=2**63 - 1, description="The id of a saved view.")]
Tree = Annotated[
    str,
    Query(
        max_length=LONGEST_TREE,
        description='A tree of conditions as JSON: {"all": [{"field": "stage", "op": "is", "values": ["loyal"]}]};'
        " groups are all, any, none, up to five deep. What happened is asked for by events:"
        ' {"event": "bought", "op": "least", "times": 2, "where": [{"field": "at", "op": "within_days", "values": [90]}]}.',
    ),
]
FILTERS = {
    "parameters": [
        {
            "name": "filters",
            "in": "query",
            "required": False,
            "style": "form",
            "explode": True,
            "description": "Any filter of the list as it stands in the page's address: stage=loyal, owner=me,"
            " last_contact.over_days=60, f7.least=10. A filter that is unknown is refused.",
            "schema": {"type": "object", "additionalProperties": {"type": "string"}},
        }
    ]
}


@router.get(
    "/customers",
    response=Rows[CustomerOut],
    auth=READ,
    summary="Customers, by the list's filters",
    openapi_extra=FILTERS,
)
def customers(
    request: TokenRequest,
    response: HttpResponse,
    q: Words = "",
    sort: Order = "",
    view: View = None,
    filter: Tree = "",
    after: After = "",
    limit: Limit = FEW,
) -> Rows[CustomerOut]:
    """Filters and orders by a judgement (grade, band, value …) take the scope scores:read as well."""
    run, declared = _declared(request)
    query = _asked(request, declared, view=view, tree=filter)
    keyset = declared.order(query.sort)
    opened = replace(query, filter=expanded(query.filter, request.user))
    rows = actions.listed(run, opened, keyset.column.sort, user=request.user, now=timezone.now())
    whole = actions.whole(run, keyset.column.sort).select_related("team")
    # Whether they are few, not how many: few are gathered and sorted, many are walked in the order's own index.
    total = None
    if not after:
        few = actions.counted_rows(run, opened, user=request.user, now=timezone.now())[: paging.FEW + 1]
        (total,) = paging.counted(few)
    found, following = rows_of(rows, keyset, after=after, limit=limit, whole=whole, total=total)
    linked(request, response, following)
    return Rows[CustomerOut](items=told(found, user=request.user), next=following)


def _declared(request: TokenRequest) -> tuple[ScoreRun | None, Listing]:
    """The list as this token may ask it: without the scope of judgements it has none."""
    run = current_run() if grants(request.token.scopes, "scores:read") else None
    declared = rules.listing(
        judged=run is not None,
        own=definitions(),
        masked=request.user.role.masked,
        language=get_language() or "",
        more=(segment_field(),) if run else (),  # a segment may ask for a judgement
    ).for_rights(lambda right: request.user.may(Right(right)))
    return run, declared


def _asked(request: TokenRequest, declared: Listing, *, view: int | None, tree: str) -> Asked:
    """By a saved view, by a tree, or by the address; one of the three, because each is a whole question."""
    given = {name: request.GET.getlist(name) for name in request.GET}
    plain = given.keys() - {"view", "filter", "sort", "after", "limit"}
    if (view is not None) + bool(tree) + bool(plain) > 1:
        wrong = Wrong("view" if view is not None else "filter", _("Ask by one: a view, a tree, or filters."))
        raise Problem("invalid", errors=[wrong])
    if view is not None:
        saved = get_object_or_404(SavedView.objects.for_user(request.user, rules.PLACE), pk=view)
        stored = {**saved.query}
        return declared.from_plain(stored | ({"sort": given["sort"][-1]} if "sort" in given else {}))
    if tree:
        try:
            parsed = json.loads(tree)
        except (ValueError, RecursionError):
            wrong = Wrong("filter", _("This is not JSON."))
            raise Problem("invalid", errors=[wrong]) from None
        return declared.from_plain({"filter": parsed, "sort": (given.get("sort") or [""])[-1]})
    return declared.from_address({name: values for name, values in given.items() if name != "filter"})


class ViewOut(Schema):
    id: int
    name: str
    is_mine: bool
    query: dict[str, Any] = Field(description="Filter tree, order and columns, as `filter` takes the tree.")


@router.get("/views", response=Rows[ViewOut], auth=READ, summary="Saved views of the list")
def views(
    request: TokenRequest, response: HttpResponse, after: After = "", limit: Limit = FEW
) -> Rows[ViewOut]:
    rows = SavedView.objects.for_user(request.user, rules.PLACE)
    found, following = rows_of(rows, BY_ID, after=after, limit=limit)
    linked(request, response, following)
    items = [
        ViewOut(id=one.pk, name=one.name, is_mine=one.owner_id == request.user.pk, query=one.query)
        for one in found
    ]
    return Rows[ViewOut](items=items, next=following)


class ExportNew(Given):
    reason: str = Field(max_length=200, description="What it is for, in a few words.")
    view_id: Ref | None = Field(None, description="The customers of a saved view.")
    filter: str = Field("", max_length=LONGEST_TREE, description="Those of a tree, as the list takes it.")
    customer_ids: list[Ref] | None = Field(None, min_length=1, max_length=1000, description="Just these.")


@router.post("/exports", response={201: ExportOut}, auth=EXPORT, summary="Ask for a file of customers")
def ask_for_export(request: TokenRequest, given: ExportNew) -> Status[ExportOut]:
    """All within reach, or by one of a view, a tree, ids. What is large waits until somebody approves it, anything else
    is written at once: look at its state. The file holds what the page's file holds."""
    if sum(map(bool, (given.view_id, given.filter, given.customer_ids))) > 1:
        text = _("Ask by one: a view, a tree, or ids.")
        raise Problem("invalid", errors=[Wrong("filter", text, "/filter")])
    run, declared = _declared(request)
    query = _asked(request, declared, view=given.view_id, tree=given.filter)
    keyset, now = declared.order(query.sort), timezone.now()
    whole = actions.ordered_by(actions.customers(run, user=request.user), keyset.column.sort)
    opened = replace(query, filter=expanded(query.filter, request.user))
    rows = actions.asked(whole, opened, user=request.user, now=now)
    if given.customer_ids:
        rows = rows.filter(pk__in=given.customer_ids)
    ids = list(rows.order_by(actions.ordering(keyset), "pk").values_list("pk", flat=True))
    if len(ids) < len(set(given.customer_ids or ())):
        raise Problem("not-found")
    made = order(ids, reason=given.reason, by=request.user, now=now)
    return Status(201, shown(request, made.pk))
