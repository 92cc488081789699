"""Columns of money and of quantities as exact integers and decimals. No float takes part.

Rounding is half-even, to the decimals of the currency, and happens once. Numbers that a file stores as floats count as
the shortest decimal that names them: 2.675 is 2.675 and rounds to 2.68.
"""

# mypy: disable-error-code="no-any-return"
# Arrow's functions are untyped for us, see arrow.py.
from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Any, Final

import numpy as np

from liuke.tabular.arrow import Array, Column, Integers, Kind, compute, pa
from liuke.tabular.values.currencies import decimals
from liuke.tabular.values.numbers import NumberStyle, detect_numbers, read_number
from liuke.tabular.values.parsing import Parsed, no_codes, per_distinct, scattered, slow_rows, tidied
from liuke.tabular.values.writing import as_text, whole

LARGEST_MINOR: Final = 10**17  # below 2^63 with room for sums
LARGEST_QUANTITY: Final = 10**12
PRICE_SCALE: Final = 8
QUANTITY: Final = pa.decimal128(18, 3)
PRICE: Final = pa.decimal128(28, PRICE_SCALE)
_EXACT: Final = Context(prec=60, rounding=ROUND_HALF_EVEN)


def parse_amount(
    column: Column,
    *,
    currency: str | Column,
    style: NumberStyle | None = None,
) -> Parsed:
    """Integer minor units (int64) of the currency: 1,234.50 in CNY is 123450, in JPY 1234, in KWD 1234500.

    `currency` is a code for the whole column or an array with the code of each row. `style` is that of the whole file
    (`detect_numbers`, merged over its batches); without it this array alone decides.
    """
    if not isinstance(currency, str):
        return _per_currency(whole(column), whole(currency), style)
    return _scaled(column, decimals(currency), LARGEST_MINOR, "amount", style, currency)


def parse_price(column: Column, *, currency: str | None = None, style: NumberStyle | None = None) -> Parsed:
    """Prices per unit, decimal with 8 places: they may be finer than the currency, so rounding waits for the product."""
    found = _scaled(column, PRICE_SCALE, 10**17, "amount", style, currency)
    return Parsed(from_unscaled(found.values, PRICE), found.codes, found.params)


def parse_quantity(column: Column, *, whole_only: bool = False, style: NumberStyle | None = None) -> Parsed:
    """Quantities, decimal with 3 places; with `whole_only` int64, and fractions are refused."""
    if whole_only:
        found = _scaled(column, 3, LARGEST_QUANTITY * 1000, "quantity", style, None)
        thousandths = found.values.to_numpy(zero_copy_only=False) if found.values.null_count == 0 else None
        return _whole_numbers(found, thousandths)
    found = _scaled(column, 3, LARGEST_QUANTITY * 1000, "quantity", style, None)
    return Parsed(from_unscaled(found.values, QUANTITY), found.codes, found.params)


def _whole_numbers(found: Parsed, thousandths: object) -> Parsed:
    values = compute.fill_null(found.values, 0)
    numbers = values.to_numpy(zero_copy_only=False)
    fraction = pa.array(numbers % 1000 != 0)
    codes = (
        compute.if_else(fraction, "quantity_fraction", found.codes)
        if compute.any(fraction).as_py()
        else found.codes
    )
    keep = compute.and_(compute.is_valid(found.values), compute.invert(fraction))
    units = compute.if_else(keep, pa.array(numbers // 1000), pa.scalar(None, pa.int64()))
    return Parsed(units, codes, found.params)


def multiply_amount(price: Array, quantity: Array, *, currency: str) -> Parsed:
    """Unit price times quantity in integer minor units, rounded half-even once; null where either is null."""
    places = decimals(currency)
    prices, quantities = unscaled(_as(price, PRICE)), unscaled(_as(quantity, QUANTITY))
    known = compute.and_(compute.is_valid(prices), compute.is_valid(quantities))
    p = compute.fill_null(prices, 0).to_numpy(zero_copy_only=False)
    q = compute.fill_null(quantities, 0).to_numpy(zero_copy_only=False)
    shift = PRICE_SCALE + 3 - places
    p, q, shift = _reduced(p, q, shift)
    fits = np.abs(p.astype(np.float64)) * np.abs(q.astype(np.float64)) < 2.0**62
    product = _halved_even(np.where(fits, p, 0) * np.where(fits, q, 0), shift)
    values, codes = pa.array(product), no_codes(len(product))
    exact = {
        i: int(_EXACT.quantize(Decimal(int(p[i])) * int(q[i]) / 10**shift, Decimal(1)))
        for i in np.flatnonzero(~fits).tolist()
    }
    large = {i: "amount_too_large" for i, v in exact.items() if abs(v) > LARGEST_MINOR}
    values = scattered(values, {i: None if i in large else v for i, v in exact.items()})
    values = compute.if_else(known, values, pa.scalar(None, pa.int64()))
    return Parsed(values, scattered(codes, large), {"limit": LARGEST_MINOR // 10**places})


def _as(array: Array, kind: Kind) -> Array:
    return array if array.type == kind else compute.cast(array, kind)


def _reduced(p: Integers, q: Integers, shift: int) -> tuple[Integers, Integers, int]:
    """Drop zeros that all values end in, so that nearly all products fit 64 bits."""
    for power in (3, 2, 1):
        if shift >= power and not np.any(q % 10**power):
            q, shift = q // 10**power, shift - power
            break
    for power in (6, 4, 3, 2, 1):
        if shift >= power and not np.any(p % 10**power):
            p, shift = p // 10**power, shift - power
            break
    return p, q, shift


def _halved_even(numbers: Integers, shift: int) -> Integers:
    """Integer division by 10^shift, rounding half to even."""
    if shift == 0:
        return numbers
    unit = 10**shift
    quotient, rest = np.divmod(numbers, unit)
    up = (rest * 2 > unit) | ((rest * 2 == unit) & (quotient % 2 == 1))
    return quotient + up


def unscaled(array: Array) -> Array:
    """The integers behind a decimal128 column, as int64; values must fit."""
    buffer: Any = array.buffers()[1]
    raw = np.frombuffer(buffer, dtype=np.int64)[: (array.offset + len(array)) * 2]
    low = raw.reshape(-1, 2)[array.offset :, 0]
    return (
        pa.array(low, mask=compute.is_null(array).to_numpy(zero_copy_only=False))
        if array.null_count
        else pa.array(low)
    )


def from_unscaled(array: Array, kind: Kind) -> Array:
    """Int64 as a decimal128 column of the same unscaled integers."""
    low = compute.fill_null(array, 0).to_numpy(zero_copy_only=False)
    both = np.empty((len(low), 2), dtype=np.int64)
    both[:, 0] = low
    both[:, 1] = low >> 63
    valid = array.buffers()[0] if array.offset == 0 else None
    if array.null_count and valid is None:
        array = pa.concat_arrays([array])
        valid = array.buffers()[0]
    return pa.Array.from_buffers(kind, len(low), [valid if array.null_count else None, pa.py_buffer(both)])


def _per_currency(column: Array, currency: Array, style: NumberStyle | None) -> Parsed:
    style = style or detect_numbers(column)
    values, codes = pa.nulls(len(column), pa.int64()), no_codes(len(column))
    for code in compute.unique(currency).to_pylist():
        if code is None:
            continue
        mask = compute.fill_null(compute.equal(currency, code), False)
        part = parse_amount(column.filter(mask), currency=code, style=style)
        values = compute.replace_with_mask(values, mask, part.values)
        codes = compute.replace_with_mask(codes, mask, part.codes)
    without = compute.and_(compute.is_null(currency), compute.is_valid(column))
    codes = compute.if_else(without, "currency_unknown", codes)
    return Parsed(values, codes)


def _scaled(
    column: Column,
    places: int,
    largest: int,
    word: str,
    style: NumberStyle | None,
    currency: str | None,
) -> Parsed:
    """Integers in units of 10^-places; `word` begins the codes of problems."""
    array = whole(column)
    params: dict[str, str | int] = {"limit": largest // 10**places, "currency": currency or ""}
    if pa.types.is_integer(array.type):
        values, codes = _integers(array, places, largest, word)
        return Parsed(values, codes, params)
    mark = "." if _is_number(array.type) else (style or detect_numbers(array)).decimal_mark
    found = per_distinct(
        array, lambda some: _texts(tidied(as_text(some)), places, largest, word, mark, currency)
    )
    return Parsed(found.values, found.codes, params)


def _is_number(kind: Kind) -> bool:
    return pa.types.is_floating(kind) or pa.types.is_decimal(kind)


def _integers(array: Array, places: int, largest: int, word: str) -> tuple[Array, Array]:
    limit = largest // 10**places
    if pa.types.is_uint64(array.type):
        fits = compute.less_equal(array, pa.scalar(limit, pa.uint64()))
    else:
        array = compute.cast(array, pa.int64())
        fits = compute.and_(compute.less_equal(array, limit), compute.greater_equal(array, -limit))
    kept = compute.cast(compute.if_else(fits, array, pa.scalar(None, array.type)), pa.int64())
    codes = no_codes(len(array))
    if compute.any(compute.invert(fits)).as_py():
        codes = compute.if_else(
            compute.fill_null(fits, True), pa.scalar(None, pa.string()), f"{word}_too_large"
        )
    return compute.multiply(kept, 10**places), codes


def _texts(text: Array, places: int, largest: int, word: str, mark: str, currency: str | None) -> Parsed:
    simple = rf"^[+-]?\d{{1,9}}(?:\.\d{{1,{places}}})?$" if places else r"^[+-]?\d{1,9}$"
    if mark == ",":  # 1.234 is a thousand and more then; leave every point to the slow path
        simple = r"^[+-]?\d{1,9}$"
    plain = compute.match_substring_regex(text, simple)
    fast = compute.if_else(compute.fill_null(plain, False), text, pa.scalar(None, pa.string()))
    values = unscaled(compute.cast(fast, pa.decimal128(38, places)))
    numbers: dict[int, int] = {}
    codes: dict[int, str] = {}
    for position, value in slow_rows(text, plain):
        found, code = _one(value, places, largest, word, mark, currency)
        if code is None and found is not None:
            numbers[position] = found
        elif code is not None:
            codes[position] = code
    return Parsed(scattered(values, numbers), scattered(no_codes(len(text)), codes))


def _one(
    value: str, places: int, largest: int, word: str, mark: str, currency: str | None
) -> tuple[int | None, str | None]:
    number = read_number(value, decimal_mark=mark)
    if number.value is None:
        percent = word == "amount" and number.wrong == "percent"
        return None, "amount_percent" if percent else f"{word}_not_a_number"
    if currency is not None and number.currencies and currency not in number.currencies:
        return None, "amount_other_currency"
    if word == "quantity" and number.currencies:
        return None, "quantity_not_a_number"
    if abs(number.value) > Decimal(largest).scaleb(-places):
        return None, f"{word}_too_large"
    return int(_EXACT.quantize(number.value, Decimal(1).scaleb(-places)).scaleb(places, _EXACT)), None
