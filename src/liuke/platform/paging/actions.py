from __future__ import annotations

from typing import Any, TypeVar

from django.db.models import Model, Q, QuerySet

from liuke.platform.paging.rules import Keyset, Page

Row = TypeVar("Row", bound=Model)


def page(
    rows: QuerySet[Row], keyset: Keyset, *, after: str = "", limit: int = 50, total: int | None = None
) -> Page[Row]:
    """The rows after the token, in the keyset's order.

    What has no value comes last. Each of the two parts is asked for by itself, the second only by the page that
    reaches it: so an index on (path, id) serves, and SQLite and PostgreSQL, which sort NULL differently, agree.
    """
    path = keyset.column.sort
    sign = "-" if keyset.descending else ""
    place = keyset.place(after) if after else None
    found: list[Row] = []
    if place is None or place.value is not None:
        valued = rows.filter(**{f"{path}__isnull": False}) if keyset.column.nullable else rows
        if place is not None:
            valued = valued.filter(_beyond(keyset, place.value, place.pk))
        found = list(valued.order_by(f"{sign}{path}", f"{sign}pk")[: limit + 1])
    if keyset.column.nullable and len(found) <= limit:
        blank = rows.filter(**{f"{path}__isnull": True})
        if place is not None and place.value is None:
            blank = blank.filter(**{f"pk__{'lt' if keyset.descending else 'gt'}": place.pk})
        found += blank.order_by(f"{sign}pk")[: limit + 1 - len(found)]
    shown = found[:limit]
    more = len(found) > limit
    token = keyset.token(_value(shown[-1], path), shown[-1].pk) if more else ""
    return Page(rows=shown, after=token, total=total)


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
