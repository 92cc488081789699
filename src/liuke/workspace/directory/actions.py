"""The rows of the customer list, and the file they are exported to."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import F, FilteredRelation, Q, QuerySet
from django.utils import translation
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from liuke.customers.models import Customer
from liuke.platform.access.actions import permit
from liuke.platform.access.rules import Right
from liuke.platform.audit.actions import record
from liuke.platform.kit.rules import major
from liuke.platform.kit.templatetags.badges import grade_name
from liuke.platform.lists.actions import matching
from liuke.platform.lists.rules import Query
from liuke.scores.models import Score, ScoreRun
from liuke.tabular import neutralised

if TYPE_CHECKING:
    from liuke.platform.models import User

# The columns of a judgement that the list filters and sorts by (rules.fields and rules.COLUMNS name them score_…).
JUDGED = ("grade", "band", "moved", "about_now", "value_at_risk_minor", "value_12m_minor")
BOM = "﻿"  # a spreadsheet takes a file without it for the local encoding


def customers(run: ScoreRun | None, *, user: User) -> QuerySet[Customer]:
    """Everybody whom `user` may read, each with his current judgement as `score` once there is one.

    An inner join: every customer has a row in the current run, so the order by a judgement can start from its index.
    """
    rows = Customer.objects.for_user(user)
    return joined(rows, run)


def joined(rows: QuerySet[Customer], run: ScoreRun | None) -> QuerySet[Customer]:
    if run is None:
        return rows
    alias = FilteredRelation("scores", condition=Q(scores__run=run.pk))
    found = rows.annotate(score=alias).filter(score__isnull=False)
    # As columns of the row: a filter on the relation would join the judgements once more for every condition.
    columns = {f"score_{name}": F(f"score__{name}") for name in JUDGED}
    return found.annotate(**columns).select_related("score")  # type: ignore[misc]  # the stubs don't know aliases of relations


def listed(
    run: ScoreRun | None, query: Query, order: str, *, user: User, now: datetime
) -> QuerySet[Customer]:
    """The rows of the list. Where neither a filter nor the order is by a judgement, none is joined: the order's index
    then gives the page without a look at anybody else, and `judged` brings the judgements of those who are on it."""
    rows: QuerySet[Customer] = Customer.objects.for_user(user)
    if order.startswith("score_") or _by_judgement(query):
        rows = joined(rows, run)
    return asked(rows, query, user=user, now=now).select_related("owner")


def _by_judgement(query: Query) -> bool:
    return any(one.field.path.startswith("score_") for one in query.filter.conditions())


def judged(rows: Sequence[Customer], run: ScoreRun | None) -> None:
    """Gives each row its current judgement as `score`, where it did not come with it."""
    bare: dict[int, Any] = {row.pk: row for row in rows if "score" not in row._state.fields_cache}
    if run is None or not bare:
        return
    for score in Score.objects.filter(run=run, customer__in=bare).order_by():
        bare[score.customer_id].score = score


def total(run: ScoreRun | None, query: Query, *, user: User, now: datetime) -> int:
    """How many `asked` gives. Everybody has a judgement, so it is joined only where a filter asks for it."""
    rows: QuerySet[Customer] = Customer.objects.for_user(user)
    if _by_judgement(query):
        rows = joined(rows, run)
    return asked(rows, query, user=user, now=now).count()


def asked(rows: QuerySet[Customer], query: Query, *, user: User, now: datetime) -> QuerySet[Customer]:
    """The rows that the filters and the words leave."""
    if query.search:
        found = Customer.objects.search(query.search).order_by().values("pk")
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
    gettext_noop("Sales, last 12 months"),
    gettext_noop("Money at risk"),
    gettext_noop("Currency"),
    gettext_noop("First order"),
    gettext_noop("Last order"),
    gettext_noop("Last contact"),
    gettext_noop("Next order expected"),
)


def export(
    rows: QuerySet[Customer], run: ScoreRun | None, *, by: User, now: datetime, currency: str
) -> Iterator[str]:
    """The rows as CSV, line by line; what begins like a formula is neutralised. Who took how many is in the audit."""
    permit(by, Right.EXPORT_CUSTOMERS)
    with transaction.atomic():
        record("customers.export", by=by, now=now, changes={"rows": [None, rows.count()]})
    return _lines(rows, run, currency, translation.get_language() or "")


def _lines(rows: QuerySet[Customer], run: ScoreRun | None, currency: str, language: str) -> Iterator[str]:
    """In `language`: the lines are written while they are sent, when the request's own language is gone."""
    with translation.override(language):
        head = [_(one) for one in HEADS]
    yield BOM + _csv(head)
    whole = rows.select_related("owner").prefetch_related("contacts", "points")
    for customer in whole.iterator(chunk_size=2000):
        with translation.override(language):
            line = [neutralised(str(value)) for value in _values(customer, run, currency)]
        yield _csv(line)


def _values(customer: Customer, run: ScoreRun | None, currency: str) -> list[Any]:
    score = getattr(customer, "score", None) if run else None
    return [
        customer.number,
        customer.name,
        customer.get_kind_display(),
        customer.get_scope_display(),
        customer.get_stage_display(),
        customer.owner or "",
        customer.country,
        customer.province,
        customer.city,
        _first(sorted((not one.is_primary, one.pk, one.name) for one in customer.contacts.all())),
        _reached(customer, "mobile", "phone"),
        _reached(customer, "email"),
        grade_name(score.grade) if score else "",
        score.risk if score and score.band else "",
        major(score.value_12m_minor, currency) if score else "",
        major(score.value_at_risk_minor, currency) if score else "",
        currency if score else "",
        _day(customer.first_purchase_at),
        _day(customer.last_purchase_at),
        _day(customer.last_contact_at),
        score.next_on or "" if score else "",
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
