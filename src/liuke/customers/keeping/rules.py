"""How a customer is kept: four steps, the last of which is a plan of his own (SC03). No database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import pgettext_lazy

# What each step asks for, in the order in which they are taken.
STEPS: Mapping[str, Any] = {
    "1": pgettext_lazy("step of the relationship", "Data complete"),
    "2": pgettext_lazy("step of the relationship", "Needs known"),
    "3": pgettext_lazy("step of the relationship", "Value judged"),
    "4": pgettext_lazy("step of the relationship", "Loyalty plan"),
}
OUTCOMES: Mapping[str, Any] = {
    "reached": pgettext_lazy("outcome of a plan", "The goal is reached"),
    "partly": pgettext_lazy("outcome of a plan", "Partly reached"),
    "missed": pgettext_lazy("outcome of a plan", "Not reached"),
    "dropped": pgettext_lazy("outcome of a plan", "Given up"),
}
MOST_STEPS = 12  # open at a time: a plan, not a project
STANDARD_REVIEW_DAYS = 90


@dataclass(frozen=True)
class Progress:
    """What of the four there is of a customer: share of the card, day of the last need, grade and its day, day of the plan."""

    complete: int | None  # percent; None where it has not been worked out
    needs_on: date | None = None
    grade: str = ""
    judged_on: date | None = None
    plan_on: date | None = None

    @property
    def taken(self) -> tuple[bool, bool, bool, bool]:
        return (
            self.complete == 100,
            self.needs_on is not None,
            bool(self.grade),
            self.plan_on is not None,
        )

    @property
    def count(self) -> int:
        return sum(self.taken)

    @property
    def stuck_at(self) -> int:
        """The first of them that is not taken; 0 where all are."""
        return next((place for place, one in enumerate(self.taken, 1) if not one), 0)
