"""What the operations of every slice are made of: types that JSON can be held to, pages, the caller's instant."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Annotated, Any, Generic, TypeVar

from django.db.models import Model, QuerySet
from django.http import HttpResponse
from django.utils.translation import gettext as _
from ninja import Path, Query, Schema
from pydantic import AfterValidator, AwareDatetime, BeforeValidator, ConfigDict, Field, StrictBool
from pydantic_core import PydanticCustomError

from liuke.platform.api.rules import FEW_ROWS, MOST_ROWS, Problem, Wrong, version_in
from liuke.platform.api.views import TokenRequest
from liuke.platform.paging.actions import page
from liuke.platform.paging.rules import LARGEST, Column, Keyset, Kind

Item = TypeVar("Item")
Row = TypeVar("Row", bound=Model)
Time = TypeVar("Time", bound=date)
FIRST_YEAR, LAST_YEAR = 1800, 2199


def _text_only(code: str) -> BeforeValidator:
    """A day is never a number of seconds, whatever the parser would make of it."""

    def check(value: Any) -> Any:
        if value is not None and not isinstance(value, str | date):
            raise PydanticCustomError(code, "not a text")
        return value

    return BeforeValidator(check)


def _of_our_time(value: Time) -> Time:
    """Years that a database and a zone can be trusted with; nobody means another."""
    if not FIRST_YEAR <= value.year <= LAST_YEAR:
        raise PydanticCustomError("year", "no such year")
    return value


Id = Annotated[int, Path(ge=1, le=LARGEST)]  # in an address
Ref = Annotated[int, Field(strict=True, ge=1, le=LARGEST)]  # in a body
Whole = Annotated[int, Field(strict=True, ge=-LARGEST, le=LARGEST)]
Flag = StrictBool
Day = Annotated[date, _text_only("date_parsing"), AfterValidator(_of_our_time)]
Instant = Annotated[AwareDatetime, _text_only("datetime_parsing"), AfterValidator(_of_our_time)]
After = Annotated[
    str, Query(max_length=1500, description="The `next` of the page before; absent for the first page.")
]
Limit = Annotated[int, Query(ge=1, le=MOST_ROWS, description="Rows of a page.")]
FEW = FEW_ROWS


class Given(Schema):
    """What a body may hold: these fields and no others."""

    model_config = ConfigDict(extra="forbid", str_max_length=10_000)


class Rows(Schema, Generic[Item]):
    """One page. `next` is the `after` of the next one, empty on the last."""

    items: list[Item]
    next: str


# What a download is told as in the description.
BYTES: dict[str, Any] = {
    "responses": {
        200: {
            "description": "The file, to be kept and not to be shown.",
            "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
        }
    }
}
BY_ID = Keyset(Column("id", "", sort="pk", kind=Kind.NUMBER), descending=False)
NEWEST = Keyset(Column("at", "", sort="at", kind=Kind.INSTANT), descending=True)


def rows_of(
    rows: QuerySet[Row],
    keyset: Keyset,
    *,
    after: str,
    limit: int,
    whole: QuerySet[Row] | None = None,
    total: int | None = None,
) -> tuple[list[Row], str]:
    """One page and the token of the next. A token that is none of ours is refused: page one again would never end.
    `total`, counted or not, is for the database's sake (paging.page)."""
    if after and keyset.place(after) is None:
        raise Problem("invalid", errors=[Wrong("after", _("This is not the “next” of a page of this list."))])
    found = page(rows, keyset, after=after, limit=limit, whole=whole, total=total)
    return list(found.rows), found.after


def linked(request: TokenRequest, response: HttpResponse, following: str) -> None:
    """Where the next page is, as RFC 8288 says it."""
    if following:
        asked = request.GET.copy()
        asked["after"] = following
        response["Link"] = f'<{request.path}?{asked.urlencode()}>; rel="next"'


def listed(
    request: TokenRequest,
    response: HttpResponse,
    rows: QuerySet[Row],
    told: Callable[[Row], Item],
    *,
    after: str,
    limit: int,
    keyset: Keyset = BY_ID,
) -> Rows[Item]:
    """What nearly every list answers: one page of `rows` as they are `told`, and where the next one is."""
    found, following = rows_of(rows, keyset, after=after, limit=limit)
    linked(request, response, following)
    return Rows[Item](items=[told(one) for one in found], next=following)


def still(row: Model, given: Given) -> dict[str, Any]:
    """What a change leaves of a row: its fields as they are, and over them those that were sent."""
    return {name: getattr(row, name) for name in type(given).model_fields} | given.dict(exclude_unset=True)


def version_of(request: TokenRequest, current: int) -> int:
    """The version that the caller has read, by If-Match; `*` says that whatever is there may be overwritten."""
    given = request.headers.get("If-Match", "").strip()
    if not given:
        raise Problem("version-needed")
    if given == "*":
        return current
    version = version_in(given)
    if version is None:
        raise Problem("invalid", errors=[Wrong("If-Match", _("This is not an ETag that we gave."))])
    return version


def tagged(response: HttpResponse, version: int) -> None:
    response["ETag"] = f'"{version}"'
