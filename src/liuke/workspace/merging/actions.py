"""What a page that lays records side by side asks the database for: a few statements, however many records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext

from liuke.customers.fields.actions import definitions, values_of
from liuke.customers.fields.rules import Definition, plain, veiled_values
from liuke.customers.masking.rules import hidden_from
from liuke.customers.merging.rules import NAMES, UNITS, preferred
from liuke.customers.models import Customer, DuplicatePair, Merge, MergeStep, Standing
from liuke.customers.records.rules import PROFILE
from liuke.customers.reveals.actions import veil
from liuke.customers.standings.rules import SERIES
from liuke.platform.models import User
from liuke.workspace.merging.rules import COUNTED, Line, line


def side_by_side(ids: Sequence[int], user: User) -> list[Customer]:
    """Those whom `user` may write, in the order asked for, with how much hangs on each."""
    rows: QuerySet[Customer] = Customer.objects.writable_by(user).filter(pk__in=ids)
    for name in COUNTED:
        related: Any = Customer._meta.get_field(name).related_model
        held = related._base_manager.filter(customer=OuterRef("pk")).order_by().values("customer")
        count = Coalesce(Subquery(held.annotate(count=Count("pk")).values("count")), 0)
        rows = rows.annotate(**{f"{name}_count": count})
    found = {one.pk: one for one in rows.select_related("owner", "team")}
    now = timezone.now()
    for one in found.values():
        veil(one, (), user, now)
    return [found[pk] for pk in ids if pk in found]


def lines(customers: Sequence[Customer], user: User, language: str) -> list[Line]:
    """What the records say, unit by unit; the survivor comes first."""
    numbers = {one.pk: one.number for one in customers}
    columns = {name for unit in UNITS.values() for name in unit} | {"last_purchase_at"}
    records = [{"id": one.pk, **{name: getattr(one, name) for name in columns}} for one in customers]
    found = [
        line(
            unit,
            gettext(NAMES[unit]),
            {one.pk: _said(unit, one) for one in customers},
            numbers,
            customers[0].pk if unit == "owner" else preferred(unit, records),
        )
        for unit in UNITS
    ]
    found += _standings(customers, numbers)
    found += _own(customers, numbers, user, language)
    return [one for one in found if one is not None]


def _said(unit: str, one: Customer) -> str:
    match unit:
        case "scope":
            profile = [str(one.profile[f.name]) for f in PROFILE[one.scope] if f.name in one.profile]
            return " · ".join([str(one.get_kind_display()), str(one.get_scope_display()), *profile])
        case "purpose":
            return str(one.get_purpose_display()) if one.purpose else ""
        case "place":
            return " ".join(part for part in (one.country, one.province, one.city, one.address) if part)
        case "owner":
            return " · ".join(str(part) for part in (one.owner, one.team) if part)
        case "stage":
            return str(one.get_stage_display())
    return str(getattr(one, unit))


def _standings(customers: Sequence[Customer], numbers: Mapping[int, str]) -> list[Line | None]:
    held: dict[str, dict[int, str]] = {what: {} for what in SERIES}
    rows = Standing.objects.filter(customer__in=list(customers), ended_at=None)
    for what, pk, value in rows.values_list("what", "customer_id", "value"):
        held[what][pk] = str(SERIES[what].get(value, value))
    return [
        line(
            what,
            gettext(NAMES[what]),
            {one.pk: said.get(one.pk, "") for one in customers},
            numbers,
            next((one.pk for one in customers if one.pk in said), customers[0].pk),
        )
        for what, said in held.items()
    ]


def _own(
    customers: Sequence[Customer], numbers: Mapping[int, str], user: User, language: str
) -> list[Line | None]:
    """The company's own fields that one of them has filled."""
    known = definitions()
    values = values_of([one.pk for one in customers], among=known)
    referred = {
        values[pk][field.name]
        for pk in values
        for field in known
        if field.type == "customer" and field.name in values[pk]
    }
    names = (
        dict(Customer.objects.for_user(user).filter(pk__in=referred).values_list("pk", "name"))
        if referred
        else {}
    )
    found = []
    now = timezone.now()
    values = {
        one.pk: veiled_values(values.get(one.pk, {}), known, hidden_from(user, one.owner_id, now))
        for one in customers
    }
    for field in known:
        texts = {one.pk: _own_text(field, values[one.pk].get(field.name), names) for one in customers}
        chosen = next((pk for pk, text in texts.items() if text), customers[0].pk)
        found.append(line(f"f{field.pk}", field.label(language), texts, numbers, chosen))
    return found


def _own_text(field: Definition, value: Any, names: Mapping[int, str]) -> str:
    if value is None:
        return ""
    if field.type == "customer":
        return names.get(value, gettext("a customer out of your sight"))
    return plain(field, value)


def with_both(rows: QuerySet[DuplicatePair]) -> QuerySet[DuplicatePair]:
    return rows.select_related("first__owner", "second__owner", "decided_by")


def pair_of(customers: Sequence[Customer], user: User) -> DuplicatePair | None:
    """The proposal about these two, where there is one."""
    if len(customers) != 2:
        return None
    first, second = sorted(one.pk for one in customers)
    return DuplicatePair.objects.writable_by(user).open().filter(first=first, second=second).first()


def who_was_merged(merges: Sequence[Merge]) -> dict[int, str]:
    """Merge -> numbers and names of those who went into another; of one that is undone as they were then."""
    kept = MergeStep.objects.filter(merge__in=list(merges), what="aside", model="customers.Customer")
    found: dict[int, list[str]] = {one.pk: [] for one in merges}
    for merge_id, values in kept.order_by("id").values_list("merge_id", "values"):
        found[merge_id].append(f"{values['number']} {values['name']}")
    return {pk: ", ".join(told) for pk, told in found.items()}
