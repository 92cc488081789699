"""Sums of groups: the value pyramid and the money at risk, as rows for a table and a chart."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any

from django.utils.translation import gettext, gettext_lazy, gettext_noop, pgettext

from liuke.customers.standings.rules import LEVEL_BY_GRADE, LEVELS, RELATIONS
from liuke.scores.classes.rules import FUTURE_CELLS, PROFIT_CELLS, SALES_CLASSES
from liuke.scores.grades.rules import GRADES, direction
from liuke.scores.overview.actions import Group, Kind

UNGRADED = ""


# Parts of the forecast's stack, as `forecast.weights` of a run names them.
PARTS: Mapping[str, str] = {
    "model": gettext_noop("a model of buying and leaving"),
    "logistic": gettext_noop("logistic regression"),
    "boosted": gettext_noop("boosted trees"),
    "rfm": gettext_noop("recency, frequency and money"),
}


def judged_by(fallback: str, forecast: Mapping[str, Any]) -> str:
    """What a run has judged by, the weightiest first."""
    if fallback:
        return gettext("the rhythm rule")
    weights = sorted(forecast.get("weights", {}).items(), key=lambda pair: -pair[1])
    return pgettext("in a list", ", ").join(
        gettext(PARTS.get(name, name)) for name, weight in weights if weight > 0
    )


# Why the data carry no model, by `forecast.refusal` of a run: its error's name, and what was counted.
REFUSALS: Mapping[str, str] = {
    "TooFewCustomers": gettext_noop("%(needed)d customers with orders are needed, there are %(found)d"),
    "TooFewCustomers.repeaters": gettext_noop(
        "%(needed)d customers who ordered more than once are needed, there are %(found)d"
    ),
    "NoRepeatBuyers": gettext_noop("nobody has ordered twice yet"),
}


def refused_for(forecast: Mapping[str, Any]) -> str:
    """Why no model could be fitted, in the reader's language; "" where that is not known any more."""
    refusal = forecast.get("refusal") or {}
    code, counted = refusal.get("code", ""), refusal.get("counted", "")
    words = REFUSALS.get(f"{code}.{counted}") or REFUSALS.get(code)
    return gettext(words) % refusal if words else ""


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
        if group.at_risk:
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
        if group.at_risk:
            owner.customers += group.customers
            owner.at_risk_minor += group.at_risk_minor
            owner.by_grade[group.grade] = owner.by_grade.get(group.grade, 0) + group.at_risk_minor
    return sorted(
        (o for o in found.values() if o.customers), key=lambda o: (-o.at_risk_minor, o.owner_id or 0)
    )


# --- kinds of customers ---


@dataclass
class Cell:
    """One kind of customers: how many, what they bought and left, and what to do with them by default."""

    code: str
    label: Any
    advice: Any = ""
    customers: int = 0
    sales_minor: int = 0
    profit_minor: int = 0

    def add(self, kind: Kind) -> None:
        self.customers += kind.customers
        self.sales_minor += kind.sales_minor
        self.profit_minor += kind.profit_minor


@dataclass(frozen=True)
class Grid:
    """Four cells on two scales, or three classes in a row; `field` is the customer list's filter."""

    field: str
    title: Any
    text: Any
    cells: list[Cell]


# (filter, title, what the two scales are, code -> label, code -> what to do); the source of each is in the requirements.
GRIDS: tuple[tuple[str, Any, Any, Mapping[str, Any], Mapping[str, Any]], ...] = (
    (
        "relation",
        gettext_lazy("Kinds of relationship"),
        gettext_lazy("By what they buy and how loyal they are."),
        RELATIONS,
        {
            "partner": gettext_lazy("Buy much and are loyal: help them to buy better, plan together."),
            "functional": gettext_lazy("Buy much without a tie: win their trust before a rival calls."),
            "emotional": gettext_lazy("Buy little and are loyal: thank them, ask whom they know."),
            "drifting": gettext_lazy("Buy little without a tie: the weakest bond, keep it simple and cheap."),
        },
    ),
    (
        "profit",
        gettext_lazy("Profit and the cost of service"),
        gettext_lazy("What they leave us now, and what looking after them costs."),
        PROFIT_CELLS,
        {
            "most_profitable": gettext_lazy(
                "High profit at low cost: never let them feel taken for granted."
            ),
            "profitable": gettext_lazy("Both high, or both low: keep the balance."),
            "least_profitable": gettext_lazy("Low profit at high cost: bring the cost of service down."),
        },
    ),
    (
        "future",
        gettext_lazy("Profit now and to come"),
        gettext_lazy("What they leave us now, and what three years promise."),
        FUTURE_CELLS,
        {
            "best": gettext_lazy("Much now and later: protect."),
            "invest": gettext_lazy("Little now, much to come: make a plan and invest."),
            "keep": gettext_lazy("Much now, little to come: keep at low cost."),
            "worst": gettext_lazy("Little now and later: self-service, the least effort."),
        },
    ),
    (
        "sales_class",
        gettext_lazy("Classes by sales"),
        gettext_lazy("A makes the first 80 percent of sales, B up to 95, C the rest."),
        {code: code for code in SALES_CLASSES},
        {},
    ),
)
PATHS: Mapping[str, str] = {
    "relation": "relation",
    "profit": "profit_cell",
    "future": "future_cell",
    "sales_class": "sales_class",
}


def grids(kinds: Iterable[Kind]) -> list[Grid]:
    """The four classifications, each with all of its cells, whoever stands in them."""
    found = [
        Grid(name, title, text, [Cell(code, label, advice.get(code, "")) for code, label in labels.items()])
        for name, title, text, labels, advice in GRIDS
    ]
    by_code = [({cell.code: cell for cell in grid.cells}, attrgetter(PATHS[grid.field])) for grid in found]
    for kind in kinds:
        for cells, code in by_code:
            if cell := cells.get(code(kind)):
                cell.add(kind)
    return found


@dataclass
class LevelRow:
    """One grade: the relation level that it suggests, and where its customers stand."""

    grade: str
    suggested: str
    label: Any
    undecided: int = 0
    as_suggested: int = 0
    otherwise: int = 0


def level_rows(counted: Iterable[tuple[str, str, int]]) -> list[LevelRow]:
    rows = {grade: LevelRow(grade, LEVEL_BY_GRADE[grade], LEVELS[LEVEL_BY_GRADE[grade]]) for grade in GRADES}
    for grade, level, customers in counted:
        row = rows[grade]
        if not level:
            row.undecided += customers
        elif level == row.suggested:
            row.as_suggested += customers
        else:
            row.otherwise += customers
    return list(rows.values())


KEPT = ("complaint", "promise", "task")  # what has an hour


@dataclass(frozen=True)
class Matter:
    """What was owed to customers by an hour: how many customers wait, and of how many it was kept."""

    kind: str
    label: str
    todo: int
    overdue: int
    in_time: int
    too_late: int
    things: Mapping[str, int] = field(default_factory=dict)  # as many matters: a customer may have several

    @property
    def things_todo(self) -> int:
        return self.things.get("todo", self.todo)

    @property
    def things_overdue(self) -> int:
        return self.things.get("overdue", self.overdue)

    @property
    def share(self) -> float | None:
        """Of the customers of whom something came to an end, those of whom it came in time."""
        ended = self.in_time + self.too_late
        return self.in_time / ended if ended else None


def matters(counted: Mapping[tuple[str, str], tuple[int, int]]) -> list[Matter]:
    """`counted`: (kind, what became of it) -> customers, matters."""
    labels = {
        "complaint": gettext("Complaints"),
        "promise": gettext("Promises"),
        "task": gettext("Follow-ups"),
    }
    asked = ("todo", "overdue", "in_time", "too_late")
    found = []
    for kind in KEPT:
        of = {one: counted.get((kind, one), (0, 0)) for one in asked}
        todo, overdue, in_time, too_late = (of[one][0] for one in asked)
        things = {one: number for one, (_customers, number) in of.items()}
        found.append(Matter(kind, labels[kind], todo, overdue, in_time, too_late, things))
    return found
