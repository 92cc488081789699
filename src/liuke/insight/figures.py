"""Figures of any kind into checked float64 arrays: the door through which they reach gradings and economics.

NumPy alone, so that a calculator costs no engine to load.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from liuke.insight.errors import BadFigure

Floats: TypeAlias = "NDArray[np.float64]"
Figure: TypeAlias = "Any"  # one number (int, float, Decimal, Fraction), or one for each customer

INFINITE = float("inf")
LARGEST = 1e60  # beyond any money or count; the product of five such is still finite


def figures(
    value: Figure, name: str, *, least: float = 0.0, most: float = INFINITE, above: bool = False
) -> Floats:
    """`value` as float64, shape () for one number and (n,) for a column of them.

    Raises `BadFigure` naming the figure and the row for what is no finite number (None, text, truth values, NaN) or lies
    outside `least` to `most`; with `above` the least itself is refused too.
    """
    array = _numbers(value, name)
    _refuse(~np.isfinite(array), array, "is not a finite number", name)
    _refuse(np.abs(array) > LARGEST, array, "is larger than any figure of a business", name)
    if above:
        _refuse(array <= least, array, f"must be above {least:g}", name)
        if least == 0:  # such figures are divided by
            _refuse(array < 1 / LARGEST, array, "is smaller than any figure of a business", name)
    _refuse(array < least, array, "is negative" if least == 0 else f"is below {least:g}", name)
    _refuse(array > most, array, f"is above {most:g}", name)
    return array


def one_figure(
    value: Figure, name: str, *, least: float = 0.0, most: float = INFINITE, above: bool = False
) -> float:
    """`figures` where one number is needed."""
    array = figures(value, name, least=least, most=most, above=above)
    if array.ndim:
        raise BadFigure(f"one number is needed, not {len(array)}", name=name)
    return float(array)


def with_absent(values: Any, name: str, *, least: float = -INFINITE) -> tuple[Floats, NDArray[np.bool_]]:
    """A column in which None says that there is nothing to judge: figures (n,), 0 where absent, and which those are.

    Raises `BadFigure` naming column and row for anything else that is no finite number of at least `least`.
    """
    if hasattr(values, "to_pylist"):
        values = values.to_pylist()
    if isinstance(values, np.ndarray) and values.dtype.kind in "iuf":
        absent = np.zeros(values.shape, dtype=np.bool_)
        present: Any = values
    else:
        values = list(values)
        absent = np.array([value is None for value in values], dtype=np.bool_)
        present = [0 if value is None else value for value in values]
    array = figures(present, name, least=-INFINITE)
    _column_of(array, name)
    if least > -INFINITE:
        _refuse(
            (array < least) & ~absent, array, "is negative" if least == 0 else f"is below {least:g}", name
        )
    return array, absent


def column(
    value: Any, name: str, *, least: float = 0.0, most: float = INFINITE, length: int | None = None
) -> Floats:
    """`figures` where one for each customer is needed, as many as `length` says."""
    array = _column_of(figures(value, name, least=least, most=most), name)
    if length is not None and len(array) != length:
        raise BadFigure(f"{len(array)} figures for {length} customers", name=name)
    return array


def same_length(**arrays: Floats) -> int | None:
    """How many customers the columns among `arrays` have, None when all are single numbers; `BadFigure` where they differ."""
    lengths = {name: len(array) for name, array in arrays.items() if array.ndim}
    if len(set(lengths.values())) > 1:
        told = ", ".join(f"{name} has {length}" for name, length in lengths.items())
        raise BadFigure(f"columns differ in length: {told}", name=next(iter(lengths)))
    return next(iter(lengths.values()), None)


def named_figures(values: Mapping[str, Figure], name: str, *, least: float = 0.0) -> dict[str, Floats]:
    """`figures` of each entry of a mapping, called `name[key]` in errors."""
    if not isinstance(values, Mapping):
        raise BadFigure(f"a mapping of names to figures is needed, not {type(values).__name__}", name=name)
    return {str(key): figures(value, f"{name}[{key!r}]", least=least) for key, value in values.items()}


def exact(value: Figure, name: str) -> Fraction:
    """One number as an exact fraction, decimals as they are written: 0.1 is a tenth. Checks nothing but that it is one."""
    one_figure(value, name, least=-INFINITE)
    if isinstance(value, int | Fraction | Decimal):
        return Fraction(value)
    return Fraction(repr(float(value)))


def _numbers(value: Any, name: str) -> Floats:
    if isinstance(value, Decimal | Fraction):
        value = float(value)
    if hasattr(value, "to_pylist"):  # of Arrow: nulls stay None and are refused below
        value = value.to_pylist()
    try:
        array = np.asarray(value)
    except ValueError as error:
        raise BadFigure("rows of one length are needed", name=name) from error
    if array.ndim > 1:
        raise BadFigure(
            f"one number, or one for each customer, is needed, the shape is {array.shape}", name=name
        )
    if array.dtype.kind not in "iuf" and array.size:
        rows = range(array.size) if array.ndim else [None]
        given = np.ravel(
            np.asarray(value, dtype=object)
        ).tolist()  # as they came: NumPy makes text of 1 beside "x"
        found = [_number(each, name, row) for row, each in zip(rows, given, strict=True)]
        array = np.array(found).reshape(array.shape)
    return array.astype(np.float64)


def _number(value: Any, name: str, row: int | None) -> float:
    if isinstance(value, int | float | Decimal | Fraction | np.number) and not isinstance(value, bool):
        return float(value)
    raise BadFigure(f"{value!r} is not a number", name=name, row=row)


def _refuse(wrong: NDArray[np.bool_], array: Floats, problem: str, name: str) -> None:
    if wrong.any():
        row = int(np.argmax(wrong)) if array.ndim else None
        found = float(array[row] if row is not None else array)
        raise BadFigure(f"{found:g} {problem}", name=name, row=row)


def _column_of(array: Floats, name: str) -> Floats:
    if array.ndim != 1:
        raise BadFigure("one figure for each customer is needed, not a single number", name=name)
    return array
