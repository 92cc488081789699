from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, TypeVar

from django.db import transaction
from django.db.models import Count, F, Max, Model, Q, QuerySet, Sum
from django.utils import timezone

from liuke.platform.access.actions import permit
from liuke.platform.access.rules import Right
from liuke.platform.audit.actions import changes_between, record
from liuke.platform.lists.models import SavedView
from liuke.platform.lists.rules import (
    ME,
    NOBODY,
    Condition,
    Field,
    Group,
    Happened,
    Kind,
    Listing,
    Op,
    Query,
    Selection,
    Unfit,
)
from liuke.platform.paging.actions import page
from liuke.platform.paging.rules import gettext_noop

if TYPE_CHECKING:
    from liuke.platform.models import User

__all__ = ["chosen", "facet_counts", "matching", "page", "remove_view", "save_view"]

Row = TypeVar("Row", bound=Model)


def matching(rows: QuerySet[Row], tree: Group, *, user: User, now: datetime) -> QuerySet[Row]:
    """The rows that the filter lets through. `rows` must be what `user` may see already."""
    return rows.filter(_group(tree, rows.model, user=user, now=now)) if tree.parts else rows


def _group(tree: Group, model: type[Model], *, user: User, now: datetime) -> Q:
    whole = Q()
    for one in _parts(tree, model, user=user, now=now):
        whole = (whole & one) if tree.how == "all" else (whole | one)
    if tree.how == "any" and not tree.parts:
        return Q(pk__in=[])  # any of nothing is nobody
    return ~whole if tree.how == "none" and tree.parts else whole


def _parts(tree: Group, model: type[Model], *, user: User, now: datetime) -> Iterator[Q]:
    of_one_row: dict[str, Q] = {}  # a field over many rows -> what one of them must be
    for part in tree.parts:
        if isinstance(part, Group):
            yield _group(part, model, user=user, now=now)
        elif isinstance(part, Happened):
            yield _happened(part, user=user, now=now)
        elif part.field.among is None:
            yield _condition(part, user=user, now=now)
        elif tree.how == "all":
            there = of_one_row.get(part.field.name, Q(**part.field.among))
            of_one_row[part.field.name] = there & _condition(part, user=user, now=now)
        else:
            yield _has_one(model, Q(**part.field.among) & _condition(part, user=user, now=now))
    for asked in of_one_row.values():
        yield _has_one(model, asked)


def _has_one(model: type[Model], asked: Q) -> Q:
    """By a list of keys: joined to the rows themselves, somebody with two of them would stand there twice."""
    return Q(pk__in=model._base_manager.filter(asked).values("pk"))


def _happened(asked: Happened, *, user: User, now: datetime) -> Q:
    """By one list of keys, made from the event's own rows: grouped only where times or money are counted."""
    event = asked.event.asked_for({one.field.name for one in asked.where})
    rows = event.rows().order_by()
    for one in asked.where:
        rows = rows.filter(_condition(one, user=user, now=now))
    never, least = asked.op == Op.MOST, asked.times + 1 if asked.op == Op.MOST else asked.times
    whose = rows.values(event.of)
    if least > 1:
        whose = whose.annotate(times=Count(event.once, distinct=event.once != "pk")).filter(times__gte=least)
    if asked.total is not None:
        op, amount = asked.total
        whose = whose.annotate(total=Sum(event.sums))
        whose = whose.filter(total__gte=amount) if op == Op.LEAST else whose.filter(total__lte=amount)
    found = Q(pk__in=whose.values_list(F(event.of), flat=True))
    return ~found if never else found


def _condition(asked: Condition, *, user: User, now: datetime) -> Q:
    if asked.field.rows is not None:
        return _in_rows(asked, asked.field.rows(), user=user, now=now)
    path = asked.field.path
    value = asked.field.kept(asked.op, asked.values[0]) if asked.values else None
    match asked.op:
        case Op.EMPTY:
            return _blank(asked.field)
        case Op.FILLED:
            return ~_blank(asked.field)
        case Op.IS:
            return _any_of(asked, user)
        case Op.NOT:
            return ~_any_of(asked, user)
        case Op.HAS:
            return Q(**{f"{path}__icontains": value})
        case Op.BEGINS:
            return Q(**{f"{path}__istartswith": value})
        case Op.LEAST:
            return Q(**{f"{path}__gte": value})
        case Op.MOST:
            return Q(**{f"{path}__lte": value})
        case _:
            return _span(asked, now)


def _in_rows(asked: Condition, rows: QuerySet[Any], *, user: User, now: datetime) -> Q:
    """Asked of the rows that hang on the list's, each way by one list of ids: whoever has no such row is blank."""
    plain = replace(asked, field=replace(asked.field, rows=None))

    def among(some: QuerySet[Any]) -> Q:
        return Q(pk__in=some.order_by().values(asked.field.of))

    match asked.op:
        case Op.EMPTY:
            return ~among(rows)
        case Op.FILLED:
            return among(rows)
        case Op.NOT:
            return ~_in_rows(replace(asked, op=Op.IS), rows, user=user, now=now)
        case Op.IS if (
            asked.field.kind == Kind.FLAG and not asked.field.path
        ):  # being among the rows is the answer
            return among(rows) if asked.values[0] else ~among(rows)
        case Op.IS if NOBODY in asked.values:
            others = tuple(value for value in asked.values if value != NOBODY)
            some = rows.filter(_condition(replace(plain, values=others), user=user, now=now))
            return among(some) | ~among(rows)
        case _:
            return among(rows.filter(_condition(plain, user=user, now=now)))


def _blank(field: Field) -> Q:
    nothing = Q(**{f"{field.path}__isnull": True})
    return nothing | Q(**{field.path: ""}) if field.kind in {Kind.TEXT, Kind.CHOICE} else nothing


def _any_of(asked: Condition, user: User) -> Q:
    """Any of the values, "none" being a value too unless the field has one of that name."""
    named = {code for code, _ in asked.field.values or ()}
    wants_blank = NOBODY in asked.values and NOBODY not in named
    values = [user.pk if value == ME and asked.field.kind == Kind.PERSON else value for value in asked.values]
    if wants_blank:
        values = [value for value in values if value != NOBODY]
    some = Q(**{f"{asked.field.path}__in": values})
    return some | _blank(asked.field) if wants_blank else some


def _span(asked: Condition, now: datetime) -> Q:
    """Days are those of the zone that is active: the viewer's. A span reaches from midnight to midnight."""
    path, value = asked.field.path, asked.values[0]
    zone = timezone.get_current_timezone()
    today = now.astimezone(zone).date()
    match asked.op:
        case Op.SINCE:
            first, last = value, None
        case Op.UNTIL:
            first, last = None, value
        case Op.WITHIN_DAYS:
            first, last = today - timedelta(days=value), today
        case Op.OVER_DAYS:
            first, last = None, today - timedelta(days=value + 1)
        case Op.THIS:
            first, last = _began(value, today), None
        case Op.BEFORE_THIS:
            first, last = None, _began(value, today) - timedelta(days=1)
        case _:
            first, last = today, today + timedelta(days=value)
    if asked.field.kind == Kind.INSTANT:
        first = first and datetime.combine(first, time.min, tzinfo=zone)
        last = last and datetime.combine(last + timedelta(days=1), time.min, tzinfo=zone)
    before = "lt" if asked.field.kind == Kind.INSTANT else "lte"
    span = Q(**{f"{path}__gte": first}) if first else Q()
    return span & Q(**{f"{path}__{before}": last}) if last else span


def _began(period: str, today: date) -> date:
    match period:
        case "week":
            return today - timedelta(days=today.weekday())
        case "month":
            return today.replace(day=1)
        case "quarter":
            return today.replace(month=today.month - (today.month - 1) % 3, day=1)
        case _:
            return today.replace(month=1, day=1)


def facet_counts(
    rows: QuerySet[Row], query: Query, field: Field, *, user: User, now: datetime
) -> dict[Any, int]:
    """How many rows each value of `field` would leave, all other filters applied; what is blank counts as "none"."""
    others = matching(rows, query.filter.without(field.name), user=user, now=now)
    counted = others.order_by().values_list(field.path).annotate(n=Count("pk"))
    counts: dict[Any, int] = {}
    for value, count in counted:
        key = NOBODY if value in (None, "") else value
        counts[key] = counts.get(key, 0) + count
    return counts


def chosen(rows: QuerySet[Row], selection: Selection) -> QuerySet[Row]:
    """The rows that a bulk action is about. `rows` is what the user may write and what matches the list's query:

    an id outside of it is not acted on, wherever it comes from.
    """
    return rows if selection.everything else rows.filter(pk__in=selection.ids)


def save_view(
    name: str, query: Query, *, listing: Listing, by: User, now: datetime, shared: bool = False
) -> SavedView:
    """Keeps `query` under `name`; one's own view of that name is replaced. Sharing is for who leads a team."""
    title = " ".join(name.split())
    if not title or len(title) > 60:
        raise Unfit(gettext_noop("A view needs a name of at most 60 characters."))
    if shared:
        permit(by, Right.SEE_TEAM)
    with transaction.atomic():
        mine = SavedView.objects.select_for_update().filter(owner=by, place=listing.place)
        last = mine.aggregate(last=Max("position"))["last"]
        view = mine.filter(name=title).first()
        before = _state(view) if view else {}
        view = view or SavedView(owner=by, place=listing.place, name=title, position=(last or 0) + 1)
        view.query, view.shared = query.plain(), shared
        view.save()
        record("lists.save_view", by=by, now=now, subject=view, changes=changes_between(before, _state(view)))
    return view


def remove_view(view: SavedView, *, by: User, now: datetime) -> None:
    """One's own; a shared one of somebody else's by who manages the settings."""
    if view.owner_id != by.pk:
        permit(by, Right.MANAGE_SETTINGS)
    with transaction.atomic():
        record("lists.remove_view", by=by, now=now, subject=view, changes=changes_between(_state(view), {}))
        view.delete()


def _state(view: SavedView) -> dict[str, Any]:
    return {"name": view.name, "query": view.query, "shared": view.shared}
