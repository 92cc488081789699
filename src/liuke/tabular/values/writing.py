"""Arrow values as the text that a user would write for them.

The child process imports this without NumPy, which takes longer to load than most files take to read.
"""

# mypy: disable-error-code="no-any-return"
# Arrow's functions are untyped for us, see arrow.py.
from __future__ import annotations

from typing import Any, Final

from liuke.tabular.arrow import Array, Column, compute, pa

ROW: Final = "__row__"
EXACT_INTEGERS: Final = float(2**53)  # beyond it a float no longer holds every whole number


def whole(column: Column) -> Array:
    """One array without dictionary encoding, whatever a reader handed over."""
    array: Any = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    if isinstance(array, pa.ChunkedArray):  # combine_chunks keeps several chunks when the text is very long
        array = pa.concat_arrays(array.chunks)
    if pa.types.is_dictionary(array.type):
        array = array.dictionary_decode()
    return array


def as_text(column: Column) -> Array:
    """The column as strings, the way a user would write the values: 17850 and not 17850.0 or 1.785e+04."""
    array = whole(column)
    kind = array.type
    if pa.types.is_string(kind):
        return array
    if pa.types.is_floating(kind):
        return _floats_as_text(array)
    if pa.types.is_timestamp(kind):
        return _instants_as_text(array)
    if pa.types.is_null(kind):
        return pa.nulls(len(array), pa.string())
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        texts = [None if v is None else v.decode("utf-8", "replace") for v in array.to_pylist()]
        return pa.array(texts, pa.string())
    if pa.types.is_nested(kind) or pa.types.is_duration(kind):
        return pa.array([None if v is None else str(v) for v in array.to_pylist()], pa.string())
    return compute.cast(array, pa.string())


def _floats_as_text(array: Array) -> Array:
    array = compute.cast(array, pa.float64())
    integral = compute.and_(
        compute.equal(compute.floor(array), array), compute.less(compute.abs(array), EXACT_INTEGERS)
    )
    integers = compute.cast(compute.if_else(integral, array, pa.scalar(None, pa.float64())), pa.int64())
    return compute.coalesce(compute.cast(integers, pa.string()), compute.cast(array, pa.string()))


def _instants_as_text(array: Array) -> Array:
    text = compute.cast(compute.cast(array, pa.timestamp("us", array.type.tz), safe=False), pa.string())
    return compute.replace_substring_regex(text, r"(\d\d:\d\d:\d\d)\.0+", r"\1")
