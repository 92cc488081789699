"""The whole base at a glance, as far as one may see it: every figure is reckoned within the viewer's own scope."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from babel.numbers import get_currency_precision
from django.db.models import Case, Count, F, OuterRef, Subquery, Sum, Value, When

from liuke.customers.models import Customer, Standing
from liuke.insight import AT_RISK_BAND, grading
from liuke.platform.models import Job
from liuke.scores.grades.rules import GRADES
from liuke.scores.judging.rules import in_minor
from liuke.scores.overview.rules import Cohort, Stayed, cohorts, last_whole_month, who_stayed
from liuke.scores.reach.actions import Reach
from liuke.scores.runs.models import CurrentRun, Score, ScoreRun
from liuke.scores.track.models import TrackRecord
from liuke.scores.track.rules import CAME, SCORES

if TYPE_CHECKING:
    from liuke.platform.models import User

SHOWN = 60  # nights, and verdicts, of whoever sees everybody: their figures stand in the rows
# Of whoever sees a part: these are read from files (measured: 5 ms each of a night of 100,000 customers).
READ = 6


@dataclass(frozen=True)
class Group:
    """Customers of one grade, band and owner, with their money."""

    grade: str
    band: str
    owner_id: int | None
    customers: int
    sales_minor: int
    at_risk_minor: int

    @property
    def at_risk(self) -> bool:
        """Whether their money counts as money at risk: the definition is the library's."""
        return self.band == AT_RISK_BAND


def groups(user: User, *, band: str = "", by_owner: bool = False) -> list[Group]:
    """Everybody who has a judgement, or those of one band, counted by grade and band, and by owner where it is asked.

    The pyramid and the money at risk are sums of these. Without the owner the counting follows an index and sorts nothing.
    """
    rows = _scores(user).filter(band=band) if band else _scores(user)
    counted = (
        rows.values_list("grade", "band", *([F("customer__owner_id")] if by_owner else []))
        .annotate(Count("pk"), Sum("value_12m_minor"), Sum("value_at_risk_minor"))
        .order_by("grade", "band")
    )
    return [Group(grade, of, rest[0] if by_owner else None, *rest[-3:]) for grade, of, *rest in counted]


@dataclass(frozen=True)
class Kind:
    """Customers in business who are of the same kinds (scores/classes), with their money."""

    relation: str
    profit_cell: str
    future_cell: str
    sales_class: str
    customers: int
    sales_minor: int
    profit_minor: int


def kinds(user: User) -> list[Kind]:
    """Everybody who is in business, counted by all four classifications at once: an index gives it in this order."""
    names = ("relation", "profit_cell", "future_cell", "sales_class")
    rows = _scores(user).exclude(relation="").values_list(*names)
    counted = rows.annotate(Count("pk"), Sum("value_12m_minor"), Sum("profit_minor")).order_by(*names)
    return [Kind(*row) for row in counted]


@dataclass(frozen=True)
class Decline:
    """Customers of whom somebody has said that they buy less for this reason, with what they bring now."""

    reason: str
    customers: int
    sales_minor: int
    share: float  # of all of them, up to and with this one


def declines(user: User) -> list[Decline]:
    """The most frequent reason first (CL16)."""
    run = CurrentRun.objects.filter(pk=1).values("run_id")[:1]
    sales = Score.objects.filter(run_id=Subquery(run), customer=OuterRef("customer")).values(
        "value_12m_minor"
    )
    reach = Customer.objects.reach(user, user.role.read_scope, path="customer__")
    rows = Standing.objects.current("decline").filter(reach).annotate(sales=Subquery(sales[:1])).order_by()
    counted = list(
        rows.values_list("value").annotate(n=Count("pk"), minor=Sum("sales")).order_by("-n", "value")
    )
    everybody, so_far, found = sum(n for _value, n, _minor in counted), 0, []
    for value, n, minor in counted:
        so_far += n
        found.append(Decline(value, n, minor or 0, so_far / everybody))
    return found


def levels(user: User, *, among: Iterable[Group]) -> list[tuple[str, str, int]]:
    """(grade, relation level, customers) of those who are graded; `among`: the reader's groups.

    Of most nobody has decided, and they have no level: they are what the decided leave of their grade, so nobody is
    looked up for having none (measured on 100,000 customers: 1 ms instead of 60).
    """
    undecided = Counter[str]()
    for group in among:
        undecided[group.grade] += group.customers
    with_level = Customer.objects.exclude(level="").order_by().values("pk")
    rows = (
        _scores(user).filter(customer__in=with_level).exclude(grade="").order_by("grade", "customer__level")
    )
    decided = list(rows.values_list("grade", "customer__level").annotate(Count("pk")))
    for grade, _level, customers in decided:
        undecided[grade] -= customers
    return [*decided, *((grade, "", rest) for grade, rest in undecided.items() if grade and rest)]


def without_level(user: User, grade: str) -> list[int]:
    """Whom of a grade nobody has decided about yet, as far as `user` may change them."""
    graded = Score.objects.current().filter(grade=grade).values("customer_id")
    return list(
        Customer.objects.writable_by(user).filter(level="", pk__in=graded).values_list("pk", flat=True)
    )


def movement(user: User) -> dict[tuple[str, str], int]:
    """(grade a month ago, grade now) -> customers, for those whose grade is another one."""
    rows = (
        _scores(user)
        .filter(moved__in=("rose", "fell"))
        .values_list("grade_before", "grade")
        .annotate(Count("pk"))
        .order_by()
    )
    return {(before, after): count for before, after, count in rows}


def movers(user: User, moved: str, limit: int = 8) -> list[Score]:
    """Who "rose" or "fell" within the month, those first of whom the higher grade was won or lost."""
    step = "grade" if moved == "rose" else "grade_before"
    ladder = Case(*[When(**{step: grade}, then=Value(place)) for place, grade in enumerate(GRADES)])
    rows = _scores(user).filter(moved=moved).select_related("customer__owner")
    return list(rows.order_by(ladder, "-value_12m_minor", "-total_minor", "customer")[:limit])


def _scores(user: User) -> Any:
    return Score.objects.current().summed_for(user)


def retention(run: ScoreRun, user: User) -> list[Cohort]:
    rows = Reach(user).rows(run, "months.parquet", ["customer", "month"])
    if rows is None:
        return []
    customers, months = (rows[name].to_numpy() for name in rows.column_names)
    return cohorts(customers, months, until=last_whole_month(run.as_of))


def stayed(run: ScoreRun, reach: Reach) -> Stayed | None:
    """How many of those who bought in the year before the last are customers still."""
    rows = reach.rows(run, "months.parquet", ["customer", "month"])
    if rows is None:
        return None
    customers, months = (rows[name].to_numpy() for name in rows.column_names)
    return who_stayed(customers, months, until=last_whole_month(run.as_of))


@dataclass(frozen=True)
class Top:
    """The greatest `share` of the customers: how many they are, what part of sales is theirs, from which value on."""

    share: float
    customers: int
    sales: float
    least_minor: int


@dataclass(frozen=True)
class Concentrated:
    """How much of the sales hangs on how few: the curve, the greatest few, and the rules of thumb beside them (CL13)."""

    curve: grading.Concentration
    tops: list[Top]
    rules: list[grading.Rule]


def concentration(run: ScoreRun, user: User) -> Concentrated:
    """Of the sales of twelve months among those who bought in them. Of equal customers at the edge all belong to a top,

    so that a list from `least_minor` on holds exactly those whom the figure counts.
    """
    rows = Reach(user).rows(run, SCORES, ["customer", "total_12m"])
    sales = np.array([]) if rows is None else rows["total_12m"].to_numpy()
    sold = np.sort(sales[sales > 0])
    found = grading.concentration(sold)
    tops = []
    for share in found.top if len(sold) else ():
        least = sold[-int(np.ceil(round(share * len(sold), 9)))]
        theirs = sold[sold >= least]
        minor = in_minor(float(least), get_currency_precision(run.currency))
        tops.append(Top(share, len(theirs), float(theirs.sum() / sold.sum()), minor))
    return Concentrated(found, tops, grading.rules_of_thumb(sold) if len(sold) else [])


def is_judging() -> bool:
    """A judgement is under way, or waits for an import to end."""
    return Job.objects.unfinished().filter(name="scores.nightly").exists()


def sees_everybody(user: User) -> bool:
    return Reach(user).everybody


def judged(run: ScoreRun, user: User, *, among: Iterable[Group] | None = None) -> int:
    """How many customers the current run has judged of those whom `user` may read; `among`: his groups, where they are known."""
    if sees_everybody(user):
        return run.customers
    if among is not None:
        return sum(group.customers for group in among if group.band)
    count: int = _scores(user).filter(band__gt="").count()
    return count


@dataclass(frozen=True)
class Night:
    """A run, with the figures of the customers whom its viewer may read; None where they are not kept."""

    run: ScoreRun
    customers: int | None = None
    at_risk: int | None = None
    value_at_risk_minor: int | None = None
    is_kept: bool = False  # whether it can be told whom these figures count


def nights(user: User) -> list[Night]:
    """Newest first; looks back are part of the track record, not of these."""
    reach = Reach(user)
    found = ScoreRun.objects.filter(looked_back=False).select_related("by")
    if reach.everybody:
        return [
            Night(
                run,
                run.customers,
                run.totals.get("at_risk"),
                run.totals.get("value_at_risk_minor"),
                run.state == "done" and reach.holds(run, SCORES),
            )
            for run in found[:SHOWN]
        ]
    return [_night(run, reach) for run in found[:READ]]


def _night(run: ScoreRun, reach: Reach) -> Night:
    rows = reach.rows(run, SCORES, ["customer", "band", "value_at_risk"])
    if rows is None or run.state != "done":
        return Night(run)
    at_risk = rows.filter(pc.equal(rows["band"], pa.scalar(AT_RISK_BAND)))
    minor = in_minor(_sum(at_risk, "value_at_risk"), get_currency_precision(run.currency))
    return Night(run, rows.num_rows, at_risk.num_rows, minor, is_kept=True)


def _sum(rows: pa.Table, name: str) -> float:
    return float(pc.sum(rows[name]).as_py() or 0)


@dataclass(frozen=True)
class Came:
    """What was forecast of some customers, and what came."""

    expected_buyers: float
    actual_buyers: int
    expected_purchases: float
    actual_purchases: int
    expected_minor: int
    actual_minor: int


@dataclass(frozen=True)
class Verdict:
    """A forecast that is over: `record` tells of the model over the whole company, `came` of whom the viewer may read.

    `came` is None where it is not kept by customer.
    """

    record: TrackRecord
    came: Came | None


def verdicts(user: User) -> tuple[list[Verdict], list[Verdict]]:
    """The newest of each horizon, shortest first; and all, newest first."""
    reach = Reach(user)
    past = list(TrackRecord.objects.select_related("run")[: SHOWN if reach.everybody else READ])
    told = {record.pk: Verdict(record, _came(record, reach)) for record in past}
    newest = [told.get(one.pk) or Verdict(one, _came(one, reach)) for one in track_record()]
    return newest, list(told.values())


def _came(record: TrackRecord, reach: Reach) -> Came | None:
    if reach.everybody:
        return Came(*(getattr(record, one.name) for one in fields(Came)))
    run = record.run
    forecast = reach.rows(run, SCORES, ["customer", "p_buy", "expected_purchases", "expected_value"])
    bought = reach.rows(run, CAME, ["customer", "purchases", "value"])
    if forecast is None or bought is None:
        return None
    digits = get_currency_precision(run.currency)
    return Came(
        expected_buyers=_sum(forecast, "p_buy"),
        actual_buyers=bought.num_rows,
        expected_purchases=_sum(forecast, "expected_purchases"),
        actual_purchases=int(_sum(bought, "purchases")),
        expected_minor=in_minor(_sum(forecast, "expected_value"), digits),
        actual_minor=in_minor(_sum(bought, "value"), digits),
    )


def track_record() -> list[TrackRecord]:
    """The newest verdict of each horizon, shortest first: over the whole company."""
    found: dict[int, TrackRecord] = {}
    for record in TrackRecord.objects.select_related("run").order_by("-judged_on", "-run__as_of", "-id"):
        found.setdefault(record.horizon_days, record)
    return [found[horizon] for horizon in sorted(found)]


def in_short(records: list[TrackRecord]) -> dict[str, Any]:
    """For `liuke score --json`: horizon -> what was forecast and what came."""
    return {
        f"{record.horizon_days}d": {
            "as_of": record.run.as_of.isoformat(),
            "customers": record.customers,
            "expected_buyers": round(record.expected_buyers, 1),
            "actual_buyers": record.actual_buyers,
            "log_loss": round(record.log_loss, 4),
            "brier": round(record.brier, 4),
            "auc": None if record.auc is None else round(record.auc, 4),
        }
        for record in records
    }
