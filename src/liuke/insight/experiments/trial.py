"""A table of an experiment, one row per customer, into checked arrays: the one door to everything here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from liuke.insight.errors import BadTable, EmptyArm
from liuke.insight.kinds import Vector, pa, pc
from liuke.insight.models.columns import read_columns, read_labels, refuse_repeated_customers

TABLE: Final = "experiment"
CONTROL: Final = "control"
GREATEST: Final = 1e90  # of an outcome: its cube must still be a number
FEWEST: Final = 2  # customers in an arm, to have a spread at all


@dataclass(frozen=True)
class Trial:
    """Who was in which arm and what came of it.

    `arms` names, the control first, then the others in the order of their names; `codes` (n,) the place in `arms` of each
    customer; `outcome` (n,) in its own unit; `before` (n, k) what was known of each beforehand, `before_names`.
    """

    arms: tuple[Any, ...]
    codes: Vector
    outcome: Vector
    before: Vector
    before_names: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.codes)

    @property
    def counts(self) -> Vector:
        """Customers in each arm, in the order of `arms`."""
        return np.bincount(self.codes, minlength=len(self.arms))

    def pair(self, treated: Any = None) -> tuple[Any, Vector, Vector]:
        """(name, rows of the treated arm, rows of the control); without a name, the only other arm."""
        others = self.arms[1:]
        if treated is None:
            if len(others) > 1:
                raise ValueError(f"there are several arms beside the control, name one: {list(others)}")
            treated = others[0]
        if treated not in others:
            raise EmptyArm(treated, 0, FEWEST)
        return treated, self.codes == self.arms.index(treated), self.codes == 0


def read_trial(
    table: Any,
    *,
    outcome: str = "outcome",
    arm: str = "arm",
    control: Any = CONTROL,
    before: Sequence[str] = (),
    negative: bool = True,
) -> Trial:
    """Check the columns of an experiment.

    An optional column `customer` may not repeat: one row per customer, because purchases of one customer are not
    independent. Outcomes may be negative (refunds) unless `negative` is false.

    Errors: `MissingColumn`; `BadTable` with column and row for a column that stands twice, a missing arm, an outcome or
    covariate that is missing, not finite or not a number; `DuplicateCustomer`; `EmptyArm` where the control or every other
    arm has fewer than two customers.
    """
    refuse_repeated_customers(table, table_name=TABLE)
    arms, codes = read_arms(table, arm=arm, control=control)
    figures = read_columns(table, dict.fromkeys([outcome, *before]), table_name=TABLE, negative=True)
    if not negative:
        _refuse(figures[outcome] < 0, "is negative", outcome, figures[outcome])
    for name, values in figures.items():
        _refuse(np.abs(values) > GREATEST, "is too great to reckon with", name, values)
    same_length(codes, figures)
    known = np.column_stack([figures[name] for name in before]) if before else np.empty((len(codes), 0))
    return Trial(arms, codes, figures[outcome], known, tuple(before))


def _refuse(wrong: Vector, problem: str, column: str, values: Vector) -> None:
    if wrong.any():
        row = int(np.argmax(wrong))
        raise BadTable(f"{values[row]:g} {problem}", table=TABLE, column=column, row=row)


def read_arms(table: Any, *, arm: str = "arm", control: Any = CONTROL) -> tuple[tuple[Any, ...], Vector]:
    """(arms with the control first, place of each customer's arm in it). Errors as in `read_trial`."""
    labels = read_labels(table, arm, table_name=TABLE)
    coded = pc.dictionary_encode(labels)
    names = coded.dictionary.to_pylist()
    if control not in names:
        raise EmptyArm(control, 0, FEWEST, column=arm)
    others = sorted((name for name in names if name != control), key=lambda name: (str(type(name)), name))
    arms = (control, *others)
    place = np.array([arms.index(name) for name in names], dtype=np.int64)
    codes: Vector = place[coded.indices.to_numpy(zero_copy_only=False)]
    counts = np.bincount(codes, minlength=len(arms))
    if len(arms) == 1:
        raise EmptyArm("any but the control", 0, FEWEST, column=arm)
    for name, count in zip(arms, counts, strict=True):
        if count < FEWEST:
            raise EmptyArm(name, int(count), FEWEST, column=arm)
    return arms, codes


def same_length(codes: Vector, columns: Mapping[str, Vector]) -> None:
    """Raise `BadTable` where a column has not one value per customer."""
    lengths = {name: len(values) for name, values in columns.items()}
    if set(lengths.values()) - {len(codes)}:
        raise BadTable(f"columns differ in length: arm {len(codes)}, {lengths}", table=TABLE)


def shares_of(shares: Mapping[Any, float], *, arms: Sequence[Any] | None = None) -> dict[Any, float]:
    """Planned share of each arm, all above 0 and 1 together; with `arms`, exactly these. Otherwise `ValueError`."""
    found = {name: float(share) for name, share in shares.items()}
    if not all(np.isfinite(share) and share > 0 for share in found.values()):
        raise ValueError(f"shares must be above 0: {found}")
    if abs(sum(found.values()) - 1) > 1e-9:
        raise ValueError(f"shares must make 1 together, not {sum(found.values()):g}")
    if arms is not None and set(arms) != set(found):
        raise ValueError(f"shares are given for {sorted(map(str, found))}, arms are {sorted(map(str, arms))}")
    return found


def as_table(columns: Mapping[str, Any]) -> Any:
    """An Arrow table of the columns."""
    return pa.table(dict(columns))
