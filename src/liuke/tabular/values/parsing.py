"""What every parser of a column shares: values with a problem code per row, found once per distinct value."""

# mypy: disable-error-code="no-any-return"
# Arrow's functions are untyped for us, see arrow.py.
from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final, NamedTuple, cast

import numpy as np

from liuke.tabular.arrow import Array, Column, compute, pa, words
from liuke.tabular.problems import Problem

NOTHING: Final[Mapping[str, str | int]] = MappingProxyType({})

# What systems write for "no value". A single dash stands for it in accounting, never for zero here.
_BLANK: Final = (
    "", "-", "--", "—", "——", "/", "null", "none", "nil", "nan", "n/a", "na", "#n/a", "\\n", "(null)", "无",
)  # fmt: skip


class Parsed(NamedTuple):
    """A parsed column. Where `codes` is not null the value is refused (and null), or told about (and kept)."""

    values: Array
    codes: Array  # of strings, keys of problems.CODES
    params: Mapping[str, str | int] = NOTHING  # for the messages of this column

    @property
    def clean(self) -> bool:
        return bool(self.codes.null_count == len(self.codes))

    def problems(
        self,
        *,
        rows: Array | Sequence[int],
        field: str,
        originals: Column,
        params: Mapping[str, str | int] = NOTHING,
        at_most: int | None = None,
    ) -> list[Problem]:
        """The problems as messages. `rows` are the row numbers, `originals` the column that was parsed."""
        if self.clean:
            return []
        where = np.flatnonzero(compute.is_valid(self.codes).to_numpy(zero_copy_only=False))[:at_most]
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


def per_distinct(column: Array, parse: Callable[[Array], Parsed]) -> Parsed:
    """Parse each distinct value once and spread the result: columns of real files repeat themselves."""
    coded = column.dictionary_encode()
    if len(coded.dictionary) * 2 > len(column):
        return parse(column)
    found = parse(coded.dictionary)
    codes = pa.nulls(len(column), pa.string()) if found.clean else found.codes.take(coded.indices)
    return Parsed(found.values.take(coded.indices), codes, found.params)


def tidied(text: Array) -> Array:
    """Trimmed, full-width characters folded, blanks and words for "no value" as null."""
    if not compute.all(compute.string_is_ascii(text)).as_py() and text.null_count < len(text):
        text = compute.replace_substring_regex(text, r"\p{No}", "?")  # 5² is not 52
        text = compute.utf8_normalize(text, "NFKC")
        text = compute.replace_substring_regex(
            text, r"[\x{200B}-\x{200F}\x{202A}-\x{202E}\x{2060}-\x{2069}\x{FEFF}]", ""
        )
    text = compute.utf8_trim_whitespace(text)
    blank = compute.is_in(compute.utf8_lower(text), words(*_BLANK))
    return compute.if_else(blank, pa.scalar(None, pa.string()), text)


def no_codes(length: int) -> Array:
    return pa.nulls(length, pa.string())


def slow_rows(text: Array, done: Array) -> list[tuple[int, str]]:
    """Integers and texts that the fast path refused; `done` is true where it did not."""
    open_rows = compute.and_(compute.is_valid(text), compute.invert(compute.fill_null(done, False)))
    positions = np.flatnonzero(open_rows.to_numpy(zero_copy_only=False))
    return list(
        zip(positions.tolist(), cast("list[str]", text.take(pa.array(positions)).to_pylist()), strict=True)
    )


def scattered(base: Array, replacements: Mapping[int, Any]) -> Array:
    """The array with some positions replaced."""
    if not replacements:
        return base
    positions = sorted(replacements)
    mask = np.zeros(len(base), dtype=bool)
    mask[positions] = True
    return compute.replace_with_mask(
        base, pa.array(mask), pa.array([replacements[p] for p in positions], base.type)
    )


def folded(text: str) -> str:
    """One value, trimmed and with full-width characters folded, as `tidied` does for a column."""
    return unicodedata.normalize("NFKC", text).strip()
