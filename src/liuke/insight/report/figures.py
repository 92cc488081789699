"""What the report tells, reckoned from the judgement; no text and no markup."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from liuke.insight.grading.cohorts import Cohort, Period, cohorts
from liuke.insight.grading.concentration import Concentration, concentration
from liuke.insight.grading.pyramid import GRADES
from liuke.insight.judgement.judge import Judgement
from liuke.insight.judgement.stages import AT_RISK_BAND
from liuke.insight.kinds import Vector

if TYPE_CHECKING:
    from liuke.insight.tables import Purchases

SHOWN: Final = 30
DUE_SHOWN: Final = 12
COHORTS_SHOWN: Final = 12
MONTHLY_UP_TO_DAYS: Final = 550
RISK_STEP: Final = 10
REACH_DAYS: Final = (
    180  # who has been silent for longer (and for six of his own gaps) is shown after the others
)
OFF_RHYTHM: Final = ("watch", "high")

Row = dict[str, Any]


@dataclass(frozen=True)
class Level:
    """One grade of the pyramid."""

    grade: str
    customers: int
    share_of_customers: float
    sales: float
    share_of_sales: float
    at_risk: float


@dataclass(frozen=True)
class Figures:
    """Everything the page shows; `until` is the last day of the horizon, `at_risk` the sum over `AT_RISK_BAND`."""

    judgement: Judgement
    customers: int
    purchases: int
    first_on: date
    last_on: date
    until: date
    at_risk: float
    off_rhythm: int
    high: int
    buyers: float
    buyers_low: float
    buyers_high: float
    expected: float
    slipping: list[Row]
    more_slipping: int
    more_at_risk: float
    due: list[Row]
    pyramid: list[Level]
    graded: int
    concentration: Concentration
    period: Period
    cohorts: list[Cohort]
    risks: list[int]
    stages: Counter[str]
    without_customer: int
    left_out: int
    later: int


def figures(judgement: Judgement, purchases: Purchases) -> Figures:
    """From the judgement's table, and from the log for cohorts alone."""
    table = judgement.table
    bands = np.array(table["band"].to_pylist(), dtype=object)
    at_risk = _numbers(judgement, "value_at_risk")
    off = np.isin(bands, OFF_RHYTHM)
    near = off & (
        _numbers(judgement, "gap_days") <= np.maximum(REACH_DAYS, 6 * _numbers(judgement, "usual_gap_days"))
    )
    order = np.argsort(-np.where(off, at_risk + near * (at_risk.max() + 1), -1.0), kind="stable")[
        : int(off.sum())
    ]
    shown = order[:SHOWN]
    period: Period = "month" if _span(judgement) <= MONTHLY_UP_TO_DAYS else "quarter"
    return Figures(
        judgement=judgement,
        customers=table.num_rows,
        purchases=int(_numbers(judgement, "purchases").sum()),
        first_on=min(table["first_on"].to_pylist()),
        last_on=max(table["last_on"].to_pylist()),
        until=judgement.as_of + timedelta(days=judgement.horizon_days),
        at_risk=float(at_risk[bands == AT_RISK_BAND].sum()),
        off_rhythm=int(off.sum()),
        high=int((bands == AT_RISK_BAND).sum()),
        buyers=judgement.forecast["total"]["buyers"],
        buyers_low=judgement.forecast["total"]["low"],
        buyers_high=judgement.forecast["total"]["high"],
        expected=float(_numbers(judgement, "expected_value").sum()),
        slipping=table.take(shown).to_pylist(),
        more_slipping=len(order) - len(shown),
        more_at_risk=float(at_risk[order[SHOWN:]].sum()),
        due=_due(judgement, bands),
        pyramid=_pyramid(judgement, at_risk, bands == AT_RISK_BAND),
        graded=int(sum(grade is not None for grade in table["grade"].to_pylist())),
        concentration=concentration(np.nan_to_num(_numbers(judgement, "total"))),
        period=period,
        cohorts=cohorts(purchases, as_of=judgement.as_of, period=period)[-COHORTS_SHOWN:],
        risks=[int(n) for n in np.histogram(_numbers(judgement, "risk"), bins=range(0, 101, RISK_STEP))[0]],
        stages=Counter(table["stage"].to_pylist()),
        without_customer=purchases.reading.without_customer,
        left_out=purchases.reading.left_out,
        later=purchases.later(judgement.as_of),
    )


def _numbers(judgement: Judgement, column: str) -> Vector:
    found: Vector = judgement.table[column].to_numpy()
    return found


def _span(judgement: Judgement) -> int:
    return int((judgement.as_of - min(judgement.table["first_on"].to_pylist())).days)


def _due(judgement: Judgement, bands: Vector) -> list[Row]:
    """Who is due and not off rhythm, by the money expected of him."""
    due = judgement.table["about_now"].to_numpy(zero_copy_only=False) & (bands == "low")
    expected = np.where(due, _numbers(judgement, "expected_value"), -1.0)
    order = np.argsort(-expected, kind="stable")[: min(int(due.sum()), DUE_SHOWN)]
    rows: list[Row] = judgement.table.take(order).to_pylist()
    return rows


def _pyramid(judgement: Judgement, at_risk: Vector, high: Vector) -> list[Level]:
    grades = np.array([grade or "" for grade in judgement.table["grade"].to_pylist()], dtype=object)
    sales = np.clip(_numbers(judgement, "total_12m"), 0, None)
    graded = grades != ""
    all_sales, everyone = float(sales[graded].sum()), int(graded.sum())
    levels = []
    for grade in GRADES:
        here = grades == grade
        levels.append(
            Level(
                grade=grade,
                customers=int(here.sum()),
                share_of_customers=float(here.sum() / max(everyone, 1)),
                sales=float(sales[here].sum()),
                share_of_sales=float(sales[here].sum() / all_sales) if all_sales > 0 else 0.0,
                at_risk=float(at_risk[here & high].sum()),
            )
        )
    return levels
