"""What somebody holds, added up for whoever plans its handover."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from liuke.customers.handovers.rules import Held

GRADES = ("platinum", "gold", "iron", "lead", "")
NOT_YET = ("lead", "prospect")  # stages before the first order
AT_ONCE_SHOWN = 200  # customers that may be given by hand on the page, the heaviest first


@dataclass(frozen=True)
class Portfolio:
    """A customer of the person, as the plan shows him."""

    pk: int
    name: str
    stage: str
    area: str
    team: str
    grade: str = ""
    band: str = ""
    risk: int = 0
    weight_minor: int = 0
    value_minor: int = 0

    def held(self) -> Held:
        keys = {"area": self.area, "grade": self.grade, "team": self.team}
        return Held(self.pk, self.weight_minor, self.value_minor, keys)


@dataclass
class Layer:
    grade: str
    customers: int = 0
    at_risk: int = 0
    value_minor: int = 0
    weight_minor: int = 0


@dataclass(frozen=True)
class Summary:
    layers: list[Layer] = field(default_factory=list)
    customers: int = 0
    not_yet: int = 0
    value_minor: int = 0
    weight_minor: int = 0


def summed(rows: Sequence[Portfolio]) -> Summary:
    layers = {grade: Layer(grade) for grade in GRADES}
    for row in rows:
        layer = layers.setdefault(row.grade, Layer(row.grade))
        layer.customers += 1
        layer.at_risk += row.band == "high"
        layer.value_minor += row.value_minor
        layer.weight_minor += row.weight_minor
    return Summary(
        layers=[layer for layer in layers.values() if layer.customers],
        customers=len(rows),
        not_yet=sum(1 for row in rows if row.stage in NOT_YET),
        value_minor=sum(row.value_minor for row in rows),
        weight_minor=sum(row.weight_minor for row in rows),
    )
