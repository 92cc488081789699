"""The models that need nothing but a customer's dates, fitted on one snapshot."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np

from liuke.insight.errors import InsightError
from liuke.insight.features.events import covariates_of
from liuke.insight.features.gaps import Gaps
from liuke.insight.features.snapshot import Snapshot
from liuke.insight.forecast.btyd import BTYD, Fits, fit_all
from liuke.insight.forecast.histories import history_of
from liuke.insight.forecast.rhythm import History, RhythmRule
from liuke.insight.kinds import Vector

RHYTHM: Final = "rhythm"
QUICK: Final = (
    "MBGNBD",
    "MBGCNBD",
)  # fitted at every cut-off; the others at two, because Pareto/NBD takes ten times as long
ALL: Final = tuple(BTYD)


class Probabilities(Mapping[str, Vector]):
    """member -> P(at least one purchase within the horizon) of each customer, reckoned when first asked for."""

    def __init__(self, members: Members) -> None:
        self._members = members
        self._found: dict[str, Vector] = {}

    def __getitem__(self, name: str) -> Vector:
        if name not in self._found:
            asked, horizon = self._members, self._members.horizon_days
            if name == RHYTHM:
                found = asked.rhythm.probability_of_purchase(asked.history, horizon=horizon)
            else:
                found = asked.models[name].probability_of_purchase(asked.timing, horizon=horizon)
            self._found[name] = found
        return self._found[name]

    def __contains__(self, name: object) -> bool:
        return name == RHYTHM or name in self._members.models

    def __iter__(self) -> Iterator[str]:
        return iter([RHYTHM, *self._members.models])

    def __len__(self) -> int:
        return 1 + len(self._members.models)


@dataclass
class Members:
    """The rhythm rule and the buy-till-you-die models on one snapshot: that which they were fitted to, or any part of it.

    `covariates` what else is known of the customers that day, for the learners (see `features.events`); `fits` None and
    `refusal` the typed reason when the data carry no model.
    """

    seen: Snapshot
    horizon_days: int
    rhythm: RhythmRule
    fits: Fits | None
    refusal: InsightError | None

    @cached_property
    def history(self) -> History:
        return history_of(self.seen)

    @cached_property
    def timing(self) -> dict[str, Vector]:
        return self.seen.timing()

    @cached_property
    def covariates(self) -> dict[str, Vector]:
        return covariates_of(self.seen)

    @cached_property
    def probabilities(self) -> Probabilities:
        return Probabilities(self)

    def some(self, most: int) -> Members:
        """The same fits for at most so many of the customers, evenly spread."""
        if len(self.seen) <= most:
            return self
        rows = np.linspace(0, len(self.seen) - 1, most).round().astype(np.int64)
        return Members(self.seen.take(rows), self.horizon_days, self.rhythm, self.fits, self.refusal)

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
    timing: Mapping[str, Vector] | None = None,
) -> Members:
    """Fit the rhythm rule and, where the data carry them, the named buy-till-you-die models.

    `gaps` are those of these customers. `timing` (as `fit_all` takes it) when the models are fitted to more customers than
    these.
    """
    rhythm = RhythmRule().fit(history_of(seen), gaps)
    try:
        fits = fit_all(
            seen.timing() if timing is None else timing,
            names=names,
            fewest_customers=fewest_customers,
            fewest_repeaters=fewest_repeaters,
        )
    except InsightError as error:
        return Members(seen, horizon_days, rhythm, None, error)
    return Members(seen, horizon_days, rhythm, fits, None)
