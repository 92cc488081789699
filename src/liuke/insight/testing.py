"""The contract of models as one check, for ours and for yours.

    from liuke.insight.testing import check_model

    def test_my_model():
        check_model(lambda: MyModel(depth=3), table, results={"probability_alive": {}, "expected_purchases": {"horizon": 4}})

It fails with an `AssertionError` that says which promise was broken.
"""

from __future__ import annotations

import random
import warnings
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa

from liuke.insight.errors import BadModelFile, BadTable, InsightWarning, MissingColumn, NotFitted

Results = Mapping[str, Mapping[str, Any]]


def check_model(
    make: Callable[[], Any],
    table: pa.Table,
    *,
    results: Results,
    needs: Sequence[str],
    tolerance: float = 1e-6,
) -> None:
    """Check that a model keeps the contract of `Estimator`.

    `make` builds an unfitted model; `table` is a pyarrow table that it can learn from, with more than one row; `results`
    names the methods that take such a table and return one finite number a row, with their keyword arguments; `needs` are
    the columns it must refuse to do without. Results may move by `tolerance` (relative) when rows change order.

    Errors: `AssertionError` naming the broken promise.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", InsightWarning)
        _check_constructor(make, table, results)
        _check_fit(make, table, results)
        _check_determinism(make, table, results, tolerance)
        _check_refusals(make, table, results, needs)
        _check_saving(make, table, results)


def _check_constructor(make: Callable[[], Any], table: pa.Table, results: Results) -> None:
    model, other = make(), make()
    learned = [name for name in vars(model) if name.endswith("_")]
    _promise(not learned, f"the constructor already learns {learned}")
    _promise(vars(model) == vars(other), "two models made alike differ")
    for name, arguments in results.items():
        _must_raise(NotFitted, partial(getattr(model, name), table, **arguments), f"{name} before fit")
    _must_raise(NotFitted, model.explain, "explain before fit")
    _must_raise(NotFitted, model.to_json, "to_json before fit")


def _check_fit(make: Callable[[], Any], table: pa.Table, results: Results) -> None:
    model = make()
    settings = dict(vars(model))
    before = table.to_pydict()
    _promise(model.fit(table) is model, "fit must return self")
    _promise(table.to_pydict() == before, "fit changed its table")
    for name, value in settings.items():
        _promise(vars(model)[name] == value, f"fit changed the setting {name}")
    added = set(vars(model)) - set(settings)
    _promise(bool(added), "fit learned nothing")
    _promise(all(name.endswith("_") for name in added), f"learned values must end in _: {sorted(added)}")
    for name, arguments in results.items():
        values = np.asarray(getattr(model, name)(table, **arguments))
        _promise(values.shape == (table.num_rows,), f"{name}: shape {values.shape} for {table.num_rows} rows")
        _promise(np.isfinite(values).all(), f"{name} is not finite everywhere")
    text = model.explain()
    _promise(isinstance(text, str), "explain must return text")
    _promise(text.strip(), "explain must say something")


def _check_determinism(make: Callable[[], Any], table: pa.Table, results: Results, tolerance: float) -> None:
    random.seed(1)
    np.random.seed(1)
    state = random.getstate(), np.random.get_state()[1].tolist()  # type: ignore[index]
    first = _all_results(make().fit(table), table, results)
    now = random.getstate(), np.random.get_state()[1].tolist()  # type: ignore[index]
    _promise(now == state, "the global random state was used")
    np.random.seed(2)
    second = _all_results(make().fit(table), table, results)
    for name in results:
        _promise(
            np.array_equal(first[name], second[name]), f"{name} differs between two fits of the same table"
        )
    order = np.random.default_rng(3).permutation(table.num_rows)
    shuffled = table.take(order)
    moved = _all_results(make().fit(shuffled), shuffled, results)
    for name in results:
        same = np.allclose(moved[name], first[name][order], rtol=tolerance, atol=tolerance * 1e-3)
        _promise(same, f"{name} depends on the order of rows")


def _check_refusals(make: Callable[[], Any], table: pa.Table, results: Results, needs: Sequence[str]) -> None:
    fitted = make().fit(table)
    row = table.num_rows // 2
    for column in needs:
        without = table.drop_columns([column])
        _must_raise(MissingColumn, partial(make().fit, without), f"fit without {column}", column=column)
        doubled = table.append_column(column, table[column])
        _must_raise(BadTable, partial(make().fit, doubled), f"fit with {column} twice", column=column)
        for bad in (None, float("nan"), float("inf"), "x"):
            broken = _with_value(table, column, row, bad)
            what = f"fit with {column} = {bad!r}"
            refused = _must_raise(BadTable, partial(make().fit, broken), what, column=column)
            _promise(bad == "x" or refused.row == row, f"{what}: row {refused.row} named instead of {row}")
    for name, arguments in results.items():
        _must_raise(BadTable, partial(getattr(fitted, name), pa.table({}), **arguments), f"{name} of nothing")
        _promise(len(getattr(fitted, name)(table.slice(0, 1), **arguments)) == 1, f"{name} of one row")


def _check_saving(make: Callable[[], Any], table: pa.Table, results: Results) -> None:
    model = make().fit(table)
    kind, text = type(model), model.to_json()
    again = kind.from_json(text)
    first, second = (_all_results(which, table, results) for which in (model, again))
    for name in results:
        _promise(np.array_equal(first[name], second[name]), f"{name} differs after saving and loading")
    _promise(again.explain() == model.explain(), "explain differs after saving and loading")
    _promise(again.to_json() == text, "saving again gives another text")
    for damaged in ("", "{}", text[: len(text) // 2], text.replace(kind.__name__, "Another")):
        _must_raise(BadModelFile, partial(kind.from_json, damaged), "loading a damaged file")


def _all_results(model: Any, table: pa.Table, results: Results) -> dict[str, Any]:
    return {name: np.asarray(getattr(model, name)(table, **arguments)) for name, arguments in results.items()}


def _with_value(table: pa.Table, column: str, row: int, value: Any) -> pa.Table:
    values: list[Any] = table[column].to_pylist()
    if isinstance(value, str):
        values = [str(each) for each in values]
    values[row] = value
    return table.set_column(table.column_names.index(column), column, pa.array(values))


def _must_raise(
    kind: type[Exception], action: Callable[[], Any], what: str, *, column: str | None = None
) -> Any:
    try:
        action()
    except kind as error:
        named = getattr(error, "column", None)
        _promise(column is None or named == column, f"{what}: column {named!r} named instead of {column!r}")
        return error
    except Exception as error:
        raise AssertionError(
            f"{what}: {kind.__name__} expected, {type(error).__name__} came: {error}"
        ) from error
    raise AssertionError(f"{what}: {kind.__name__} expected, nothing was raised")


def _promise(kept: bool, what: str) -> None:
    """An `assert` that also runs under python -O."""
    if not kept:
        raise AssertionError(what)
