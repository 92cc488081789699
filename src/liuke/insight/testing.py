"""The contracts of models and of engines as one check each, for ours and for yours.

    from liuke.insight.testing import check_model

    def test_my_model():
        check_model(lambda: MyModel(depth=3), table, results={"probability_alive": {}, "expected_purchases": {"horizon": 4}})

`check_engine(MyEngine())` does the same for an engine. Each fails with an `AssertionError` that says which promise was broken.
"""

from __future__ import annotations

import random
import warnings
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from liuke.insight.engines import Engine, local_engine
from liuke.insight.errors import BadModelFile, BadTable, InsightWarning, MissingColumn, NotFitted
from liuke.insight.expressions import ibis
from liuke.insight.features.days import purchase_days
from liuke.insight.features.overtaken import known_days, overtaken_days, standing
from liuke.insight.features.sample import in_sample
from liuke.insight.features.snapshot import snapshot_of
from liuke.insight.features.summary import summary

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
    Formula: |a - b| ≤ tolerance · |b| for results in another order; units must not matter. Source: the contract in
    `models.estimator.Estimator`.
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


def check_engine(engine: Engine, *, tolerance: float = 1e-12) -> None:
    """Check that an engine keeps the contract of `Engine`: it stores, computes and gives back what DuckDB does.

    A small log with refunds, days without a product, one-time buyers and money of several magnitudes is taken in;
    its days, summary and features must be those of DuckDB, counts, dates and money to the last digit, means and spreads of
    logarithms within `tolerance` (relative), because every engine adds in an order of its own. Nothing of it is left
    on the engine.

    Errors: `AssertionError` naming the broken promise.
    Tables have one row per customer. Formula: |a - b| ≤ tolerance · |b| for logarithms, else =. Source: the contract in
    `engines.base.Engine`.
    """
    lines = _log()
    theirs = engine.take(lines, "lines")
    _same_rows(engine.fetch(theirs), lines, "take, then fetch", tolerance)
    again = engine.take(lines.slice(0, 1), "lines")
    _promise(
        engine.fetch(theirs).num_rows == lines.num_rows, "a second table of the same name replaced the first"
    )
    engine.drop(again)
    _check_steps(engine, theirs, lines, tolerance)
    _check_distribute(engine, theirs, lines, tolerance)
    engine.drop(theirs)
    _must_raise(Exception, partial(engine.fetch, theirs), "fetching what was dropped")


def _check_steps(engine: Engine, theirs: Any, lines: pa.Table, tolerance: float) -> None:
    here = local_engine()
    ours = here.take(lines, "lines")
    day = date(2026, 3, 1)
    steps: dict[str, Callable[[Any], Any]] = {
        "days": purchase_days,
        "summary": lambda log: summary(purchase_days(log), as_of=day),
        "snapshot": lambda log: snapshot_of(purchase_days(log), as_of=day, horizon_days=28),
        "sample": lambda log: log.filter(in_sample(log.customer, share=0.4)),
        "overtaken": lambda log: overtaken_days(_some_taken_back(log)),
        "known": lambda log: known_days(
            purchase_days(standing(_some_taken_back(log))), overtaken_days(_some_taken_back(log)), as_of=day
        ),
    }
    for name, step in steps.items():
        kept = engine.keep(step(theirs), name)
        _same_rows(engine.fetch(kept), here.fetch(step(ours)), name, tolerance)
        _promise("SELECT" in engine.sql(step(theirs)).upper(), f"no SQL is told of {name}")
        engine.drop(kept)
    counted = engine.row(theirs.aggregate(rows=theirs.count(), last=theirs.on.max()))
    _promise(counted == {"rows": lines.num_rows, "last": date(2026, 2, 20)}, f"row gives {counted}")


def _some_taken_back(log: Any) -> Any:
    """The lines of the dearest things, each on its own day, two weeks later."""
    late = (log.on.cast("timestamp") + ibis.interval(days=14)).cast("date")
    return log.mutate(taken_back=ibis.ifelse(log.amount > 50, late, ibis.null("date")))


def _check_distribute(engine: Engine, theirs: Any, lines: pa.Table, tolerance: float) -> None:
    done = engine.distribute(theirs, _doubled, notes="told")
    expected = _doubled(lines).drop_columns(["told"])
    _same_rows(done.rows(), expected, "distribute", tolerance)
    named = done.rows()["customer"].to_pylist()
    _promise(named == sorted(named), "the rows of distribute are not in the order of customers")
    told = done.notes()
    _promise(sum(told) == lines.num_rows, f"the notes count {sum(told)} of {lines.num_rows} rows")
    with TemporaryDirectory() as folder:
        path = Path(folder) / "rows.parquet"
        done.write(str(path))
        _same_rows(pq.read_table(path), expected, "write", tolerance)
    done.drop()


def _doubled(part: pa.Table) -> pa.Table:
    """Each row once more in money, and in the first row how many they are."""
    doubled = pa.array(part["amount"].to_numpy() * 2)
    told: Any = pa.array([len(part), *[None] * (len(part) - 1)], pa.int64())
    return part.set_column(part.column_names.index("amount"), "amount", doubled).append_column("told", told)


def _log() -> pa.Table:
    generator = np.random.default_rng(5)
    size = 120
    amount = np.round(generator.choice([0.1, 0.2, 12.345, 99.99, 1e6], size), 4)
    amount[generator.random(size) < 0.15] *= -1
    days = generator.integers(0, 400, size)
    named = [None if number % 7 == 0 else f"P{number % 5}" for number in range(size)]
    rows: dict[str, Any] = {
        # the last ten buy once and have no gap
        "customer": [f"客户 {number % 23 if number < 110 else number:03}" for number in range(size)],
        "on": [date(2025, 1, 1) + timedelta(days=int(day)) for day in days[:-1]] + [date(2026, 2, 20)],
        "amount": amount,
        "bought": amount >= 0,
        "product": pa.array(named, pa.string()),
        "goods": [name is not None for name in named],
    }
    return pa.table(rows).sort_by("customer")


def _same_rows(found: pa.Table, expected: pa.Table, what: str, tolerance: float) -> None:
    """The same rows in any order; floats of logarithms within the tolerance, everything else the same."""
    _promise(set(found.column_names) == set(expected.column_names), f"{what}: columns {found.column_names}")
    _promise(len(found) == len(expected), f"{what}: {len(found)} rows instead of {len(expected)}")
    order: list[tuple[str, Literal["ascending", "descending"]]] = [
        (name, "ascending") for name in ("customer", "on", "amount", "product") if name in found.column_names
    ]
    found, expected = found.sort_by(order), expected.sort_by(order)
    for name in expected.column_names:
        kinds = (found[name].type, expected[name].type)
        _promise(kinds[0] == kinds[1], f"{what}: {name} is {kinds[0]} instead of {kinds[1]}")
        ours, theirs = found[name].to_pylist(), expected[name].to_pylist()
        near = name.startswith("log_gap") and _near(ours, theirs, tolerance)
        _promise(near or ours == theirs, f"{what}: {name} differs")


def _near(found: list[Any], expected: list[Any], tolerance: float) -> bool:
    ours, theirs = (np.array([np.nan if v is None else v for v in each]) for each in (found, expected))
    return bool(np.allclose(ours, theirs, rtol=tolerance, atol=tolerance, equal_nan=True))


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
