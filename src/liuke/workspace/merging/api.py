"""Merging over the API: laid side by side, made one, several again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from ninja import Query, Router, Schema
from ninja.responses import Status
from pydantic import Field

from liuke.customers.merging.actions import later_merge, merge, undo
from liuke.customers.merging.rules import MOST_AT_ONCE
from liuke.customers.models import Customer, Merge
from liuke.customers.records.api import held
from liuke.platform.access.rules import Right
from liuke.platform.api.api import FEW, After, Given, Id, Limit, Ref, Rows, Whole, linked, rows_of
from liuke.platform.api.rules import Problem, Wrong
from liuke.platform.api.views import Need, TokenRequest
from liuke.platform.paging.rules import LARGEST, Column, Keyset, Kind
from liuke.workspace.merging import actions, rules

router = Router(tags=["Merging"])
READ = Need("merges:read", Right.MERGE_CUSTOMERS)
WRITE = Need("merges:write", Right.MERGE_CUSTOMERS)
LATEST = Keyset(Column("id", "", sort="id", kind=Kind.NUMBER), descending=True)

Others = Annotated[
    list[Annotated[int, Field(ge=1, le=LARGEST)]],
    Query(min_length=1, max_length=MOST_AT_ONCE - 1, description="Who would go into the customer."),
]


class SurvivorOut(Schema):
    id: int
    number: str
    name: str


class MergeOut(Schema):
    id: int
    survivor: SurvivorOut
    former: str = Field(description="Numbers and names of those who went into it.")
    state: str = Field(description="done, undone")
    by: str
    at: datetime
    undone_by: str
    undone_at: datetime | None
    after_id: int | None = Field(description="A later merge into the same customer, to be undone first.")


class SaidOut(Schema):
    customer_id: int = Field(description="Whose word it is; 0: both, one under the other.")
    text: str
    is_chosen: bool = Field(description="Kept unless `choices` say otherwise.")


class UnitOut(Schema):
    unit: str = Field(description="As `choices` names it.")
    name: str
    differs: bool
    said: list[SaidOut]


class ComparisonOut(Schema):
    units: list[UnitOut]
    versions: dict[str, int] = Field(description="Of each customer by id; send them with the merge.")
    brings: dict[str, int] = Field(description="How much of each kind hangs on those who would go.")


class MergeNew(Given):
    other_ids: list[Ref] = Field(min_length=1, max_length=MOST_AT_ONCE - 1)
    choices: dict[str, Whole] = Field(
        {}, description="Unit: whose value is kept, where it is not the proposed one."
    )
    versions: dict[str, Whole] = Field(
        {}, description="As they were read; who changed in between is looked at again."
    )


class UndoneOut(Schema):
    merge: MergeOut
    back: list[SurvivorOut] = Field(description="Who is there again.")
    kept: list[str] = Field(description="Fields that were changed since the merge, and left so.")
    others_kept: int = Field(description="Other entries that were changed since, and left so.")
    missing: int = Field(description="Entries that were removed since, and stay so.")


def _who(one: Customer) -> SurvivorOut:
    return SurvivorOut(id=one.pk, number=one.number, name=one.name)


def _told(rows: Sequence[Merge], *, later: Merge | None = None) -> list[MergeOut]:
    former = actions.who_was_merged(rows)
    columns = MergeOut.model_fields.keys() - {"survivor", "former", "by", "undone_by", "after_id"}
    return [
        MergeOut(
            **{name: getattr(one, name) for name in columns},
            survivor=_who(one.survivor),
            former=former[one.pk],
            by=one.by.name if one.by else "",
            undone_by=one.undone_by.name if one.undone_by else "",
            after_id=later.pk if later else None,
        )
        for one in rows
    ]


def _one(request: TokenRequest, pk: int) -> Merge:
    rows = Merge.objects.for_user(request.user).select_related("survivor", "by", "undone_by")
    return get_object_or_404(rows, pk=pk)


def _shown(request: TokenRequest, pk: int) -> MergeOut:
    one = _one(request, pk)
    return _told([one], later=later_merge(one) if one.state == "done" else None)[0]


def _beside(request: TokenRequest, pk: int, others: Sequence[int]) -> list[Customer]:
    """The survivor first. All of them within reach, or it is as if there were none."""
    ids = list(dict.fromkeys([held(request, pk, to_write=True).pk, *others]))
    found = actions.side_by_side(ids, request.user)
    if len(found) != len(ids):
        raise Problem("not-found")
    return found


@router.get(
    "/customers/{int:pk}/comparison",
    response=ComparisonOut,
    auth=READ,
    summary="Lay a customer and others side by side",
)
def comparison(request: TokenRequest, pk: Id, other: Others) -> ComparisonOut:
    """What a merge would keep of each, and what would come along. Nothing is changed."""
    customers = _beside(request, pk, other)
    units = []
    for line in actions.lines(customers, request.user, get_language() or ""):
        cells = [*line.cells, line.both] if line.both else line.cells
        said = [SaidOut(customer_id=one.whose, text=one.text, is_chosen=one.is_chosen) for one in cells]
        units.append(UnitOut(unit=line.unit, name=str(line.label), differs=line.differs, said=said))
    brings = {name: sum(getattr(one, f"{name}_count") for one in customers[1:]) for name in rules.COUNTED}
    return ComparisonOut(units=units, versions={str(one.pk): one.version for one in customers}, brings=brings)


@router.post(
    "/customers/{int:pk}/merges", response={201: MergeOut}, auth=WRITE, summary="Merge others into a customer"
)
def merge_into(request: TokenRequest, pk: Id, given: MergeNew) -> Status[MergeOut]:
    """Everything of the others becomes the customer's; old ids lead to who stayed. It can be undone."""
    customers = _beside(request, pk, given.other_ids)
    known = {line.unit for line in actions.lines(customers, request.user, get_language() or "")}
    if unknown := given.choices.keys() - known:
        text = _("There is nothing to choose of this name.")
        raise Problem("invalid", errors=[Wrong(name, text, f"/choices/{name}") for name in sorted(unknown)])
    versions = {int(one): version for one, version in given.versions.items() if one.isdecimal()}
    made = merge(
        customers[0],
        customers[1:],
        choices=given.choices,
        versions=versions,
        by=request.user,
        now=timezone.now(),
    )
    return Status(201, _shown(request, made.pk))


@router.get("/merges", response=Rows[MergeOut], auth=READ, summary="What was merged")
def merges(
    request: TokenRequest, response: HttpResponse, after: After = "", limit: Limit = FEW
) -> Rows[MergeOut]:
    """The latest first."""
    rows = Merge.objects.for_user(request.user).select_related("survivor", "by", "undone_by")
    found, following = rows_of(rows, LATEST, after=after, limit=limit)
    linked(request, response, following)
    return Rows[MergeOut](items=_told(found), next=following)


@router.get("/merges/{int:pk}", response=MergeOut, auth=READ, summary="One merge")
def one_merge(request: TokenRequest, pk: Id) -> MergeOut:
    return _shown(request, pk)


@router.post("/merges/{int:pk}/undoing", response=UndoneOut, auth=WRITE, summary="Undo a merge")
def undoing(request: TokenRequest, pk: Id) -> UndoneOut:
    """As if they had never been merged; what was written since stays with the survivor."""
    done = undo(_one(request, pk), by=request.user, now=timezone.now())
    kept, others = rules.kept_names(done.result.kept)
    return UndoneOut(
        merge=_shown(request, pk),
        back=[_who(one) for one in done.back],
        kept=[_(name) for name in kept],
        others_kept=others,
        missing=done.result.missing,
    )
