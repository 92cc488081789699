"""Whose customers, as conditions of statements: one's own, a team's, and the shorter of two lists where all is summed.

A page asks for them five to ten times, so the ORM writes each text once and not for every statement (measured: a third of
what the server works for a small page of a supervisor). A text tells only how to ask; the answer is the database's, anew.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from django.apps import apps
from django.db import connection
from django.db.models import BooleanField, Case, F, Q, QuerySet, Value, When
from django.db.models.expressions import NegatedExpression, RawSQL
from django.db.models.functions import Coalesce
from django.db.models.lookups import In

FEW = 10_000  # outside a team: so many are the shorter list

Whose = tuple[int, ...]  # users: oneself, and for whom one stands in
Rows = QuerySet[Any, Any]


def own(whose: Whose, path: str) -> Q:
    """Who is in the care of one of `whose`, with open work or a key account as with ownership."""
    return Q(**{f"{path}pk__in": _asked(_own, whose)})


def in_team(branch: str, path: str) -> Q:
    """Of the team of this path or one below it.

    On SQLite the planner is kept from the index on teams: it would gather a hundred thousand customers by it and sort
    them for the first fifty, where the order's own index gives these at once.
    """
    teams = _asked(_teams, branch)
    if connection.vendor == "sqlite":
        return Q(In(Coalesce(F(f"{path}team_id"), Value(0)), teams))
    return Q(**{f"{path}team_id__in": teams})


def among_all(branch: str, whose: Whose, path: str) -> Q:
    """As `in_team` and `own` together, where all rows are gone through: by the list of the rest, or by their own.

    The database makes the list of those outside, or where that is long the one of those inside, and never both.
    """
    customer: Any = F(f"{path}pk")
    rest, values = _written(connection.vendor, _outside, branch, whose)
    counted = f"SELECT COUNT(*) > {FEW} FROM ({rest} LIMIT {FEW + 1}) AS rest"  # noqa: S608 - the ORM wrote it
    many = RawSQL(counted, values, BooleanField())  # noqa: S611 - as above
    outside = In(customer, _asked(_outside, branch, whose))
    inside = In(customer, _asked(ids_of_team, branch, whose))
    return Q(Case(When(many, then=inside), default=NegatedExpression(outside), output_field=BooleanField()))


def ids_of_team(branch: str, whose: Whose) -> Rows:
    """Each once: the team's own by the index on teams, and who is theirs without being the team's."""
    theirs = _customers().filter(team_id__in=_teams(branch)).values("pk")
    beside = _customers().filter(own(whose, "")).exclude(in_team(branch, "")).values("pk")
    return theirs.union(beside, all=True)


def _asked(rows: Callable[..., Rows], *of: Any) -> RawSQL:
    return RawSQL(*_written(connection.vendor, rows, *of))  # noqa: S611 - the ORM wrote it, values are parameters


@lru_cache(2048)
def _written(_vendor: str, rows: Callable[..., Rows], *of: Any) -> tuple[str, tuple[Any, ...]]:
    sql, values = rows(*of).query.sql_with_params()
    return sql, tuple(values)


def _teams(branch: str) -> Rows:
    teams: Rows = _table("platform", "Team").filter(path__startswith=branch)
    return teams.order_by().values("pk")


def _own(whose: Whose) -> Rows:
    given = _table("customers", "FollowUp").filter(assignee_id__in=whose, state="open").order_by()
    worked_on = _table("customers", "AccountMember").filter(user_id__in=whose, ended_at=None).order_by()
    beside = Q(pk__in=given.values("customer_id")) | Q(pk__in=worked_on.values("customer_id"))
    return _customers().filter(Q(owner_id__in=whose) | beside).values("pk")


def _outside(branch: str, whose: Whose) -> Rows:
    others = _table("platform", "Team").exclude(path__startswith=branch).order_by().values("pk")
    rest = _customers().filter(Q(team_id__in=others) | Q(team_id=None))
    return rest.exclude(pk__in=_own(whose)).values("pk")


def _customers() -> Rows:
    customers: Rows = _table("customers", "Customer")
    return customers.order_by()


def _table(app: str, name: str) -> Any:
    return apps.get_model(app, name).objects.all()  # by name: the tables lie above
