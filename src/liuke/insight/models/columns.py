"""A table of any kind into checked float64 columns: the one door through which data reach a model."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from liuke.insight.errors import BadTable, DuplicateCustomer, MissingColumn

Floats = NDArray[np.float64]

TABLE = "summary"
REMEDIES = {"monetary": "; take refunds off the purchases before them, as insight.summarise does"}


@dataclass(frozen=True)
class Timing:
    """When customers bought: repeat purchases, time of the last, length of watching, each of shape (n,)."""

    frequency: Floats
    recency: Floats
    T: Floats

    def __len__(self) -> int:
        return len(self.T)


def read_columns(
    table: Any, names: Iterable[str], *, table_name: str = TABLE, negative: bool = False
) -> dict[str, Floats]:
    """Return the named columns as float64 arrays of one length.

    `table` is a pyarrow table, a pandas or polars frame, a mapping of arrays, or anything else that pyarrow
    can take a stream from. Raises `MissingColumn`, or `BadTable` naming column and row for a column that
    stands twice, is not numeric, or holds a null, NaN, infinite or negative value.
    """
    names = list(names)
    columns = {name: _numbers(_column(table, name, table_name), name, table_name, negative) for name in names}
    lengths = {name: len(values) for name, values in columns.items()}
    if len(set(lengths.values())) > 1:
        raise BadTable(f"columns differ in length: {lengths}", table=table_name)
    return columns


def read_timing(table: Any, *, distinct_customers: bool = False) -> Timing:
    """Return the checked columns frequency, recency and T of a customer summary.

    Besides the checks of `read_columns`: frequency is whole, recency never exceeds T, recency is 0 exactly
    when frequency is 0. With `distinct_customers` a column `customer`, where there is one, may not repeat.
    """
    if isinstance(table, Timing):
        return table
    if distinct_customers:
        refuse_repeated_customers(table)
    columns = read_columns(table, ("frequency", "recency", "T"))
    x, tx, T = columns["frequency"], columns["recency"], columns["T"]
    _refuse(x != np.floor(x), "a count of purchases must be whole", "frequency", x)
    _refuse(tx > T, "the last purchase comes after the end of watching (recency > T)", "recency", tx)
    _refuse((x == 0) & (tx > 0), "a recency above 0 with no repeat purchase", "recency", tx)
    _refuse(
        (x > 0) & (tx == 0),
        "repeat purchases at the very instant of the first one (recency 0)",
        "recency",
        tx,
    )
    return Timing(x, tx, T)


def refuse_repeated_customers(table: Any, *, table_name: str = TABLE) -> None:
    """Raise `DuplicateCustomer` when a column `customer` exists and a value stands twice in it."""
    try:
        customers = _column(table, "customer", table_name)
    except MissingColumn:
        return
    if not isinstance(customers, pa.ChunkedArray | pa.Array):
        customers = pa.array(customers)
    if _strictly_sorted(customers) or pc.count_distinct(customers, mode="all").as_py() == len(customers):
        return
    seen: set[Any] = set()
    for row, customer in enumerate(customers.to_pylist()):
        if customer in seen:
            raise DuplicateCustomer(
                f"{customer!r} has an earlier row", table=table_name, column="customer", row=row
            )
        seen.add(customer)


def read_labels(table: Any, name: str, *, table_name: str = TABLE) -> Any:
    """Return the named column as a pyarrow array of whatever it holds: an arm, a stratum, a kind of place.

    Raises `MissingColumn`, or `BadTable` naming column and row for a column that stands twice, isn't one value a row, or
    holds a null (also a NaN among objects).
    """
    values = _column(table, name, table_name)
    if not isinstance(values, pa.ChunkedArray | pa.Array):
        values = np.asarray(values)
        if values.ndim != 1:
            problem = f"one value a row is needed, the shape is {values.shape}"
            raise BadTable(problem, table=table_name, column=name)
        try:
            values = pa.array(values, from_pandas=True)
        except pa.ArrowException as error:
            raise BadTable("values of one kind are needed", table=table_name, column=name) from error
    if isinstance(values, pa.ChunkedArray):
        values = values.combine_chunks()
    if pa.types.is_dictionary(values.type):
        values = values.dictionary_decode()
    if values.null_count:
        row = pc.index(values.is_null(), True).as_py()
        raise BadTable("the value is missing", table=table_name, column=name, row=row)
    return values


def _strictly_sorted(values: Any) -> bool:
    """Whether each value exceeds the one before, which proves them distinct a hundred times as fast as counting."""
    if len(values) < 2:
        return True
    try:
        rising = pc.all(pc.less(values.slice(0, len(values) - 1), values.slice(1)), skip_nulls=False)
    except pa.ArrowException:
        return False
    return bool(rising.as_py())


def _column(table: Any, name: str, table_name: str) -> Any:
    if isinstance(table, Mapping):
        if name not in table:
            raise _missing(name, list(table), table_name)
        return table[name]
    table = _arrow(table, name, table_name)
    found = table.schema.get_all_field_indices(name)
    if not found:
        raise _missing(name, table.column_names, table_name)
    if len(found) > 1:
        raise BadTable(f"the column stands {len(found)} times", table=table_name, column=name)
    return table.column(found[0])


def _missing(name: str, present: Iterable[object], table_name: str) -> MissingColumn:
    there = ", ".join(map(str, present)) or "no column at all"
    return MissingColumn(f"the column is missing (there are: {there})", table=table_name, column=name)


def _arrow(table: Any, name: str, table_name: str) -> pa.Table:
    if isinstance(table, pa.Table):
        return table
    if hasattr(table, "iloc") and hasattr(table, "columns"):
        # a pandas frame: convert only the column at hand, its other columns may not be Arrow's kind at all
        wanted = [position for position, column in enumerate(table.columns) if column == name]
        if not wanted:
            raise _missing(name, table.columns, table_name)
        return pa.Table.from_arrays([pa.array(table.iloc[:, i]) for i in wanted], names=[name] * len(wanted))
    if hasattr(table, "to_pyarrow"):
        return _arrow(table.to_pyarrow(), name, table_name)
    try:
        return pa.table(table)
    except (TypeError, ValueError, pa.ArrowException) as error:
        raise BadTable(f"not a table: {type(table).__name__}", table=table_name) from error


def _numbers(values: Any, name: str, table_name: str, negative: bool) -> Floats:
    if isinstance(values, pa.ChunkedArray | pa.Array):
        array = _from_arrow(values, name, table_name)
    else:
        array = _from_sequence(values, name, table_name)
    finite = np.isfinite(array)
    if not finite.all():
        row = int(np.argmin(finite))
        raise BadTable(f"{array[row]} is not a finite number", table=table_name, column=name, row=row)
    if not negative and len(array) and array.min() < 0:
        row = int(np.argmax(array < 0))
        raise BadTable(
            f"{array[row]:g} is negative{REMEDIES.get(name, '')}", table=table_name, column=name, row=row
        )
    return array


def _from_arrow(values: Any, name: str, table_name: str) -> Floats:
    kind = values.type
    if not (pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)):
        raise BadTable(f"numbers are needed, the column holds {kind}", table=table_name, column=name)
    if values.null_count:
        row = pc.index(values.is_null(), True).as_py()
        raise BadTable("the value is missing", table=table_name, column=name, row=row)
    return np.asarray(values.cast(pa.float64(), safe=False).to_numpy(), dtype=np.float64)


def _from_sequence(values: Any, name: str, table_name: str) -> Floats:
    array = np.asarray(values)
    if array.ndim != 1:
        raise BadTable(
            f"one value a row is needed, the shape is {array.shape}", table=table_name, column=name
        )
    if array.dtype.kind == "O":
        return _from_arrow(_object_column(array, name, table_name), name, table_name)
    if array.dtype.kind not in "iuf" and len(array):
        raise BadTable(f"numbers are needed, the column holds {array.dtype}", table=table_name, column=name)
    return array.astype(np.float64)


def _object_column(array: NDArray[Any], name: str, table_name: str) -> Any:
    try:
        return pa.array(array)
    except pa.ArrowException as error:
        raise BadTable("numbers are needed", table=table_name, column=name) from error


def _refuse(wrong: NDArray[np.bool_], problem: str, column: str, values: Floats) -> None:
    if wrong.any():
        row = int(np.argmax(wrong))
        raise BadTable(f"{problem}: {values[row]:g}", table=TABLE, column=column, row=row)
