"""The models that need nothing but a customer's dates, fitted on one snapshot."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

import numpy as np

from liuke.insight.errors import InsightError
from liuke.insight.features.gaps import Gaps
from liuke.insight.features.snapshot import Snapshot
from liuke.insight.forecast.btyd import BTYD, Fits, fit_all
from liuke.insight.forecast.histories import history_of
from liuke.insight.forecast.rhythm import History, RhythmRule
from liuke.insight.kinds import Vector

RHYTHM: Final = "rhythm"
QUICK: Final = (
    "MBGNBD",
)  # fitted at every cut-off; the others at two, because Pareto/NBD takes ten times as long
ALL: Final = tuple(BTYD)


@dataclass
class Members:
    """The rhythm rule and the buy-till-you-die models of one snapshot.

    `covariates` what else is known of the customers that day, for the learners (see `features.events`);
    `probabilities` member -> P(at least one purchase within the horizon) of each customer; `fits` None and `refusal` the
    typed reason when the data carry no model.
    """

    seen: Snapshot
    horizon_days: int
    rhythm: RhythmRule
    fits: Fits | None
    refusal: InsightError | None
    covariates: dict[str, Vector] = field(default_factory=dict)

    @cached_property
    def history(self) -> History:
        return history_of(self.seen)

    @cached_property
    def timing(self) -> dict[str, Vector]:
        return self.seen.timing()

    @cached_property
    def probabilities(self) -> dict[str, Vector]:
        found = {RHYTHM: self.rhythm.probability_of_purchase(self.history, horizon=self.horizon_days)}
        for name, model in self.models.items():
            found[name] = model.probability_of_purchase(self.timing, horizon=self.horizon_days)
        return found

    def some(self, most: int) -> Members:
        """The same fits for at most so many of the customers, evenly spread."""
        if len(self.seen) <= most:
            return self
        rows = np.linspace(0, len(self.seen) - 1, most).round().astype(np.int64)
        of_them = {name: values[rows] for name, values in self.covariates.items()}
        return Members(self.seen.take(rows), self.horizon_days, self.rhythm, self.fits, self.refusal, of_them)

    @property
    def models(self) -> dict[str, Any]:
        return self.fits.models if self.fits else {}


def fit_members(
    seen: Snapshot,
    gaps: Gaps,
    *,
    horizon_days: int,
    names: tuple[str, ...] = ALL,
    fewest_customers: int = 50,
    fewest_repeaters: int = 20,
    covariates: dict[str, Vector] | None = None,
) -> Members:
    """Fit the rhythm rule and, where the data carry them, the named buy-till-you-die models.

    `gaps` are those of these customers, or of a sample of them.
    """
    rhythm = RhythmRule().fit(history_of(seen), gaps)
    try:
        fits = fit_all(
            seen.timing(), names=names, fewest_customers=fewest_customers, fewest_repeaters=fewest_repeaters
        )
    except InsightError as error:
        return Members(seen, horizon_days, rhythm, None, error, covariates or {})
    return Members(seen, horizon_days, rhythm, fits, None, covariates or {})
