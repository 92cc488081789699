"""What was known of each customer before the drawing, as a matrix of numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, Self

import numpy as np

from liuke.insight.errors import BadTable
from liuke.insight.experiments.trial import GREATEST, TABLE
from liuke.insight.kinds import Vector, pa, pc
from liuke.insight.models.columns import read_columns, read_labels

RARE: Final = 0.01  # a word that fewer customers have than this gets no column of its own
SKEWED: Final = 2.0


class Covariates:
    """Numbers stay numbers (those that are 0 or more and skewed beyond 2 as ln(1 + x)), words become one column of 0 and 1
    each, as far as at least one customer in a hundred has them. Learned: `names_` of the k columns.
    """

    def __init__(self, features: Sequence[str]) -> None:
        self.features = tuple(dict.fromkeys(features))

    def fit(self, table: Any) -> Self:
        """Learn which columns there will be. Errors: as `transform`."""
        self._logged: dict[str, bool] = {}
        self._words: dict[str, list[Any]] = {}
        for name in self.features:
            if _is_number(table, name):
                self._logged[name] = _skewed(_numbers(table, name))
            else:
                coded = pc.value_counts(_words(table, name))
                counts = dict(zip(coded.field(0).to_pylist(), coded.field(1).to_pylist(), strict=True))
                enough = [word for word, count in counts.items() if count >= RARE * sum(counts.values())]
                self._words[name] = sorted(enough, key=str)
        self.names_ = [
            column
            for name in self.features
            for column in ([name] if name in self._logged else [f"{name}={w}" for w in self._words[name]])
        ]
        return self

    def transform(self, table: Any, *, customers: int | None = None) -> Vector:
        """The matrix (n, k), finite. A word not seen in `fit` has 0 in all columns of its feature.

        Errors: `MissingColumn`; `BadTable` naming column and row for a value that is missing or not finite, a column that
        changed its kind, or one of dates (give the days since).
        """
        columns: list[Vector] = []
        for name in self.features:
            if name in self._logged:
                values = _numbers(table, name)
                columns.append(np.log1p(np.maximum(values, 0)) if self._logged[name] else values)
            else:
                words = _words(table, name)
                columns += [
                    pc.equal(words, pa.scalar(word, words.type))
                    .to_numpy(zero_copy_only=False)
                    .astype(np.float64)
                    for word in self._words[name]
                ]
            if customers is not None and columns and len(columns[-1]) != customers:
                problem = f"{len(columns[-1])} values for {customers} customers"
                raise BadTable(problem, table=TABLE, column=name)
        if not columns:
            return np.empty((customers or 0, 0))
        return np.column_stack(columns)


def _is_number(table: Any, name: str) -> bool:
    kind = read_labels(table, name, table_name=TABLE).type
    if pa.types.is_temporal(kind):
        problem = f"the column holds {kind}: give a number, such as the days since"
        raise BadTable(problem, table=TABLE, column=name)
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind))


def _numbers(table: Any, name: str) -> Vector:
    values = read_columns(table, [name], table_name=TABLE, negative=True)[name]
    wrong = np.abs(values) > GREATEST
    if wrong.any():
        row = int(np.argmax(wrong))
        raise BadTable(f"{values[row]:g} is too great to reckon with", table=TABLE, column=name, row=row)
    return values


def _words(table: Any, name: str) -> Any:
    words = read_labels(table, name, table_name=TABLE)
    if not (
        pa.types.is_string(words.type)
        or pa.types.is_large_string(words.type)
        or pa.types.is_boolean(words.type)
    ):
        problem = f"numbers, texts or true and false are needed, the column holds {words.type}"
        raise BadTable(problem, table=TABLE, column=name)
    return words


def _skewed(values: Vector) -> bool:
    if len(values) < 3 or values.min() < 0:
        return False
    unit = float(values.max()) or 1.0
    middle = values / unit - (values / unit).mean()
    variance = float((middle**2).mean())
    return variance > 0 and float((middle**3).mean()) / variance**1.5 > SKEWED
