"""Sums of groups: the value pyramid and the money at risk, as rows for a table and a chart."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext, gettext_noop, pgettext

from liuke.scores.grades.rules import GRADES, direction
from liuke.scores.overview.actions import Group

UNGRADED = ""


# Parts of the forecast's stack, as `forecast.weights` of a run names them.
PARTS: Mapping[str, str] = {
    "model": gettext_noop("a model of buying and leaving"),
    "logistic": gettext_noop("logistic regression"),
    "boosted": gettext_noop("boosted trees"),
}


def judged_by(fallback: str, forecast: Mapping[str, Any]) -> str:
    """What a run has judged by, the weightiest first."""
    if fallback:
        return gettext("the rhythm rule")
    weights = sorted(forecast.get("weights", {}).items(), key=lambda pair: -pair[1])
    return pgettext("in a list", ", ").join(
        gettext(PARTS.get(name, name)) for name, weight in weights if weight > 0
    )


@dataclass
class Layer:
    """One grade of the pyramid."""

    grade: str
    customers: int = 0
    sales_minor: int = 0
    at_risk_minor: int = 0
    at_risk_customers: int = 0
    rose: int = 0
    fell: int = 0
    share_of_customers: float = 0.0
    share_of_sales: float = 0.0


def pyramid(groups: Iterable[Group], moved: Mapping[tuple[str, str], int]) -> list[Layer]:
    """The four grades and, last, the ungraded; who rose into a grade or fell into it within the month."""
    layers = {grade: Layer(grade) for grade in (*GRADES, UNGRADED)}
    for group in groups:
        layer = layers[group.grade]
        layer.customers += group.customers
        layer.sales_minor += group.sales_minor
        if group.band == "high":
            layer.at_risk_minor += group.at_risk_minor
            layer.at_risk_customers += group.customers
    for (before, after), customers in moved.items():
        if direction(before, after) > 0:
            layers[after].rose += customers
        else:
            layers[after].fell += customers
    graded = sum(layer.customers for grade, layer in layers.items() if grade)
    sales = sum(max(layer.sales_minor, 0) for layer in layers.values())
    for grade, layer in layers.items():
        layer.share_of_customers = layer.customers / graded if graded and grade else 0.0
        layer.share_of_sales = max(layer.sales_minor, 0) / sales if sales else 0.0
    return list(layers.values())


@dataclass
class OwnerRisk:
    """The money at risk with one owner, by grade."""

    owner_id: int | None
    customers: int = 0
    at_risk_minor: int = 0
    by_grade: dict[str, int] = field(default_factory=dict)

    @property
    def owner_key(self) -> str:
        """What the customer list's owner filter takes."""
        return str(self.owner_id) if self.owner_id else "none"


def risk_by_owner(groups: Iterable[Group]) -> list[OwnerRisk]:
    """Owners with customers at high risk, the most money first."""
    found: dict[int | None, OwnerRisk] = {}
    for group in groups:
        owner = found.setdefault(group.owner_id, OwnerRisk(group.owner_id))
        if group.band == "high":
            owner.customers += group.customers
            owner.at_risk_minor += group.at_risk_minor
            owner.by_grade[group.grade] = owner.by_grade.get(group.grade, 0) + group.at_risk_minor
    return sorted(
        (o for o in found.values() if o.customers), key=lambda o: (-o.at_risk_minor, o.owner_id or 0)
    )
