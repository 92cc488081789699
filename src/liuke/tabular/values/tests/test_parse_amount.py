from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from liuke.tabular import (
    NumberStyle,
    detect_numbers,
    multiply_amount,
    parse_amount,
    parse_currency,
    parse_price,
    parse_quantity,
)


def minor(text: str, currency: str = "CNY", **more: object) -> int | str | None:
    """The amount of one text in minor units, or the code of what is wrong with it."""
    found = parse_amount(pa.array([text]), currency=currency, **more)
    return found.codes[0].as_py() or found.values[0].as_py()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1234.56", 123456),
        ("1,234.56", 123456),
        ("1 234.56", 123456),
        ("1\u00a0234.56", 123456),
        ("1\u202f234,56", 123456),
        ("1'234.50", 123450),
        ("12,34,567.8", 123456780),  # lakh grouping
        ("1,234", 123400),
        ("0,5", 50),
        ("１２３．４５", 12345),
        ("１，２３４", 123400),
        ("¥12.5", 1250),
        ("￥ 12", 1200),
        ("CNY 12", 1200),
        ("12 RMB", 1200),
        ("12元", 1200),
        ("1,234元整", 123400),
        ("人民币12", 1200),
        ("3万", 3_000_000),
        ("3.5万元", 3_500_000),
        ("¥1,234.5万", 1_234_500_000),
        ("0.2亿", 2_000_000_000),
        ("(123.45)", -12345),
        ("（123.45）", -12345),
        ("¥(5)", -500),
        ("123.45-", -12345),
        ("−5", -500),
        ("-¥5", -500),
        ("¥-5", -500),
        ("+5", 500),
        (".5", 50),
        ("5.", 500),
        ("1e3", 100000),
        ("1.5E-1", 15),
        ("٣", 300),
        ("0.30000000000000004", 30),
    ],
)
def test_an_amount_is_read_as_people_write_it(text: str, expected: int) -> None:
    assert minor(text) == expected


@pytest.mark.parametrize("blank", ["", "  ", "　", "-", "—", "N/A", "null", "#N/A", "无", "NaN"])
def test_a_blank_amount_is_nothing_and_no_problem(blank: str) -> None:
    assert minor(blank) is None


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("abc", "amount_not_a_number"),
        ("元", "amount_not_a_number"),
        ("12元5角", "amount_not_a_number"),
        ("1.2.3", "amount_not_a_number"),
        ("1,2,3", "amount_not_a_number"),
        ("1,23.4", "amount_not_a_number"),
        ("--5", "amount_not_a_number"),
        ("(-5)", "amount_not_a_number"),
        ("10k", "amount_not_a_number"),
        ("5 kg", "amount_not_a_number"),
        ("1/2", "amount_not_a_number"),
        ("5²", "amount_not_a_number"),
        ("½", "amount_not_a_number"),
        ("1" * 500, "amount_not_a_number"),
        ("2025-01-03", "amount_not_a_number"),
        ("12%", "amount_percent"),
        ("12 ％", "amount_percent"),
        ("99999999999999999", "amount_too_large"),
        ("1e99", "amount_too_large"),
        ("$5", "amount_other_currency"),
        ("USD 5", "amount_other_currency"),
    ],
)
def test_what_is_no_amount_is_refused_with_its_reason(text: str, code: str) -> None:
    assert minor(text) == code


def test_the_currency_sets_the_decimals_and_rounding_is_half_even() -> None:
    assert minor("1234.5", "JPY") == 1234
    assert minor("1235.5", "JPY") == 1236
    assert minor("0.005") is not None
    assert [minor(text) for text in ("0.005", "0.015", "0.025", "-0.015")] == [0, 2, 2, -2]
    assert minor("1.2345", "KWD") == 1234
    assert minor("$5", "USD") == 500
    assert minor("$5", "HKD") == 500
    assert minor("¥5", "JPY") == 5


def test_an_unknown_currency_is_an_error_of_the_caller() -> None:
    with pytest.raises(ValueError, match="unknown currency"):
        minor("5", "XXX")


def test_each_row_may_have_its_own_currency() -> None:
    found = parse_amount(pa.array(["1.5", "2", "3"]), currency=pa.array(["CNY", "JPY", None]))
    assert found.values.to_pylist() == [150, 2, None]
    assert found.codes.to_pylist() == [None, None, "currency_unknown"]


def test_a_decimal_comma_is_seen_from_the_whole_column() -> None:
    texts = pa.array(["1.234,56", "5", "1.234", "1,5", "-1.234.567,8", "€ 12,5"])
    assert parse_amount(texts, currency="EUR").values.to_pylist() == [
        123456,
        500,
        123400,
        150,
        -123456780,
        1250,
    ]
    assert detect_numbers(texts).decimal_mark == ","


def test_the_style_of_earlier_batches_decides_what_a_batch_leaves_open() -> None:
    first, second = pa.array(["1.234", "2.500"]), pa.array(["1.234,50"])
    style = detect_numbers(first).merge(detect_numbers(second))
    assert style.decimal_mark == ","
    assert not style.mixed
    assert parse_amount(first, currency="EUR", style=style).values.to_pylist() == [123400, 250000]
    assert parse_amount(first, currency="EUR").values.to_pylist() == [123, 250]


def test_two_decimal_marks_in_one_column_are_told_with_example_rows() -> None:
    style = detect_numbers(pa.array(["1.50", "2,75"]), rows=pa.array([7, 9]))
    problem = style.problem("金额")
    assert problem is not None
    assert "row 7: 1.50" in problem.message
    assert "row 9: 2,75" in problem.message
    assert NumberStyle().problem("金额") is None


def test_numbers_of_a_file_with_types_are_taken_exactly() -> None:
    floats = pa.array([2.675, 2.665, 1e10, float("nan"), 0.1 + 0.2, -1.5, None, 123456789.12])
    expected = [268, 266, 10**12, None, 30, -150, None, 12345678912]
    assert parse_amount(floats, currency="CNY").values.to_pylist() == expected
    assert parse_amount(pa.array([1, None, -2], pa.int32()), currency="CNY").values.to_pylist() == [
        100,
        None,
        -200,
    ]
    decimals = pa.array([Decimal("1.250"), None], pa.decimal128(9, 3))
    assert parse_amount(decimals, currency="CNY").values.to_pylist() == [125, None]
    assert parse_amount(pa.array([2**62]), currency="CNY").codes.to_pylist() == ["amount_too_large"]


def test_a_problem_names_row_field_value_and_remedy() -> None:
    texts = pa.array(["5", "abc"])
    (problem,) = parse_amount(texts, currency="CNY").problems(rows=[2, 3], field="金额", originals=texts)
    assert (problem.code, problem.row, problem.field, problem.value) == (
        "amount_not_a_number",
        3,
        "金额",
        "abc",
    )
    assert problem.message == "Row 3, “金额”: “abc” is not an amount. Write a number such as 1234.50."


def test_a_price_keeps_its_fractions_until_it_is_multiplied() -> None:
    price = parse_price(pa.array(["2.5555", "0.005", "1000000.123456", None]))
    quantity = parse_quantity(pa.array(["3", "1", "-9999999", "1"]))
    found = multiply_amount(price.values, quantity.values, currency="CNY")
    assert found.values.to_pylist() == [767, 0, -1_000_000_023_455_988, None]
    assert found.clean


def test_a_product_that_is_too_large_is_a_problem_and_not_an_overflow() -> None:
    price = parse_price(pa.array(["999999999.99999999"])).values
    quantity = parse_quantity(pa.array(["999999999.999"])).values
    assert multiply_amount(price, quantity, currency="CNY").codes.to_pylist() == ["amount_too_large"]


@given(
    price=st.decimals(-10_000, 10_000, places=4),
    quantity=st.decimals(-1000, 1000, places=3),
)
def test_a_product_is_rounded_once_and_half_even(price: Decimal, quantity: Decimal) -> None:
    found = multiply_amount(
        parse_price(pa.array([str(price)])).values,
        parse_quantity(pa.array([str(quantity)])).values,
        currency="CNY",
    )
    exact = (price * quantity * 100).quantize(Decimal(1), ROUND_HALF_EVEN)
    assert found.values.to_pylist() == [int(exact)]


@given(st.integers(-(10**15), 10**15), st.sampled_from(["", ",", " ", "'"]))
def test_an_amount_survives_being_written_and_read(cents: int, separator: str) -> None:
    whole, rest = divmod(abs(cents), 100)
    written = f"{'-' if cents < 0 else ''}{whole:,}".replace(",", separator) + f".{rest:02d}"
    assert parse_amount(pa.array([written]), currency="CNY").values.to_pylist() == [cents]


@given(st.integers(-(10**15), 10**15))
def test_a_german_amount_survives_being_written_and_read(cents: int) -> None:
    whole, rest = divmod(abs(cents), 100)
    written = f"{'-' if cents < 0 else ''}{whole:,}".replace(",", ".") + f",{rest:02d}"
    style = detect_numbers(pa.array(["1,5"]))
    assert parse_amount(pa.array([written]), currency="EUR", style=style).values.to_pylist() == [cents]


@given(
    st.lists(st.one_of(st.none(), st.text(max_size=20), st.from_regex(r"[-+(¥$]?[\d.,' ]{1,9}[)万%元-]?")))
)
def test_no_text_breaks_the_parsers(texts: list[str | None]) -> None:
    column = pa.array([t if t is None else t.encode("utf-8", "ignore").decode() for t in texts], pa.string())
    for found in (
        parse_amount(column, currency="CNY"),
        parse_price(column),
        parse_quantity(column),
        parse_quantity(column, whole_only=True),
        parse_currency(column),
    ):
        assert len(found.values) == len(found.codes) == len(texts)
        for value, code in zip(found.values.to_pylist(), found.codes.to_pylist(), strict=True):
            assert value is None or code is None


@given(st.lists(st.from_regex(r"\A[-+(¥]?\d{1,4}[.,]?\d{0,3}[)元-]?\Z"), min_size=1))
def test_the_fast_path_and_the_slow_path_agree(texts: list[str]) -> None:
    style = NumberStyle()
    together = parse_amount(pa.array(texts), currency="CNY", style=style)
    apart = [parse_amount(pa.array([f" {text} "]), currency="CNY", style=style) for text in texts]
    assert together.values.to_pylist() == [part.values[0].as_py() for part in apart]


def test_quantities() -> None:
    found = parse_quantity(pa.array(["3", "1.5", "1,000", "x", None, "１２", "5%", "¥3", "1e15", "-2"]))
    expected = [Decimal("3.000"), Decimal("1.500"), Decimal("1000.000"), None, None, Decimal("12.000")]
    assert found.values.to_pylist() == [*expected, None, None, None, Decimal("-2.000")]
    wrong = "quantity_not_a_number"
    assert found.codes.to_pylist()[3:9] == [wrong, None, None, wrong, wrong, "quantity_too_large"]


def test_whole_quantities() -> None:
    found = parse_quantity(pa.array(["3", "1.5", "2.0", None]), whole_only=True)
    assert found.values.to_pylist() == [3, None, 2, None]
    assert found.codes.to_pylist() == [None, "quantity_fraction", None, None]
    assert parse_quantity(pa.array([3, -4], pa.int32()), whole_only=True).values.to_pylist() == [3, -4]


def test_currencies_by_code_name_and_sign() -> None:
    names = ["人民币", "RMB", "¥", "cny", "US$", "美元", "港币", "新台幣", "€", "zz", None, "Eur "]
    found = parse_currency(pa.array(names))
    expected = ["CNY", "CNY", "CNY", "CNY", "USD", "USD", "HKD", "TWD", "EUR", None, None, "EUR"]
    assert found.values.to_pylist() == expected
    assert found.codes.to_pylist()[9] == "currency_unknown"
