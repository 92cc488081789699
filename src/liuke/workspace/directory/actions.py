"""The rows of the customer list, and the file they are exported to."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import F, OrderBy, QuerySet
from django.utils import timezone, translation
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from liuke.customers.fields.actions import definitions, in_order, values_of
from liuke.customers.fields.rules import Definition, plain, shown, veiled_values
from liuke.customers.masking.rules import hidden_from
from liuke.customers.models import Customer
from liuke.customers.reveals.actions import veil
from liuke.platform.access.actions import permit
from liuke.platform.access.rules import Right
from liuke.platform.audit.actions import record
from liuke.platform.bulk.rules import pieces
from liuke.platform.kit.rules import major
from liuke.platform.kit.templatetags.badges import band_name, grade_name, stage_name
from liuke.platform.kit.templatetags.figures import country
from liuke.platform.lists.actions import matching
from liuke.platform.lists.rules import Query
from liuke.platform.paging.rules import Keyset
from liuke.scores.models import Score, ScoreRun
from liuke.scores.questions.actions import asks_judgement, joined
from liuke.tabular import neutralised

if TYPE_CHECKING:
    from liuke.platform.models import User

CHUNK = 500  # customers whose own fields are read together
BOM = "﻿"  # a spreadsheet takes a file without it for the local encoding


def customers(run: ScoreRun | None, *, user: User) -> QuerySet[Customer]:
    """Everybody whom `user` may read, each with his current judgement as `score` once there is one.

    An inner join: every customer has a row in the current run, so the order by a judgement can start from its index.
    """
    rows = Customer.objects.for_user(user)
    return joined(rows, run)


def listed(
    run: ScoreRun | None, query: Query, order: str, *, user: User, now: datetime
) -> QuerySet[Customer]:
    """The rows of the list. Where neither a filter nor the order is by a judgement, none is joined: the order's index
    then gives the page without a look at anybody else, and `judged` brings the judgements of those who are on it."""
    rows: QuerySet[Customer] = Customer.objects.summed_for(user)
    if order.startswith("score_") or asks_judgement(query.filter):
        rows = joined(rows, run)
    return asked(ordered_by(rows, order), query, user=user, now=now)


def whole(run: ScoreRun | None, order: str) -> QuerySet[Customer]:
    """The rows of the list with all that is shown of them; who is among them, `listed` says."""
    rows: QuerySet[Customer] = Customer.objects.all()
    if order.startswith("score_"):
        rows = joined(rows, run)
    return ordered_by(rows, order).select_related("owner", "card")


def ordered_by(rows: QuerySet[Customer], order: str) -> QuerySet[Customer]:
    """With the column of the company's own that the list is in the order of, if it is in one's."""
    known = next((one for one in definitions() if one.name == order), None)
    return in_order(rows, known) if known else rows


def filled(rows: Sequence[Customer], columns: Sequence[str], language: str, *, user: User) -> None:
    """Gives each row the cells of the company's own fields that are shown, as `own`: one statement for the page."""
    chosen = [one for one in definitions() if one.name in columns]
    kept = values_of([row.pk for row in rows], among=chosen) if chosen else {}
    referred = {
        kept[pk][one.name] for pk in kept for one in chosen if one.type == "customer" and one.name in kept[pk]
    }
    names = (
        dict(Customer.objects.for_user(user).filter(pk__in=referred).values_list("pk", "name"))
        if referred
        else {}
    )
    now = timezone.now()
    for row in rows:
        held: Any = row
        hidden = hidden_from(user, row.owner_id, now)
        values = veiled_values(kept.get(row.pk, {}), chosen, hidden)
        held.own = [shown(one, values.get(one.name), language, names, hidden) for one in chosen]


def judged(rows: Sequence[Customer], run: ScoreRun | None) -> None:
    """Gives each row its current judgement as `score`, where it did not come with it."""
    bare: dict[int, Any] = {row.pk: row for row in rows if "score" not in row._state.fields_cache}
    if run is None or not bare:
        return
    for score in Score.objects.filter(run=run, customer__in=bare).order_by():
        bare[score.customer_id].score = score


def counted_rows(run: ScoreRun | None, query: Query, *, user: User, now: datetime) -> QuerySet[Customer]:
    """What `listed` gives, to be counted. Everybody has a judgement, so it is joined only where a filter asks for it."""
    rows: QuerySet[Customer] = Customer.objects.summed_for(user)
    if asks_judgement(query.filter):
        rows = joined(rows, run)
    return asked(rows, query, user=user, now=now)


def asked(rows: QuerySet[Customer], query: Query, *, user: User, now: datetime) -> QuerySet[Customer]:
    """The rows that the filters and the words leave."""
    if query.search:
        found = Customer.objects.found_by(query.search, by=user).values("pk")
        rows = rows.filter(pk__in=found)
    return matching(rows, query.filter, user=user, now=now)


HEADS = (
    gettext_noop("Customer number"),
    gettext_noop("Name"),
    gettext_noop("Kind"),
    gettext_noop("Scope"),
    gettext_noop("Stage"),
    gettext_noop("Owner"),
    gettext_noop("Country"),
    gettext_noop("Province"),
    gettext_noop("City"),
    gettext_noop("Contact person"),
    gettext_noop("Phone"),
    gettext_noop("E-mail"),
    gettext_noop("Grade"),
    gettext_noop("Churn risk"),
    gettext_noop("Churn risk, 0 to 100"),
    gettext_noop("Sales, last 12 months"),
    gettext_noop("Expected loss"),
    gettext_noop("Currency"),
    gettext_noop("First order"),
    gettext_noop("Last order"),
    gettext_noop("Last contact"),
    gettext_noop("Next order expected"),
)


def ordering(keyset: Keyset) -> OrderBy:
    """The list's own order, for the file too."""
    path = F(keyset.column.sort)
    return path.desc(nulls_last=True) if keyset.descending else path.asc(nulls_last=True)


def export(
    rows: QuerySet[Customer],
    run: ScoreRun | None,
    *,
    count: int,
    by: User,
    now: datetime,
    currency: str,
) -> Iterator[str]:
    """The rows as CSV, line by line; what begins like a formula is neutralised. Who took how many is in the audit, and

    each line says by which entry.
    """
    permit(by, Right.EXPORT_CUSTOMERS)
    with transaction.atomic():
        entry = record("customers.export", by=by, now=now, changes={"rows": [None, count]})
    mark = f"A-{entry.pk} {by.username} {localtime(now):%Y-%m-%d %H:%M}"
    found = whole_rows(rows).iterator(chunk_size=CHUNK)
    portions = iter(lambda: list(islice(found, CHUNK)), [])
    return _lines(portions, run, currency, translation.get_language() or "", mark, by, now)


def lines_of(
    ids: Sequence[int],
    run: ScoreRun | None,
    *,
    currency: str,
    language: str,
    mark: str,
    by: User,
    now: datetime,
) -> Iterator[str]:
    """The same of chosen customers, in this order, as far as `by` may read them now."""

    def portions() -> Iterator[list[Customer]]:
        reach = customers(run, user=by)
        for some in pieces(ids, CHUNK):
            found = {one.pk: one for one in whole_rows(reach.filter(pk__in=some))}
            yield [found[pk] for pk in some if pk in found]

    return _lines(portions(), run, currency, language, mark, by, now)


def whole_rows(rows: QuerySet[Customer]) -> QuerySet[Customer]:
    return rows.select_related("owner").prefetch_related("contacts", "points")


def _lines(
    portions: Iterable[list[Customer]],
    run: ScoreRun | None,
    currency: str,
    language: str,
    mark: str,
    by: User,
    now: datetime,
) -> Iterator[str]:
    """In `language`: the lines are written while they are sent, when the request's own language is gone."""
    own = [one for one in definitions() if "export" in one.places]
    with translation.override(language):
        head = [_(one) for one in HEADS] + [neutralised(_own_head(one, language)) for one in own]
        head.append(_("Export"))
    yield BOM + _csv(head)
    for some in portions:
        kept = values_of([customer.pk for customer in some], among=own) if own else {}
        _numbered(own, kept, by)
        for customer in some:
            hidden = veil(customer, customer.points.all(), by, now)
            theirs = veiled_values(kept.get(customer.pk, {}), own, hidden)
            with translation.override(language):
                cells = [
                    *_values(customer, run, currency),
                    *(_own_cell(one, theirs.get(one.name)) for one in own),
                    mark,
                ]
                line = [neutralised(str(value)) for value in cells]
            yield _csv(line)


def _numbered(own: Sequence[Definition], kept: dict[int, dict[str, Any]], by: User) -> None:
    """Other customers that one refers to by their numbers, where the reader may read them; else not at all."""
    names = [one.name for one in own if one.type == "customer"]
    asked = {values[name] for values in kept.values() for name in names if name in values}
    numbers = (
        dict(Customer.objects.for_user(by).filter(pk__in=asked).values_list("pk", "number")) if asked else {}
    )
    for values in kept.values():
        values |= {name: numbers.get(values[name]) for name in names if name in values}


def _own_head(known: Definition, language: str) -> str:
    label = known.label(language)
    return f"{label} ({known.currency})" if known.currency else label


def _own_cell(known: Definition, value: Any) -> str:
    if known.type == "flag" and value is not None:
        return _("yes") if value else _("no")
    return plain(known, value)


def _values(customer: Customer, run: ScoreRun | None, currency: str) -> list[Any]:
    score = getattr(customer, "score", None) if run else None
    return [
        customer.number,
        customer.name,
        customer.get_kind_display(),
        customer.get_scope_display(),
        stage_name(customer.stage),
        customer.owner or "",
        country(customer.country),
        customer.province,
        customer.city,
        _first(sorted((not one.is_primary, one.pk, one.name) for one in customer.contacts.all())),
        _reached(customer, "mobile", "phone"),
        _reached(customer, "email"),
        grade_name(score.grade) if score else "",
        band_name(score.band) if score and score.band else "",
        score.risk if score and score.band else "",
        major(score.value_12m_minor, currency) if score else "",
        major(score.value_at_risk_minor, currency) if score else "",
        currency if score else "",
        _day(customer.first_purchase_at),
        _day(customer.last_purchase_at),
        _day(customer.last_contact_at),
        score.expected_on or "" if score else "",
    ]


def _reached(customer: Customer, *kinds: str) -> str:
    """The first way of these kinds: the preferred one, and the customer's own before his people's."""
    points = (one for one in customer.points.all() if one.kind in kinds)
    return _first(
        sorted(
            (not one.is_preferred, one.contact_id is not None, kinds.index(one.kind), one.pk, one.value)
            for one in points
        )
    )


def _first(ranked: Sequence[tuple[Any, ...]]) -> str:
    return str(ranked[0][-1]) if ranked else ""


def _day(at: datetime | None) -> str:
    return localtime(at).date().isoformat() if at else ""


def _csv(values: list[str]) -> str:
    out = io.StringIO()
    csv.writer(out).writerow(values)
    return out.getvalue()
