"""What every parser of a column shares: values with a problem code per row, found once per distinct value."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final, NamedTuple

import numpy as np
import pyarrow as pa

from liuke.tabular.arrow import compute as pc
from liuke.tabular.problems import Problem

NOTHING: Final[Mapping[str, str | int]] = MappingProxyType({})
ROW: Final = "__row__"

# What systems write for "no value". A single dash stands for it in accounting, never for zero here.
_BLANK: Final = pa.array(
    ["", "-", "--", "—", "——", "/", "null", "none", "nil", "nan", "n/a", "na", "#n/a", "\\n", "(null)", "无"]
)
_EXACT_INTEGERS: Final = 2**53  # beyond it a float no longer holds every whole number


class Parsed(NamedTuple):
    """A parsed column. Where `codes` is not null the value is refused (and null), or told about (and kept)."""

    values: pa.Array
    codes: pa.Array  # of strings, keys of problems.CODES
    params: Mapping[str, str | int] = NOTHING  # for the messages of this column

    @property
    def clean(self) -> bool:
        return bool(self.codes.null_count == len(self.codes))

    def problems(
        self,
        *,
        rows: pa.Array | Sequence[int],
        field: str,
        originals: pa.Array | pa.ChunkedArray,
        params: Mapping[str, str | int] = NOTHING,
        at_most: int | None = None,
    ) -> list[Problem]:
        """The problems as messages. `rows` are the row numbers, `originals` the column that was parsed."""
        if self.clean:
            return []
        where = np.flatnonzero(pc.is_valid(self.codes).to_numpy(zero_copy_only=False))[:at_most]
        found: list[Problem] = []
        merged = {**self.params, **params}
        for position in where.tolist():
            number = rows[position]
            row = int(number.as_py() if isinstance(number, pa.Scalar) else number)
            value = originals[position].as_py()
            text = None if value is None else str(value)
            extra = {**merged, "length": len(text or "")}
            found.append(
                Problem(self.codes[position].as_py(), row=row, field=field, value=text, params=extra)
            )
        return found


def whole(column: pa.Array | pa.ChunkedArray) -> pa.Array:
    """One array without dictionary encoding, whatever a reader handed over."""
    array = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    if isinstance(array, pa.ChunkedArray):  # combine_chunks keeps several chunks when the text is very long
        array = pa.concat_arrays(array.chunks)
    if pa.types.is_dictionary(array.type):
        array = array.dictionary_decode()
    return array


def as_text(column: pa.Array | pa.ChunkedArray) -> pa.Array:
    """The column as strings, the way a user would write the values: 17850 and not 17850.0 or 1.785e+04."""
    array = whole(column)
    kind = array.type
    if pa.types.is_string(kind):
        return array
    if pa.types.is_floating(kind):
        return _floats_as_text(array)
    if pa.types.is_timestamp(kind):
        return _instants_as_text(array)
    if pa.types.is_decimal(kind):
        return pc.replace_substring_regex(pc.cast(array, pa.string()), r"(\.\d*?)0+$", r"\1").cast(
            pa.string()
        )
    if pa.types.is_null(kind):
        return pa.nulls(len(array), pa.string())
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        texts = [None if v is None else v.decode("utf-8", "replace") for v in array.to_pylist()]
        return pa.array(texts, pa.string())
    if pa.types.is_nested(kind) or pa.types.is_duration(kind):
        return pa.array([None if v is None else str(v) for v in array.to_pylist()], pa.string())
    return pc.cast(array, pa.string())


def _floats_as_text(array: pa.Array) -> pa.Array:
    array = pc.cast(array, pa.float64())
    numbers = array.to_numpy(zero_copy_only=False)
    with np.errstate(invalid="ignore"):
        integral = (numbers == np.floor(numbers)) & (np.abs(numbers) < _EXACT_INTEGERS)
    integers = pa.array(np.where(integral, numbers, 0).astype(np.int64), mask=~integral)
    return pc.coalesce(pc.cast(integers, pa.string()), pc.cast(array, pa.string()))


def _instants_as_text(array: pa.Array) -> pa.Array:
    text = pc.cast(pc.cast(array, pa.timestamp("us", array.type.tz), safe=False), pa.string())
    return pc.replace_substring_regex(text, r"(\d\d:\d\d:\d\d)\.0+", r"\1")


def per_distinct(text: pa.Array, parse: Callable[[pa.Array], Parsed]) -> Parsed:
    """Parse each distinct text once and spread the result: columns of real files repeat themselves."""
    coded = text.dictionary_encode()
    if len(coded.dictionary) * 2 > len(text):
        return parse(text)
    found = parse(coded.dictionary)
    codes = pa.nulls(len(text), pa.string()) if found.clean else found.codes.take(coded.indices)
    return Parsed(found.values.take(coded.indices), codes, found.params)


def tidied(text: pa.Array) -> pa.Array:
    """Trimmed, full-width characters folded, blanks and words for "no value" as null."""
    if not pc.all(pc.string_is_ascii(text)).as_py() and text.null_count < len(text):
        text = pc.utf8_normalize(text, "NFKC")
        text = pc.replace_substring_regex(
            text, r"[\x{200B}-\x{200F}\x{202A}-\x{202E}\x{2060}-\x{2069}\x{FEFF}]", ""
        )
    text = pc.utf8_trim_whitespace(text)
    blank = pc.is_in(pc.utf8_lower(text), _BLANK)
    return pc.if_else(blank, pa.scalar(None, pa.string()), text)


def no_codes(length: int) -> pa.Array:
    return pa.nulls(length, pa.string())


def slow_rows(text: pa.Array, done: pa.Array) -> list[tuple[int, str]]:
    """Positions and texts that the fast path refused; `done` is true where it did not."""
    open_rows = pc.and_(pc.is_valid(text), pc.invert(pc.fill_null(done, False)))
    positions = np.flatnonzero(open_rows.to_numpy(zero_copy_only=False))
    return list(zip(positions.tolist(), text.take(pa.array(positions)).to_pylist(), strict=True))


def scattered(base: pa.Array, replacements: Mapping[int, Any]) -> pa.Array:
    """The array with some positions replaced."""
    if not replacements:
        return base
    positions = sorted(replacements)
    mask = np.zeros(len(base), dtype=bool)
    mask[positions] = True
    return pc.replace_with_mask(
        base, pa.array(mask), pa.array([replacements[p] for p in positions], base.type)
    )


def folded(text: str) -> str:
    """One value, trimmed and with full-width characters folded, as `tidied` does for a column."""
    return unicodedata.normalize("NFKC", text).strip()
