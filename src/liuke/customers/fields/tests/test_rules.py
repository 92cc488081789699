from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liuke.customers.fields.rules import (
    LARGEST,
    TYPES,
    Definition,
    Option,
    clean,
    plain,
    rows_of,
    spoken,
    value_of,
)
from liuke.customers.records.rules import Unfit

OPTIONS = (Option("o1", "road"), Option("o2", "rail"), Option("o3", "sea", offered=False))


def known(type: str, **more: Any) -> Definition:
    more.setdefault("decimals", 2)
    return Definition(7, type, {"en": "Trucks"}, options=OPTIONS, currency="CNY", **more)


GOOD: list[tuple[str, Any, Any, str]] = [
    ("text", "  two   words ", "two words", "two words"),
    ("long", "one\r\ntwo\n", "one\ntwo", "one\ntwo"),
    ("whole", "1,200", 1200, "1200"),
    ("whole", "１２", 12, "12"),
    ("decimal", "3.5", Decimal("3.50"), "3.50"),
    ("money", "¥1,234.50", 123450, "1234.50"),
    ("money", "1234.5 CNY", 123450, "1234.50"),
    ("date", "2026/3/9", date(2026, 3, 9), "2026-03-09"),
    ("date", "2026年3月9日", date(2026, 3, 9), "2026-03-09"),
    ("flag", "是", True, "True"),
    ("flag", "no", False, "False"),
    ("one", "Road", "o1", "road"),
    ("one", "o2", "o2", "rail"),
    ("several", ["o2", "o1"], ["o1", "o2"], "road; rail"),
    ("several", "road、sea", ["o1", "o3"], "road; sea"),
    ("link", "liuke.example/a?b=1", "https://liuke.example/a?b=1", "https://liuke.example/a?b=1"),
    ("phone", "138 0013 8000", "138 0013 8000", "138 0013 8000"),
    ("email", "ann@harbour.example", "ann@harbour.example", "ann@harbour.example"),
    ("customer", 12, 12, "12"),
]


@pytest.mark.parametrize(("type", "typed", "kept", "told"), GOOD)
def test_each_type_reads_what_people_write(type: str, typed: Any, kept: Any, told: str) -> None:
    one = known(type)
    assert clean(one, typed) == kept
    assert value_of(one, [row._asdict() for row in rows_of(one, kept)]) == kept
    if type != "flag":
        assert plain(one, kept) == told


@pytest.mark.parametrize(
    ("type", "typed"),
    [
        ("text", "x" * 241),
        ("text", "nul\x00"),
        ("long", "x" * 4001),
        ("whole", "1.5"),
        ("whole", "many"),
        ("whole", str(LARGEST)),
        ("decimal", "1.234"),
        ("decimal", "inf"),
        ("money", "NaN"),
        ("date", "2026-02-30"),
        ("date", "9.3.26"),
        ("flag", "perhaps"),
        ("one", "air"),
        ("several", ["o1", "o9"]),
        ("link", "javascript:alert(1)"),
        ("link", "https://a b.example"),
        ("link", "nowhere"),
        ("phone", "no number"),
        ("email", "ann@"),
        ("customer", "12"),
        ("customer", True),
    ],
)
def test_what_does_not_fit_is_refused_with_the_fields_name(type: str, typed: Any) -> None:
    with pytest.raises(Unfit) as refused:
        clean(known(type), typed)
    assert refused.value.field == "f7"


@pytest.mark.parametrize("type", TYPES)
def test_nothing_is_kept_of_a_blank(type: str) -> None:
    for blank in ("", None, []):
        assert clean(known(type), blank) is None
    assert rows_of(known(type), None) == []
    assert value_of(known(type), []) is None
    assert plain(known(type), None) == ""


@given(st.decimals(min_value=-(10**10), max_value=10**10, places=3), st.integers(3, 4))
def test_no_digit_of_a_decimal_is_lost(number: Decimal, decimals: int) -> None:
    one = known("decimal", decimals=decimals)
    kept = clean(one, str(number))
    (row,) = rows_of(one, kept)
    assert isinstance(row.number, int)
    assert value_of(one, [row._asdict()]) == number


@given(st.text(max_size=60))
def test_any_text_is_kept_or_refused(text: str) -> None:
    for type in TYPES:
        try:
            kept = clean(known(type), text)
        except Unfit:
            continue
        assert value_of(known(type), [row._asdict() for row in rows_of(known(type), kept)]) == kept


def test_a_field_speaks_the_readers_language_or_the_nearest() -> None:
    words = {"zh-hans": "车辆数", "en": "Trucks"}
    assert spoken(words, "en") == "Trucks"
    assert spoken(words, "zh-hant") == "车辆数"
    assert spoken({"en": "Trucks"}, "zh-hans") == "Trucks"
    assert spoken({}, "en") == ""


def test_a_field_of_a_kind_and_a_scope_is_of_these_alone() -> None:
    trucks = known("whole", kind="enterprise", scope="b2b")
    assert trucks.of("enterprise", "b2b")
    assert not trucks.of("individual", "b2b")
    assert not trucks.of("enterprise", "channel")
    assert known("text").of("individual", "internal")
