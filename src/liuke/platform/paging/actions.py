from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any, TypeVar

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Model, Q, QuerySet

from liuke.platform.paging.rules import LARGEST, Keyset, Kind, Page

Row = TypeVar("Row", bound=Model)
FEW = 2_000


def page(
    rows: QuerySet[Row],
    keyset: Keyset,
    *,
    after: str = "",
    limit: int = 50,
    total: int | None = None,
    whole: QuerySet[Row] | None = None,
) -> Page[Row]:
    """The rows after the token, in the keyset's order.

    What has no value comes last. Each of the two parts is asked for by itself, the second only by the page that
    reaches it: so an index on (path, id) serves, and SQLite and PostgreSQL, which sort NULL differently, agree.

    With `whole`, `rows` says only which, and `whole` brings them with all their columns and what hangs on them: where
    the database must sort all that match, it sorts their ids (measured on 40,000 of 100,000 customers: half the time).
    """
    if total == 0:
        return Page(rows=[], after="", total=0)
    path = keyset.column.sort
    sign = "-" if keyset.descending else ""
    place = keyset.place(after) if after else None
    found: list[Row] = []
    if place is None or place.value is not None:
        valued = rows.filter(**{f"{path}__isnull": False}) if keyset.column.nullable else rows
        if place is not None:
            valued = valued.filter(_beyond(keyset, place.value, place.pk))
        elif (total is None or total > FEW) and (start := _start(keyset)) is not None:
            valued = valued.filter(start)
        found = _first(valued, whole, f"{sign}{path}", f"{sign}pk", limit=limit + 1)
    if keyset.column.nullable and len(found) <= limit:
        blank = rows.filter(**{f"{path}__isnull": True})
        if place is not None and place.value is None:
            blank = blank.filter(**{f"pk__{'lt' if keyset.descending else 'gt'}": place.pk})
        found += _first(blank, whole, f"{sign}pk", limit=limit + 1 - len(found))
    shown = found[:limit]
    more = len(found) > limit
    token = keyset.token(_value(shown[-1], path), shown[-1].pk) if more else ""
    return Page(rows=shown, after=token, total=total)


def _first(rows: QuerySet[Row], whole: QuerySet[Row] | None, *order: str, limit: int) -> list[Row]:
    first = rows.order_by(*order)[:limit]
    if whole is None:
        return list(first)
    return list(whole.filter(pk__in=first.values("pk")).order_by(*order))


def _start(keyset: Keyset) -> Q | None:
    """True of every row, and all the same worth saying: a range on the ordered column.

    With it SQLite walks the order's index and stops at the end of the page; without, it may gather all that match and
    sort them (measured on 100,000 customers: 1 ms instead of 100). Where few match, that is the quicker way.
    """
    path, kind = keyset.column.sort, keyset.column.kind
    if keyset.descending:
        last = {Kind.NUMBER: LARGEST, Kind.INSTANT: datetime(9999, 12, 31, tzinfo=UTC), Kind.DATE: date.max}
        return Q(**{f"{path}__lte": last[kind]}) if kind in last else None
    first: dict[Kind, Any] = {
        Kind.NUMBER: -LARGEST,
        Kind.INSTANT: datetime(1, 1, 1, tzinfo=UTC),
        Kind.DATE: date.min,
        Kind.TEXT: "",
    }
    return Q(**{f"{path}__gte": first[kind]}) if kind in first else None


def _beyond(keyset: Keyset, value: Any, pk: int) -> Q:
    """`path >= value AND (path > value OR id > pk)`: the first half lets the index find the place."""
    path, over = keyset.column.sort, "lt" if keyset.descending else "gt"
    return Q(**{f"{path}__{over}e": value}) & (Q(**{f"{path}__{over}": value}) | Q(**{f"pk__{over}": pk}))


def _value(row: Model, path: str) -> Any:
    """What stands at `path` of a row that is loaded; related rows should come by select_related."""
    value: Any = row
    for name in path.split("__"):
        value = getattr(value, name, None)
    return value


def counted(*several: QuerySet[Any]) -> list[int]:
    """How many rows each has, in one statement. A slice says how far it is worth counting."""
    parts: list[str] = []
    values: list[Any] = []
    for rows in several:
        ids = (rows if rows.query.is_sliced else rows.order_by()).values("pk")
        try:
            sql, params = ids.query.sql_with_params()
        except EmptyResultSet:
            parts.append("0")
            continue
        parts.append(f"(SELECT COUNT(*) FROM ({sql}) AS found)")  # noqa: S608 - the ORM wrote it
        values += params
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(parts)}", values)
        return list(cursor.fetchone())
