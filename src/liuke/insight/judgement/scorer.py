"""The judgement of some customers by what was learned of all: everything a row needs besides itself is in here.

A `Scorer` can be pickled and sent to where the customers are. It takes their snapshot (`features.snapshot_of`, any part of
it) as an Arrow table and gives their rows, with the sums that are told of everyone in the column `SUMS`, in the first row
of each part: so they come about exactly once, however often a part has to be done again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from math import fsum
from typing import Any, Final

import numpy as np

from liuke.insight.features.money import PARTS
from liuke.insight.features.profile import RETURN_DAYS
from liuke.insight.features.snapshot import Snapshot
from liuke.insight.forecast.foretold import Fitted, Foretold
from liuke.insight.judgement.drivers import Drivers, discount_shares, returned_share
from liuke.insight.judgement.lines import DigitLines, GradeLines
from liuke.insight.judgement.reasons import Habits, reasons
from liuke.insight.judgement.settings import JudgeSettings
from liuke.insight.judgement.stages import HIGH, LOST, LOW, WON_BACK
from liuke.insight.judgement.standing import Standing, standing
from liuke.insight.judgement.value import Population, lifetime_value, value_if_kept, worth
from liuke.insight.judgement.weeks import buyers_by_week
from liuke.insight.kinds import Column, Table, Vector, pa

FURTHEST_DAYS: Final = 3650  # who buys every few years is told no date beyond ten
SUMS: Final = "sums"


@dataclass(frozen=True)
class Totals:
    """What is told of everyone together."""

    customers: int
    purchases: int
    high: int
    buyers: dict[str, float]
    weeks: list[float]


@dataclass(frozen=True)
class Scorer:
    """Called with a part of the snapshot, it returns the rows of `judge` and `SUMS`.

    `kinds` of events that the snapshot counts; `spend` the fitted Gamma-Gamma or None.
    """

    as_of: date
    kinds: tuple[str, ...]
    fitted: Fitted
    spend: Any
    population: Population
    drivers: Drivers
    grades: GradeLines
    digits: DigitLines
    settings: JudgeSettings

    def __call__(self, part: Table) -> Table:
        told = self.fitted.of(Snapshot(part, self.as_of, self.kinds))
        stands = standing(told, self.settings)
        rows = self._rows(told, stands)
        sums = _sums(told, stands)
        first = pa.array([sums, *[None] * (len(part) - 1)], pa.list_(pa.float64()))
        return pa.table({**rows, SUMS: first})

    def _rows(self, told: Foretold, stands: Standing) -> dict[str, Any]:
        seen, history = told.now.seen, told.now.history
        each = worth(seen, model=self.spend, population=self.population)
        expected = told.expected_purchases * each
        if_kept = np.maximum(value_if_kept(seen, days=told.now.horizon_days), expected)
        clv = lifetime_value(
            seen,
            rhythm=told.now.rhythm,
            each=each,
            chance=stands.stays,
            population=self.population,
            settings=self.settings,
        )
        return {
            "customer": seen.customer,
            "first_on": seen.table["first_on"],
            "last_on": seen.table["last_on"],
            "purchases": history.purchases.astype(np.int64),
            "total": _money(seen["total"]),
            "mean_value": _money(seen["spent"] / history.purchases),
            "total_12m": _money(np.nan_to_num(seen["total_12m"])),
            "grade": pa.array(self._grades(seen), pa.string()),
            "rfm": pa.array(
                self.digits.digits(
                    recency=history.waited, frequency=history.purchases, monetary=_in_parts(seen["total"])
                )
            ),
            "p_alive": stands.p_alive,
            "p_buy": stands.p_buy,
            "expected_purchases": told.expected_purchases,
            "expected_value": _money(expected),
            "clv": _money(clv),
            "usual_gap_days": np.round(stands.usual, 1),
            "gap_days": history.waited.astype(np.int64),
            "gap_percentile": np.round(stands.percentile, 1),
            **_next_dates(told, stands),
            "about_now": stands.about_now,
            "risk": stands.risk,
            "band": pa.array(stands.band, pa.string()),
            "value_at_risk": _money(if_kept * (1 - stands.stays)),
            "stage": pa.array(stands.stage, pa.string()),
            "reasons": reasons(self._habits(told, stands)),
        }

    def _grades(self, seen: Snapshot) -> Vector:
        return self.grades.grades(
            _in_parts(np.nan_to_num(seen["total_12m"])),
            current=seen.waited < self.settings.grade_window_days,
            last_on=seen["last_on"],
            customer=seen.customer,
        )

    def _habits(self, told: Foretold, stands: Standing) -> Habits:
        seen, history = told.now.seen, told.now.history
        discount_lately, discount_before = discount_shares(seen)
        return Habits(
            purchases=history.purchases,
            waited=history.waited,
            usual=stands.usual,
            percentile=stands.percentile,
            last_gap=seen["last_gap"],
            basket_before=seen["basket_before"],
            basket_recent=seen["basket_recent"],
            breadth_before=seen["breadth_before"],
            breadth_recent=seen["breadth_recent"],
            returned_share=returned_share(seen),
            returned_amount=np.nan_to_num(seen["refunded_lately"]),
            returned_days=RETURN_DAYS,
            won_back=stands.stage == WON_BACK,
            due=stands.about_now,
            risky=stands.band != LOW,
            drivers=self.drivers,
            discount_before=discount_before,
            discount_lately=discount_lately,
            events={kind: (seen[f"{kind}_count"], seen[f"{kind}_ago"]) for kind in seen.kinds},
        )


def totals(sums: Sequence[Sequence[float]]) -> Totals:
    """Of everyone, from the sums of all parts; the same in whatever order they come."""
    customers, purchases, high, buyers, low, above, *weeks = (fsum(each) for each in zip(*sums, strict=True))
    return Totals(
        int(customers),
        int(purchases),
        int(high),
        {"buyers": buyers, "low": low, "high": above},
        weeks,
    )


def _sums(told: Foretold, stands: Standing) -> list[float]:
    counts = (len(stands.band), told.now.history.purchases.sum(), np.count_nonzero(stands.band == HIGH))
    return [*map(float, counts), *told.total().values(), *buyers_by_week(told)]


def _next_dates(told: Foretold, stands: Standing) -> dict[str, Column]:
    found = {}
    for name, quantile in (("next_on", 0.5), ("next_from_on", 0.25), ("next_to_on", 0.75)):
        ahead = np.clip(np.ceil(told.now.rhythm.next_gap(told.now.history, quantile)), 1, FURTHEST_DAYS)
        days = (told.now.seen.today + ahead).astype(np.int32)
        found[name] = pa.array(days, pa.int32(), mask=stands.stage == LOST).cast(pa.date32())
    return found


def _in_parts(amounts: Vector) -> Vector:
    """Whole ten-thousandths, as `money_sum` adds them: the lines between ranks are drawn in these."""
    return np.round(amounts * PARTS)


def _money(amounts: Vector) -> Vector:
    found: Vector = np.round(amounts, 2) + 0.0  # no minus zero
    return found
